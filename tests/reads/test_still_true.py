"""How the world stands for what is about to be said: one query, whatever has changed since it was written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import delete, select, update

from engine.actions.close_measure import close_measure
from engine.actions.judge_verification import pass_verification
from engine.actions.reassign_measure import reassign_measure
from engine.actions.report_progress import report_progress
from engine.reads.grants import read_grants
from engine.reads.still_true import Told, read_told
from engine.reads.still_true import standing as how_it_stands
from engine.rules.notices import Notice, Standing
from engine.rules.vocabulary import Role, State, WaitsFor
from models import Digest, Measure, Notification, RoleGrant, Said
from tests.outbox_rows import bundle, say_to, statements
from tests.world import World

HOLDS = Standing(timer_stands=True, still_holds_role=True, measure_open=True)


def told(world: World) -> list[Told]:
    with world.sessions() as session:
        return read_told(session, session.scalars(select(Digest.id)).all())


def standing(world: World, kind: Notice = Notice.RUNG) -> Standing:
    """Return how the world stands for the only notification of this kind."""
    (found,) = (one for one in told(world) if one.kind is kind)
    with world.sessions() as session:
        return how_it_stands(found, read_grants(session))


def overdue(world: World) -> World:
    """Let the responsible leader be told, and nobody else, that a measure is five days late."""
    world.at(date(2025, 9, 3)).in_progress(due=date(2025, 9, 3))
    world.fast_forward(date(2025, 9, 9))
    with world.sessions.begin() as session:  # what was told before
        session.execute(update(Notification).values(state=Said.CANCELLED))
    world.skip_to(date(2025, 9, 10)).sweep()
    bundle(world)
    return world


def set_measure(world: World, **values: object) -> None:
    with world.sessions.begin() as session:
        session.execute(update(Measure).values(**values))


def test_told_when_nothing_changed_then_everything_stands_and_the_row_is_told_in_full(either_world: World):
    world = overdue(either_world)
    (found,) = told(world)
    with world.sessions() as session:
        note = session.scalars(select(Notification).where(Notification.digest_id.is_not(None))).one()
    measure = world.get("1-01")
    assert found == Told(
        id=note.id,
        digest=note.digest_id or 0,
        receiver=world.people["qian"],
        person=world.people["qian"],
        role=Role.LEADER,
        kind=Notice.RUNG,
        slip=note.slip,
        state=Said.PENDING,
        waits_for=WaitsFor.DUE_DATE,
        deadline_version=1,
        deadline=date(2025, 9, 3),
        packed=found.packed,
        measure=measure.id,
        measure_state=State.IN_PROGRESS,
        owner=world.people["wang"],
        lead=world.people["qian"],
        unit=world.units["一处"],
        verifier=None,
        approver_role=None,
        timer=measure.id,
        other_timer=None,
        code="1-01",
        position=measure.position,
        text=measure.text,
        unit_name="一处",
        owner_name="王经办",
        person_name=found.person_name,
        round_title=found.round_title,
    )
    assert (found.data, found.rung) == (note.data, 4)
    assert standing(world) == HOLDS


def test_told_when_another_leads_now_then_the_role_is_held_no_more(either_world: World):
    world = overdue(either_world)
    set_measure(world, lead_id=world.people["zhao"])
    assert standing(world) == Standing(timer_stands=True, still_holds_role=False, measure_open=True)


def test_told_when_the_deadline_has_a_new_version_then_the_timer_stands_no_more(either_world: World):
    world = overdue(either_world)
    with world.sessions.begin() as session:
        session.execute(update(Notification).values(deadline_version=0))
    assert standing(world) == Standing(timer_stands=False, still_holds_role=True, measure_open=True)


def test_told_when_progress_was_reported_then_only_what_waited_for_it_stands_no_more(either_world: World):
    world = either_world.at(date(2025, 9, 1))
    world.in_progress(due=None)
    world.skip_to(date(2025, 9, 22)).sweep()  # the report is due on the 25th
    bundle(world)
    assert standing(world) == HOLDS
    world.act("wang", report_progress, "1-01", percent=50, text="过半")
    assert standing(world) == Standing(timer_stands=False, still_holds_role=True, measure_open=True)


def test_told_when_the_measure_is_closed_then_it_is_open_no_more(either_world: World):
    world = either_world.at(date(2025, 9, 1))
    world.submitted()
    bundle(world)
    assert standing(world, Notice.VERIFICATION_ASKED) == HOLDS
    world.act("wu", pass_verification, "1-01")
    world.act("zhao", close_measure, "1-01")
    found = standing(world, Notice.VERIFICATION_ASKED)
    assert (found.timer_stands, found.measure_open) == (False, False)


def _take_the_role(world: World) -> None:
    with world.sessions.begin() as session:
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == world.people["li"]))


def _move_the_measure(world: World) -> None:
    set_measure(world, unit_id=world.units["二处"])


@pytest.mark.parametrize("change", [_take_the_role, _move_the_measure])
def test_told_when_a_unit_head_is_addressed_then_the_measures_own_unit_decides(
    either_world: World, change: Callable[[World], None]
):
    world = either_world
    world.measure()
    say_to(world, "li", measure="1-01", role=Role.UNIT_HEAD)
    bundle(world)
    assert standing(world, Notice.MEETING).still_holds_role
    change(world)
    assert not standing(world, Notice.MEETING).still_holds_role


def test_told_when_it_is_about_no_measure_then_the_role_always_holds(either_world: World):
    say_to(either_world, "zhao", role=Role.OWNER)
    bundle(either_world)
    assert standing(either_world, Notice.MEETING).still_holds_role


def test_told_when_the_owner_changed_then_only_the_former_owners_notice_is_concerned(either_world: World):
    world = either_world
    world.measure()
    say_to(world, "wang", measure="1-01")
    bundle(world)
    world.act("lin", reassign_measure, "1-01", owner="sun", reason="调岗")
    assert not standing(world, Notice.MEETING).still_holds_role


def test_told_when_some_are_cancelled_failed_or_of_other_digests_then_they_are_left_out(either_world: World):
    world = either_world
    for who in ("wang", "sun", "li", "zhou"):
        say_to(world, who)
    bundle(world)
    with world.sessions.begin() as session:
        notes = session.scalars(select(Notification).order_by(Notification.id)).all()
        notes[0].state, notes[1].state, notes[2].state = Said.CANCELLED, Said.FAILED, Said.SENT
    assert [(one.person, one.state) for one in told(world)] == [
        (world.people["li"], Said.SENT),
        (world.people["zhou"], Said.PENDING),
    ]
    with world.sessions() as session:
        assert [one.person for one in read_told(session, [notes[3].digest_id or 0])] == [world.people["zhou"]]
        assert read_told(session, []) == []


def test_told_when_digests_are_many_then_it_reads_as_often_as_for_one(either_world: World):
    world = either_world
    world.measure()
    say_to(world, "wang", measure="1-01")
    bundle(world)

    def reads() -> int:
        with statements(world.engine) as seen:
            told(world)
        return len(seen)

    once = reads()
    for who in ("sun", "li", "zhou", "wu", "qian"):
        say_to(world, who, who, measure="1-01")
    bundle(world)
    assert reads() == once
