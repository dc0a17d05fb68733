"""The timetable of runs (schedule.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger

from engine.rules.policy_words import known_keys, mapping_at
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_

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
            CronTrigger.from_crontab(str(cron), ZoneInfo(zone))
        except ValueError:
            raise PolicyFault(
                ("runs", run),
                N_("{value} is not a cron expression; expected five fields such as 30 8 * * *", value=cron),
            ) from None
    return Schedule(zone=zone, crons={run: str(cron) for run, cron in crons.items()})
