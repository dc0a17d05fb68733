"""What a second trusted person must confirm, and who may: roles that decide, and the ways into them.  Pure.

Whoever holds trust checks, decides or sees what is restricted.  Nobody comes to it alone: giving such a role, changing
how its holder signs in, making a link for their password and lending their trust to a substitute wait for a second
person who holds trust already; so does a policy that lets more people judge.  While fewer than two people do, one may
act alone; that is told.

Callers: engine/actions/ask_trust.py, engine/actions/decide_trust.py, engine/actions/desk.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from engine.rules.names import ROLE_NAMES
from engine.rules.refusal import FourEyes, NotAllowed, Refusal
from engine.rules.stand_ins import receiver
from engine.rules.text import N_, Text
from engine.rules.too_near import Away
from engine.rules.vocabulary import Role
from engine.rules.widening import widening_words

#: Roles that check, decide, or see what is restricted.
TRUSTED = frozenset({Role.COORDINATOR, Role.VERIFIER, Role.SUPERVISOR, Role.LEADING_GROUP})
VALID_FOR = timedelta(days=7)  #: how long a request waits for an answer
LINK_WITHIN = timedelta(days=1)  #: how long a confirmed link may be made, or a confirmed policy be saved
RECENT = timedelta(minutes=15)  #: how long ago a browser's password may have been given for such an act
ENOUGH = 2  #: people who hold trust, from whom on nobody acts alone


class TrustKind(StrEnum):
    """What is asked."""

    ROLE = "role"  #: a trusted role is given
    WAY_IN = "way_in"  #: sign-in name or e-mail of who holds trust is changed
    LINK = "link"  #: a link is made that sets the password of who holds trust
    SUBSTITUTE = "substitute"  #: a substitute gets the trusted roles, too
    POLICY = "policy"  #: a policy lets more people verify, close or decide


#: What is confirmed first, and then done within a day (LINK_WITHIN) by a coordinator.
DONE_LATER = frozenset({TrustKind.LINK, TrustKind.POLICY})


class TrustState(StrEnum):
    """Where a request stands; one that nobody answers in time lapses."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    ALONE = "alone"  #: took effect at once: only one person held trust
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    USED = "used"  #: the confirmed link has been made, or the policy saved


TRUST_STATE_NAMES: dict[TrustState, Text] = {
    TrustState.WAITING: N_("waits for a second person"),
    TrustState.CONFIRMED: N_("confirmed"),
    TrustState.ALONE: N_("done by one person alone"),
    TrustState.REFUSED: N_("refused"),
    TrustState.WITHDRAWN: N_("withdrawn"),
    TrustState.USED: N_("confirmed and carried out"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTrust:
    """A request, as who may answer it is judged."""

    kind: TrustKind
    asked_by: int | None  #: None: whoever runs the machine
    person: int  #: whom it concerns
    gains: int | None  #: who would hold trust by it that they do not hold now


def is_alone(holders: Iterable[int]) -> bool:
    """Return whether one may act alone, because fewer than two people hold trust.

    >>> is_alone([7]), is_alone([7, 8])
    (True, False)
    """
    return len(set(holders)) < ENOUGH


def confirmers(asked: AskedTrust, holders: Iterable[int]) -> frozenset[int]:
    """Return who may confirm or refuse: who holds trust themselves, did not ask, and gains nothing by it.

    The holder of the account that a change of the way in or a link concerns answers only where nobody else can.

    >>> asked = AskedTrust(kind=TrustKind.WAY_IN, asked_by=1, person=2, gains=None)
    >>> sorted(confirmers(asked, [1, 2, 3])), sorted(confirmers(asked, [1, 2]))
    ([3], [2])
    """
    others = frozenset(holders) - {asked.asked_by, asked.gains}
    if asked.kind in {TrustKind.WAY_IN, TrustKind.LINK}:
        return (others - {asked.person}) or others
    return others


def check_confirmer(person: int, asked: AskedTrust, holders: frozenset[int]) -> None:
    """Refuse who may not confirm or refuse a request.  Raises NotAllowed or FourEyes."""
    if person in confirmers(asked, holders):
        return
    raise why_not(person, asked, holders)


def why_not(person: int, asked: AskedTrust, holders: frozenset[int]) -> Refusal:
    """Return why somebody may not answer a request."""
    if person not in holders:
        return NotAllowed(N_("confirming is for who holds one of the trusted roles: {roles}", roles=trusted_names()))
    if person == asked.asked_by:
        return FourEyes(N_("whoever asked does not confirm; a second person does"))
    return FourEyes(N_("whoever it concerns does not confirm; another person does"))


def trusted_names() -> tuple[Text, ...]:
    """Return what the trusted roles are called."""
    return tuple(ROLE_NAMES[role] for role in Role if role in TRUSTED)


def lending(me: int, today: Iterable[Away]) -> frozenset[int]:
    """Return whose trusted roles `me` holds as a substitute: every link of the chain lends them.

    `today` holds the absences of one day.

    >>> day = date(2025, 7, 1)
    >>> def away(person: int, substitute: int, lends: bool) -> Away:
    ...     return Away(person=person, substitute=substitute, first_day=day, last_day=day, lends_trust=lends)
    >>> sorted(lending(3, [away(1, 2, True), away(2, 3, True)]))
    [1, 2]
    >>> sorted(lending(3, [away(1, 2, False), away(2, 3, True)]))
    [2]
    """
    lent = [one for one in today if one.lends_trust]
    chain = {one.person: one.substitute for one in lent}
    direct = {one.person for one in lent if one.substitute == me}
    return frozenset(direct | {one for one in chain if receiver(one, chain) == me}) - {me}


def what(kind: TrustKind, data: Mapping[str, Any]) -> Text:
    """Return what a request asks for, in a sentence; `data` is what is kept of it."""
    person = data["name"]
    match kind:
        case TrustKind.ROLE:
            return N_("{person} gets the role {role}", person=person, role=ROLE_NAMES[Role(data["role"])])
        case TrustKind.LINK:
            return N_("a link is made with which the password of {person} can be set", person=person)
        case TrustKind.SUBSTITUTE:
            return N_(
                "{substitute} stands in for {person} from {first} to {last}, with the trusted roles, too",
                substitute=data["substitute"],
                person=person,
                first=date.fromisoformat(data["first_day"]),
                last=date.fromisoformat(data["last_day"]),
            )
        case TrustKind.WAY_IN:
            return _way_in(person, data)
        case TrustKind.POLICY:
            changes = tuple(widening_words(one) for one in data["wider"])
            return N_(
                "more people may verify, close or decide, by {file}.yaml: {changes}", file=data["file"], changes=changes
            )


def _way_in(person: str, data: Mapping[str, Any]) -> Text:
    email, code = data.get("email"), data.get("code")
    changed = []
    if email is not None:
        changed.append(N_("the e-mail from {old} to {new}", old=email[0] or N_("empty"), new=email[1] or N_("empty")))
    if code is not None:
        changed.append(N_("the sign-in name from {old} to {new}", old=code[0], new=code[1]))
    return N_("of {person} is changed: {changes}", person=person, changes=tuple(changed))
