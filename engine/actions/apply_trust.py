"""What takes effect when a second person has confirmed it, by kind of request.  Part of `decide_trust`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import select, update

from engine.actions.ask_trust import TrustGround, WantedTrust, ask_all, asked_already, is_asked
from engine.actions.change_house import changes_since, is_free, look, tell
from engine.actions.desk import Desk
from engine.reads.set_by_hand import GRANTED
from engine.rules.access import Actor
from engine.rules.refusal import Conflict
from engine.rules.text import N_
from engine.rules.trust import TrustKind
from engine.rules.vocabulary import Role
from models import Absence, AccountLink, Person, RoleGrant, TrustRequest


def give_role(desk: Desk, actor: Actor, person: Person, role: Role, unit: int | None = None) -> RoleGrant:
    """Add a grant and its event; links made for the person by one alone open nothing any more once they hold trust."""
    before = look(desk.session, "people", person.id)
    grant = RoleGrant(person_id=person.id, role=role, unit_id=unit)
    desk.session.add(grant)
    told = {"person": person.code, "role": role.value, "grant": [person.id, role.value, unit]}
    tell(desk, GRANTED, actor, changes_since(desk.session, before), **told)
    return grant


def lend_trust(desk: Desk, asker: int | None, absence: Absence) -> None:
    """Let the substitute of an absence hold the trusted roles, too; ask the same for absences of the substitute."""
    absence.lends_trust = True
    desk.session.flush()
    ask_for_absences(desk, asker, absence.substitute_id)


def ask_for_absences(desk: Desk, asker: int | None, person: int) -> None:
    """Ask that absences of `person` that last or are to come lend the trust that they have just come to."""
    query = select(Absence).where(
        Absence.person_id == person, Absence.last_day >= desk.moment.on, Absence.lends_trust.is_(False)
    )
    already = asked_already(desk.session, desk.moment)
    wanted = [wanted_substitute(desk, one) for one in desk.session.scalars(query.order_by(Absence.id))]
    fresh = [one for one in wanted if one.gains != asker and not is_asked(one, already)]
    name = desk.session.get_one(Person, asker).name if asker else None
    ask_all(TrustGround(session=desk.session, moment=desk.moment, actor=asker, name=name), fresh)


def wanted_substitute(desk: Desk, absence: Absence) -> WantedTrust:
    """Return what asking for the trust of an absence holds."""
    away, substitute = (desk.session.get_one(Person, one) for one in (absence.person_id, absence.substitute_id))
    return WantedTrust(
        kind=TrustKind.SUBSTITUTE,
        person=away.id,
        gains=substitute.id,
        data={
            "name": away.name,
            "absence": absence.id,
            "substitute": substitute.name,
            "first_day": absence.first_day.isoformat(),
            "last_day": absence.last_day.isoformat(),
        },
    )


def _role(desk: Desk, actor: Actor, request: TrustRequest) -> None:
    person, role = desk.session.get_one(Person, request.person_id), Role(request.data["role"])
    held = select(RoleGrant.id).where(RoleGrant.person_id == person.id, RoleGrant.role == role)
    if desk.session.scalar(held) is not None:
        raise Conflict(N_("{person} has this role already", person=person.name))
    give_role(desk, actor, person, role)
    links = update(AccountLink).where(AccountLink.person_id == person.id, AccountLink.used_at.is_(None))
    desk.session.execute(links.values(used_at=desk.moment.at))
    ask_for_absences(desk, request.asked_by_id, person.id)


def _way_in(desk: Desk, actor: Actor, request: TrustRequest) -> None:
    person = desk.session.get_one(Person, request.person_id, with_for_update=True)
    before = look(desk.session, "people", person.id)
    for column in ("email", "code"):
        if column not in request.data:
            continue
        old, new = request.data[column]
        if getattr(person, column) != old:
            raise Conflict(N_("{person} was changed meanwhile; ask again", person=person.name))
        if column == "code" and not is_free(desk.session, Person.code, new, but=person.id):
            raise Conflict(N_("the sign-in name {code} is somebody else's", code=new))
        setattr(person, column, new)
    tell(desk, "person:record:update", actor, changes_since(desk.session, before), person=person.code)


def _later(_desk: Desk, _: Actor, _request: TrustRequest) -> None:
    """Nothing yet: a coordinator makes the link, or saves the policy, within a day."""


def _substitute(desk: Desk, _: Actor, request: TrustRequest) -> None:
    absence = desk.session.get(Absence, request.data["absence"], with_for_update=True)
    if absence is None or absence.last_day < desk.moment.on:
        raise Conflict(N_("this absence is over, or does not take place"))
    lend_trust(desk, request.asked_by_id, absence)


APPLY: Mapping[TrustKind, Callable[[Desk, Actor, TrustRequest], None]] = {
    TrustKind.ROLE: _role,
    TrustKind.WAY_IN: _way_in,
    TrustKind.LINK: _later,
    TrustKind.POLICY: _later,
    TrustKind.SUBSTITUTE: _substitute,
}
