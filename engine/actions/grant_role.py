"""A coordinator gives a role to a person, or takes it away; there is always a coordinator left."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.actions.change_house import changes_since, coordinator, find_unit, lock_person, look, tell
from engine.actions.desk import Desk
from engine.reads.set_by_hand import GRANTED, REVOKED
from engine.rules.names import ROLE_NAMES
from engine.rules.refusal import Conflict, FourEyes, NotFound, NotReady
from engine.rules.sight import TRUSTED
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Person, RoleGrant

#: Roles that are granted; the others follow from each measure.
GRANTABLE = (
    Role.UNIT_HEAD,
    Role.COORDINATOR,
    Role.VERIFIER,
    Role.SUPERVISOR,
    Role.LEADING_GROUP,
    Role.AUDITOR,
)
ACTION = "edit_people"


def grant_role(desk: Desk, person: str, role: Role, *, unit: str | None = None) -> RoleGrant:
    """Give `role`; a unit head is granted for `unit`, else for the own unit.

    For coordinators; a role that opens what is restricted, nobody gives to themselves.  Raises Refusal.
    """
    actor = coordinator(desk, ACTION)
    found = lock_person(desk.session, person)
    if found.id == actor.person and role in TRUSTED:
        raise FourEyes(N_("nobody gives themselves the role {role}", role=ROLE_NAMES[role]))
    if role not in GRANTABLE:
        raise NotReady(N_("the role {role} follows from each measure; it is not granted", role=ROLE_NAMES[role]))
    where = _unit_of(desk, found, role, unit)
    if _held(desk, found, role, where) is not None:
        raise Conflict(N_("{person} has this role already", person=found.name))
    before = look(desk.session, "people", found.id)
    grant = RoleGrant(person_id=found.id, role=role, unit_id=where)
    desk.session.add(grant)
    tell(desk, GRANTED, actor, changes_since(desk.session, before), **_told(found, grant))
    return grant


def revoke_role(desk: Desk, person: str, role: Role, *, unit: str | None = None) -> None:
    """Take `role` away; the last coordinator stays.  For coordinators.  Raises Refusal."""
    actor = coordinator(desk, ACTION)
    found = lock_person(desk.session, person)
    grant = _held(desk, found, role, _unit_of(desk, found, role, unit))
    if grant is None:
        raise NotFound(N_("{person} does not have this role", person=found.name))
    if role is Role.COORDINATOR:
        _keep_one(desk, found)
    before = look(desk.session, "people", found.id)
    desk.session.delete(grant)
    tell(desk, REVOKED, actor, changes_since(desk.session, before), **_told(found, grant))


def _unit_of(desk: Desk, person: Person, role: Role, unit: str | None) -> int | None:
    if role is not Role.UNIT_HEAD:
        return None
    return find_unit(desk.session, unit).id if unit else person.unit_id


def _held(desk: Desk, person: Person, role: Role, unit: int | None) -> RoleGrant | None:
    of_unit = RoleGrant.unit_id.is_(None) if unit is None else RoleGrant.unit_id == unit
    return desk.session.scalars(
        select(RoleGrant).where(RoleGrant.person_id == person.id, RoleGrant.role == role, of_unit)
    ).first()


def _keep_one(desk: Desk, leaving: Person) -> None:
    """Refuse to take the role from the last coordinator; who takes it from two at once waits here for the other."""
    query = select(RoleGrant.person_id).where(RoleGrant.role == Role.COORDINATOR).order_by(RoleGrant.id)
    if set(desk.session.scalars(query.with_for_update())) <= {leaving.id}:
        told = N_("{person} is the last coordinator; make somebody else coordinator first", person=leaving.name)
        raise Conflict(told)


def _told(person: Person, grant: RoleGrant) -> dict[str, Any]:
    """Return what an event says of a grant; the ids tell an import which one it was."""
    return {
        "person": person.code,
        "role": grant.role.value,
        "grant": [person.id, grant.role.value, grant.unit_id],
    }
