"""Handed in late and returned: the due date's ladder goes on where it stood, nothing is said twice."""

from __future__ import annotations

from datetime import date

from engine.actions.attach_evidence import attach_evidence
from engine.actions.judge_verification import return_measure
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.rules.vocabulary import Slip, WaitsFor
from models import Fate
from tests.world import World


def test_submission_when_returned_then_the_ladder_goes_on_where_it_stood(world: World):
    code = world.at(date(2025, 8, 28)).in_progress(due=date(2025, 9, 3))
    world.fast_forward(date(2025, 9, 5))  # the red slip came on the 4th
    world.act("wang", attach_evidence, code, name="整改报告.docx", sha256="ef" * 32)
    world.act("wang", submit_measure, code)
    world.act("lin", start_verification, [code], verifier="wu")
    world.fast_forward(date(2025, 9, 10))
    assert world.heard("qian", WaitsFor.DUE_DATE) == [], "handed in: the verifier is waited for"
    assert world.heard("wu", WaitsFor.VERIFICATION) == [(date(2025, 9, 10), Slip.REMINDER)]

    world.at(date(2025, 9, 11)).act("wu", return_measure, code, reason="缺少验收意见")
    world.sweep()
    world.fast_forward(date(2025, 9, 17))

    assert world.heard("wang", WaitsFor.DUE_DATE) == [(date(2025, 8, 29), Slip.YELLOW), (date(2025, 9, 4), Slip.RED)]
    assert world.heard("qian", WaitsFor.DUE_DATE) == [(date(2025, 9, 11), Slip.RED)]  # T+5 was the 10th
    assert world.heard("zhao", WaitsFor.DUE_DATE) == [(date(2025, 9, 17), Slip.GROUP)]
    fates = [(rung.rung, rung.fate) for rung in world.rungs(code, WaitsFor.DUE_DATE)]
    assert fates == [(2, Fate.CLIMBED), (3, Fate.CLIMBED), (4, Fate.CLIMBED), (5, Fate.CLIMBED)]
