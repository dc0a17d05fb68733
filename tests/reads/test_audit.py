"""The record is walked: whatever was done to it behind Duban's back is found, and named where it begins."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, select, text, update

from engine.actions.accept_measure import accept_measure
from engine.actions.desk import Desk
from engine.actions.report_progress import report_progress
from engine.actions.take_checkpoint import take_checkpoint
from engine.reads.audit import Anchor, Audit, audit_record
from engine.rules.chain import Link, next_link
from models import Event, Measure
from models.database import Sessions
from tests.factories import FEEDBACK, at
from tests.free_record import free_record
from tests.plans import ledger, measure, store
from tests.world import real_calendar

OF_FIRST = "(SELECT id FROM measure WHERE code = '1-1')"
LATER = date(2025, 3, 10)


@pytest.fixture
def record(sessions: Sessions) -> Sessions:
    """Give the record of a round of two measures, the first accepted and reported on, under a checkpoint."""
    store(sessions, ledger(measure("1-1"), measure("1-2")))
    with sessions.begin() as session:
        desk = Desk(session=session, moment=at(FEEDBACK), calendar=real_calendar(), person="zhangw")
        accept_measure(desk, "1-1")
        report_progress(desk, "1-1", percent=40, text="初稿")
    checkpoint(sessions)
    return sessions


def audited(sessions: Sessions, against: Anchor | None = None) -> Audit:
    with sessions() as session:
        return audit_record(session, against=against)


def checkpoint(sessions: Sessions, day: date = LATER) -> Anchor:
    with sessions.begin() as session:
        taken = take_checkpoint(session, at(day))
        assert taken is not None
        return Anchor(last_event_id=taken.last_event_id, events=taken.events, digest=taken.digest.hex())


def tamper(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection, free_record(connection):
        for statement in statements:
            connection.execute(text(statement.replace("{first}", OF_FIRST)))


def test_audit_when_nothing_was_touched_then_whole(record: Sessions):
    audit = audited(record)
    assert (audit.events, audit.chains, audit.checkpoints, audit.broken) == (5, 3, 1, [])


def test_checkpoint_when_nothing_happened_since_then_the_same(record: Sessions):
    anchor = checkpoint(record)
    assert checkpoint(record, date(2025, 4, 1)) == anchor
    assert audited(record, anchor).broken == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET kind = 'measure:state:close' WHERE seq = 2 AND measure_id = {first}",
        "UPDATE event SET actor_id = NULL WHERE seq = 2 AND measure_id = {first}",
        """UPDATE event SET "on" = '2025-03-01' WHERE seq = 2 AND measure_id = {first}""",
        "UPDATE event SET to_state = 'closed' WHERE seq = 2 AND measure_id = {first}",
        "UPDATE event SET changed = '{}' WHERE seq = 2 AND measure_id = {first}",
        "UPDATE event SET measure_id = NULL, seq = 9 WHERE seq = 2 AND measure_id = {first}",
    ],
)
def test_audit_when_an_event_was_changed_then_it_is_named(record: Sessions, database: Engine, change: str):
    tamper(database, change)
    first = audited(record).broken[0]
    if "seq = 9" in change:
        assert (first.measure, first.seq) == (None, 9)
    else:
        assert (first.measure, first.seq) == ("1-1", 2)


def test_audit_when_an_event_was_taken_out_then_the_next_and_the_checkpoint_show_it(record: Sessions, database: Engine):
    tamper(database, "DELETE FROM event WHERE seq = 2 AND measure_id = {first}")
    broken = audited(record).broken
    assert [(one.measure, one.seq) for one in broken] == [("1-1", 3), (None, None)]
    assert str(broken[0].problem) == "event 2 of this chain is missing before it"
    assert "the checkpoint of 2025-03-10 no longer fits: it covers 5 events, there are 4" in str(broken[1].problem)


def test_audit_when_a_tail_was_cut_then_ledger_and_checkpoint_show_it(record: Sessions, database: Engine):
    tamper(database, "DELETE FROM event WHERE seq = 3 AND measure_id = {first}")
    problems = [str(one.problem) for one in audited(record).broken]
    assert any("no longer fits" in problem for problem in problems)
    tamper(database, "UPDATE measure SET percent = 0, reported_on = NULL WHERE id = {first}")
    assert len(audited(record).broken) == 1, "the checkpoint alone knows of it now"


def test_audit_when_the_ledger_was_changed_past_the_record_then_the_column_is_named(record: Sessions, database: Engine):
    tamper(database, "UPDATE measure SET due = '2026-01-01' WHERE id = {first}")
    (one,) = audited(record).broken
    assert one.measure == "1-1"
    assert str(one.problem) == "the ledger's due is 2026-01-01, the record says 2025-09-03"


def test_audit_when_a_measure_was_put_in_then_it_has_no_record(record: Sessions, database: Engine):
    with database.begin() as connection:
        row = dict(connection.execute(text("SELECT * FROM measure WHERE code = '1-1'")).mappings().one())
        row |= {"id": 9_999, "code": "9-9"}
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        connection.execute(text(f"INSERT INTO measure ({names}) VALUES ({values})"), row)  # noqa: S608 - our own names
    (one,) = audited(record).broken
    assert (one.measure, str(one.problem)) == ("9-9", "the measure has no record at all")


def test_audit_when_a_whole_chain_was_forged_then_the_checkpoint_tells_and_else_the_anchor(
    record: Sessions, database: Engine
):
    """Whoever may change the database can compute hashes too, but has no hand on what is kept elsewhere."""
    anchor = checkpoint(record)
    with database.connect() as connection, free_record(connection):
        query = select(Event.__table__).join(Measure).where(Measure.code == "1-1").order_by(Event.seq)
        link = Link()
        for row in connection.execute(query).mappings().all():
            link = next_link({**row, "data": {"forged": True}}, link)
            forged = update(Event).where(Event.id == row["id"]).values(data={"forged": True}, hash=link.hash)
            connection.execute(forged)
        connection.commit()
    (one,) = audited(record).broken
    assert "no longer fits" in str(one.problem)
    tamper(database, "DELETE FROM checkpoint")
    checkpoint(record)
    assert audited(record).broken == [], "all that is in the database was forged alike"
    (one,) = audited(record, anchor).broken
    assert str(one.problem) == "the anchor over 5 events is not of this record"
