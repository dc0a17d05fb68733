"""One measure under work: opened with its lock, judged by the rules, moved along its lifecycle.

Every action on a measure goes `open_case` → (its own checks) → `move` or a change → `settle`.  Nothing else changes a
measure's state or its timers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from engine.actions.desk import Desk, find_actor, find_round, keep_record, record
from engine.actions.policies import read_policy
from engine.actions.timers import TimerGround, hold_timers, sync_timers
from engine.rules.access import Actor, CaseFacts, permit, roles_on
from engine.rules.evidence import evidence_digest
from engine.rules.ladder import LadderBook
from engine.rules.lifecycle import Lifecycle
from engine.rules.names import ROLE_NAMES, action_name
from engine.rules.refusal import Conflict, NotAllowed, NotFound
from engine.rules.text import N_
from engine.rules.too_near import Away, stand_ins, stood_in_for
from engine.rules.vocabulary import Role, State
from models import Absence, CoUnit, Evidence, Measure, Person, Policy, RoleGrant, Round, Timer, Verification
from models.facts import changes_between, facts_of


@dataclass(slots=True, kw_only=True)
class Case:
    """A measure, locked for this transaction, with everything that judging it needs."""

    desk: Desk
    measure: Measure
    round: Round
    actor: Actor
    lifecycle: Lifecycle
    book: LadderBook
    verification: Verification | None  #: the open one
    facts: CaseFacts
    before: dict[str, Any]  #: the measure's own facts when it was opened


def open_case(desk: Desk, code: str, *, by_decision: bool = False) -> Case:
    """Lock the measure with `code` and gather the facts.  Raises NotFound, or Conflict.

    A measure that this session read earlier, and that somebody changed meanwhile, is a conflict: the person decided
    on what no longer stands.
    """
    session = desk.session
    round_ = find_round(session, desk.round)
    found = session.execute(
        select(Measure, Measure.version.label("stored_version"))
        .where(Measure.round_id == round_.id, Measure.code == code)
        .with_for_update(of=Measure, key_share=True)  # the sweep may go on adding rows that refer to the measure
    ).one_or_none()
    if found is None:
        raise NotFound(N_("there is no measure {code} in round {round}", code=code, round=round_.code))
    measure: Measure = found[0]
    if measure.version != found.stored_version:
        raise Conflict(N_("{code} was changed by somebody else meanwhile; look at it again and repeat", code=code))
    hold_timers(session, Timer.measure_id == measure.id)
    policy = session.get_one(Policy, measure.policy_id)
    lifecycle, book = read_policy(policy)
    actor = find_actor(desk, by_decision=by_decision)
    verification = session.scalar(
        select(Verification).where(Verification.measure_id == measure.id, Verification.verdict.is_(None))
    )
    return Case(
        desk=desk,
        measure=measure,
        round=round_,
        actor=actor,
        lifecycle=lifecycle,
        book=book,
        verification=verification,
        facts=_facts(desk, measure, round_, verification),
        before=facts_of(measure),
    )


def _facts(desk: Desk, measure: Measure, round_: Round, verification: Verification | None) -> CaseFacts:
    session, owner = desk.session, measure.owner_id
    pieces = evidence_of(session, measure)
    waiting = select(func.count()).where(CoUnit.measure_id == measure.id, CoUnit.done_on.is_(None))
    since, until = measure.accepted_on or measure.state_since, desk.moment.on
    absences = _absences(session, since, until) if owner is not None else ()
    return CaseFacts(
        state=measure.state,
        owner=measure.owner_id,
        owner_unit=session.scalar(select(Person.unit_id).where(Person.id == measure.owner_id)),
        unit=measure.unit_id,
        lead=measure.lead_id,
        verifier=verification.verifier_id if verification else None,
        owner_substitutes=stand_ins(owner, absences, since=since, until=until) if owner else frozenset(),
        owner_stood_in_for=stood_in_for(owner, absences, since=since, until=until) if owner else frozenset(),
        evidence_count=len(pieces),
        co_units_waiting=session.scalar(waiting) or 0,
        evidence_unchanged=verification is None or verification.evidence_digest == evidence_digest(pieces),
        coordinator_may_close=round_.coordinator_may_close,
    )


def _absences(session: Session, since: date, until: date) -> tuple[Away, ...]:
    rows = session.execute(
        select(Absence.person_id, Absence.substitute_id, Absence.first_day, Absence.last_day).where(
            Absence.first_day <= until, Absence.last_day >= since
        )
    )
    return tuple(
        Away(person=person, substitute=substitute, first_day=first_day, last_day=last_day)
        for person, substitute, first_day, last_day in rows
    )


def evidence_of(session: Session, measure: Measure) -> list[tuple[int, str, str | None]]:
    """Return (id, name, SHA-256) of a measure's evidence."""
    rows = session.execute(select(Evidence.id, Evidence.name, Evidence.sha256).where(Evidence.measure_id == measure.id))
    return [(number, name, content) for number, name, content in rows]


def require(case: Case, action: str, roles: Iterable[Role]) -> None:
    """Refuse, unless the acting person has one of `roles` towards this measure."""
    wanted = frozenset(roles)
    if not wanted & roles_on(case.actor, case.facts):
        names = tuple(ROLE_NAMES[role] for role in Role if role in wanted)
        raise NotAllowed(N_("{action} is for: {roles}", action=action_name(action), roles=names))


def move(case: Case, name: str, *, reason: str | None = None, **data: Any) -> None:
    """Carry out the transition `name`: ask the rule, record the event, change the state.  Raises Refusal."""
    transition = permit(case.lifecycle, name, actor=case.actor, facts=case.facts, reason=reason)
    if reason is not None:
        data["reason"] = reason
    actor = case.actor.person if transition.by else None
    record(case.desk, f"measure:state:{name}", actor=actor, measure=case.measure, to_state=transition.target, **data)
    measure = case.measure
    measure.state = transition.target
    measure.state_since = case.desk.moment.on
    measure.closed_on = case.desk.moment.on if transition.target is State.CLOSED else None


def settle(case: Case) -> None:
    """Keep what happened, and bring the timers in line with the measure as it now stands.  Ends every action.

    Every action counts as a change of the measure, also one that only adds to it: its version numbers the waits that
    begin now, and tells a second writer.
    """
    changed = changes_between(case.before, facts_of(case.measure))
    flag_modified(case.measure, "state_since")
    keep_record(case.desk, changed)
    ground = TimerGround(
        books={case.measure.policy_id: case.book}, calendar=case.desk.calendar, moment=case.desk.moment
    )
    sync_timers(case.desk.session, [case.measure], ground)


def holders(session: Session, role: Role, unit: int | None = None) -> list[int]:
    """Return who is granted `role`, for `unit` where it is granted for one."""
    query = select(RoleGrant.person_id).where(RoleGrant.role == role).order_by(RoleGrant.person_id)
    if role is Role.UNIT_HEAD:
        query = query.where(RoleGrant.unit_id == unit)
    return list(dict.fromkeys(session.scalars(query)))


def timer_of(case: Case, waits_for: Any) -> Timer | None:
    """Return the measure's timer of this kind."""
    return case.desk.session.scalar(
        select(Timer).where(Timer.measure_id == case.measure.id, Timer.waits_for == waits_for)
    )
