"""Kept counters follow the measures, whoever writes them and however: what they say is what counting says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.actions.accept_measure import accept_measure
from engine.actions.fold_tallies import fold_tallies
from engine.reads.tallies import Drift, find_drift, read_tallies
from engine.rules.vocabulary import State
from models import Measure, Tally
from models.bulk import insert_rows
from models.database import sessions_of
from tests.factories import build_finding, build_round
from tests.world import World

DAY = date(2025, 3, 3)
NUMBERS = count()  #: of codes, each used once


def counted(session: Session, round_id: int) -> dict[tuple[int | None, State], int]:
    query = select(Measure.unit_id, Measure.state, func.count()).where(Measure.round_id == round_id)
    return {(unit, state): n for unit, state, n in session.execute(query.group_by(Measure.unit_id, Measure.state))}


def kept(session: Session, round_id: int) -> dict[tuple[int | None, State], int]:
    return {(one.unit, one.state): one.measures for one in read_tallies(session, round_id)}


def rows_kept(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Tally)) or 0


@pytest.fixture
def ledger(either_world: World) -> World:
    """Give three measures of unit one, one of unit two, and one of nobody."""
    world = either_world
    for code in ("1", "2", "3"):
        world.measure(code)
    world.in_progress("4", unit_id=world.units["二处"])
    world.measure("5", owner=None, unit_id=None)
    return world


def test_tallies_when_measures_come_and_move_then_what_counting_says(ledger: World):
    one, two = ledger.units["一处"], ledger.units["二处"]
    ledger.act("wang", accept_measure, "1")
    with ledger.sessions() as session:
        assert kept(session, ledger.round) == {
            (one, State.ASSIGNED): 2,
            (one, State.IN_PROGRESS): 1,
            (two, State.IN_PROGRESS): 1,
            (None, State.ASSIGNED): 1,
        }
        assert find_drift(session) == []
        fold_tallies(session)
        assert kept(session, ledger.round) == counted(session, ledger.round)
        assert rows_kept(session) <= len(State) * 3


UNIT, STATE, SOME = st.integers(0, 2), st.sampled_from(State), st.integers(0, 5)

#: What somebody might write by hand; `some` chooses which measures it meets.
STATEMENTS: tuple[str, ...] = (
    "UPDATE measure SET state = :state, closed_on = state_since WHERE id % 6 = :some",
    "UPDATE measure SET unit_id = :unit WHERE id % 3 <> :some",
    "UPDATE measure SET unit_id = NULL, state = :state, closed_on = state_since WHERE id % 2 = 0",
    "UPDATE measure SET round_id = :round WHERE id % 6 = :some AND code LIKE 'x%'",
    "UPDATE measure SET percent = 40, state = state WHERE id % 4 = :some",
    "DELETE FROM measure WHERE id % 6 = :some",
    "DELETE FROM measure",
)
STEP = st.one_of(
    st.tuples(st.sampled_from(STATEMENTS), UNIT, STATE, SOME, st.booleans()),
    st.tuples(st.sampled_from(("insert", "copy", "fold", "again")), UNIT, STATE, st.integers(1, 4), st.booleans()),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, min_size=3, max_size=12))
def test_tallies_when_anybody_writes_anything_by_hand_then_what_counting_says(
    either_world: World, steps: list[tuple[str, int, State, int, bool]]
):
    writer = ByHand(either_world)
    for step in steps:
        *what, keeps = step
        writer.take(*what, keeps=keeps)
        with either_world.sessions() as session:
            for round_id in writer.rounds:
                assert kept(session, round_id) == counted(session, round_id)
            assert find_drift(session) == []


class ByHand:
    """Somebody at the database's own prompt."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.units = (world.units["一处"], world.units["二处"], None)
        with world.sessions.begin() as session:
            round_ = build_round(session)
            self.rounds = (world.round, round_.id)
            self.same = {
                "round_id": round_.id,
                "finding_id": build_finding(session, round_).id,
                "policy_id": round_.policy_id,
                "text": "x",
                "measure_class": "staged",
                "state_since": DAY,
                "closed_on": DAY,
                "deadline_version": 1,
                "percent": 0,
                "version": 1,
                "created_at": world.moment.at,
            }

    def take(self, what: str, unit: int, state: State, some: int, *, keeps: bool) -> None:
        """Write something; take it back unless it `keeps`."""
        named: dict[str, Callable[..., None]] = {"insert": self._insert, "copy": self._copy, "again": self._again}
        with self.world.sessions() as session:
            if what == "fold":
                fold_tallies(session)
            elif what in named:
                named[what](session, self.units[unit], state, some)
            else:
                values = {"unit": self.units[unit], "state": state.value, "some": some, "round": self.rounds[unit % 2]}
                asked = {name: value for name, value in values.items() if f":{name}" in what}
                session.execute(text(what), asked)
            if keeps:
                session.commit()

    def _insert(self, session: Session, unit: int | None, state: State, some: int) -> None:
        session.add_all(
            Measure(**self.same | {"unit_id": unit, "state": state, "code": code, "position": 1, "version": 1})
            for code in self._codes(some)
        )
        session.flush()

    def _copy(self, session: Session, unit: int | None, state: State, some: int) -> None:
        self._put(session, self._codes(some), unit, state)

    def _put(self, session: Session, codes: list[str], unit: int | None, state: State) -> None:
        same = self.same | {"position": 2, "unit_id": unit, "state": state}
        insert_rows(session, Measure, ("code",), [(code,) for code in codes], same=same)

    def _again(self, session: Session, unit: int | None, state: State, some: int) -> None:
        """Try to insert what is there; what was done in the savepoint goes."""
        codes = list(session.scalars(select(Measure.code).where(Measure.round_id == self.rounds[1]).limit(1)))
        if not codes:
            return
        with pytest.raises(IntegrityError), session.begin_nested():
            self._put(session, [*self._codes(some), *codes], unit, state)

    def _codes(self, some: int) -> list[str]:
        return [f"x{next(NUMBERS)}" for _ in range(some)]


