"""People, units and absences; who the caller is, what waits for them, and what they were told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import Field

from engine.actions.desk import Desk, find_person
from engine.actions.end_absence import end_absence
from engine.actions.set_absence import set_absence
from engine.reads.inbox import read_inbox
from engine.reads.my_work import read_my_work
from engine.reads.people_page import PersonCard, read_absences_from, read_people_page, read_person, read_units_tree
from engine.rules.sight import Place
from engine.rules.vocabulary import Role, State, UnitKind, WaitsFor
from web.api.answers import CREATED, NO_CONTENT, act
from web.api.caller import Acts, Reads
from web.api.shapes import PRINTABLE, Asked, Day, Given, Line, Number, Search, Who

routes = APIRouter(tags=["people"])
PersonCode = Annotated[
    str, Path(min_length=1, max_length=64, pattern=PRINTABLE, description="Sign-in name.", examples=["wang"])
]


class Grant(Given):
    """A granted role."""

    role: Role
    unit: str | None = Field(description="Of a unit's head: the unit.")


class Absence(Given):
    """Somebody is away, and somebody stands in."""

    id: int
    person: str = Field(description="Sign-in name.")
    substitute: str = Field(description="Sign-in name.")
    first_day: date
    last_day: date


class Person(Given):
    """Somebody."""

    code: str = Field(description="Sign-in name.", examples=["wang"])
    name: str
    unit: str
    email: str | None
    roles: list[Grant]
    away: list[Absence] = Field(description="Absences that last, or are still to come.")


class Me(Person):
    """The person that the token acts for."""

    may_act: bool = Field(description="Whether the token may change something.")


class People(Given):
    """A page of people."""

    people: list[Person]
    found: int
    next: str | None = Field(description="The cursor of the next page, for `after`.")


class Unit(Given):
    """A unit, below the one it belongs to."""

    name: str
    kind: UnitKind
    parent: str | None
    people: int
    heads: list[str]
    open_measures: int


class Units(Given):
    """The tree of units, depth first."""

    units: list[Unit]


class Absences(Given):
    """Absences that last, or are still to come."""

    absences: list[Absence]


class AbsenceAsked(Asked):
    """Who is away, and who stands in."""

    person: Who
    substitute: Who
    first_day: Day
    last_day: Day


class Waiting(Given):
    """A measure that waits for the caller."""

    part: str = Field(description="Why it waits.", examples=["own"])
    round: str
    code: str
    text: str
    state: State
    unit: str | None
    owner: str | None
    waits_for: WaitsFor | None
    deadline: date | None
    due: date | None
    percent: int
    version: int
    instead_of: str | None = Field(description="The absent person in whose place it waits.")


class Work(Given):
    """What waits for the caller, the most urgent first."""

    work: list[Waiting]


class Message(Given):
    """A message, as it was sent."""

    digest: int
    on: date
    sent_at: datetime
    subject: str
    text: str
    is_perhaps_sent: bool


class Inbox(Given):
    """The newest messages, the newest first."""

    messages: list[Message]


@routes.get("/me", operation_id="who_am_i", response_model=Me)
def who_am_i(caller: Reads) -> Me:
    """Tell whom the token acts for."""
    with caller.reading() as session:
        card = read_person(session, caller.bearer.code, on=caller.moment.on)
    return Me(**_person(card).model_dump(), may_act=caller.bearer.may_act)


@routes.get("/work", operation_id="list_my_work", response_model=Work)
def list_my_work(caller: Reads) -> Work:
    """List what waits for the caller today, also in the place of who is absent."""
    with caller.reading() as session:
        piles = read_my_work(session, caller.actor, on=caller.moment.on, calendar=caller.calendar)
    return Work(work=[Waiting.model_validate(line) for pile in piles for line in pile.lines])


@routes.get("/inbox", operation_id="list_inbox", response_model=Inbox)
def list_inbox(caller: Reads, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> Inbox:
    """List what the caller was told."""
    with caller.reading() as session:
        found = read_inbox(session, caller.bearer.code, limit=limit)
    return Inbox(messages=[Message.model_validate(one) for one in found])


@routes.get("/people", operation_id="list_people", response_model=People)
def list_people(
    caller: Reads,
    search: Search = None,
    unit: Annotated[Line | None, Query(description="Name of their unit.")] = None,
    role: Role | None = None,
    after: Annotated[Line | None, Query(description="`next` of the page before this one.")] = None,
) -> People:
    """List people, fifty a page, by sign-in name."""
    caller.open(Place.PEOPLE)
    with caller.reading() as session:
        found = read_people_page(session, on=caller.moment.on, search=search or "", unit=unit, role=role, after=after)
    return People(people=[_person(card) for card in found.people], found=found.found, next=found.after)


@routes.get("/people/{person}", operation_id="show_person", response_model=Person)
def show_person(caller: Reads, person: PersonCode) -> Person:
    """Show somebody."""
    caller.open(Place.PEOPLE)
    with caller.reading() as session:
        return _person(read_person(session, person, on=caller.moment.on))


def _person(card: PersonCard) -> Person:
    return Person(
        code=card.code,
        name=card.name,
        unit=card.unit,
        email=card.email,
        roles=[Grant(role=role, unit=unit) for role, unit in card.roles],
        away=[Absence.model_validate(one) for one in card.away],
    )


@routes.get("/units", operation_id="list_units", response_model=Units)
def list_units(caller: Reads) -> Units:
    """List the units, each below the one it belongs to."""
    caller.open(Place.PEOPLE)
    with caller.reading() as session:
        return Units(units=[Unit.model_validate(one) for one in read_units_tree(session)])


@routes.get("/absences", operation_id="list_absences", response_model=Absences)
def list_absences(caller: Reads) -> Absences:
    """List who is away, now and later, and who stands in."""
    caller.open(Place.PEOPLE)
    with caller.reading() as session:
        found = read_absences_from(session, caller.moment.on)
    return Absences(absences=[Absence.model_validate(one) for one in found])


@routes.post("/absences", operation_id="set_absence", response_model=Absence, status_code=CREATED)
def be_away(caller: Acts, body: AbsenceAsked) -> Response:
    """Record an absence, with who stands in.  For the person themselves, and coordinators."""

    def recorded(desk: Desk) -> Absence:
        made = set_absence(
            desk,
            person=body.person,
            substitute=body.substitute,
            first_day=body.first_day,
            last_day=body.last_day,
        )
        desk.session.flush()
        return Absence(
            id=made.id,
            person=find_person(desk.session, body.person).code,
            substitute=find_person(desk.session, body.substitute).code,
            first_day=made.first_day,
            last_day=made.last_day,
        )

    return act(caller, recorded, status=CREATED)


@routes.post("/absences/{number}/end", operation_id="end_absence", status_code=NO_CONTENT, response_class=Response)
def be_back(caller: Acts, number: Number) -> Response:
    """End an absence sooner than planned.  For the person themselves, and coordinators."""
    return act(caller, lambda desk: end_absence(desk, number))
