"""Who was away in a span of days, and who stood in for them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.rules.too_near import Away
from models import Absence

_ABSENCES = (
    select(Absence.person_id, Absence.substitute_id, Absence.first_day, Absence.last_day, Absence.lends_trust)
    .where(Absence.first_day <= bindparam("until"), Absence.last_day >= bindparam("since"))
    .order_by(Absence.id)
)


def read_absences(session: Session, since: date, until: date) -> tuple[Away, ...]:
    """Return who was away, and who stood in, on any day from `since` to `until`."""
    rows = session.connection().execute(_ABSENCES, {"since": since, "until": until})
    return tuple(
        Away(
            person=person, substitute=substitute, first_day=first_day, last_day=last_day, lends_trust=bool(lends_trust)
        )
        for person, substitute, first_day, last_day, lends_trust in rows
    )
