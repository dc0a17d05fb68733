"""Makes the ledger of a round, as it stands, ready to be written: the read model becomes a `LedgerBook`.

Called by `duban ledger` and the monthly run; reads only.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from documents.ledger import LedgerBook, LedgerRow, PersonRow, UnitRow
from engine.reads.ledger_rows import MeasureRow, read_round_ledger
from engine.reads.measure_page import is_overdue
from engine.rules.moment import Moment
from engine.rules.vocabulary import MeasureClass
from engine.rules.working_days import WorkingCalendar
from models import Round


def read_ledger_book(session: Session, round_id: int, *, moment: Moment, calendar: WorkingCalendar) -> LedgerBook:
    """Return the round's ledger; what is overdue on the day of `moment` is marked."""
    found = read_round_ledger(session, round_id)
    return LedgerBook(
        title=session.get_one(Round, round_id).title,
        as_of=moment.on,
        created=moment.at,
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
        rows=tuple(_row(row, moment, calendar) for row in found.rows),
    )


def _row(row: MeasureRow, moment: Moment, calendar: WorkingCalendar) -> LedgerRow:
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
        overdue=is_overdue(row.state, row.due, moment.on, calendar),
    )
