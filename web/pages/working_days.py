"""The calendar of a year: seen as a picture, edited by coordinators, who first see which deadlines would move."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import Response

from engine.actions.desk import Desk
from engine.actions.edit_calendar import MovedDeadline, edit_days, withdraw_day
from engine.actions.expect_version import SeenOther, expect_seen, mark_seen
from engine.reads.calendar import read_day, read_days
from engine.rules.day_names import day_name
from engine.rules.plan import Fault, InputRefused
from engine.rules.refusal import NotReady, Refusal
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from engine.rules.working_days import DayRow
from intake.calendar.official_calendar import official_days, read_yearly_notice
from web.fields import Number
from web.render import page
from web.troubles import CONFLICT, UNPROCESSABLE, status_of
from web.uploads import drop_upload, find_upload, keep_upload
from web.visit import Signed, SignedVisit

routes = APIRouter()
PATH = "/policies/calendar"
SATURDAY = 5
SHOWN_DAYS = 12
SHOWN = 200  #: deadlines that move
_WEEKDAYS: tuple[Text, ...] = (N_("Mo"), N_("Tu"), N_("We"), N_("Th"), N_("Fr"), N_("Sa"), N_("Su"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCell:
    """One day of a month."""

    day: date
    kind: str  #: off, holiday, made-up, or empty for an ordinary working day
    is_own: bool
    is_today: bool
    note: Text | str | None  #: the day's name


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthGrid:
    """One month: its weeks from Monday on; None outside of it."""

    month: int
    weeks: tuple[tuple[DayCell | None, ...], ...]
    working: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a change would do."""

    days: tuple[DayRow, ...]
    moved: tuple[MovedDeadline, ...]
    left_out: int
    fields: dict[str, str]  #: what is sent to confirm it

    @property
    def shown(self) -> tuple[tuple[DayRow, Text | str | None], ...]:
        """The first of the days, with what they are called."""
        return tuple((row, day_name(row)) for row in self.days[:SHOWN_DAYS])


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPage:
    """One year."""

    year: int
    years: tuple[int, int]  #: the first and the last that are known
    months: tuple[MonthGrid, ...]
    working: int
    is_provisional: bool
    own: tuple[DayRow, ...]  #: the organisation's own edits, of all years
    may_edit: bool
    weekdays: tuple[Text, ...] = _WEEKDAYS
    preview: Preview | None = None
    faults: tuple[Fault, ...] = ()
    problem: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A change of the calendar that was asked for."""

    days: Sequence[DayRow]  #: what it would store
    fields: dict[str, str]  #: what is sent to confirm it
    act: Callable[[Desk], tuple[MovedDeadline, ...]]


@routes.get(PATH)
def show_year(visit: Signed, year: Number | None = None) -> Response:
    """Show a year."""
    visit.open(Place.POLICIES)
    return page(visit, "calendar.html", _year(visit, year or visit.moment.on.year))


@routes.post(PATH)
def edit(
    visit: Signed,
    *,
    what: Annotated[str, Form()],
    confirmed: Annotated[str, Form()] = "",
    day: Annotated[date | None, Form()] = None,
    until: Annotated[date | None, Form()] = None,
    working: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    upload: Annotated[str, Form()] = "",
    seen: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Show what a change would move, or, once it is confirmed, make it, if it moves what was shown."""
    visit.open(Place.POLICIES)
    year = day.year if day else visit.moment.on.year
    try:
        if what == "notice":
            asked = _notice(visit, upload, file)
        elif what == "withdraw":
            asked = _withdrawal(visit, day)
        else:
            asked = _own_days(day, until, is_working=working == "working", note=note)
        done = _carry_out(visit, asked, seen if confirmed else None)
    except InputRefused as refused:
        return page(visit, "calendar.html", _year(visit, year, faults=refused.faults), status=UNPROCESSABLE)
    except Refusal as refusal:
        return page(visit, "calendar.html", _year(visit, year, problem=refusal.text), status=status_of(refusal))
    if done.is_stored:
        drop_upload(visit.house.home, upload)
        told = N_("{days} days stored; {moved} deadlines moved", days=len(asked.days), moved=len(done.moved))
        return visit.go(f"{PATH}?year={year}", told)
    preview = Preview(
        days=tuple(asked.days),
        moved=done.moved[:SHOWN],
        left_out=max(len(done.moved) - SHOWN, 0),
        fields=asked.fields | {"what": what, "seen": done.mark},
    )
    shown = asked.days[0].day.year if asked.days else year
    problem = _MEANWHILE if confirmed else None
    context = _year(visit, shown, preview=preview, problem=problem)
    return page(visit, "calendar.html", context, status=CONFLICT if confirmed else 200)


