"""Who may do what to which measure.  Pure; asked by every action before it changes anything.

Being an owner, a leader or a verifier follows from the measure; other roles are granted, UNIT_HEAD for one unit.  A
substitute may act for an absent person on the days of the absence.  Who checks or decides is judged by who has worked
on the measure (`engine.rules.work_record`), whatever roles and units have become since.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from engine.rules.lifecycle import Guard, Lifecycle, Transition
from engine.rules.names import ROLE_NAMES, STATE_NAMES, action_name
from engine.rules.refusal import FourEyes, NotAllowed, NotReady, WrongState
from engine.rules.text import N_
from engine.rules.vocabulary import OPEN_STATES, Role, State
from engine.rules.work_record import ALL_HANDS, Hand, WorkRecord, reason_of

#: Roles that follow from a grant alone; the others from the measure.
GRANTED = (Role.UNIT_HEAD, Role.COORDINATOR, Role.SUPERVISOR, Role.LEADING_GROUP, Role.AUDITOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, with everything that their rights follow from."""

    person: int
    name: str = ""
    unit: int
    grants: frozenset[tuple[Role, int | None]]  #: (role, unit it is granted for)
    stands_in_for: frozenset[int] = frozenset()  #: people absent today whom this person substitutes
    borrowed: frozenset[tuple[Role, int | None]] = frozenset()  #: the grants of those people, as far as they are lent
    lent_by: frozenset[int] = frozenset()  #: those of them whose trusted roles are lent, too (engine.rules.trust)
    by_decision: bool = False  #: carries out a recorded decision of the leading group

    def is_or_stands_for(self, person: int | None) -> bool:
        """Return whether this is `person`, or today's substitute."""
        return person is not None and (person == self.person or person in self.stands_in_for)

    def verifies_for(self, verifier: int | None) -> bool:
        """Return whether this is the verifier that was asked, or a substitute to whom their trust is lent."""
        return verifier is not None and (verifier == self.person or verifier in self.lent_by)

    def holds(self, role: Role, unit: int | None = None) -> bool:
        """Return whether the role is granted (for `unit`, or everywhere), in one's own right or as a substitute."""
        grants = self.grants | self.borrowed
        return (role, unit) in grants or (role, None) in grants

    def holds_in_own_right(self, role: Role) -> bool:
        """Return whether the role is granted to this very person, wherever."""
        return any(granted is role for granted, _ in self.grants)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What a transition of a measure is judged by."""

    state: State
    owner: int | None
    unit: int | None
    lead: int | None
    verifier: int | None  #: of the open verification
    evidence_count: int
    co_units_waiting: int  #: co-units that have not said their part is done
    evidence_unchanged: bool  #: since the open verification began
    coordinator_may_close: bool
    work: WorkRecord | None = None  #: who has worked on it; read where a step is judged by it (`is_judged`)


def roles_on(actor: Actor, facts: CaseFacts) -> frozenset[Role]:
    """Return the roles that `actor` has towards this measure today."""
    roles = {role for role in GRANTED if actor.holds(role, facts.unit)}
    if actor.is_or_stands_for(facts.owner):
        roles.add(Role.OWNER)
    if actor.is_or_stands_for(facts.lead):
        roles.add(Role.LEADER)
    if actor.verifies_for(facts.verifier) or (facts.verifier is None and actor.holds(Role.VERIFIER)):
        roles.add(Role.VERIFIER)
    if actor.by_decision:
        roles.add(Role.LEADING_GROUP)
    return frozenset(roles)


def only_for(actor: Actor, action: str, roles: Collection[Role]) -> None:
    """Refuse whoever holds none of the granted `roles`, for what concerns no measure.  Raises NotAllowed."""
    if not any(actor.holds(role) for role in roles):
        names = tuple(ROLE_NAMES[role] for role in Role if role in roles)
        raise NotAllowed(N_("{action} is for: {roles}", action=action_name(action), roles=names))


def may_finish_task(actor: Actor, owner: int | None) -> bool:
    """Return whether `actor` may mark a task of the leading group as done: its owner, a coordinator, the group."""
    return actor.is_or_stands_for(owner) or actor.holds(Role.COORDINATOR) or actor.holds(Role.LEADING_GROUP)


def permit_role(lifecycle: Lifecycle, name: str, *, actor: Actor, facts: CaseFacts) -> Transition:
    """Return the transition `name` if it leads on from here and is for `actor`.  Raises WrongState or NotAllowed."""
    transition = lifecycle.transitions[name]
    roles_here = roles_on(actor, facts)
    if name == "close" and facts.coordinator_may_close and Role.COORDINATOR in roles_here:
        roles_here |= {Role.LEADING_GROUP}  # close-out is delegated; nothing else of the leading group's is
    if facts.state not in transition.sources:
        raise WrongState(
            N_(
                "{action} is not possible while the measure is {state}",
                action=action_name(name),
                state=STATE_NAMES[facts.state],
            )
        )
    if transition.by and not transition.by & roles_here:
        roles = tuple(ROLE_NAMES[role] for role in Role if role in transition.by)
        raise NotAllowed(N_("{action} is for: {roles}", action=action_name(name), roles=roles))
    return transition


def permit(lifecycle: Lifecycle, name: str, *, actor: Actor, facts: CaseFacts, reason: str | None = None) -> Transition:
    """Return the transition `name` if `actor` may carry it out on this measure now.

    Whoever writes down a decision of the leading group decides nothing, and is not judged by what they have worked on.
    Raises WrongState, NotAllowed, FourEyes or NotReady, in this order.
    """
    transition = permit_role(lifecycle, name, actor=actor, facts=facts)
    if is_judged(transition, actor):
        if transition.target in OPEN_STATES:
            four_eyes(actor, _record_of(facts))
        else:
            may_decide(actor, _record_of(facts))
    if Guard.EVIDENCE in transition.needs and not facts.evidence_count:
        raise NotReady(N_("no evidence is attached yet"))
    if Guard.CO_UNITS_DONE in transition.needs and facts.co_units_waiting:
        raise NotReady(N_("{count} co-units have not said that their part is done", count=facts.co_units_waiting))
    if Guard.SAME_EVIDENCE in transition.needs and not facts.evidence_unchanged:
        raise NotReady(N_("the evidence changed after the verification began; start it again"))
    if Guard.REASON in transition.needs and not (reason and reason.strip()):
        raise NotReady(N_("a reason is needed"))
    return transition


def is_judged(transition: Transition, actor: Actor) -> bool:
    """Return whether a step is only for those who have not worked on the measure: checking it, and ending it."""
    if actor.by_decision:
        return False
    return Guard.FOUR_EYES in transition.needs or transition.target not in OPEN_STATES


def four_eyes(actor: Actor, work: WorkRecord) -> None:
    """Refuse whoever is too near to check a measure, they or their unit.  Raises FourEyes.

    Acting for an absent verifier does not help: the substitute is judged as the person they are.
    """
    ground = work.ground_of(actor.person, actor.unit)
    if ground is not None:
        why = reason_of(ground, work.names)
        raise FourEyes(N_("{person} may not check this measure: {why}", person=actor.name, why=why))


def may_decide(actor: Actor, work: WorkRecord, *, hands: Collection[Hand] = ALL_HANDS) -> None:
    """Refuse whoever has worked on a measure, with one of `hands`, to decide on it.  Raises FourEyes."""
    ground = work.grounds(hands).get(actor.person)
    if ground is not None:
        why = reason_of(ground, work.names)
        raise FourEyes(N_("{person} may not decide on this measure: {why}", person=actor.name, why=why))


def _record_of(facts: CaseFacts) -> WorkRecord:
    if facts.work is None:
        msg = "a step was judged without the record of who has worked on the measure"
        raise RuntimeError(msg)
    return facts.work
