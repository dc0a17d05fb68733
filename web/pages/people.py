"""People: who there is, with unit, roles and absences; added, mended and given roles by coordinators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from fastapi.responses import Response

from engine.actions.edit_person import add_person, edit_person, person_mark
from engine.actions.end_absence import end_absence
from engine.actions.expect_version import SeenOther
from engine.actions.grant_role import GRANTABLE, grant_role, revoke_role
from engine.actions.invite_person import VALID_FOR, ask_to_invite, invite_person
from engine.actions.set_absence import set_absence
from engine.actions.shut_out import shut_out
from engine.reads.left_open import LeftOpen, read_left_open
from engine.reads.people_page import (
    AbsenceLine,
    PeoplePage,
    PersonCard,
    UnitLine,
    read_absences_from,
    read_people_page,
    read_person,
    read_units_tree,
)
from engine.reads.trust import TrustLine, guarded, read_requests, waits_for_word
from engine.rules.refusal import Refusal
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.trust import TRUSTED
from engine.rules.vocabulary import Role
from models import Person
from web.fields import Number
from web.pages.trust import asked
from web.render import page
from web.troubles import status_of
from web.visit import Signed, SignedVisit

routes = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the form of a person."""

    code: str = ""
    name: str = ""
    unit: str = ""
    email: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """The list of people."""

    search: str
    unit: str
    role: str
    people: PeoplePage
    units: tuple[UnitLine, ...]
    absences: tuple[AbsenceLine, ...]  #: that last today, or are to come
    may_edit: bool
    sees_trust: bool  #: they hold a trusted role
    requests: tuple[TrustLine, ...]  #: for who holds trust: what waits for a second person, and what was decided
    roles: tuple[Role, ...] = GRANTABLE
    typed: Typed = Typed()
    problem: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """One person."""

    card: PersonCard
    units: tuple[UnitLine, ...]
    may_edit: bool
    is_me: bool
    is_shut_out: bool
    left: LeftOpen | None  #: what waits for them; for coordinators
    is_guarded: bool  #: holds trust, or is to get it: two people let them in
    today: date
    typed: Typed
    seen: str  #: marks what is on record
    roles: tuple[Role, ...] = GRANTABLE
    problem: Text | None = None
    link: str | None = None  #: with which they set a password; shown once
    link_days: int = 0  #: how long it is good
    is_provisional: bool = False  #: nobody has said how people reach Duban


@routes.get("/people")
def show_people(visit: Signed, q: str = "", unit: str = "", role: str = "", after: str = "") -> Response:
    """List the people that fit."""
    visit.open(Place.PEOPLE)
    return page(visit, "people.html", _list(visit, q=q, unit=unit, role=role, after=after))


@routes.post("/people")
def add(
    visit: Signed,
    *,
    code: Annotated[str, Form()],
    name: Annotated[str, Form()],
    unit: Annotated[str, Form()],
    email: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
) -> Response:
    """Put a person on record; what was typed stays when it is refused."""
    try:
        with visit.desk() as desk:
            person = add_person(desk, code=code, name=name, unit=unit, email=email, language=language).code
    except Refusal as refusal:
        typed = Typed(code=code, name=name, unit=unit, email=email, language=language)
        return page(visit, "people.html", _list(visit, typed=typed, problem=refusal.text), status=status_of(refusal))
    return visit.go(path_of(person), N_("{name} is on record", name=name))


@routes.get("/people/{code}")
def show_person(visit: Signed, code: str) -> Response:
    """Show one person."""
    visit.open(Place.PEOPLE)
    return page(visit, "person.html", _person(visit, code))


@routes.post("/people/{person}")
def edit(
    visit: Signed,
    person: str,
    *,
    code: Annotated[str, Form()],
    name: Annotated[str, Form()],
    unit: Annotated[str, Form()],
    email: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
    seen: Annotated[str | None, Form()] = None,
) -> Response:
    """Mend what is on record of a person."""
    try:
        with visit.desk() as desk:
            found, waits = edit_person(
                desk, person, code=code, name=name, unit=unit, email=email, language=language, seen=seen
            )
            path, told = path_of(found.code), asked(desk.session, waits) if waits else N_("changed")
    except Refusal as refusal:
        typed = Typed(code=code, name=name, unit=unit, email=email, language=language)
        is_older = isinstance(refusal, SeenOther)  # then what is on record is shown
        shown = _person(visit, person, typed=None if is_older else typed, problem=refusal.text)
        return page(visit, "person.html", shown, status=status_of(refusal))
    return visit.go(path, told)


@routes.post("/people/{person}/roles")
def give_role(visit: Signed, person: str, role: Annotated[Role, Form()], unit: Annotated[str, Form()] = "") -> Response:
    """Give a role."""
    with visit.desk() as desk:
        waits = grant_role(desk, person, role, unit=unit or None)
        told = asked(desk.session, waits) if waits else N_("the role is given")
    return visit.go(path_of(person), told)


