"""Who holds trust, what waits for a second person's word, and what was decided of late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.rules.moment import Moment
from engine.rules.refusal import NotFound
from engine.rules.text import N_, Text
from engine.rules.trust import ENOUGH, TRUSTED, TrustKind, TrustState, confirmers, what
from models import Absence, Person, RoleGrant, TrustRequest

DECIDED_SINCE = timedelta(days=30)  #: how long a decided request is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who holds one of the trusted roles themselves."""

    name: str
    came_in: bool  #: they have signed in before
    is_shut_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustLine:
    """One request, as somebody reads it."""

    number: int
    kind: TrustKind
    what: Text
    person: str  #: code of whom it concerns
    person_name: str
    email: str | None  #: of whom it concerns, as it stands
    asked_by: str | None  #: name; None: whoever runs the machine
    asked_at: datetime
    expires_at: datetime
    state: TrustState
    is_lapsed: bool  #: it waited, and nobody answered in time
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    confirmers: tuple[str, ...]  #: names of those who may confirm it, while it waits
    may_confirm: bool  #: the reader
    may_withdraw: bool


def read_holders(session: Session) -> dict[int, Holder]:
    """Return who holds trust, by person: one statement."""
    held = select(RoleGrant.person_id).where(RoleGrant.role.in_(TRUSTED))
    rows = session.execute(
        select(Person.id, Person.name, Person.came_in_at, Person.shut_out_at)
        .where(Person.id.in_(held))
        .order_by(Person.id)
    ).tuples()
    return {
        number: Holder(name=name, came_in=came_in is not None, is_shut_out=shut_out is not None)
        for number, name, came_in, shut_out in rows
    }


def runs_with_one(session: Session) -> bool:
    """Return whether fewer than two people hold trust, so that one acts alone."""
    return (session.scalar(select(func.count(RoleGrant.person_id.distinct())).where(_IS_TRUSTED)) or 0) < ENOUGH


_IS_TRUSTED = RoleGrant.role.in_(sorted(TRUSTED))


def trusted_by(session: Session, person: int, first: date, last: date) -> bool:
    """Return whether `person` holds trust, themselves or as a substitute on a day from `first` to `last`."""
    return person in _with_trust(session, first, last)


def guarded(session: Session, moment: Moment) -> frozenset[int]:
    """Return whose way in is guarded: who holds trust, now or as a substitute later, or waits to get it."""
    gains = select(TrustRequest.gains_id).where(TrustRequest.gains_id.is_not(None), _waits(moment))
    return _with_trust(session, moment.on, date.max) | frozenset(session.scalars(gains))


def _with_trust(session: Session, first: date, last: date) -> frozenset[int]:
    holders = set(session.scalars(select(RoleGrant.person_id).where(_IS_TRUSTED)))
    lent = select(Absence.person_id, Absence.substitute_id).where(
        Absence.lends_trust, Absence.first_day <= last, Absence.last_day >= first
    )
    links = session.execute(lent).tuples().all()
    while further := {substitute for absent, substitute in links if absent in holders} - holders:
        holders |= further
    return frozenset(holders)


def read_requests(session: Session, moment: Moment, *, reader: int, coordinates: bool) -> tuple[TrustLine, ...]:
    """Return what waits, the oldest first, and what was decided or lapsed in the last month, the newest first."""
    recent = moment.at - DECIDED_SINCE
    where = or_(_waits(moment), TrustRequest.decided_at >= recent, TrustRequest.expires_at >= recent)
    lines = _read(session, where, moment, reader=reader, coordinates=coordinates)
    waiting = [one for one in lines if one.state is TrustState.WAITING and not one.is_lapsed]
    settled = [one for one in lines if one not in waiting]
    return (*waiting, *sorted(settled, key=lambda one: (one.decided_at or one.expires_at, one.number), reverse=True))


def read_requests_for(session: Session, moment: Moment, reader: int) -> tuple[TrustLine, ...]:
    """Return what waits for the word of `reader`."""
    lines = _read(session, _waits(moment), moment, reader=reader, coordinates=False)
    return tuple(one for one in lines if one.may_confirm)


def find_line(session: Session, number: int, moment: Moment, *, reader: int) -> TrustLine:
    """Return one request as somebody reads it.  Raises NotFound."""
    lines = _read(session, TrustRequest.id == number, moment, reader=reader, coordinates=False)
    if not lines:
        raise NotFound(N_("there is no request {number}", number=number))
    return lines[0]


def find_request(session: Session, number: int) -> TrustRequest:
    """Return the request with this number, held until the transaction ends.  Raises NotFound."""
    found = session.get(TrustRequest, number, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(N_("there is no request {number}", number=number))
    return found


def waits_for_word(session: Session, absence: int, moment: Moment) -> TrustRequest | None:
    """Return the request that waits for a second person, so that the substitute of an absence gets trust, too."""
    query = select(TrustRequest).where(TrustRequest.kind == TrustKind.SUBSTITUTE, _waits(moment))
    return next((one for one in session.scalars(query) if one.data["absence"] == absence), None)


def confirmer_names(session: Session, request: TrustRequest) -> tuple[str, ...]:
    """Return the names of those who may confirm a request that waits."""
    return _names(request, read_holders(session))


def _names(request: TrustRequest, holders: Mapping[int, Holder]) -> tuple[str, ...]:
    may = sorted(confirmers(request.asked, holders))
    return tuple(holders[one].name for one in may if not holders[one].is_shut_out)


def _waits(moment: Moment) -> ColumnElement[bool]:
    return (TrustRequest.state == TrustState.WAITING) & (TrustRequest.expires_at > moment.at)


def _read(
    session: Session, where: ColumnElement[bool], moment: Moment, *, reader: int, coordinates: bool
) -> list[TrustLine]:
    concerned, asker, decider = aliased(Person), aliased(Person), aliased(Person)
    rows = session.execute(
        select(TrustRequest, concerned.code, concerned.name, concerned.email, asker.name, decider.name)
        .join(concerned, concerned.id == TrustRequest.person_id)
        .outerjoin(asker, asker.id == TrustRequest.asked_by_id)
        .outerjoin(decider, decider.id == TrustRequest.decided_by_id)
        .where(where)
        .order_by(TrustRequest.id)
    ).tuples()
    found = list(rows)
    holders: Mapping[int, Holder] = read_holders(session) if found else {}
    lines = []
    for row, code, name, email, asked_by, decided_by in found:
        is_lapsed = row.state is TrustState.WAITING and row.expires_at <= moment.at
        waits = row.state is TrustState.WAITING and not is_lapsed
        who = confirmers(row.asked, holders)
        lines.append(
            TrustLine(
                number=row.id,
                kind=row.kind,
                what=what(row.kind, row.data),
                person=code,
                person_name=name,
                email=email,
                asked_by=asked_by,
                asked_at=row.asked_at,
                expires_at=row.expires_at,
                state=row.state,
                is_lapsed=is_lapsed,
                decided_by=decided_by,
                decided_at=row.decided_at,
                reason=row.reason,
                confirmers=_names(row, holders) if waits else (),
                may_confirm=waits and reader in who,
                may_withdraw=waits and (row.asked_by_id == reader or (row.asked_by_id is None and coordinates)),
            )
        )
    return lines
