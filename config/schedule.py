"""The timetable of runs (schedule.yaml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger

from engine.rules.policy_words import known_keys, mapping_at
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_

FIELDS = 5  #: minute, hour, day, month, weekday
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
            cron_trigger(str(cron), ZoneInfo(zone))
        except ValueError:
            raise PolicyFault(
                ("runs", run),
                N_("{value} is not a cron expression; expected five fields such as 30 8 * * *", value=cron),
            ) from None
    return Schedule(zone=zone, crons={run: str(cron) for run, cron in crons.items()})


WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


def cron_trigger(cron: str, zone: ZoneInfo) -> CronTrigger:
    """Return the trigger of a standard five-field cron expression.  Raises ValueError.

    APScheduler counts weekdays from Monday = 0, cron from Sunday = 0: numbers are turned into names.

    >>> str(cron_trigger("0 9 * * 1-5", ZoneInfo("Asia/Shanghai")).fields[4])
    'mon-fri'
    """
    fields = cron.split()
    if len(fields) != FIELDS:
        msg = f"{len(fields)} fields"
        raise ValueError(msg)
    minute, hour, day, month, weekday = fields
    named = re.sub(
        r"(?<!/)\d+", lambda found: WEEKDAYS[int(found[0])] if int(found[0]) < len(WEEKDAYS) else "?", weekday
    )
    return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=named, timezone=zone)
