"""Puts the parts of each kept counter together: on PostgreSQL every change adds parts, and reading is to stay quick.

Safe beside whoever writes: what somebody else is folding is left to them, and readers see a count before or after.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_FOLD = text("""
    WITH gone AS (
        DELETE FROM tally WHERE id IN (SELECT id FROM tally FOR UPDATE SKIP LOCKED)
        RETURNING round_id, unit_id, state, measures
    )
    INSERT INTO tally (round_id, unit_id, state, measures)
    SELECT round_id, unit_id, state, sum(measures) FROM gone
    GROUP BY round_id, unit_id, state HAVING sum(measures) <> 0
""")


def fold_tallies(session: Session) -> None:
    """Fold every counter into one row: one statement.  SQLite, with one writer at a time, has never more."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_FOLD)
