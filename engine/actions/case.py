"""One measure under work: opened with its lock, judged by the rules, moved along its lifecycle.

Every action on a measure goes `open_case` → (its own checks) → `move` or a change → `settle`.  Nothing else changes a
measure's state or its timers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from engine.actions.case_reads import OpenVerification, Pieces, ask_for, changed_meanwhile, read_standing
from engine.actions.desk import Desk, keep_record, record
from engine.actions.policies import policy_of
from engine.actions.timers import TimerGround, bring_in_line
from engine.reads.work_record import present_of, read_work
from engine.rules.access import Actor, CaseFacts, is_judged, permit, permit_role, roles_on
from engine.rules.chain import Link
from engine.rules.evidence import evidence_digest
from engine.rules.ladder import LadderBook
from engine.rules.lifecycle import Lifecycle, Transition
from engine.rules.names import ROLE_NAMES, action_name
from engine.rules.progress import OWED
from engine.rules.refusal import NotAllowed
from engine.rules.text import N_
from engine.rules.vocabulary import Role, State, WaitsFor
from engine.rules.work_record import WorkRecord
from models import Extension, Measure, RoleGrant, Ruling, Timer
from models.facts import changes_between, facts_of

_STORE = update(Measure).where(Measure.id == bindparam("its_id"), Measure.version == bindparam("its_version"))


@dataclass(slots=True, kw_only=True)
class Case:
    """A measure, locked for this transaction, with everything that judging it needs."""

    desk: Desk
    measure: Measure
    actor: Actor
    lifecycle: Lifecycle
    book: LadderBook
    verification: OpenVerification | None
    extension: Extension | None  #: the pending one
    pieces: Pieces  #: its evidence
    owner_name: str | None
    timers: dict[WaitsFor, tuple[date, int]]  #: what it waits for: the deadline and its version
    head: Link | None  #: the last event of its record, where that is known
    facts: CaseFacts
    before: dict[str, Any]  #: the measure's own facts when it was opened


def open_case(desk: Desk, code: str, *, by_decision: bool = False, is_held: bool = True) -> Case:
    """Lock the measure with `code` and gather the facts.  Raises NotFound, or Conflict (see `ask_for`).

    Whoever only looks (`is_held=False`) waits for nobody and keeps nobody waiting, and must change nothing.
    """
    asked = ask_for(desk, code, by_decision=by_decision, is_held=is_held)
    measure = asked.measure
    standing = read_standing(desk.session, measure.id, is_held=is_held)
    lifecycle, book = policy_of(desk.session, measure.policy_id, asked.policy_digest)
    verification = standing.verification
    return Case(
        desk=desk,
        measure=measure,
        actor=asked.actor,
        lifecycle=lifecycle,
        book=book,
        verification=verification,
        extension=standing.extension,
        pieces=standing.pieces,
        owner_name=standing.owner_name,
        timers=standing.timers,
        head=standing.head,
        facts=CaseFacts(
            state=measure.state,
            owner=measure.owner_id,
            unit=measure.unit_id,
            lead=measure.lead_id,
            verifier=verification.verifier if verification else None,
            evidence_count=len(standing.pieces),
            co_units_waiting=standing.co_units_waiting,
            evidence_unchanged=not verification or verification.evidence_digest == evidence_digest(standing.pieces),
            coordinator_may_close=asked.coordinator_may_close,
        ),
        before=facts_of(measure),
    )


def require(case: Case, action: str, roles: Iterable[Role]) -> None:
    """Refuse, unless the acting person has one of `roles` towards this measure."""
    wanted = frozenset(roles)
    if not wanted & roles_on(case.actor, case.facts):
        names = tuple(ROLE_NAMES[role] for role in Role if role in wanted)
        raise NotAllowed(N_("{action} is for: {roles}", action=action_name(action), roles=names))


def work_of(case: Case) -> WorkRecord:
    """Return who has worked on the measure, by its record; read once."""
    if case.facts.work is None:
        work = read_work(case.desk.session, case.measure.id, present_of(case.measure), case.desk.moment.on)
        case.facts = replace(case.facts, work=work)
        return work
    return case.facts.work


def permit_move(case: Case, name: str, *, reason: str | None = None) -> Transition:
    """Return the transition `name` if the acting person may carry it out now.  Raises Refusal."""
    transition = permit_role(case.lifecycle, name, actor=case.actor, facts=case.facts)
    if is_judged(transition, case.actor):
        work_of(case)
    return permit(case.lifecycle, name, actor=case.actor, facts=case.facts, reason=reason)


def move(case: Case, name: str, *, reason: str | None = None, **data: Any) -> None:
    """Carry out the transition `name`: ask the rule, record the event, change the state.  Raises Refusal."""
    transition = permit_move(case, name, reason=reason)
    if reason is not None:
        data["reason"] = reason
    actor = case.actor.person if transition.by else None
    record(case.desk, f"measure:state:{name}", actor=actor, measure=case.measure, to_state=transition.target, **data)
    measure = case.measure
    measure.state = transition.target
    measure.state_since = case.desk.moment.on
    if transition.target is State.SUBMITTED:
        measure.handed_in_on = case.desk.moment.on
    elif transition.target in OWED:
        measure.handed_in_on = None
    measure.closed_on = case.desk.moment.on if transition.target is State.CLOSED else None


def settle(case: Case) -> None:
    """Store what changed, keep what happened, and bring the timers in line.  Ends every action.  Raises Conflict.

    What is stored of the measure is what the record says of it.  Every action counts as a change of the measure, also
    one that only adds to it: its version numbers the waits that begin now, and tells a second writer.
    """
    measure, session = case.measure, case.desk.session
    changed = changes_between(case.before, facts_of(measure))
    session.expunge(measure)  # stored right here, which costs half of what the session takes for it
    session.flush()
    stored = {name: getattr(measure, name) for name in changed or ()} | {"version": measure.version + 1}
    of_version = {"its_id": measure.id, "its_version": measure.version}
    if session.connection().execute(_STORE, of_version | stored).rowcount != 1:
        raise changed_meanwhile(measure.code)
    measure.version += 1
    case.head = keep_record(case.desk, changed, head=case.head)
    pending = case.extension is not None and case.extension.ruling is Ruling.PENDING
    stands = bring_in_line(
        session,
        [measure],
        TimerGround(books={measure.policy_id: case.book}, calendar=case.desk.calendar, moment=case.desk.moment),
        asked={measure.id: case.extension.requested_on} if case.extension and pending else {},
        standing={(measure.id, waits_for): stands for waits_for, stands in case.timers.items()},
    )
    case.timers = {waits_for: stands for (_, waits_for), stands in stands.items()}


def wait_of(case: Case, waits_for: WaitsFor) -> tuple[WaitsFor, int] | None:
    """Return what a notification about this wait is bound to, if the measure waits for it: the wait and its version."""
    stands = case.timers.get(waits_for)
    return None if stands is None else (waits_for, stands[1])


def lapse_extension(case: Case) -> None:
    """End a pending extension request that has lost its point."""
    if case.extension is not None:
        case.extension.ruling = Ruling.LAPSED
        case.extension.decided_at = case.desk.moment.at


_HOLDERS = (
    select(RoleGrant.person_id)
    .where(RoleGrant.role == bindparam("role"))
    .where(or_(bindparam("everywhere"), RoleGrant.unit_id == bindparam("unit")))
    .order_by(RoleGrant.person_id)
)


def holders(session: Session, role: Role, unit: int | None = None) -> list[int]:
    """Return who is granted `role`, for `unit` where it is granted for one."""
    asked = {"role": role, "unit": unit, "everywhere": role is not Role.UNIT_HEAD}
    return list(dict.fromkeys(session.connection().scalars(_HOLDERS, asked)))


def timer_of(case: Case, waits_for: Any) -> Timer | None:
    """Return the measure's timer of this kind."""
    return case.desk.session.scalar(
        select(Timer).where(Timer.measure_id == case.measure.id, Timer.waits_for == waits_for)
    )
