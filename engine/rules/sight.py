"""Who may see what: measures by role and unit, and places by role.  Pure; asked by reads before they answer.

People with a role that concerns the whole house see every measure.  Others see what their unit answers for or helps
with, and what they own, lead or verify; a substitute sees what the absent person sees, but not what is restricted:
that is for who holds the role themselves.  It does not exist for those who may not see it: they hear that it is not
there, not that it is forbidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.rules.access import Actor
from engine.rules.names import ROLE_NAMES
from engine.rules.outcomes import RECORDED
from engine.rules.refusal import NotAllowed, NotFound
from engine.rules.text import N_
from engine.rules.vocabulary import Role

#: Who sees every measure.
SEES_ALL = frozenset({Role.COORDINATOR, Role.VERIFIER, Role.SUPERVISOR, Role.LEADING_GROUP, Role.AUDITOR})


class Place(StrEnum):
    """What is opened as a whole."""

    ROUNDS = "rounds"  #: which rounds there are
    BOARD = "board"  #: figures and charts
    VERIFICATION = "verification"  #: the queue of submissions
    MEETINGS = "meetings"  #: agendas, decisions, minutes
    DOCUMENTS = "documents"  #: what was printed
    PEOPLE = "people"  #: units, people, absences
    IMPORT = "import"  #: reading notices and ledgers in
    POLICIES = "policies"  #: lifecycle, ladder, calendar
    DELIVERY = "delivery"  #: what is said to everybody
    AUDIT = "audit"  #: the whole record
    ACCOUNTABILITY = "accountability"  #: accountability outcomes; restricted


#: By place: who may open it; None: everybody who is signed in.
MAY_OPEN: dict[Place, frozenset[Role] | None] = {
    Place.ROUNDS: None,
    Place.BOARD: None,
    Place.VERIFICATION: SEES_ALL,
    Place.MEETINGS: SEES_ALL | {Role.UNIT_HEAD},
    Place.DOCUMENTS: SEES_ALL,
    Place.PEOPLE: None,
    Place.IMPORT: frozenset({Role.COORDINATOR}),
    Place.POLICIES: SEES_ALL,
    Place.DELIVERY: frozenset({Role.COORDINATOR, Role.SUPERVISOR, Role.AUDITOR}),
    Place.AUDIT: frozenset({Role.COORDINATOR, Role.SUPERVISOR, Role.LEADING_GROUP, Role.AUDITOR}),
    Place.ACCOUNTABILITY: frozenset({Role.SUPERVISOR, Role.LEADING_GROUP}),
}
#: Places that do not exist for who may not open them.
RESTRICTED = frozenset({Place.ACCOUNTABILITY})
#: Kinds of events that are told in no list, page or webhook but to those who may open the restricted place.
HIDDEN_EVENTS: dict[str, Place] = {RECORDED: Place.ACCOUNTABILITY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Which measures somebody sees."""

    everything: bool
    units: frozenset[int] = frozenset()  #: what these answer for or help with
    people: frozenset[int] = frozenset()  #: what these own, lead or verify

    def sees(self, *, units: frozenset[int], people: frozenset[int]) -> bool:
        """Return whether a measure is seen: of these units (the responsible one and those that help) and people."""
        return self.everything or bool(self.units & units or self.people & people)


def sight_of(actor: Actor) -> Sight:
    """Return which measures `actor` sees today."""
    grants = actor.grants | actor.borrowed
    if any(role in SEES_ALL for role, _ in grants):
        return Sight(everything=True)
    heads = {unit for role, unit in grants if role is Role.UNIT_HEAD and unit is not None}
    return Sight(
        everything=False,
        units=frozenset({actor.unit, *heads}),
        people=frozenset({actor.person}) | actor.stands_in_for,
    )


def may_open(actor: Actor, place: Place) -> bool:
    """Return whether `actor` may open `place` today; what is restricted, in their own right alone."""
    wanted = MAY_OPEN[place]
    held = actor.grants if place in RESTRICTED else actor.grants | actor.borrowed
    return wanted is None or any(role in wanted for role, _ in held)


def hidden_events(actor: Actor) -> frozenset[str]:
    """Return the kinds of events that do not exist for `actor`."""
    return frozenset(kind for kind, place in HIDDEN_EVENTS.items() if not may_open(actor, place))


def open_place(actor: Actor, place: Place) -> None:
    """Refuse who may not open `place`.  Raises NotAllowed; NotFound where it is restricted."""
    if may_open(actor, place):
        return
    if place in RESTRICTED:
        raise NotFound(N_("there is nothing here"))
    wanted = MAY_OPEN[place] or ()
    raise NotAllowed(N_("this is for: {roles}", roles=tuple(ROLE_NAMES[role] for role in Role if role in wanted)))
