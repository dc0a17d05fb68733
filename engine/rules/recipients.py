"""Who a climb speaks to: rungs become roles, and roles become people.  Pure.

Owner, leader, verifier and approver follow from the measure; the others are granted.  Absences are not looked at here:
they are resolved when the message is sent.  The sweep, `explain`, `simulate` and `lint` all ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from engine.rules.ladder import Climb, Ladder, Rung
from engine.rules.notices import URGENCY
from engine.rules.vocabulary import AnyWait, OtherWait, Role, Slip, WaitsFor

Grants = Mapping[tuple[Role, int | None], tuple[int, ...]]

#: Who does what is waited for; everybody else who is addressed sees to it.
DOERS: dict[AnyWait, Role] = {
    WaitsFor.ASSIGNMENT: Role.COORDINATOR,
    WaitsFor.ACCEPTANCE: Role.OWNER,
    WaitsFor.MONTHLY_REPORT: Role.OWNER,
    WaitsFor.DUE_DATE: Role.OWNER,
    WaitsFor.VERIFICATION: Role.VERIFIER,
    WaitsFor.EXTENSION: Role.APPROVER,
    WaitsFor.CLOSE_OUT: Role.COORDINATOR,
    OtherWait.MEETING_TASK: Role.OWNER,
    OtherWait.PAPER_APPROVAL: Role.APPROVER,
    OtherWait.PAPER_RETURN: Role.OWNER,
    OtherWait.MINUTES: Role.COORDINATOR,
}


class Addressed(NamedTuple):
    """What a measure itself says about who is concerned: a tuple, since a sweep makes thousands."""

    owner: int | None
    lead: int | None
    unit: int | None
    verifier: int | None  #: of the open verification
    approver_role: Role | None  #: of the pending extension request, or of the paper to be signed
    hands: tuple[int, ...] = ()  #: who drew the paper up or submitted it: they are not asked to approve it


class Spoken(NamedTuple):
    """The one notice of a climb."""

    rung: int  #: which it speaks of: the rung climbed; where all that is owed are empty, the highest of them
    slip: Slip
    to: tuple[Role, ...]  #: whoever is waited for first


def people_in(role: Role, measure: Addressed, grants: Grants) -> tuple[int, ...]:
    """Return the people who hold `role` towards the measure; empty when nobody does."""
    if role is Role.OWNER:
        return (measure.owner,) if measure.owner is not None else ()
    if role is Role.LEADER:
        return (measure.lead,) if measure.lead is not None else ()
    if role is Role.VERIFIER:
        return (measure.verifier,) if measure.verifier is not None else ()
    if role is Role.APPROVER:
        asked = people_in(measure.approver_role, measure, grants) if measure.approver_role else ()
        return tuple(one for one in asked if one not in measure.hands) if measure.hands else asked
    return grants.get((role, measure.unit if role is Role.UNIT_HEAD else None), ())


def addressees(roles: Iterable[Role], measure: Addressed, grants: Grants) -> tuple[tuple[int, Role], ...]:
    """Return (person, role) for a rung's roles, each person once, in the first role that names them."""
    found: dict[int, Role] = {}
    for role in roles:
        for person in people_in(role, measure, grants):
            found.setdefault(person, role)
    return tuple(found.items())


def is_held(measure: Addressed, grants: Grants) -> Callable[[Rung], bool]:
    """Return what says of a rung whether anybody holds one of the roles that it names."""
    return lambda rung: bool(addressees(rung.to, measure, grants))


def spoken(ladder: Ladder, waits_for: AnyWait, climb: Climb) -> Spoken | None:
    """Return what a climb says and to which roles, or None where there is nothing to say.

    Those whose rung is passed over are told together with those of the rung climbed: each person hears once, and nobody
    goes without a word because the runs stood still.  Past the deadline whoever is waited for hears every repeat of the
    last rung, whether it names them or not, and even where nobody holds the roles that it names.
    """
    held = (*climb.superseded, climb.rung) if climb.rung is not None else ()
    roles = [role for number in reversed(held) for role in ladder.rung(number).to]
    doer = DOERS[waits_for]
    if any(ladder.is_late_repeat(number) for number in (*held, *climb.empty)):
        roles.append(doer)
    if not roles:
        return None
    to = tuple(sorted(dict.fromkeys(roles), key=lambda role: role is not doer))
    if climb.rung is not None:
        return Spoken(rung=climb.rung, slip=ladder.rung(climb.rung).slip, to=to)
    number = climb.empty[-1]
    slip = min(ladder.rung(number).slip, Slip.RED, key=URGENCY.__getitem__)  # nothing is put before an empty group
    return Spoken(rung=number, slip=slip, to=to)


def told_by_rung(ladder: Ladder, waits_for: AnyWait, number: int) -> tuple[Role, ...]:
    """Return the roles that rung `number` speaks to when it is climbed on its day."""
    to = ladder.rung(number).to
    return tuple(dict.fromkeys((DOERS[waits_for], *to))) if ladder.is_late_repeat(number) else to


def roles_alike(measure: Addressed, grants: Grants) -> tuple[object, ...]:
    """Return what decides which roles somebody holds: towards two measures alike in this, the same ones are held."""
    return (
        measure.owner is None,
        measure.lead is None,
        bool(grants.get((Role.UNIT_HEAD, measure.unit))),
        measure.verifier is None,
        measure.approver_role,
        measure.hands,
    )
