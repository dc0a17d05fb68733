"""What every action is handed by its entry point, and how it finds who acts and on which round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, bindparam, or_, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine.actions.append_events import Row, append_events
from engine.reads.absences import read_absences
from engine.rules.access import Actor
from engine.rules.chain import Link
from engine.rules.moment import Moment
from engine.rules.refusal import Conflict, NotFound, NotReady
from engine.rules.stand_ins import receiver
from engine.rules.text import N_
from engine.rules.too_near import Away
from engine.rules.trust import TRUSTED, lending
from engine.rules.vocabulary import Role, State
from engine.rules.working_days import WorkingCalendar
from models import Measure, Person, RoleGrant, Round
from models.database import Sessions, unkept
from models.failures import is_held


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One request: a session, who asks, when, and the calendar.

    Whoever opens the session owns its transaction: one commit per request, so that actions can be put together (a
    recorded decision closes a measure in the same transaction).
    """

    session: Session
    moment: Moment
    calendar: WorkingCalendar
    person: str  #: code or name of the acting person
    round: str | None = None  #: code of the round; None: the only one, or the newest
    is_proved: bool = True  #: who asks has just proved who they are; False: a browser signed in a while ago


@contextmanager
def one_request(sessions: Sessions) -> Iterator[Session]:
    """Give the session of one request, committed at the end; whatever is refused inside changes nothing.

    Entry points open their transactions with it: a record that somebody else holds, or changed first, is a Conflict.
    """
    try:
        with sessions.begin() as session:
            yield session
    except StaleDataError as error:
        raise Conflict(N_("somebody else changed the same record first; look at it again and repeat")) from error
    except OperationalError as error:
        if not is_held(error):
            raise
        raise Conflict(N_("somebody else is changing the same record just now; repeat in a moment")) from error


def find_round(session: Session, code: str | None) -> Round:
    """Return the round with `code`, or the newest.  Raises NotFound."""
    query = select(Round).order_by(Round.id.desc()).limit(1)
    found = session.scalar(query if code is None else query.where(Round.code == code))
    if found is None:
        raise NotFound(
            N_("there is no round yet; import a notice or a ledger first")
            if code is None
            else N_("there is no round {code}", code=code)
        )
    return found


_WHO: BindParameter[str] = bindparam("who")
_PERSON = (
    select(Person)
    .where(or_(Person.code == _WHO, Person.name == _WHO))
    .order_by((Person.code == _WHO).desc(), Person.id)
    .limit(3)
)


def find_person(session: Session, who: str) -> Person:
    """Return the person with this code, or else with this name.  Raises NotFound when there is none or several."""
    found = session.scalars(_PERSON, {"who": who}).all()
    exact = [person for person in found if person.code == who] or found
    if not exact:
        raise NotFound(N_("there is no person {who}", who=who))
    if len(exact) > 1:
        codes = tuple(person.code for person in exact)
        raise NotFound(N_("several people are called {who}; use one of their codes: {codes}", who=who, codes=codes))
    return exact[0]


def refuse_shut_out(person: Person) -> None:
    """Refuse to give anything to somebody who is shut out: nobody would hear of it.  Raises NotReady."""
    if person.shut_out_at is not None:
        raise NotReady(N_("{person} is shut out; let them in again first, or name somebody else", person=person.name))


#: What `actor_of` is made from: one row for each grant, or one row without.
ACTOR_COLUMNS = (
    Person.id.label("person"),
    Person.name.label("person_name"),
    Person.unit_id.label("person_unit"),
    RoleGrant.role.label("granted"),
    RoleGrant.unit_id.label("granted_for"),
)
_ACTOR = select(*ACTOR_COLUMNS).outerjoin(RoleGrant, RoleGrant.person_id == Person.id).where(Person.code == _WHO)


def find_actor(desk: Desk) -> Actor:
    """Return the acting person; see `actor_of`.  Raises NotFound."""
    connection, today = desk.session.connection(), desk.moment.on
    rows = connection.execute(_ACTOR, {"who": desk.person}).all()
    if not rows:  # a name, then
        rows = connection.execute(_ACTOR, {"who": find_person(desk.session, desk.person).code}).all()
    return actor_of(desk, rows, read_absences(desk.session, today, today))


def actor_of(desk: Desk, rows: Sequence[Any], absences: Iterable[Away], *, by_decision: bool = False) -> Actor:
    """Return the person in `rows` with their own grants and, where they stand in for somebody today, that person's.

    Whoever receives what is meant for an absent person may act on it: the substitute, and where the substitute is away
    too, the substitute's.  `absences` are today's, and perhaps others.
    """
    me = rows[0].person
    today = [one for one in absences if one.first_day <= desk.moment.on <= one.last_day]
    substitutes = {one.person: one.substitute for one in today}
    absent = frozenset(one.person for one in today if one.substitute == me) | frozenset(
        one for one in substitutes if receiver(one, substitutes) == me
    ) - {me}
    lent_by = lending(me, today) & absent
    return Actor(
        person=me,
        name=rows[0].person_name,
        unit=rows[0].person_unit,
        grants=frozenset((row.granted, row.granted_for) for row in rows if row.granted is not None),
        stands_in_for=absent,
        borrowed=_lent(desk.session, absent, lent_by) if absent else frozenset(),
        lent_by=lent_by,
        by_decision=by_decision,
    )


def _lent(session: Session, people: frozenset[int], lent_by: frozenset[int]) -> frozenset[tuple[Role, int | None]]:
    """Return what a substitute of `people` holds by them: trusted roles only of those who lend them."""
    query = select(RoleGrant.person_id, RoleGrant.role, RoleGrant.unit_id).where(RoleGrant.person_id.in_(people))
    rows = session.connection().execute(query).tuples()
    return frozenset((role, unit) for person, role, unit in rows if role not in TRUSTED or person in lent_by)


def record(
    desk: Desk,
    kind: str,
    *,
    actor: int | None,
    measure: Measure | None = None,
    round_id: int | None = None,
    to_state: State | None = None,
    **data: Any,
) -> None:
    """Add an event to the record, in the transaction that makes it true.

    `data` must be plain JSON; for a change of state it is called before the measure is changed.  An event of a measure
    waits for `keep_record`, which adds what it has changed.
    """
    event: Row = {
        "round_id": measure.round_id if measure else round_id,
        "measure_id": measure.id if measure else None,
        "kind": kind,
        "actor_id": actor,
        "on": desk.moment.on,
        "at": desk.moment.at,
        "from_state": measure.state if measure and to_state else None,
        "to_state": to_state,
        "data": data,
        "changed": None,
    }
    if measure is None:
        append_events(desk.session, [event])
    else:
        unkept(desk.session).append(event)


def keep_record(desk: Desk, changed: dict[str, list[Any]] | None = None, *, head: Link | None = None) -> Link | None:
    """Write the events of measures that were recorded; the last of them tells what `changed`.

    Where all are of one measure, whose last event is `head`, return the new last one.
    """
    waiting = unkept(desk.session)
    if not waiting:
        if changed:
            msg = f"a measure changed without an event that says so: {sorted(changed)}"
            raise RuntimeError(msg)
        return head
    waiting[-1]["changed"] = changed
    measure = waiting[-1]["measure_id"]
    heads = append_events(desk.session, waiting, heads=None if head is None else {measure: head})
    waiting.clear()
    return heads[measure]
