#!/usr/bin/env bash
# Guess: a cron range whose ends are equal (hour 9-9, day 1-1, month jan-jan) names that one hour, day or month.
# Seen (Prefect 3.8.8, its vendored croniter; APScheduler 3.11.3 beside it): Prefect accepts the line without a word
# and takes the range for ALL hours, days or months. APScheduler does what was guessed.
#   0 9-9 * * *      Prefect: 00:00 01:00 02:00    APScheduler: 09:00 the next day 09:00 …
#   0 9 1-1 * *      Prefect: 01, 02, 03 January   APScheduler: 1 January, 1 February, 1 March
# What follows: a timetable that is written by a program (first-last with first = last) and serves both engines fires
# twenty-four times a day on one of them. Write a range of one as that one before handing it to Prefect.
# Fails when this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "prefect==3.8.8" "fastapi==0.150.0" "sqlalchemy[asyncio]==2.0.58" "apscheduler==3.11.3"
export PREFECT_HOME="$folder/home" DO_NOT_TRACK=1 PREFECT_SERVER_ANALYTICS_ENABLED=false
"$folder/venv/bin/python" - <<'PY'
import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from prefect.server.schemas.schedules import CronSchedule

ZONE = ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2026, 1, 1, tzinfo=ZONE)


def by_prefect(line):
    dates = asyncio.run(CronSchedule(cron=line, timezone=ZONE.key).get_dates(n=3, start=BEGIN))
    return [f"{one:%m-%d %H:%M}" for one in dates]


def by_apscheduler(line):
    trigger, found, now, before = CronTrigger.from_crontab(line, timezone=ZONE), [], BEGIN, None
    while len(found) < 3:
        before = trigger.get_next_fire_time(before, now)
        found.append(f"{before:%m-%d %H:%M}")
        now = before + timedelta(seconds=1)
    return found


SEEN = {
    "0 9-9 * * *": (["01-01 00:00", "01-01 01:00", "01-01 02:00"], ["01-01 09:00", "01-02 09:00", "01-03 09:00"]),
    "0 9 1-1 * *": (["01-01 09:00", "01-02 09:00", "01-03 09:00"], ["01-01 09:00", "02-01 09:00", "03-01 09:00"]),
}
for line, seen in SEEN.items():
    now = (by_prefect(line), by_apscheduler(line))
    print(f"{line:16} Prefect {now[0]}  APScheduler {now[1]}")
    assert now == seen, f"{line}: expected {seen}, found {now}"
print("as described")
PY
