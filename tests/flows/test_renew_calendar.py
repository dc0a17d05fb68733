"""A house that has stored provisional years is upgraded: the calendar library knows them by now."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update

from engine.reads.calendar import read_day
from flows.daily import run_daily
from flows.house import House
from flows.renew_calendar import renew_calendar
from intake.calendar import official_calendar
from intake.calendar.official_calendar import official_days
from models import WorkingDay
from tests.factories import at
from tests.fingerprints import fingerprints
from tests.flows.conftest import serving
from tests.world import World

TODAY = date(2025, 9, 1)
FESTIVAL = date(2026, 2, 20)  #: a Friday: off by the notice, a working day by what was computed before it
MADE_UP = date(2026, 2, 14)  #: a Saturday


@pytest.fixture
def stale(house: House, town: World) -> World:
    """Give a house that was founded with a library from before the notice for 2026; a measure is due on 20 February."""
    with house.sessions.begin() as session:
        year = (WorkingDay.day >= date(2026, 1, 1)) & (WorkingDay.day <= date(2026, 12, 31))
        session.execute(update(WorkingDay).where(year).values(source="provisional"))
        session.execute(update(WorkingDay).where(WorkingDay.day == FESTIVAL).values(is_working=True, note=None))
        session.execute(update(WorkingDay).where(WorkingDay.day == MADE_UP).values(is_working=False, note=None))
    town.calendar = house.calendar()
    town.in_progress("1-01", due=FESTIVAL)
    return town.at(TODAY)


def test_daily_when_the_library_knows_a_provisional_year_then_it_is_official_and_what_moved_is_told(
    house: House, stale: World
):
    assert house.calendar().is_provisional(FESTIVAL)
    run_daily(house, at(TODAY))
    calendar = house.calendar()
    assert not calendar.is_provisional(FESTIVAL)
    assert calendar.provisional_years == set(range(2027, calendar.last.year + 1)), "these nobody knows yet"
    with house.sessions() as session:
        stored = [read_day(session, row.day) for row in official_days(date(2026, 1, 1), date(2026, 12, 31))]
    assert stored == list(official_days(date(2026, 1, 1), date(2026, 12, 31)))
    (line,) = stale.said(kind="deadline_moved")
    assert (line.to, line.measure) == ("wang", "1-01")
    assert (line.data["old"], line.data["new"]) == ("2026-02-20", "2026-02-24")


def test_renewal_when_done_again_then_nothing_changes(house: House, stale: World):
    assert renew_calendar(house, stale.moment) == 1
    before = fingerprints(house.engine)
    assert renew_calendar(house, stale.moment) == 0
    assert fingerprints(house.engine) == before


def test_renewal_when_somebody_imported_a_notice_or_made_own_days_then_their_word_stands(house: House, stale: World):
    imported, own = date(2026, 12, 30), FESTIVAL
    with house.sessions.begin() as session:  # by the next year's notice; and an own day over the computed one
        session.execute(
            update(WorkingDay).where(WorkingDay.day == imported).values(source="official", is_working=False)
        )
        under = {"under_is_working": True, "under_source": "provisional", "under_note": None}
        session.execute(update(WorkingDay).where(WorkingDay.day == own).values(source="own", note="值班", **under))
    assert renew_calendar(house, stale.moment) == 0
    with house.sessions() as session:
        word, over = read_day(session, imported), read_day(session, own)
    assert word is not None
    assert not word.is_working
    assert over is not None
    assert over.is_working
    assert over.under == next(official_days(own, own)), "it lies over the notice now"


def test_renewal_when_the_library_knows_nothing_new_then_nothing_is_written(
    house: House, stale: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(official_calendar, "known_years", lambda _country: frozenset({2025}))
    before = fingerprints(house.engine)
    assert renew_calendar(house, stale.moment) == 0
    assert fingerprints(house.engine) == before


def test_serve_when_it_starts_after_an_upgrade_then_the_years_are_renewed(house: House, stale: World):
    with serving(house, "--no-prefect") as served:
        served.await_words("Duban serves", seconds=60)
        assert served.end() == 0
    assert not house.calendar().is_provisional(FESTIVAL)
    assert [line.data["new"] for line in stale.said(kind="deadline_moved")] == ["2026-02-24"]
