"""Who holds which granted role: read once per sweep; and who the leading group is."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules.recipients import Grants
from engine.rules.vocabulary import Role
from models import Absence, Person, RoleGrant


def read_grants(session: Session) -> Grants:
    """Return (role, unit) → people who are not shut out; the unit counts for UNIT_HEAD only."""
    found: dict[tuple[Role, int | None], dict[int, None]] = defaultdict(dict)
    rows = session.execute(
        select(RoleGrant.role, RoleGrant.unit_id, RoleGrant.person_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(Person.shut_out_at.is_(None))
        .order_by(RoleGrant.person_id)
    )
    for role, unit, person in rows:
        found[role, unit if role is Role.UNIT_HEAD else None][person] = None
    return {key: tuple(people) for key, people in found.items()}


def substitutes_on(session: Session, on: date) -> dict[int, int]:
    """Return who is away on a day, each with who stands in; nobody who is shut out stands in."""
    shut_out = select(Person.id).where(Person.shut_out_at.is_not(None))
    away = select(Absence.person_id, Absence.substitute_id).where(
        Absence.first_day <= on, Absence.last_day >= on, Absence.substitute_id.not_in(shut_out)
    )
    return dict(session.execute(away.order_by(Absence.id)).tuples().all())  # the latest word counts


def read_members(session: Session) -> dict[int, str]:
    """Return the names of the members of the leading group who are not shut out, by number."""
    members = select(RoleGrant.person_id).where(RoleGrant.role == Role.LEADING_GROUP)
    query = select(Person.id, Person.name).where(Person.id.in_(members), Person.shut_out_at.is_(None))
    return dict(session.execute(query).tuples().all())
