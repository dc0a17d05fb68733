"""Two sweepers, or a sweeper beside somebody at work, on PostgreSQL: each rung once, nobody waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from threading import Event as Signal
from threading import Thread

import pytest
from sqlalchemy import Connection, Engine, event, func, select, text

from engine.actions.case import open_case
from engine.actions.close_measure import close_measure
from engine.actions.sweep_deadlines import SweepReport
from engine.reads import due_timers
from engine.rules.vocabulary import State
from models import Escalation, Event, Notification
from tests.world import World

pytestmark = pytest.mark.postgres
DUE, OVERDUE = date(2025, 9, 3), date(2025, 9, 4)


@pytest.fixture
def house(postgres_database: Engine) -> World:
    return World(postgres_database)


def run_aside(work: Callable[[], object]) -> Thread:
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def finish(*threads: Thread) -> None:
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive(), "it waits for ever"


def test_sweeps_when_two_run_at_once_then_each_rung_once(house: World):
    house.at(DUE)
    for number in range(120):
        house.measure(f"1-{number:03d}", state=State.IN_PROGRESS, reported_on=DUE, due=DUE)
    house.at(OVERDUE)
    reports: list[SweepReport] = []
    finish(*(run_aside(lambda: reports.append(house.sweep(batch=10))) for _ in range(2)))
    assert len(reports) == 2
    assert sum(report.escalations for report in reports) == 120
    assert sum(report.failed for report in reports) == 0
    with house.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Escalation)) == 120
        assert session.scalar(select(func.count()).select_from(Notification)) == 240


@pytest.mark.parametrize("closes", [True, False])
def test_sweep_when_somebody_is_at_work_on_a_measure_then_it_climbs_the_others_first_and_waits(
    house: World, *, closes: bool
):
    held, other = house.verified("1-01"), house.verified("1-02")
    house.at(date(2025, 4, 7))
    with house.desk("zhao") as desk:
        open_case(desk, held)
        sweeping = run_aside(house.sweep)
        _await_a_wait(house)
        assert [line.rung for line in house.rungs(other)] == [0, 1]
        assert house.rungs(held) == []
        if closes:
            close_measure(desk, held)
    finish(sweeping)
    assert [line.rung for line in house.rungs(held)] == ([] if closes else [0, 1])
    assert bool(house.timers(held)) is not closes


def _await_a_wait(house: World) -> None:
    """Go on when somebody waits for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with house.engine.connect() as connection:
        for _ in range(10_000):
            if connection.scalar(waiting):
                return
            connection.rollback()
    pytest.fail("nobody came to wait")


def test_close_when_a_sweep_is_about_to_commit_then_no_timer_is_left_behind(house: World):
    code = house.verified()
    house.at(date(2025, 4, 7))
    written, go_on = Signal(), Signal()

    def hold(connection: Connection) -> None:
        if not written.is_set() and connection.scalar(select(func.count()).select_from(Escalation)):
            written.set()
            go_on.wait(timeout=30)

    event.listen(house.engine, "commit", hold)
    sweeping = run_aside(house.sweep)
    assert written.wait(timeout=30)
    closing = run_aside(lambda: house.act("zhao", close_measure, code))
    _await_a_wait(house)
    go_on.set()
    finish(sweeping, closing)
    event.remove(house.engine, "commit", hold)
    assert house.get(code).state is State.CLOSED
    assert house.timers(code) == {}


def test_sweeps_when_two_meet_at_one_measure_then_its_record_stays_one_chain(house: World):
    """Two timers of one measure, taken by two sweepers: the second to write adds to what the first has written."""
    house.at(date(2025, 3, 4))
    for number in range(30):
        house.measure(f"1-{number:03d}", state=State.IN_PROGRESS, reported_on=date(2025, 2, 1), due=date(2025, 4, 30))
    house.at(date(2025, 5, 20))
    reports: list[SweepReport] = []
    finish(*(run_aside(lambda: reports.append(house.sweep(batch=7))) for _ in range(3)))
    assert sum(report.failed for report in reports) == 0
    assert house.sweep().batches == 0, "nothing is left"
    with house.sessions() as session:
        rungs = select(Escalation.measure_id, Escalation.waits_for, Escalation.deadline_version, Escalation.rung)
        assert session.execute(rungs.group_by(*rungs.selected_columns).having(func.count() > 1)).all() == []
        chains = session.execute(
            select(Event.measure_id, func.count(), func.max(Event.seq)).group_by(Event.measure_id)
        ).all()
    assert all(count == last for _, count, last in chains)


def test_sweep_when_somebody_never_lets_go_then_it_ends_and_says_so(house: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(due_timers, "PATIENCE_MILLISECONDS", 50)
    held, other = house.verified("1-01"), house.verified("1-02")
    house.at(date(2025, 4, 7))
    with house.desk("zhao") as desk:
        open_case(desk, held)
        report = house.sweep()
    assert (report.held, house.rungs(held)) == (1, [])
    assert [line.rung for line in house.rungs(other)] == [0, 1]
    assert house.sweep().batches == 1, "the next one finds it"
    assert [line.rung for line in house.rungs(held)] == [0, 1]
