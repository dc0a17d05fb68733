"""People and sweeps in any order: an open measure always waits for something, an ended one for nothing.

And whoever has worked on one, by what the walk itself saw, never checks it or decides on it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from engine.actions.accept_measure import accept_measure
from engine.actions.acknowledge_timer import acknowledge_timer
from engine.actions.attach_evidence import attach_evidence
from engine.actions.cancel_measure import cancel_measure
from engine.actions.close_measure import close_measure
from engine.actions.decide_extension import decide_extension
from engine.actions.desk import Desk
from engine.actions.judge_verification import pass_verification, return_measure
from engine.actions.policies import read_policy
from engine.actions.reassign_measure import reassign_measure
from engine.actions.rebound_measure import rebound_measure
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.set_absence import set_absence
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.actions.timers import wait_facts
from engine.rules.refusal import Refusal
from engine.rules.vocabulary import OPEN_STATES, Role, WaitsFor
from engine.rules.waits import waits
from models import Extension, Measure, Policy, RoleGrant, Ruling, Timer
from tests.world import World

pytestmark = pytest.mark.slow

PEOPLE = ("lin", "zhao", "qian", "jian", "wang", "sun", "li", "zhou", "wu")
CODES = ("1-01", "1-02", "1-03")


WORKS, ENDS = {"accept", "report", "evidence", "submit", "extend"}, {"pass", "return", "close", "cancel", "decide"}


def one_move(world: World, dice: Random) -> tuple[str, str, str, Callable[[Desk], object]]:
    """Return who does what to which measure, and how: people mostly do what is theirs, and sometimes what is not."""
    code, soon = dice.choice(CODES), world.today + timedelta(days=dice.randint(1, 60))
    measure = world.get(code)
    owner = next((who for who, number in world.people.items() if number == measure.owner_id), "wang")
    usual: list[tuple[str, str, Callable[[Desk], object]]] = [
        (owner, "accept", lambda desk: accept_measure(desk, code)),
        (owner, "report", lambda desk: report_progress(desk, code, percent=dice.randint(0, 100), text="进展")),
        (owner, "evidence", lambda desk: attach_evidence(desk, code, name="材料")),
        (owner, "submit", lambda desk: submit_measure(desk, code)),
        ("lin", "start", lambda desk: start_verification(desk, [code])),
        (dice.choice(("zhou", "wu")), "pass", lambda desk: pass_verification(desk, code)),
        (dice.choice(("zhou", "wu")), "return", lambda desk: return_measure(desk, code, reason="缺材料")),
        (dice.choice(("zhao", "tang")), "close", lambda desk: close_measure(desk, code)),
        ("jian", "rebound", lambda desk: rebound_measure(desk, code, due=soon, reason="反弹")),
        (owner, "extend", lambda desk: request_extension(desk, code, new_due=soon, reason="流标")),
        (
            dice.choice(("qian", "zhao")),
            "decide",
            lambda desk: decide_extension(desk, code, approve=dice.random() < 0.6, reason="按期"),
        ),
        (
            "lin",
            "reassign",
            lambda desk: reassign_measure(
                desk, code, owner=dice.choice(("wang", "sun", "li", "tang", "wu", "zhao")), reason="调岗"
            ),
        ),
        (
            dice.choice((owner, "li", "lin")),
            "acknowledge",
            lambda desk: acknowledge_timer(
                desk, code, waits_for=dice.choice(list(WaitsFor)), working_days=dice.randint(1, 4)
            ),
        ),
        (
            "lin",
            "absence",
            lambda desk: set_absence(
                desk,
                person=dice.choice(PEOPLE),
                substitute=dice.choice(PEOPLE),
                first_day=world.today,
                last_day=world.today + timedelta(days=dice.randint(0, 5)),
            ),
        ),
    ]
    who, name, what = dice.choice(usual)
    if dice.random() < 0.005:
        who, name, what = (
            "zhao",
            "cancel",
            lambda desk: cancel_measure(desk, code, how="accept_risk", reason="列入长期"),
        )
    return dice.choice(PEOPLE) if dice.random() < 0.1 else who, name, code, what


def check(world: World) -> None:
    """Check that every measure has exactly the timers that its facts ask for, none of them overdue."""
    with world.sessions() as session:
        asked = dict(
            session.execute(
                select(Extension.measure_id, Extension.requested_on).where(Extension.ruling == Ruling.PENDING)
            )
            .tuples()
            .all()
        )
        for measure in session.scalars(select(Measure)):
            book = read_policy(session.get_one(Policy, measure.policy_id))[1]
            wanted = {
                (wait.waits_for, wait.deadline)
                for wait in waits(wait_facts(measure, asked.get(measure.id)), book, world.calendar)
            }
            standing = list(session.scalars(select(Timer).where(Timer.measure_id == measure.id)))
            assert {(timer.waits_for, timer.deadline) for timer in standing} == wanted
            assert bool(standing) == (measure.state in OPEN_STATES)


@pytest.mark.parametrize("seed", range(4))
def test_walk_when_anybody_does_anything_then_timers_follow_and_no_sweep_fails(either_world: World, seed: int):
    world, dice = either_world, Random(seed)  # noqa: S311 - a game, not a secret
    with world.sessions.begin() as session:
        session.add(RoleGrant(person_id=world.people["tang"], role=Role.LEADING_GROUP))
    owned_by = {number: person for person, number in world.people.items()}
    worked: dict[str, set[str]] = {code: {"qian"} for code in CODES}  # who leads them
    asked: dict[str, set[str]] = {code: set() for code in CODES}
    for code in CODES:
        world.measure(code, owner=dice.choice(("wang", "sun", None)))
    for _ in range(50):
        for _ in range(dice.randint(1, 3)):
            who, name, code, what = one_move(world, dice)
            if (owner := world.get(code).owner_id) is not None:
                worked[code].add(owned_by[owner])
                asked[code].add(owned_by[owner])
            try:
                world.act(who, what)
            except Refusal:
                continue
            check(world)
            if name in WORKS:
                worked[code].add(who)
                asked[code].add(who)
            assert name not in ENDS or who not in (asked if name == "decide" else worked)[code], (who, name, code)
        world.at(world.today + timedelta(days=dice.choice((0, 1, 1, 2, 5, 12))))
        report = world.sweep()
        assert report.failed == 0
        with world.sessions() as session:
            assert not session.scalars(select(Timer).where(Timer.fires_on <= world.today)).all()
        assert world.sweep().batches == 0
    done = {kind for code in CODES for kind in world.events(code)}
    assert len(done) >= 6, "the walk led somewhere"
