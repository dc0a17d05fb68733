"""A coordinator gives a role to a person, or takes it away; there is always a coordinator left.

A trusted role is given by two people: the coordinator asks, and a second person who holds trust confirms.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.actions.apply_trust import ask_for_absences, give_role
from engine.actions.ask_trust import WantedTrust, ask_trust
from engine.actions.change_house import changes_since, coordinator, find_unit, lock_person, look, tell
from engine.actions.desk import Desk
from engine.actions.outbox import tell as say_it
from engine.reads.set_by_hand import REVOKED
from engine.reads.trust import read_holders
from engine.rules.names import ROLE_NAMES
from engine.rules.notices import Notice
from engine.rules.refusal import Conflict, FourEyes, NotFound, NotReady
from engine.rules.text import N_
from engine.rules.trust import TRUSTED, TrustKind, is_alone
from engine.rules.vocabulary import FOLLOWING, Role
from models import Person, RoleGrant, TrustRequest

#: Roles that are granted; the others follow from each measure.
GRANTABLE = tuple(role for role in Role if role not in FOLLOWING)
ACTION = "edit_people"


def grant_role(desk: Desk, person: str, role: Role, *, unit: str | None = None) -> TrustRequest | None:
    """Give `role`; a unit head is granted for `unit`, else for the own unit.  For coordinators.

    A trusted role waits for a second person: return the request, or None where the role is given at once.  Nobody
    gives themselves anything.  Raises Refusal.
    """
    actor = coordinator(desk, ACTION)
    found = lock_person(desk.session, person)
    if found.id == actor.person:
        raise FourEyes(N_("nobody gives themselves the role {role}", role=ROLE_NAMES[role]))
    if role not in GRANTABLE:
        raise NotReady(N_("the role {role} follows from each measure; it is not granted", role=ROLE_NAMES[role]))
    where = _unit_of(desk, found, role, unit)
    if _held(desk, found, role, where) is not None:
        raise Conflict(N_("{person} has this role already", person=found.name))
    if role in TRUSTED:
        data = {"name": found.name, "role": role.value}
        wanted = WantedTrust(kind=TrustKind.ROLE, person=found.id, gains=found.id, data=data)
        waits = ask_trust(desk, actor, wanted)
        if waits is not None:
            return waits
    give_role(desk, actor, found, role, where)
    if role in TRUSTED:
        ask_for_absences(desk, actor.person, found.id)
    return None


def revoke_role(desk: Desk, person: str, role: Role, *, unit: str | None = None) -> None:
    """Take `role` away at once; the last coordinator stays, and so do the last two who hold trust.

    Whom it concerns is told, and of a trusted role everybody else who holds trust.  For coordinators.  Raises Refusal.
    """
    actor = coordinator(desk, ACTION)
    found = lock_person(desk.session, person)
    grant = _held(desk, found, role, _unit_of(desk, found, role, unit))
    if grant is None:
        raise NotFound(N_("{person} does not have this role", person=found.name))
    if role is Role.COORDINATOR:
        _keep_one(desk, found)
    if role in TRUSTED:
        _keep_two(desk, found, role)
    trusted = read_holders(desk.session) if role in TRUSTED else {}
    before = look(desk.session, "people", found.id)
    desk.session.delete(grant)
    tell(desk, REVOKED, actor, changes_since(desk.session, before), **_told(found, grant))
    readers = {found.id, *(one for one, holder in trusted.items() if not holder.is_shut_out)}
    say_it(
        desk,
        readers - {actor.person},
        Notice.ROLE_TAKEN,
        role=Role.OWNER,
        key=f"{found.id}:{role.value}:{desk.moment.at.isoformat()}",
        person=found.name,
        taken=role.value,
        by=actor.name,
    )


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


def _keep_two(desk: Desk, leaving: Person, role: Role) -> None:
    """Refuse to leave one alone with trust where two held it: whoever takes trust from all others would be free."""
    query = select(RoleGrant.person_id, RoleGrant.role).where(RoleGrant.role.in_(sorted(TRUSTED)))
    held = desk.session.execute(query.order_by(RoleGrant.id).with_for_update()).tuples().all()
    before = {person for person, _ in held}
    after = {person for person, granted in held if (person, granted) != (leaving.id, role)}
    if not is_alone(before) and is_alone(after):
        told = N_("{person} is one of the last two who hold trust; give it to somebody else first", person=leaving.name)
        raise Conflict(told)


def _told(person: Person, grant: RoleGrant) -> dict[str, Any]:
    """Return what an event says of a grant; the ids tell an import which one it was."""
    return {
        "person": person.code,
        "role": grant.role.value,
        "grant": [person.id, grant.role.value, grant.unit_id],
    }
