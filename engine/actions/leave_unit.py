"""Whoever moves to another unit no longer heads the former, by hand as by an import; that they were in it is kept.

What was done while they were in it stays their unit's (`engine.rules.work_record`).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine.rules.vocabulary import Role
from models import FormerUnit, Person, RoleGrant


def leave_unit(session: Session, person: Person, former: int, *, on: date) -> bool:
    """Keep that `person` left the unit `former`, and end their grant as its head; return whether there was one.

    Grants for other units stand: somebody may head several.
    """
    session.add(FormerUnit(person_id=person.id, unit_id=former, left_on=on))
    ended = session.connection().execute(
        delete(RoleGrant).where(
            RoleGrant.person_id == person.id, RoleGrant.role == Role.UNIT_HEAD, RoleGrant.unit_id == former
        )
    )
    return bool(ended.rowcount)
