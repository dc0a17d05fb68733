"""What somebody may do with a measure now, and what keeps them from the rest: for pages that offer it.

Asks the very rules that the actions ask; changes nothing, and waits for nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from engine.actions.case import Case, open_case, permit_move, work_of
from engine.actions.desk import Desk
from engine.rules.access import may_decide, roles_on
from engine.rules.errands import ERRANDS, permit_errand
from engine.rules.refusal import NotAllowed, Refusal, WrongState
from engine.rules.steps import StepForm, form_of, own_steps
from engine.rules.text import Text
from engine.rules.vocabulary import Role, State
from engine.rules.work_record import ASKING_HANDS
from models import CoUnit

#: Stands for the reason that will be given.
_REASON = "·"


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """What may be done, by the names of transitions and errands."""

    now: frozenset[str]
    lacking: dict[str, Text]  #: what would be theirs to do, and what must come first
    roles: frozenset[Role]  #: theirs towards this measure
    version: int  #: of the measure that this holds for
    own: tuple[StepForm, ...] = ()  #: what only the office's own lifecycle knows, of what may be done

    def __contains__(self, name: str) -> bool:
        """Return whether `name` may be done."""
        return name in self.now


def possible_actions(desk: Desk, code: str) -> Possible:
    """Return what the acting person may do with a measure now.  Raises NotFound."""
    case = open_case(desk, code, is_held=False)
    now, lacking = set[str](), dict[str, Text]()

    def ask(name: str, rule: Callable[[], object]) -> None:
        try:
            rule()
        except (NotAllowed, WrongState):
            return
        except Refusal as refusal:
            lacking[name] = refusal.text
        else:
            now.add(name)

    for name, transition in case.lifecycle.transitions.items():
        if transition.by:
            ask(
                name,
                lambda name=name: permit_move(case, name, reason=_REASON),  # type: ignore[misc]
            )
    for name in ERRANDS:
        ask(name, lambda name=name: permit_errand(name, actor=case.actor, facts=case.facts))  # type: ignore[misc]
    now |= _others(case)
    if _may_rule(case):
        ask("decide_extension", lambda: may_decide(case.actor, work_of(case), hands=ASKING_HANDS))
    if case.measure.owner_id is None:  # it is assigned, not taken from somebody
        now.discard("reassign")
    return Possible(
        now=frozenset(now),
        lacking=lacking,
        roles=roles_on(case.actor, case.facts),
        version=case.measure.version,
        own=tuple(form_of(name, case.lifecycle) for name in own_steps(case.lifecycle) if name in now),
    )


def _others(case: Case) -> set[str]:
    """Return what depends on more than role and state."""
    found, roles = set[str](), roles_on(case.actor, case.facts)
    is_unowned = case.measure.owner_id is None and case.facts.state is State.ASSIGNED
    if is_unowned and roles & {Role.COORDINATOR, Role.LEADING_GROUP}:
        found.add("assign")
    if case.facts.co_units_waiting and case.facts.state in {State.ASSIGNED, State.IN_PROGRESS}:
        waiting = select(CoUnit.unit_id).where(CoUnit.measure_id == case.measure.id, CoUnit.done_on.is_(None))
        for unit in case.desk.session.scalars(waiting):
            if unit == case.actor.unit or case.actor.holds(Role.UNIT_HEAD, unit):
                found.add("confirm_co_unit")
    return found


def _may_rule(case: Case) -> bool:
    """Return whether the pending extension request is theirs to decide, unless they have worked on the measure."""
    request = case.extension
    wanted = {request.approver_role, Role.LEADING_GROUP} if request is not None else set()
    return bool(wanted & roles_on(case.actor, case.facts))
