"""Rows that go in at once come out as those that go in one by one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from engine.rules.vocabulary import Role, Slip, WaitsFor
from models import Escalation, Event, Fate, Notification, Said, Timer
from models.bulk import ROWS_AT_ONCE, insert_rows
from models.database import Sessions, sessions_of
from models.failures import why_down
from tests.factories import at, build_measure, build_person, build_round
from tests.world import real_calendar

DAY = date(2025, 9, 10)


def _rung(measure: int, number: int) -> dict[str, Any]:
    return {
        "measure_id": measure,
        "waits_for": WaitsFor.DUE_DATE,
        "deadline_version": 1,
        "rung": number,
        "slip": Slip.RED,
        "deadline": DAY,
        "planned_on": DAY,
        "climbed_on": DAY,
        "at": at(DAY).at,
        "fate": Fate.CLIMBED,
    }


def test_insert_rows_when_values_are_of_every_kind_stores_what_an_insert_stores(sessions: Sessions) -> None:
    with sessions.begin() as session:
        measure, person = build_measure(session, build_round(session), calendar=real_calendar()), build_person(session)
        about = {"measure_id": measure.id, "person_id": person.id, "role": Role.OWNER, "kind": "rung"}
        about |= {"slip": Slip.RED, "on": DAY, "created_at": at(DAY).at, "state": Said.PENDING}
        about |= {"round_id": measure.round_id, "waits_for": None, "deadline_version": None, "deadline": None}
        about |= {"reason": "制表\t换行\n反斜线\\N", "digest_id": None}
        data = {"words": ["整改", "a\\b\t\n\"'"], "nothing": None, "number": 3}
        session.execute(insert(Notification), [about | {"dedup_key": "one by one", "data": data}])
        insert_rows(session, Notification, ("dedup_key", "data"), [("at once", data)], same=about)
    with sessions() as session:
        one, other = session.scalars(select(Notification).order_by(Notification.id))
        names = [column.name for column in Notification.__table__.columns if column.name not in {"id", "dedup_key"}]
        assert {name: getattr(one, name) for name in names} == {name: getattr(other, name) for name in names}
        assert other.data == data
        assert other.id == one.id + 1
        columns = text("SELECT data, slip, deadline, created_at FROM notification ORDER BY id")
        stored, stored_too = session.execute(columns).tuples()
        assert stored == stored_too


def test_insert_rows_when_there_are_more_than_fit_into_one_statement_stores_all(sessions: Sessions) -> None:
    with sessions.begin() as session:
        measure = build_measure(session, build_round(session), calendar=real_calendar())
        rows = ((number, list(_rung(measure.id, number).values())[4]) for number in range(ROWS_AT_ONCE + 2))
        same = {name: value for name, value in _rung(measure.id, 0).items() if name not in {"rung", "slip"}}
        insert_rows(session, Escalation, ("rung", "slip"), rows, same=same)
    with sessions() as session:
        assert session.query(Escalation).count() == ROWS_AT_ONCE + 2


def test_insert_rows_when_one_value_is_given_again_and_again_keeps_each_apart(sessions: Sessions) -> None:
    again = {"again": [1]}
    given = [again if number % 2 else {"number": number} for number in range(2 * ROWS_AT_ONCE + 2)]
    same = {"on": DAY, "at": at(DAY).at, "kind": "round:test:tell", "hash": b""}
    with sessions.begin() as session:
        insert_rows(session, Event, ("seq", "data"), enumerate(given, start=1), same=same)
    with sessions() as session:
        assert session.scalars(select(Event.data).order_by(Event.seq)).all() == given


def test_insert_rows_when_there_is_no_row_stores_none(sessions: Sessions) -> None:
    with sessions.begin() as session:
        insert_rows(session, Escalation, tuple(_rung(1, 1)), [])
    with sessions() as session:
        assert session.query(Escalation).count() == 0


def test_insert_rows_when_a_key_is_taken_raises_as_sqlalchemy_does_and_takes_all_back(sessions: Sessions) -> None:
    with sessions.begin() as session:
        measure = build_measure(session, build_round(session), calendar=real_calendar())
        with pytest.raises(IntegrityError, match=r"uq_escalation|UNIQUE"), session.begin_nested():
            insert_rows(session, Escalation, tuple(_rung(1, 1)), [tuple(_rung(measure.id, 1).values())] * 2)
    with sessions() as session:
        assert session.query(Escalation).count() == 0


def test_insert_rows_when_a_column_is_refused_raises_as_sqlalchemy_does(sessions: Sessions) -> None:
    with sessions.begin() as session, pytest.raises(IntegrityError), session.begin_nested():
        insert_rows(session, Timer, ("fires_on", "measure_id"), [(DAY, 1)])


def test_insert_rows_when_the_server_has_gone_says_that_the_database_is_down(postgres_database: Engine) -> None:
    sessions = sessions_of(postgres_database)
    with sessions() as session:
        measure = build_measure(session, build_round(session), calendar=real_calendar())
        own = session.scalar(text("SELECT pg_backend_pid()"))
        with sessions() as other:
            other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        with pytest.raises(OperationalError) as caught:
            insert_rows(session, Escalation, tuple(_rung(1, 1)), [tuple(_rung(measure.id, 1).values())])
        assert why_down(caught.value) is not None
