"""The demo: plays the sample round from March to September 2025 with a simulated calendar, or starts a real notice.

Everything goes through the product's own actions and runs; the calendar day is a parameter.  Called by `duban demo`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from demo.cast import Cast
from demo.sample import Sample, load_sample, notice_text, write_sample_ledger
from engine.actions.desk import find_round
from engine.now import moment_on
from engine.rules.import_report import ImportReport
from engine.rules.working_days import WorkingCalendar
from flows.daily import run_daily
from flows.execute import execute
from flows.house import House
from flows.monthly import run_monthly
from flows.report import RunReport
from intake.import_files import import_files, read_source
from models.database import reading

MEETING_DAY = 10  #: the group meets on the first working day from the tenth on
FIRST_MEETING = 4  #: April: the first month with something to decide
LEDGER_NAME = "整改台账（样例）.xlsx"
NOTICE_NAME = "整改进展通报（样例）.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a demo leaves behind."""

    round: str  #: code
    as_of: date
    imports: tuple[ImportReport, ...]
    last_run: RunReport


#: Told after each day that was played: the day, and how many days there are.
Tick = Callable[[date, int], None]


def play_sample(house: House, tick: Tick) -> Played:
    """Play the whole sample; the last monthly run goes through a Prefect server."""
    sample = load_sample()
    calendar = house.calendar()
    begins_on = sample.feedback_on + timedelta(days=1)
    folder = house.home / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    notice, ledger = folder / NOTICE_NAME, folder / LEDGER_NAME
    notice.write_text(notice_text(), encoding="utf-8")
    write_sample_ledger(ledger)
    first = _import(house, notice, begins_on, round_code=sample.code)
    cast = Cast(house=house, sample=sample, calendar=calendar, round=sample.code)
    imports = [first]
    days = list(_days(begins_on, sample.ends_on))
    meetings = set(meeting_days(sample, calendar))
    for day in days:
        if day == sample.ledger_on:
            imports.append(_import(house, ledger, day, round_code=sample.code))
        run_daily(_on(house, day), moment_on(day, house.zone))
        if day in meetings:
            last = _meet(house, cast, day, is_last=day == sample.ends_on)
        cast.act(day)
        tick(day, len(days))
    return Played(round=sample.code, as_of=sample.ends_on, imports=tuple(imports), last_run=last)


def play_notice(house: House, notice: Path, tick: Tick) -> Played:
    """Import any notice and run its round up to the first agenda, on the day the rectification plan is due."""
    plan = read_source(notice).plan
    begins_on = (plan.feedback_on or house.now().on) + timedelta(days=1)
    report = _import(house, notice, begins_on, round_code=None)
    with reading(house.sessions) as session:
        round_ = find_round(session, report.round)
    days = list(_days(begins_on, house.calendar().on_or_after(round_.plan_due)))
    for day in days:
        run_daily(_on(house, day), moment_on(day, house.zone))
        tick(day, len(days))
    last = run_monthly(house, moment_on(days[-1], house.zone))
    return Played(round=report.round, as_of=days[-1], imports=(report,), last_run=last)


def meeting_days(sample: Sample, calendar: WorkingCalendar) -> Iterator[date]:
    """Yield the days on which the leading group meets."""
    for month in range(FIRST_MEETING, sample.ends_on.month + 1):
        yield calendar.on_or_after(date(sample.ends_on.year, month, MEETING_DAY))


def _on(house: House, day: date) -> House:
    """Return the house with its clock at nine o'clock of a day: what is sent then is sent on that day."""
    return replace(house, clock=partial(moment_on, day))


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def _import(house: House, path: Path, day: date, *, round_code: str | None) -> ImportReport:
    ground = house.import_ground(moment_on(day, house.zone), round_code=round_code)
    with house.sessions.begin() as session:
        return import_files(session, [path], ground)[0]


def _meet(house: House, cast: Cast, day: date, *, is_last: bool) -> RunReport:
    """Draft the agenda, then record what was decided."""
    moment = moment_on(day, house.zone)
    report = execute(house, "monthly", moment, mode="prefect") if is_last else run_monthly(house, moment)
    cast.decide(day)
    return report
