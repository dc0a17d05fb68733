"""What only two people may do is asked for: it waits for a second person who holds trust, or takes effect alone.

Called by the actions that give roles, change people, make links and record absences, and by imports.  Whoever asks,
whom it concerns and everybody who holds trust hear of it.  Nothing takes effect here: the caller does it when told so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.append_events import append_events
from engine.actions.desk import Desk
from engine.actions.outbox import add_notifications, outbox_row
from engine.reads.trust import Holder, read_holders
from engine.rules.access import Actor
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.refusal import Conflict, FourEyes, Unproved
from engine.rules.text import N_
from engine.rules.trust import VALID_FOR, TrustKind, TrustState, confirmers, is_alone
from engine.rules.vocabulary import Role
from models import Person, TrustRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTrust:
    """What is wanted."""

    kind: TrustKind
    person: int  #: whom it concerns
    gains: int | None = None  #: who would hold trust by it
    data: Mapping[str, Any]  #: what is asked for, by kind (engine.rules.trust.what)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustGround:
    """Who asks, when, and in which transaction."""

    session: Session
    moment: Moment
    actor: int | None  #: None: whoever runs the machine
    name: str | None  #: of the actor
    is_proved: bool = True

    @classmethod
    def of(cls, desk: Desk, actor: Actor) -> TrustGround:
        """Return the ground of an action."""
        return cls(
            session=desk.session, moment=desk.moment, actor=actor.person, name=actor.name, is_proved=desk.is_proved
        )


def ask_trust(desk: Desk, actor: Actor, wanted: WantedTrust, *, is_opening: bool = False) -> TrustRequest | None:
    """Ask for one thing; return the request that waits, or None: the caller does it now.

    `is_opening`: the house is still being set up, and for this one person is enough.  Raises FourEyes for what one
    would give to oneself, Unproved where the password was not given of late, Conflict where it is asked already.
    """
    if wanted.gains == actor.person:
        raise FourEyes(N_("nobody gives themselves trust; another person asks for it"))
    (asked,) = ask_all(TrustGround.of(desk, actor), [wanted], alone=True if is_opening else None)
    return asked if asked.state is TrustState.WAITING else None


def ask_all(ground: TrustGround, wanted: Sequence[WantedTrust], *, alone: bool | None = None) -> list[TrustRequest]:
    """Store what is wanted, as WAITING or ALONE, and tell it; a fixed number of statements.  Raises Refusal.

    `alone`: whether one person is enough; None: as many as hold trust now decide it.
    """
    if not wanted:
        return []
    prove(is_proved=ground.is_proved)
    session, moment = ground.session, ground.moment
    holders = read_holders(session)
    alone = is_alone(holders) if alone is None else alone
    already = asked_already(session, moment)
    if any(key_of(one.kind, one.person, one.data) in already for one in wanted):
        raise Conflict(N_("this is asked for already, and waits for a second person"))
    requests = [
        TrustRequest(
            kind=one.kind,
            person_id=one.person,
            gains_id=one.gains,
            data=dict(one.data),
            asked_by_id=ground.actor,
            asked_at=moment.at,
            expires_at=moment.at + VALID_FOR,
            state=TrustState.ALONE if alone else TrustState.WAITING,
            decided_by_id=ground.actor if alone else None,
            decided_at=moment.at if alone else None,
        )
        for one in wanted
    ]
    session.add_all(requests)
    session.flush()
    codes = dict(
        session.execute(select(Person.id, Person.code).where(Person.id.in_({one.person for one in wanted})))
        .tuples()
        .all()
    )
    kind = "trust:request:alone" if alone else "trust:request:ask"
    record_trust(ground, [(kind, one, codes[one.person_id]) for one in requests])
    if alone:
        tell_decided(ground, requests, holders)
    else:
        _tell_asked(ground, requests, holders)
    return requests


def prove(*, is_proved: bool) -> None:
    """Refuse a browser whose password was not given of late.  Raises Unproved."""
    if not is_proved:
        raise Unproved(N_("for this you must show once more that it is you"))


def asked_already(session: Session, moment: Moment) -> frozenset[tuple[Any, ...]]:
    """Return what waits for a second person, so that nothing is asked twice."""
    rows = session.execute(
        select(TrustRequest.kind, TrustRequest.person_id, TrustRequest.data).where(
            TrustRequest.state == TrustState.WAITING, TrustRequest.expires_at > moment.at
        )
    ).tuples()
    return frozenset(key_of(kind, person, data) for kind, person, data in rows)


def is_asked(wanted: WantedTrust, already: Collection[tuple[object, ...]]) -> bool:
    """Return whether the same is among what waits."""
    return key_of(wanted.kind, wanted.person, wanted.data) in already


def key_of(kind: TrustKind, person: int, data: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return by what a request is known to ask the same as another."""
    asked = {name: value for name, value in data.items() if name in {"role", "email", "code", "absence", "digest"}}
    return (kind, person, repr(sorted(asked.items())))


