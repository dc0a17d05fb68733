"""The sweep: what it writes, in bounded batches, whatever crashes, is poisoned or runs beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, delete, event, func, insert, select, update

from engine.actions.reassign_measure import reassign_measure
from engine.actions.sweep_deadlines import SweepReport, sweep_deadlines
from engine.rules.vocabulary import Role, Slip, State, WaitsFor
from models import Escalation, Event, Fate, Measure, Notification, Policy, RoleGrant, Round, StuckTimer, Timer
from tests.factories import at
from tests.world import World

CODE = "1-01"
DUE = date(2025, 9, 3)
OVERDUE = date(2025, 9, 4)


def overdue(world: World, count: int, **overrides: object) -> list[str]:
    """Add measures whose red slip is owed on 4 September and nothing else."""
    world.at(DUE)
    plain = {"state": State.IN_PROGRESS, "reported_on": DUE, "due": DUE}
    codes = [world.measure(f"1-{number:02d}", **plain | overrides) for number in range(1, count + 1)]
    world.at(OVERDUE)
    return codes


def test_sweep_when_nothing_is_due_then_nothing_is_done(either_world: World):
    either_world.measure()
    assert either_world.sweep() == SweepReport()


def test_sweep_when_a_rung_is_owed_then_rung_event_outbox_and_next_look(either_world: World):
    world = either_world
    overdue(world, 1)
    assert world.sweep() == SweepReport(escalations=1, notifications=2, batches=1)
    (rung,) = world.rungs(CODE)
    assert (rung.waits_for, rung.version, rung.rung, rung.fate) == (WaitsFor.DUE_DATE, 1, 3, Fate.CLIMBED)
    assert (rung.planned_on, rung.climbed_on) == (OVERDUE, OVERDUE)
    assert [(line.to, line.role, line.slip, line.data) for line in world.said()] == [
        ("wang", Role.OWNER, Slip.RED, {"rung": 3, "passed_over": []}),
        ("li", Role.UNIT_HEAD, Slip.RED, {"rung": 3, "passed_over": []}),
    ]
    with world.sessions() as session:
        row = session.scalars(select(Event)).one()
        assert (row.kind, row.actor_id) == ("measure:ladder:climb", None)
        assert row.data == {
            "waits_for": "due_date",
            "deadline": "2025-09-03",
            "deadline_version": 1,
            "rung": 3,
            "superseded": [],
            "empty": [],
        }
    timer = world.timers(CODE)[WaitsFor.DUE_DATE]
    assert (timer.rung, timer.fires_on, timer.deadline) == (4, date(2025, 9, 10), DUE)


def test_sweep_when_repeated_on_the_day_then_quiet(either_world: World):
    world = either_world
    overdue(world, 3)
    world.sweep()
    before = (world.said(), world.rungs(CODE), world.events(CODE))
    assert world.sweep() == SweepReport()
    assert (world.said(), world.rungs(CODE), world.events(CODE)) == before


@pytest.mark.parametrize(("batch", "batches"), [(1, 7), (3, 3), (7, 1), (1000, 1)])
def test_sweep_when_in_batches_then_the_same_whatever_their_size(world: World, batch: int, batches: int):
    codes = overdue(world, 7)
    assert world.sweep(batch=batch) == SweepReport(escalations=7, notifications=14, batches=batches)
    assert all(len(world.rungs(code)) == 1 for code in codes)


def test_sweep_when_nobody_holds_the_role_then_the_coordinator_hears_and_the_next_is_climbed(either_world: World):
    world = either_world
    overdue(world, 1, owner=None, unit_id=world.units["审计处"])
    report = world.sweep()
    assert (report.empty, report.escalations) == (1, 1)
    assert [(line.rung, line.fate) for line in world.rungs(CODE)] == [(3, Fate.EMPTY), (4, Fate.CLIMBED)]
    assert [(line.to, line.kind) for line in world.said()] == [("qian", "rung"), ("lin", "empty_rung")]
    assert world.said(to="lin")[0].data == {"rung": 3, "roles": ["owner", "unit_head"]}


def test_sweep_when_a_rung_was_claimed_already_then_set_aside_and_the_rest_go_on(either_world: World):
    world = either_world
    overdue(world, 5)
    spoilt = world.get("1-03").id
    row = {
        "waits_for": WaitsFor.DUE_DATE,
        "deadline_version": 1,
        "rung": 3,
        "slip": Slip.RED,
        "deadline": DUE,
        "planned_on": OVERDUE,
        "climbed_on": OVERDUE,
        "at": at(OVERDUE).at,
        "fate": Fate.CLIMBED,
    }
    with world.sessions.begin() as session:
        session.execute(insert(Escalation), [{"measure_id": spoilt, **row}])
    world.expected_errors = ["timer set aside"] * 2
    assert world.sweep() == SweepReport(escalations=4, notifications=8, failed=1, batches=1)
    (told,) = world.said(kind="stuck")
    assert (told.to, told.measure, told.slip) == ("lin", "1-03", Slip.YELLOW)
    assert "UNIQUE" in told.data["error"].upper()
    assert "INSERT" not in told.data["error"].upper(), "people read what went wrong, not the statement"
    assert world.timers("1-03")[WaitsFor.DUE_DATE].fires_on == date(2025, 9, 5)
    assert world.sweep() == SweepReport(), "not again today"

    world.at(date(2025, 9, 5))
    assert world.sweep() == SweepReport(failed=1, batches=1)
    assert [line.on for line in world.said(kind="stuck")] == [OVERDUE, date(2025, 9, 5)]
    with world.sessions.begin() as session:
        assert session.scalar(select(func.count()).select_from(StuckTimer)) == 2
        session.execute(delete(Escalation).where(Escalation.measure_id == spoilt))
    world.at(date(2025, 9, 6))
    assert world.sweep().escalations == 1
    assert [(line.rung, line.fate) for line in world.rungs("1-03")] == [(3, Fate.CLIMBED)]


def spoil(world: World, code: str) -> None:
    """Give a measure a policy of its own, which somebody then damages in the database."""
    with world.sessions.begin() as session:
        sound = session.scalars(select(Policy)).first()
        assert sound is not None
        policy = Policy(
            digest=f"damaged {code}", lifecycle=sound.lifecycle, ladder={"waits": {}}, created_at=sound.created_at
        )
        session.add(policy)
        session.flush()
        session.execute(update(Measure).where(Measure.code == code).values(policy_id=policy.id))


def test_sweep_when_a_policy_is_spoilt_then_only_its_measures_are_set_aside(either_world: World):
    world = either_world
    overdue(world, 4)
    spoil(world, "1-02")
    world.expected_errors = ["timer set aside"]
    assert world.sweep() == SweepReport(escalations=3, notifications=6, failed=1, batches=1)
    (told,) = world.said(kind="stuck")
    assert (told.measure, "PolicyFault" in told.data["error"]) == ("1-02", True)

    with world.sessions.begin() as session:
        session.execute(
            update(Measure).where(Measure.code == "1-02").values(policy_id=select(Round.policy_id).scalar_subquery())
        )
    world.at(date(2025, 9, 12))
    assert world.sweep().failed == 0
    assert [(line.rung, line.fate) for line in world.rungs("1-02")] == [(3, Fate.SUPERSEDED), (4, Fate.CLIMBED)]


def test_sweep_when_a_stuck_timer_is_armed_again_the_same_day_then_the_coordinator_is_told_once(either_world: World):
    world = either_world
    overdue(world, 2)
    spoil(world, "1-01")
    world.expected_errors = ["timer set aside"] * 2
    assert world.sweep().failed == 1
    with world.sessions.begin() as session:
        session.execute(update(Timer).where(Timer.fires_on > OVERDUE, Timer.rung == 3).values(fires_on=OVERDUE))
    assert world.sweep() == SweepReport(failed=1, batches=1)
    assert len(world.said(kind="stuck")) == 1


def test_sweep_when_many_timers_fail_then_no_trace_drags_the_others_along(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    overdue(world, 9)
    monkeypatch.setattr("engine.actions.climb_rungs.climb", lambda *_args, **_facts: 1 / 0)
    world.expected_errors = ["timer set aside"] * 9
    assert world.sweep().failed == 9
    errors = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert [type(error) for error in errors] == [ZeroDivisionError] * 9
    assert all(error is not None and error.__context__ is None for error in errors)


@pytest.mark.parametrize("kill_at", [1, 2, 3, 4, 5, 6])
def test_sweep_when_killed_at_any_commit_then_the_next_run_makes_it_whole(world: World, kill_at: int):
    codes = overdue(world, 4)
    commits = 0

    def kill(_connection: Connection) -> None:
        nonlocal commits
        commits += 1
        if commits == kill_at:
            msg = "power cut"
            raise RuntimeError(msg)

    event.listen(world.engine, "commit", kill)
    with pytest.raises(RuntimeError, match="power cut"):
        world.sweep(batch=1)
    event.remove(world.engine, "commit", kill)
    done = sum(len(world.rungs(code)) for code in codes)
    assert done == min(max(kill_at - 2, 0), 4), "the first commit is of what is no measure"
    assert world.sweep(batch=1).escalations == 4 - done
    assert [len(world.rungs(code)) for code in codes] == [1, 1, 1, 1]
    assert len(world.said(kind="rung")) == 8


def test_sweep_when_a_measure_ends_or_is_open_ended_then_silent(either_world: World):
    world = either_world
    world.at(DUE)
    for number, state in enumerate([State.CLOSED, State.CANCELLED], start=1):
        world.measure(f"1-0{number}", state=state)
    world.measure("1-03", due=None, state=State.IN_PROGRESS, reported_on=DUE)
    world.at(date(2025, 10, 31))
    world.sweep()
    assert {line.measure for line in world.said()} == {"1-03"}
    assert {line.waits_for for line in world.said()} == {WaitsFor.MONTHLY_REPORT}


def test_sweep_when_the_owner_changed_then_the_new_one_is_spoken_to(either_world: World):
    world = either_world
    overdue(world, 1)
    world.act("lin", reassign_measure, CODE, owner="sun", reason="调岗")
    world.sweep()
    assert [line.to for line in world.said(kind="rung")] == ["sun", "li"]


def test_sweep_when_several_hold_a_role_then_each_hears_once(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        for person in ("sun", "wang"):  # the owner is head, too
            session.add(RoleGrant(person_id=world.people[person], role=Role.UNIT_HEAD, unit_id=world.units["一处"]))
    overdue(world, 1)
    world.sweep()
    assert [(line.to, line.role) for line in world.said()] == [
        ("wang", Role.OWNER),
        ("sun", Role.UNIT_HEAD),
        ("li", Role.UNIT_HEAD),
    ]


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    found: list[str] = []

    def keep(*args: object) -> None:
        found.append(str(args[2]))

    event.listen(engine, "before_cursor_execute", keep)
    yield found
    event.remove(engine, "before_cursor_execute", keep)


@pytest.mark.parametrize("count", [1, 40])
def test_sweep_when_a_batch_is_larger_then_no_more_statements(either_world: World, count: int):
    world = either_world
    overdue(world, count)
    with statements(world.engine) as found:
        assert world.sweep().batches == 1
    writing = [line.split()[0:3] for line in found if line.split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    is_postgres = world.engine.dialect.name == "postgresql"
    inserts = ["INSERT INTO escalation", "INSERT INTO event", "INSERT INTO notification"]  # PostgreSQL: three COPYs
    assert [" ".join(line) for line in writing] == ([] if is_postgres else inserts) + ["UPDATE timer SET"]
    reading = [line for line in found if line.startswith("SELECT")]
    told = "what is due, who holds which role, the policies, the heads of the chains; that nothing more is due; others"
    assert len(reading) == (12 if is_postgres else 10), told


def test_sweep_when_it_stops_then_its_report_tells_the_batches_before(world: World):
    overdue(world, 2)
    reports = [sweep_deadlines(world.sessions, moment=world.moment, calendar=world.calendar, batch=1) for _ in "ab"]
    assert [report.batches for report in reports] == [2, 0]
    with world.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Notification)) == 4
