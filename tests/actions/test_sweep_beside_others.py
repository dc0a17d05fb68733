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
from engine.rules.vocabulary import State
from models import Escalation, Notification
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


def test_sweep_when_somebody_holds_the_measure_then_it_climbs_all_the_same(house: World):
    code = house.verified()
    house.at(date(2025, 4, 7))
    with house.desk("zhao") as desk:
        open_case(desk, code)
        thread = run_aside(house.sweep)
        finish(thread)  # it adds rows that refer to the measure, and need not wait for it
        close_measure(desk, code)
    assert [line.rung for line in house.rungs(code)] == [0, 1]
    assert house.timers(code) == {}, "the sweep moved the timer; closing found it all the same"


def test_close_when_a_sweep_is_about_to_commit_then_no_timer_is_left_behind(house: World):
    code = house.verified()
    house.at(date(2025, 4, 7))
    written, go_on = Signal(), Signal()

    def hold(_connection: Connection) -> None:
        if not written.is_set():
            written.set()
            go_on.wait(timeout=30)

    event.listen(house.engine, "commit", hold)
    sweeping = run_aside(house.sweep)
    assert written.wait(timeout=30)
    closing = run_aside(lambda: house.act("zhao", close_measure, code))
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with house.engine.connect() as connection:
        for _ in range(10_000):
            if connection.scalar(waiting):
                break
            connection.rollback()
        else:
            pytest.fail("closing never came to wait for the sweep")
    go_on.set()
    finish(sweeping, closing)
    event.remove(house.engine, "commit", hold)
    assert house.get(code).state is State.CLOSED
    assert house.timers(code) == {}
