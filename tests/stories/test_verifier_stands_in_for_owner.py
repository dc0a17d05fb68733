"""A verifier who stood in for the owner is refused, also weeks later; somebody else checks."""

from __future__ import annotations

from datetime import date

import pytest

from engine.actions.attach_evidence import attach_evidence
from engine.actions.judge_verification import pass_verification
from engine.actions.report_progress import report_progress
from engine.actions.set_absence import set_absence
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.rules.refusal import FourEyes
from engine.rules.vocabulary import State
from tests.world import World


def test_verifier_when_they_stood_in_for_the_owner_then_refused_and_another_is_found(world: World):
    code = world.in_progress()
    away = {"first_day": date(2025, 5, 12), "last_day": date(2025, 5, 16)}
    world.act("wang", set_absence, person="wang", substitute="wu", **away)
    world.at(date(2025, 5, 14)).act("wu", report_progress, code, percent=60, text="代为填报")

    world.at(date(2025, 6, 3)).act("wang", attach_evidence, code, name="验收单.pdf", sha256="cd" * 32)
    world.act("wang", submit_measure, code)
    with pytest.raises(FourEyes, match="reported progress on 2025-05-14"):
        world.act("wu", pass_verification, code)
    with pytest.raises(FourEyes):
        world.act("lin", start_verification, [code], verifier="wu")

    world.act("lin", start_verification, [code])
    assert [line.to for line in world.said(kind="verification_asked")] == ["zhou"]
    world.act("zhou", pass_verification, code)
    assert world.get(code).state is State.VERIFIED
