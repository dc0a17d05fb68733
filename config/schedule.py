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
from engine.rules.text import N_

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
            first = _first_after(cron_trigger(str(cron), ZoneInfo(zone)), ANY_DAY.replace(tzinfo=ZoneInfo(zone)))
        except ValueError:
            raise PolicyFault(
                ("runs", run),
                N_("{value} is not a cron expression; expected five fields such as 30 8 * * *", value=cron),
            ) from None
        if first is None:
            raise PolicyFault(("runs", run), N_("{value} names a time that never comes", value=cron))
    return Schedule(zone=zone, crons={run: str(cron) for run, cron in crons.items()})


def _first_after(trigger: BaseTrigger, moment: datetime) -> datetime | None:
    first: datetime | None = trigger.get_next_fire_time(None, moment)
    return first


WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
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

    >>> crontab("30  8 1 * 1-5")
    ('30 8 1 * mon,tue,wed,thu,fri', True)
    """
    fields = cron.split()
    if len(fields) != FIELDS:
        msg = f"{len(fields)} fields"
        raise ValueError(msg)
    minute, hour, day, month, weekday = fields
    weekday = named_weekdays(weekday)
    return f"{minute} {hour} {day} {month} {weekday}", not (day.startswith("*") or weekday == "*")


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
