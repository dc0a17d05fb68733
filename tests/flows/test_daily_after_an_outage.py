"""The sample round with two daily runs alone, two months apart: everybody who was owed a word gets one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from demo.sample import load_sample, notice_text, write_sample_ledger
from engine.now import moment_on
from engine.rules.notices import Notice
from engine.rules.vocabulary import WaitsFor
from flows.daily import run_daily
from flows.house import House
from intake.import_files import import_files
from models import Measure, Notification, Timer

IMPORTED, FIRST, AGAIN = date(2025, 3, 5), date(2025, 3, 6), date(2025, 5, 6)


@pytest.fixture
def neglected(house: House, tmp_path: Path) -> Iterator[House]:
    """Give the sample round as it stands when the run of 6 May is the first one since 6 March."""
    sample = load_sample()
    notice, ledger = tmp_path / "notice.txt", tmp_path / "ledger.xlsx"
    notice.write_text(notice_text(), encoding="utf-8")
    write_sample_ledger(ledger)
    for path in (notice, ledger):
        ground = house.import_ground(moment_on(IMPORTED, house.zone), round_code=sample.code)
        with house.sessions.begin() as session:
            import_files(session, [path], ground)
    run_daily(house, moment_on(FIRST, house.zone))
    run_daily(house, moment_on(AGAIN, house.zone))
    return house


def test_daily_when_nothing_ran_for_two_months_then_every_owner_hears_of_everything_overdue(neglected: House):
    overdue = (
        select(Timer.waits_for, Timer.measure_id, Measure.owner_id)
        .join(Measure, Measure.id == Timer.measure_id)
        .where(Timer.deadline < AGAIN)
    )
    said = select(Notification.waits_for, Notification.measure_id, Notification.person_id).where(
        Notification.on == AGAIN, Notification.kind == Notice.RUNG.value
    )
    with neglected.sessions() as session:
        owners = defaultdict(set)
        for waits_for, *owner in session.execute(overdue):
            owners[waits_for].add(tuple(owner))
        told = defaultdict(list)
        for waits_for, *person in session.execute(said):
            told[waits_for].append(tuple(person))
    assert {wait: len(those) for wait, those in owners.items()} == {WaitsFor.ACCEPTANCE: 160, WaitsFor.DUE_DATE: 36}
    assert {wait: len(those - set(told[wait])) for wait, those in owners.items()} == dict.fromkeys(owners, 0)
    assert {wait: max(Counter(people).values()) for wait, people in told.items()} == dict.fromkeys(told, 1)