_MEANWHILE = N_("the calendar was changed after this was shown to you: look at what would move now, and save that")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What a change has done, or would do."""

    moved: tuple[MovedDeadline, ...]
    mark: str  #: of what is shown of it
    is_stored: bool


def _carry_out(visit: SignedVisit, asked: _Asked, seen: str | None) -> _Done:
    """Make a change that was `seen`; None, or another: take it back.  Raises Refusal."""
    moved, mark = tuple[MovedDeadline, ...](), ""
    try:
        with visit.desk(for_good=seen is not None) as desk:
            stored = {row.day: row for row in read_days(desk.session)}
            former = [stored.get(one.day) for one in asked.days]
            moved = asked.act(desk)
            mark = mark_seen(former, moved)
            expect_seen(seen, former, moved)
    except SeenOther:
        return _Done(moved=moved, mark=mark, is_stored=False)
    return _Done(moved=moved, mark=mark, is_stored=seen is not None)


def _own_days(day: date | None, until: date | None, *, is_working: bool, note: str) -> _Asked:
    if day is None:
        raise NotReady(N_("a day was expected"))
    last = until or day
    count = (last - day).days + 1
    if not 1 <= count <= 31:  # noqa: PLR2004 - a month
        raise NotReady(N_("from one day to a month was expected"))
    days = [DayRow(day + timedelta(number), is_working, note.strip() or None, "own") for number in range(count)]
    fields = {
        "day": day.isoformat(),
        "until": last.isoformat(),
        "working": "working" if is_working else "off",
        "note": note.strip(),
    }
    return _Asked(days=days, fields=fields, act=lambda desk: edit_days(desk, days))


def _withdrawal(visit: SignedVisit, day: date | None) -> _Asked:
    if day is None:
        raise NotReady(N_("a day was expected"))
    (computed,) = official_days(day, day)
    with visit.reading() as session:
        stands = read_day(session, day)
    return _Asked(
        days=[(stands and stands.base) or computed],
        fields={"day": day.isoformat()},
        act=lambda desk: withdraw_day(desk, day, otherwise=computed),
    )


def _notice(visit: SignedVisit, upload: str, file: UploadFile | None) -> _Asked:
    """Return what the yearly notice stores; it waits under its hash until it is confirmed."""
    if not upload:
        named = [(file.filename, file.file)] if file is not None and file.filename else []
        upload = keep_upload(visit.house.home, named, visit.moment)
    days = read_yearly_notice(find_upload(visit.house.home, upload).files[0])
    return _Asked(days=days, fields={"upload": upload}, act=lambda desk: edit_days(desk, days))


def _year(
    visit: SignedVisit,
    year: int,
    *,
    preview: Preview | None = None,
    faults: tuple[Fault, ...] = (),
    problem: Text | None = None,
) -> CalendarPage:
    with visit.reading() as session:
        days = {row.day: row for row in read_days(session)}
    years = (min(days).year, max(days).year)
    year = min(max(year, years[0]), years[1])
    months = tuple(_month(days, year, month, visit.moment.on) for month in range(1, 13))
    return CalendarPage(
        year=year,
        years=years,
        months=months,
        working=sum(one.working for one in months),
        is_provisional=any((row.base or row).source == "provisional" for day, row in days.items() if day.year == year),
        own=tuple(row for row in days.values() if row.source == "own"),
        may_edit=visit.actor.holds(Role.COORDINATOR),
        preview=preview,
        faults=faults,
        problem=problem,
    )


def _month(days: dict[date, DayRow], year: int, month: int, today: date) -> MonthGrid:
    weeks = tuple(
        tuple(_cell(days.get(day), today) if day.month == month else None for day in week)
        for week in Calendar().monthdatescalendar(year, month)
    )
    working = sum(row.is_working for day, row in days.items() if (day.year, day.month) == (year, month))
    return MonthGrid(month=month, weeks=weeks, working=working)


def _cell(row: DayRow | None, today: date) -> DayCell | None:
    if row is None:
        return None
    is_weekend = row.day.weekday() >= SATURDAY
    kinds = {(True, True): "made-up", (True, False): "", (False, True): "off", (False, False): "holiday"}
    kind = kinds[row.is_working, is_weekend]
    return DayCell(day=row.day, kind=kind, is_own=row.source == "own", is_today=row.day == today, note=day_name(row))
