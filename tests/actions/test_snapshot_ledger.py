"""The month's figures are kept once; renewed only on request; the change is counted against the newest month before."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from engine.actions.close_measure import close_measure
from engine.actions.snapshot_ledger import figures_before, snapshot_ledger
from models import LedgerSnapshot
from tests.factories import build_round
from tests.group_meetings import APRIL, MAY, rows_of
from tests.world import World


def keep(world: World, period: str, *, again: bool = False, round_id: int | None = None) -> LedgerSnapshot:
    with world.sessions.begin() as session:
        return snapshot_ledger(
            session,
            round_id=round_id or world.round,
            period=period,
            moment=world.moment,
            calendar=world.calendar,
            again=again,
        )


def before(world: World, period: str, round_id: int | None = None) -> dict[str, int] | None:
    with world.sessions() as session:
        return figures_before(session, round_id=round_id or world.round, period=period)


def test_snapshot_when_taken_then_the_figures_of_the_day(either_world: World):
    world = either_world
    world.verified("1-01")
    world.in_progress("1-02", due=date(2025, 4, 9))
    kept = keep(world.at(APRIL), "2025-04")
    assert (kept.period, kept.as_of, kept.created_at) == ("2025-04", APRIL, world.moment.at)
    assert {name: kept.figures[name] for name in ("measures", "verified", "in_progress", "overdue", "closed")} == {
        "measures": 2,
        "verified": 1,
        "in_progress": 1,
        "overdue": 1,
        "closed": 0,
    }


def test_snapshot_when_taken_a_second_time_then_it_is_the_first(either_world: World):
    world = either_world
    world.verified()
    keep(world.at(APRIL), "2025-04")
    world.act("zhao", close_measure, "1-01")
    kept = keep(world.at(date(2025, 4, 11)), "2025-04")
    assert (kept.as_of, kept.figures["closed"]) == (APRIL, 0)
    assert len(rows_of(world, LedgerSnapshot)) == 1


def test_snapshot_when_renewed_then_the_month_has_the_newer_figures_and_still_one_row(either_world: World):
    world = either_world
    world.verified()
    keep(world.at(APRIL), "2025-04")
    world.act("zhao", close_measure, "1-01")
    keep(world.at(date(2025, 4, 11)), "2025-04", again=True)
    (kept,) = rows_of(world, LedgerSnapshot)
    assert (kept.as_of, kept.figures["closed"], kept.created_at) == (date(2025, 4, 11), 1, world.moment.at)


def test_figures_before_when_months_are_missing_then_the_newest_before(either_world: World):
    world = either_world
    world.verified()
    for number, (day, period) in enumerate([(APRIL, "2025-04"), (MAY, "2025-05"), (date(2025, 12, 10), "2025-12")]):
        world.at(day).in_progress(f"2-0{number}")
        keep(world, period)
    found = {period: before(world, period) for period in ("2025-04", "2025-05", "2025-09", "2025-12", "2026-01")}
    measures = {period: figures["measures"] if figures else None for period, figures in found.items()}
    assert measures == {"2025-04": None, "2025-05": 2, "2025-09": 3, "2025-12": 3, "2026-01": 4}


def test_figures_before_when_of_another_round_then_unknown(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        other = build_round(session).id
    keep(world.at(APRIL), "2025-04")
    assert before(world, "2025-05", other) is None
    keep(world, "2025-04", round_id=other)
    assert len(rows_of(world, LedgerSnapshot)) == 2


def test_snapshot_when_a_month_has_one_already_then_the_database_refuses_a_second(either_world: World):
    world = either_world
    keep(world, "2025-04")
    row = {"round_id": world.round, "period": "2025-04", "as_of": APRIL, "figures": {}, "created_at": world.moment.at}
    with pytest.raises(IntegrityError), world.engine.begin() as connection:
        connection.execute(insert(LedgerSnapshot), row)
