"""Makes the ledger of a round, as it stands, ready to be written: the read model becomes a `LedgerBook`.

Called by `duban ledger` and the monthly run; reads only.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time

from sqlalchemy.orm import Session

from documents.ledger import LedgerBook, LedgerRow, PersonRow, UnitRow
from engine.reads.ledger_rows import MeasureRow, read_round_ledger
from engine.rules.lateness import lateness_of
from engine.rules.moment import Moment
from engine.rules.progress import days_late, is_overdue
from engine.rules.round_names import ledger_title
from engine.rules.vocabulary import MeasureClass
from engine.rules.working_days import WorkingCalendar
from models import Round


def read_ledger(
    session: Session,
    round_: Round,
    *,
    until: Moment,
    calendar: WorkingCalendar,
    only: Collection[str] | None = None,
    tells_lateness: bool = True,
) -> LedgerBook:
    """Return the round's ledger as it stood at `until`; what was overdue on that day is marked.

    With `only`, no more than the measures of these codes.
    """
    as_of, found = until.on, read_round_ledger(session, round_.id, until, only)
    return LedgerBook(
        title=ledger_title(found.title),
        as_of=as_of,
        created=datetime.combine(as_of, time(), UTC),  # not the moment: the same ledger is the same file
        units=tuple(UnitRow(name=name, kind=kind, parent=parent) for name, kind, parent in found.units),
        people=tuple(
            PersonRow(
                name=one.name,
                code=one.code,
                unit=one.unit,
                roles=one.roles,
                email=one.email,
                language=one.language,
            )
            for one in found.people
        ),
        rows=tuple(_row(row, as_of, calendar) for row in found.rows),
        tells_lateness=tells_lateness,
    )


def _row(row: MeasureRow, as_of: date, calendar: WorkingCalendar) -> LedgerRow:
    is_late = row.due is not None and row.due < as_of and is_overdue(row.state, row.due, as_of, calendar)
    return LedgerRow(
        code=row.code,
        aspect=row.aspect,
        problem=row.problem,
        item=row.item,
        measure=row.text,
        measure_class=row.measure_class,
        lead=row.lead,
        unit=row.unit,
        co_units=row.co_units,
        owner=row.owner,
        due=row.due,
        open_ended=row.due is None and row.measure_class is MeasureClass.CONTINUOUS,
        progress=row.progress,
        state=row.state,
        evidence=row.evidence,
        overdue=is_late,
        days_late=days_late(row.due, as_of, calendar) if is_late else 0,
        lateness=lateness_of(row, calendar, as_of=as_of),
    )
