"""`duban calendar show|import|set`: the working days that every deadline is counted in.

An edit moves deadlines, and says how many.
"""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import Frame, open_frame
from cli.help import Page, _, language, new_app
from cli.options import AsOf, Json, MaybeActing, read_day, read_number
from engine.rules.day_names import day_name
from engine.rules.text import N_, Text
from engine.rules.working_days import DayRow
from i18n import say

if TYPE_CHECKING:
    from engine.rules.working_days import WorkingCalendar

app = new_app()
group = new_app("calendar", _("Working days: show a year, import the yearly notice, make days of your own."))
_WEEKDAYS: tuple[Text, ...] = (N_("Mo"), N_("Tu"), N_("We"), N_("Th"), N_("Fr"), N_("Sa"), N_("Su"))


@group.command(
    "show",
    cls=Page,
    help=_("Show a year month by month; days off stand in brackets, and make-up days (调休) have a plus."),
    epilog="duban calendar show 2025",
)
def show_year(
    *,
    year: Annotated[int, typer.Argument(metavar="YEAR", parser=read_number(1900, 2200), help=_("The year."))],
    json: Json = False,
) -> None:
    """Print a year."""
    with open_frame(json=json) as frame:
        from engine.reads.calendar import read_days

        with frame.reading() as session:
            calendar = frame.calendar(session)
            named = [row for row in read_days(session) if row.day.year == year and row.note]
        days = [date(year, month, day) for month in range(1, 13) for day in _days_of(year, month)]
        working = [day for day in days if calendar.is_working(day)]
        provisional = calendar.is_provisional(days[0])
        frame.screen.answer(
            {
                "year": year,
                "provisional": provisional,
                "working_days": len(working),
                "working": working,
                "names": [{"day": row.day, "name": day_name(row)} for row in named],
            }
        )
        frame.screen.line(N_("{year}: {count} working days", year=year, count=len(working)), style="bold")
        if provisional:
            told = N_("provisional: the yearly notice is not known yet; duban calendar import reads it")
            frame.screen.line(told, style="yellow")
        for month in range(1, 13):
            rows = [[_mark(calendar, year, month, day) for day in week] for week in _weeks(year, month)]
            frame.screen.line()
            frame.screen.table(_WEEKDAYS, rows, title=N_("{year}-{month:02}", year=year, month=month))
        if named:
            frame.screen.line()
            frame.screen.table((N_("day"), N_("what it is")), [(row.day, day_name(row)) for row in named])


def _weeks(year: int, month: int) -> list[list[int]]:
    return Calendar().monthdayscalendar(year, month)


def _days_of(year: int, month: int) -> list[int]:
    return [day for week in _weeks(year, month) for day in week if day]


def _mark(calendar: WorkingCalendar, year: int, month: int, number: int) -> str:
    if not number:
        return ""
    day = date(year, month, number)
    if not calendar.is_working(day):
        return f"({number})"
    return f"{number}+" if day.weekday() > 4 else str(number)  # noqa: PLR2004 - a weekend day that is worked


@group.command(
    "import",
    cls=Page,
    help=_(
        "Read the State Council's yearly notice as text, or a form (.yaml, .csv) with days of your own.\n"
        "Deadlines that fall on other days now move, and their owners are told."
    ),
    epilog="duban calendar import notice-2027.txt --as lin\nduban calendar import own-days.csv --as lin",
)
def import_days(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help=_("The file to read."))],
    person: MaybeActing = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Read a calendar file."""
    with open_frame(json=json, as_of=as_of) as frame:
        from intake.calendar.official_calendar import read_yearly_notice

        _store(frame, read_yearly_notice(file), person)


@group.command(
    "set",
    cls=Page,
    help=_("Make one day a working day or a day off, for your organisation; it outlives the yearly notice."),
    epilog='duban calendar set 2025-06-20 --off --note "校庆" --as lin',
)
def set_day(
    *,
    day: Annotated[date, typer.Argument(metavar="D", parser=read_day, help=_("The day."))],
    working: Annotated[
        bool | None, typer.Option("--working/--off", help=_("What it is; one of the two is needed, or --back."))
    ] = None,
    back: Annotated[
        bool, typer.Option("--back", help=_("Take back what was set: the notice's word about the day holds again."))
    ] = False,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help=_("Why."))] = None,
    person: MaybeActing = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Edit one day."""
    if back == (working is not None):
        raise typer.BadParameter(say(N_("one of --working, --off and --back was expected"), language()))
    with open_frame(json=json, as_of=as_of) as frame:
        if working is None:
            _take_back(frame, day, person)
        else:
            _store(frame, [DayRow(day, working, note, "own")], person)


def _store(frame: Frame, rows: Sequence[DayRow], person: str | None) -> None:
    from engine.actions.desk import find_person
    from engine.actions.edit_calendar import edit_calendar

    with frame.house.sessions.begin() as session:
        actor = find_person(session, person).id if person else None
        moved = edit_calendar(session, rows, moment=frame.moment, actor=actor)
    _tell(frame, len(rows), moved)


def _take_back(frame: Frame, day: date, person: str | None) -> None:
    from engine.actions.desk import find_person
    from engine.actions.edit_calendar import take_back
    from intake.calendar.official_calendar import official_days

    (computed,) = official_days(day, day)
    with frame.house.sessions.begin() as session:
        actor = find_person(session, person).id if person else None
        moved = take_back(session, day, otherwise=computed, moment=frame.moment, actor=actor)
    _tell(frame, 1, len(moved))


def _tell(frame: Frame, days: int, moved: int) -> None:
    frame.screen.answer({"days": days, "moved": moved})
    frame.screen.line(N_("{days} days stored; {moved} deadlines moved", days=days, moved=moved), style="green")


app.add_typer(group)