@routes.post("/people/{person}/roles/revoke")
def take_role(visit: Signed, person: str, role: Annotated[Role, Form()], unit: Annotated[str, Form()] = "") -> Response:
    """Take a role away."""
    with visit.desk() as desk:
        revoke_role(desk, person, role, unit=unit or None)
    return visit.go(path_of(person), N_("the role is taken away"))


@routes.post("/people/{person}/absences")
def be_away(
    visit: Signed,
    person: str,
    substitute: Annotated[str, Form()],
    first_day: Annotated[date, Form()],
    last_day: Annotated[date, Form()],
) -> Response:
    """Record an absence."""
    with visit.desk() as desk:
        absence = set_absence(desk, person=person, substitute=substitute, first_day=first_day, last_day=last_day)
        waits = waits_for_word(desk.session, absence.id, visit.moment)
        told = asked(desk.session, waits) if waits else None
    if told is not None:
        return visit.go(path_of(person), N_("the absence is recorded; {told}", told=told))
    return visit.go(path_of(person), N_("the absence is recorded; the substitute receives and may act on these days"))


@routes.post("/people/{person}/absences/{number}/end")
def be_back(visit: Signed, person: str, number: Number) -> Response:
    """End an absence."""
    with visit.desk() as desk:
        end_absence(desk, number)
    return visit.go(path_of(person), N_("the absence is ended"))


@routes.post("/people/{person}/invite")
def invite(visit: Signed, person: str) -> Response:
    """Make a link with which the person sets a password, and show it this once."""
    with visit.desk() as desk:
        waits = ask_to_invite(desk, person)
        told = asked(desk.session, waits) if waits else None
        secret = "" if waits else invite_person(desk, person, zone=visit.house.zone)
    if told is not None:
        return visit.go(f"{path_of(person)}#way-in", told)
    link = f"{visit.address}/link/{secret}"
    is_provisional = visit.house.settings.address is None
    shown = replace(_person(visit, person), link=link, link_days=VALID_FOR.days, is_provisional=is_provisional)
    return page(visit, "person.html", shown)


@routes.post("/people/{person}/shut-out")
def shut(visit: Signed, person: str) -> Response:
    """End whatever lets the person in."""
    with visit.desk() as desk:
        shut_out(desk, person)
    return visit.go(path_of(person), N_("shut out: password, sign-ins, links and tokens are ended"))


def path_of(code: str) -> str:
    """Return where a person is shown."""
    return f"/people/{quote(code, safe='')}"


def _list(
    visit: SignedVisit,
    *,
    q: str = "",
    unit: str = "",
    role: str = "",
    after: str = "",
    typed: Typed | None = None,
    problem: Text | None = None,
) -> ListPage:
    coordinates, sees_trust = visit.actor.holds(Role.COORDINATOR), any(visit.actor.holds(one) for one in TRUSTED)
    wanted = Role(role) if role in {one.value for one in GRANTABLE} else None
    with visit.reading() as session:
        return ListPage(
            search=q,
            unit=unit,
            role=wanted.value if wanted else "",
            people=read_people_page(
                session, on=visit.moment.on, search=q, unit=unit or None, role=wanted, after=after or None
            ),
            units=read_units_tree(session),
            absences=read_absences_from(session, visit.moment.on),
            may_edit=coordinates,
            sees_trust=sees_trust,
            requests=(
                read_requests(session, visit.moment, reader=visit.actor.person, coordinates=coordinates)
                if sees_trust
                else ()
            ),
            typed=typed or Typed(),
            problem=problem,
        )


def _person(visit: SignedVisit, code: str, *, typed: Typed | None = None, problem: Text | None = None) -> PersonPage:
    with visit.reading() as session:
        card = read_person(session, code, on=visit.moment.on)
        units = read_units_tree(session)
        is_guarded = card.id in guarded(session, visit.moment)
        left = read_left_open(session, visit.moment.on, {card.id}) if visit.actor.holds(Role.COORDINATOR) else ()
        is_shut_out = session.get_one(Person, card.id).shut_out_at is not None
    stored = Typed(code=card.code, name=card.name, unit=card.unit, email=card.email or "", language=card.language or "")
    return PersonPage(
        card=card,
        units=units,
        may_edit=visit.actor.holds(Role.COORDINATOR),
        is_me=card.id == visit.actor.person,
        is_shut_out=is_shut_out,
        left=left[0] if left else None,
        is_guarded=is_guarded,
        today=visit.moment.on,
        typed=typed or stored,
        seen=person_mark(code=card.code, name=card.name, unit=card.unit, email=card.email, language=card.language),
        problem=problem,
    )
