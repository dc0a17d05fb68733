"""A day far in the future is refused in one line, or answered in few: whichever command takes it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from config.settings import Settings
from engine.rules.working_days import BeyondCalendar
from flows.daily import run_daily
from flows.house import open_house
from models import StuckTimer
from tests.cli.conftest import Line
from tests.factories import at
from tests.world import World

FAR = ("2032-12-31", "2033-01-01", "2090-06-01", "2099-12-31", "9999-12-31")
COMMANDS = (
    "status --as-of {day}",
    "lint --as-of {day}",
    "explain 1-01 --as-of {day}",
    "explain 1-01 --until {day}",
    "simulate --from {day} --to {day}",
    "simulate --from 2025-09-01 --to {day}",
    "measure list --as-of {day}",
    "measure show 1-01 --as-of {day}",
    "measure accept 1-01 --as wang --as-of {day}",
    "measure extend 1-01 --as wang --to {day} --reason x --as-of 2025-09-01",
    "ledger --out l.xlsx --as-of {day}",
    "agenda --meeting {day} --out a.md",
    "agenda --meeting 2025-09-10 --out a.md --as-of {day}",
    "notice --out n.docx --as-of {day}",
    "meeting agenda --meeting {day}",
    "person absence wang --substitute sun --from {day} --to {day} --as wang",
    "run daily --as-of {day}",
    "run monthly --as-of {day}",
    "run deliver --as-of {day}",
    "run watchdog --as-of {day}",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_when_the_day_is_far_ahead_then_one_line_or_few(founded: Line, house: World, command: str):
    house.measure("1-01", due=date(2025, 9, 3))
    for day in FAR:
        said = founded(*command.format(day=day).split())
        assert said.status in {0, 1, 2}
        assert len(said.err.splitlines()) <= 3, said.err[:500]
        assert len(said.out.splitlines()) <= 60, "bounded"
        if " --as-of {day}" in command and day > "2032-12-31":
            assert (said.status, said.out) == (2, "")
            assert day in said.err


def test_run_when_the_day_lies_beyond_the_calendar_then_refused_on_every_way_and_nothing_is_set_aside(
    founded: Line, house: World
):
    house.measure("1-01", due=date(2025, 9, 3))
    opened = open_house(Settings(home=founded.home, language="en"))
    with pytest.raises(BeyondCalendar):
        run_daily(opened, at(date(2040, 1, 2)))
    opened.engine.dispose()
    with house.sessions() as session:
        assert session.scalar(select(func.count()).select_from(StuckTimer)) == 0
