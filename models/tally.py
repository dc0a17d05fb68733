"""How many measures of a round stand in which state, unit by unit: kept counters, which follow the table of measures.

Triggers keep them on both databases, so that no writer can forget to: a statement that adds, moves or removes measures
changes their count in its own transaction.  Only sums mean anything (`engine.reads.tallies`): SQLite, which has one
writer, keeps one row a count; on PostgreSQL every change adds rows of its own, so that nobody waits for anybody, and
`engine.actions.fold_tallies` puts them together now and then.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL, Index, event
from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.vocabulary import State
from models.base import FOLLOWS, Base, BigId, Id
from models.measure import Measure


class Tally(Base):
    """A part of one count, written by triggers alone.  It follows from the measures, and is in no backup."""

    __tablename__ = "tally"
    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(BigId)  #: refers to nothing: the measure that is counted does
    unit_id: Mapped[int | None] = mapped_column(BigId)
    state: Mapped[State]
    measures: Mapped[int]  #: to be added up; below zero where they went away
    __table_args__ = (
        Index("ix_tally_round_id_unit_id_state", "round_id", "unit_id", "state"),
        {"info": {FOLLOWS: True}},
    )


SQLITE = (
    """CREATE TRIGGER measure_tallies_insert AFTER INSERT ON measure
BEGIN
    UPDATE tally SET measures = measures + 1
    WHERE round_id = NEW.round_id AND unit_id IS NEW.unit_id AND state = NEW.state;
    INSERT INTO tally (round_id, unit_id, state, measures)
    SELECT NEW.round_id, NEW.unit_id, NEW.state, 1 WHERE changes() = 0;
END""",
    """CREATE TRIGGER measure_tallies_delete AFTER DELETE ON measure
BEGIN
    UPDATE tally SET measures = measures - 1
    WHERE round_id = OLD.round_id AND unit_id IS OLD.unit_id AND state = OLD.state;
END""",
    """CREATE TRIGGER measure_tallies_update AFTER UPDATE OF round_id, unit_id, state ON measure
WHEN (OLD.round_id, OLD.unit_id, OLD.state) IS NOT (NEW.round_id, NEW.unit_id, NEW.state)
BEGIN
    UPDATE tally SET measures = measures - 1
    WHERE round_id = OLD.round_id AND unit_id IS OLD.unit_id AND state = OLD.state;
    UPDATE tally SET measures = measures + 1
    WHERE round_id = NEW.round_id AND unit_id IS NEW.unit_id AND state = NEW.state;
    INSERT INTO tally (round_id, unit_id, state, measures)
    SELECT NEW.round_id, NEW.unit_id, NEW.state, 1 WHERE changes() = 0;
END""",
    # OR REPLACE would delete the measure that a new row collides with, and no trigger would hear of it.
    """CREATE TRIGGER measure_refuses_insert BEFORE INSERT ON measure
WHEN EXISTS (SELECT 1 FROM measure WHERE id = NEW.id OR (round_id = NEW.round_id AND code = NEW.code))
BEGIN
    SELECT RAISE(ABORT, 'the round has a measure of this code');
END""",
    """CREATE TRIGGER measure_refuses_update BEFORE UPDATE OF id, round_id, code ON measure
WHEN EXISTS (
    SELECT 1 FROM measure WHERE id <> OLD.id AND (id = NEW.id OR (round_id = NEW.round_id AND code = NEW.code))
)
BEGIN
    SELECT RAISE(ABORT, 'the round has a measure of this code');
END""",
)
POSTGRESQL = (
    """CREATE FUNCTION tally_measures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO tally (round_id, unit_id, state, measures)
        VALUES (OLD.round_id, OLD.unit_id, OLD.state, -1), (NEW.round_id, NEW.unit_id, NEW.state, 1);
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO tally (round_id, unit_id, state, measures)
        SELECT round_id, unit_id, state, count(*) FROM changed GROUP BY round_id, unit_id, state;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO tally (round_id, unit_id, state, measures)
        SELECT round_id, unit_id, state, -count(*) FROM changed GROUP BY round_id, unit_id, state;
    ELSE
        DELETE FROM tally;
    END IF;
    RETURN NULL;
END $$""",
    """CREATE TRIGGER measure_tallies_insert AFTER INSERT ON measure REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION tally_measures()""",
    """CREATE TRIGGER measure_tallies_delete AFTER DELETE ON measure REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION tally_measures()""",
    """CREATE TRIGGER measure_tallies_update AFTER UPDATE OF round_id, unit_id, state ON measure FOR EACH ROW
WHEN ((OLD.round_id, OLD.unit_id, OLD.state) IS DISTINCT FROM (NEW.round_id, NEW.unit_id, NEW.state))
EXECUTE FUNCTION tally_measures()""",
    """CREATE TRIGGER measure_tallies_truncate AFTER TRUNCATE ON measure
FOR EACH STATEMENT EXECUTE FUNCTION tally_measures()""",
)

_measure: Any = Measure.__table__
_measure.add_is_dependent_on(Tally.__table__)  # its triggers write here
for dialect, statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
    for statement in statements:
        ddl: DDL = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
        event.listen(_measure, "after_create", ddl.execute_if(dialect=dialect))
