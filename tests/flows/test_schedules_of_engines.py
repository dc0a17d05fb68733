"""A line of schedule.yaml means the same to the embedded clock and to Prefect, or it is refused when it is read."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.schedule import WEEKDAYS, cron_trigger, crontab, parse_schedule
from engine.rules.refusal import PolicyFault
from i18n import say

ZONE = ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2026, 1, 1, tzinfo=ZONE)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _field(low: int, high: int, words: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """Return what may stand in a field: stars, numbers, words, ranges, steps, lists, and what only one engine knows."""
    value = st.integers(low, high).map(str) | (st.sampled_from(words) if words else st.nothing())
    span = st.tuples(value, value).map("-".join)
    step = st.tuples(st.just("*") | span | value, st.integers(1, 7).map(str)).map("/".join)
    place = value | span | step
    return st.just("*") | place | st.lists(place, min_size=2, max_size=3).map(",".join) | st.sampled_from(["last", "L"])


LINES = st.tuples(
    st.sampled_from(["0", "30", "*/20", "5/15"]),
    st.sampled_from(["9", "*/6", "8-10", "0,12"]),
    st.just("*") | _field(1, 31),
    st.just("*") | _field(1, 12, MONTHS),
    st.just("*") | _field(0, 7, WEEKDAYS),
).map(" ".join)


def _embedded(cron: str, count: int) -> list[str]:
    trigger, found, planned = cron_trigger(cron, ZONE), [], None
    now = BEGIN
    while len(found) < count and (planned := trigger.get_next_fire_time(planned, now)) is not None:
        found.append(f"{planned:%Y-%m-%d %H:%M}")
        now = planned + timedelta(seconds=1)
    return found


def _prefect(cron: str, count: int) -> list[str]:
    from prefect.server.schemas.schedules import CronSchedule  # noqa: PLC0415 - only here, and slow to import

    dates = asyncio.run(CronSchedule(cron=crontab(cron)[0], timezone=ZONE.key).get_dates(n=count, start=BEGIN))
    return [f"{one:%Y-%m-%d %H:%M}" for one in dates]


@given(LINES)
@settings(deadline=None)
def test_schedule_when_a_line_is_taken_means_the_same_to_every_engine(cron: str):
    try:
        parse_schedule({"version": 1, "zone": ZONE.key, "runs": {"daily": cron}})
    except PolicyFault:
        return
    assert _embedded(cron, 40) == _prefect(cron, 40)


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("0 9 last * *", "is not a cron expression"),
        ("0 9 L * *", "is not a cron expression"),
        ("0 9 1,* * *", "is not a cron expression"),
        ("0 9 1 * */2", "cron, APScheduler and Prefect differ"),
        ("0 9 */2 * mon", "cron, APScheduler and Prefect differ"),
        ("0 9 1 * 0-6", "cron, APScheduler and Prefect differ"),
    ],
)
def test_schedule_when_engines_disagree_about_a_line_is_refused_when_read(cron: str, told: str):
    with pytest.raises(PolicyFault) as refused:
        parse_schedule({"version": 1, "zone": ZONE.key, "runs": {"monthly": cron}})
    assert refused.value.path == ("runs", "monthly")
    assert told in say(refused.value.text, "en")
