"""The timetable of runs (schedule.yaml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from engine.rules.policy_words import known_keys, mapping_at
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_, Text

FIELDS = 5  #: minute, hour, day, month, weekday
ANY_DAY = datetime(2024, 1, 1)  # noqa: DTZ001 - in the schedule's zone; what comes at all comes after it, 29 February too
RUNS = ("daily", "deliver", "monthly", "watchdog")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When runs start by themselves."""

    zone: str  #: IANA name; also the zone of deadlines
    crons: Mapping[str, str]  #: run → five-field cron expression


def parse_schedule(plain: Mapping[str, Any]) -> Schedule:
    """Build the schedule from `plain`.  Raises PolicyFault with the path to the value."""
    known_keys(plain, {"version", "zone", "runs"}, ())
    zone = str(plain.get("zone"))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PolicyFault(
            ("zone",), N_("{value} is not a time zone; expected a name such as Asia/Shanghai", value=zone)
        ) from None
    crons = mapping_at(plain, "runs", ())
    known_keys(crons, set(RUNS), ("runs",))
    for run, cron in crons.items():
        try:
            if is_ambiguous(str(cron)):
                raise PolicyFault(("runs", run), _ambiguous(str(cron)))
            first = _first_after(cron_trigger(str(cron), ZoneInfo(zone)), ANY_DAY.replace(tzinfo=ZoneInfo(zone)))
        except ValueError:
            raise PolicyFault(
                ("runs", run),
                N_("{value} is not a cron expression; expected five fields such as 30 8 * * *", value=cron),
            ) from None
        if first is None:
            raise PolicyFault(("runs", run), N_("{value} names a time that never comes", value=cron))
    return Schedule(zone=zone, crons={run: str(cron) for run, cron in crons.items()})


def _ambiguous(cron: str) -> Text:
    return N_(
        "{value} names days of the month and weekdays, and one of them holds a star or every weekday: cron, "
        "APScheduler and Prefect differ in what that means; name only one of them, or both as numbers",
        value=cron,
    )


def _first_after(trigger: BaseTrigger, moment: datetime) -> datetime | None:
    first: datetime | None = trigger.get_next_fire_time(None, moment)
    return first


WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_WORD = rf"(?:{_MONTHS}|{'|'.join(WEEKDAYS)})"
_PLACE = rf"(?:\d{{1,2}}(-\d{{1,2}})?(/[1-9]\d*)?|{_WORD}(-{_WORD})?)"
_FIELD = re.compile(rf"\*(/[1-9]\d*)?|{_PLACE}(,{_PLACE})*")
_RANGE_OF_ONE = re.compile(r"\b0*(\w+)-0*\1(/\d+)?\b")
_PART = re.compile(r"(?P<first>\*|\w+)(-(?P<last>\w+))?(/(?P<step>[1-9]\d*))?")


def cron_trigger(cron: str, zone: ZoneInfo) -> BaseTrigger:
    """Return the trigger of a standard five-field cron expression.  Raises ValueError.

    As cron has it: where day and weekday are both given, either is enough.
    """
    line, either_day = crontab(cron)
    minute, hour, day, month, weekday = line.split()

    def trigger(**days: str) -> CronTrigger:
        return CronTrigger(minute=minute, hour=hour, month=month, timezone=zone, **days)

    if either_day:
        return OrTrigger([trigger(day=day), trigger(day_of_week=weekday)])
    return trigger(day=day, day_of_week=weekday)


def crontab(cron: str) -> tuple[str, bool]:
    """Return the line with weekdays by name, and whether either of day and weekday is enough.  Raises ValueError.

    Only what cron, APScheduler and Prefect all know is taken: `*`, numbers, ranges, lists and steps, months and
    weekdays by name too; no `last`, no `L`, no list that holds a star.  A range of one is written as that one, since
    Prefect takes it for all.

    >>> crontab("30  8 1-1 * 1-5")
    ('30 8 1 * mon,tue,wed,thu,fri', True)
    """
    *others, weekday = _fields(cron)
    named = named_weekdays(weekday)
    minute, hour, day, month = (_RANGE_OF_ONE.sub(r"\1", field) for field in others)
    return f"{minute} {hour} {day} {month} {named}", "*" not in (day, named)


def is_ambiguous(cron: str) -> bool:
    """Return whether clocks disagree about the line: it names both kinds of day, and one with a star or all of a week.

    Vixie cron takes such a star for "any day", Prefect does not, and every weekday is no restriction to some.  Raises
    ValueError.

    >>> [is_ambiguous(one) for one in ("0 9 1 * */2", "0 9 */2 * mon", "0 9 1 * 0-6", "0 9 1 * mon", "0 9 * * */2")]
    [True, True, True, False, False]
    """
    _, _, day, _, weekday = _fields(cron)
    if "*" in (day, weekday):
        return False
    return day.startswith("*") or weekday.startswith("*") or named_weekdays(weekday) == "*"


def _fields(cron: str) -> list[str]:
    fields = cron.lower().split()
    if len(fields) != FIELDS or not all(_FIELD.fullmatch(field) for field in fields):
        raise ValueError(cron)
    return fields


def named_weekdays(field: str) -> str:
    """Return a cron field of weekdays by their names.  Raises ValueError.

    APScheduler counts weekdays from Monday = 0, cron from Sunday = 0 or 7; names mean the same to both.

    >>> named_weekdays("1-5/2,7"), named_weekdays("fri-sun"), named_weekdays("*")
    ('sun,mon,wed,fri', 'sun,fri,sat', '*')
    """
    chosen: set[int] = set()
    for part in field.lower().split(","):
        found = _PART.fullmatch(part)
        if found is None:
            raise ValueError(part)
        if found["first"] == "*":
            first, last = 0, 6
        else:
            first = _weekday(found["first"])
            last = _weekday(found["last"]) if found["last"] else 6 if found["step"] else first
        end = last if last >= first else last + 7
        chosen |= {number % 7 for number in range(first, end + 1, int(found["step"] or 1))}
    return "*" if len(chosen) == len(WEEKDAYS) else ",".join(WEEKDAYS[number] for number in sorted(chosen))


def _weekday(word: str) -> int:
    """Return the number of a weekday, Sunday = 0 or 7.  Raises ValueError."""
    return range(len(WEEKDAYS) + 1).index(int(word)) if word.isdigit() else WEEKDAYS.index(word)