REPLACING = (
    "INSERT OR REPLACE INTO measure SELECT * FROM measure WHERE code = '1'",
    "REPLACE INTO measure SELECT * FROM measure WHERE code = '1'",
    "UPDATE OR REPLACE measure SET code = '2' WHERE code = '1'",
    "UPDATE OR REPLACE measure SET id = (SELECT id FROM measure WHERE code = '2') WHERE code = '1'",
)


@pytest.mark.parametrize("statement", REPLACING)
def test_measure_when_it_would_be_replaced_then_refused(world: World, statement: str):
    world.measure("1")
    world.measure("2")
    with pytest.raises(IntegrityError, match="has a measure of this code"), world.engine.begin() as connection:
        connection.execute(text(statement))
    with world.sessions() as session:
        assert find_drift(session) == []


@pytest.mark.postgres
@pytest.mark.parametrize("tables", ["measure", "tally, measure"])
def test_tallies_when_all_measures_are_cut_off_then_nothing_is_left(postgres_database: Engine, tables: str):
    world = World(postgres_database)
    world.measure("1")
    with world.engine.begin() as connection:
        connection.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        connection.execute(text(f"TRUNCATE {tables} CASCADE"))
        connection.execute(text("ALTER TABLE event ENABLE TRIGGER USER"))
    with world.sessions() as session:
        assert (rows_kept(session), find_drift(session)) == (0, [])


@pytest.mark.postgres
def test_tallies_when_two_move_measures_of_one_unit_and_one_folds_then_nobody_waits(postgres_database: Engine):
    world = World(postgres_database)
    for code in ("1", "2", "3"):
        world.measure(code)
    sessions = sessions_of(postgres_database)
    move = text("UPDATE measure SET state = 'in_progress' WHERE code = :code")
    with sessions() as one, sessions() as other, sessions() as folding:
        for session in (one, other, folding):
            session.execute(text("SET LOCAL lock_timeout = '100ms'"))
        one.execute(move, {"code": "1"})
        fold_tallies(folding)
        other.execute(move, {"code": "2"})
        fold_tallies(other)  # what the first folds is left to it
        one.execute(move, {"code": "3"})
        folding.commit()
        other.commit()
        one.commit()
        assert kept(one, world.round) == {(world.units["一处"], State.IN_PROGRESS): 3}
        fold_tallies(one)
        assert (rows_kept(one), find_drift(one)) == (1, [])


def test_drift_when_somebody_writes_the_counters_themselves_then_it_is_told(ledger: World):
    two = ledger.units["二处"]
    with ledger.sessions() as session:
        session.execute(text("DELETE FROM tally WHERE unit_id = :two"), {"two": two})
        session.execute(text("UPDATE tally SET measures = measures + 1 WHERE unit_id IS NULL"))
        assert set(find_drift(session)) == {
            Drift(ledger.round, two, State.IN_PROGRESS, 0, 1),
            Drift(ledger.round, None, State.ASSIGNED, 2, 1),
        }
