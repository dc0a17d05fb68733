"""Whoever moves to another unit no longer heads the former: their grant for it ends, by hand as by an import."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine.rules.vocabulary import Role
from models import Person, RoleGrant


def leave_unit(session: Session, person: Person, former: int) -> bool:
    """End the grant of `person` as head of the unit `former`; return whether there was one.

    Grants for other units stand: somebody may head several.
    """
    ended = session.connection().execute(
        delete(RoleGrant).where(
            RoleGrant.person_id == person.id, RoleGrant.role == Role.UNIT_HEAD, RoleGrant.unit_id == former
        )
    )
    return bool(ended.rowcount)