def record_trust(ground: TrustGround, steps: Iterable[tuple[str, TrustRequest, str]]) -> None:
    """Add an event for each step of a request: its kind, the request, and the code of whom it concerns."""
    append_events(
        ground.session,
        [
            {
                "kind": kind,
                "actor_id": ground.actor,
                "on": ground.moment.on,
                "at": ground.moment.at,
                "data": {"person": code, "request": one.id, "asked": one.kind.value, **_told_of(one)},
            }
            for kind, one, code in steps
        ],
    )


def _told_of(request: TrustRequest) -> dict[str, Any]:
    told = {name: value for name, value in request.data.items() if name in {"role", "first_day", "last_day"}}
    return told | ({"reason": request.reason} if request.reason else {})


def _tell_asked(ground: TrustGround, requests: Sequence[TrustRequest], holders: Mapping[int, Holder]) -> None:
    rows = []
    for one in requests:
        may = confirmers(one.asked, holders)
        for person in _readers(one, holders) - {ground.actor}:
            data = told_of(one) | {"by": ground.name, "is_asked": person in may, "until": _day(one)}
            rows.append(_row(ground, person, Notice.TRUST_ASKED, f"{one.id}", data))
    add_notifications(ground.session, rows)


def tell_decided(ground: TrustGround, requests: Sequence[TrustRequest], holders: Mapping[int, Holder]) -> None:
    """Tell what became of requests: to who asked, whom it concerns (at a former address, too) and who holds trust."""
    rows = []
    for one in requests:
        data = told_of(one) | {"by": ground.name, "how": one.state.value, "reason": one.reason}
        key = f"{one.id}:{one.state.value}"
        readers = (_readers(one, holders) | {one.asked_by_id}) - {None, ground.actor}
        rows += [_row(ground, person, Notice.TRUST_DECIDED, key, data) for person in readers]
        former = one.data.get("email", (None,))[0]
        if former and one.state in {TrustState.ALONE, TrustState.CONFIRMED}:
            rows.append(
                _row(ground, one.person_id, Notice.TRUST_DECIDED, f"{key}:former", data | {"former": former})
                | {"address": former}
            )
    add_notifications(ground.session, rows)


def told_of(request: TrustRequest) -> dict[str, Any]:
    """Return what a message says of a request."""
    asked = {name: value for name, value in request.data.items() if name != "text"}  # of a policy: too long
    return {"request": request.id, "asks": request.kind.value, "asked": asked}


def _readers(request: TrustRequest, holders: Mapping[int, Holder]) -> frozenset[int | None]:
    may_read = {number for number, holder in holders.items() if not holder.is_shut_out}
    return frozenset({*may_read, request.person_id, request.gains_id} - {None})


def _day(request: TrustRequest) -> str:
    return request.expires_at.date().isoformat()


def _row(ground: TrustGround, person: int | None, kind: Notice, key: str, data: Mapping[str, Any]) -> dict[str, Any]:
    assert person is not None
    row = outbox_row(person, kind, role=Role.OWNER, key=key, moment=ground.moment, measure=None, about=None, data=data)
    return row | {"address": None}
