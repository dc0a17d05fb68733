"""An extension request is decided, by somebody else than who filed it; or the leading group extends by itself."""

from __future__ import annotations

from datetime import date

from engine.actions.case import Case, lapse_extension, open_case, require, settle, work_of
from engine.actions.desk import Desk, record
from engine.actions.outbox import tell
from engine.rules.access import may_decide
from engine.rules.names import STATE_NAMES, action_name
from engine.rules.notices import Notice
from engine.rules.refusal import NotReady, WrongState
from engine.rules.text import N_
from engine.rules.vocabulary import Role, State
from engine.rules.work_record import ASKING_HANDS
from models import Decision, Measure, Ruling


def decide_extension(
    desk: Desk,
    code: str,
    *,
    approve: bool,
    reason: str = "",
    new_due: date | None = None,
    decision: Decision | None = None,
) -> Measure:
    """Approve (a new deadline version with a fresh ladder) or refuse (the old date stands) the pending request.

    `new_due` grants another date than was asked for.  Raises Refusal.
    """
    case = open_case(desk, code, by_decision=decision is not None)
    request = case.extension
    if request is None:
        raise NotReady(N_("no extension request is waiting for {code}", code=code))
    require(case, "decide_extension", {request.approver_role, Role.LEADING_GROUP})
    if decision is None:  # a decision is the leading group's, whoever writes it down
        may_decide(case.actor, work_of(case), hands=ASKING_HANDS)
    if not approve and not reason.strip():
        raise NotReady(N_("a reason is needed"))
    granted = new_due or request.new_due
    if approve:
        _check_due(case, granted)
    request.ruling = Ruling.APPROVED if approve else Ruling.REFUSED
    request.decided_by_id = case.actor.person
    request.decided_at = desk.moment.at
    request.decision_reason = reason.strip() or None
    if approve:
        _move_due(case, granted, reason, decision)
    else:
        record(
            desk,
            "measure:extension:refuse",
            actor=case.actor.person,
            measure=case.measure,
            number=request.number,
            reason=reason.strip(),
        )
    settle(case)
    _tell_owner(case, f"decided:{request.number}", request.old_due, granted, reason, approved=approve)
    return case.measure


def extend_by_decision(desk: Desk, code: str, *, new_due: date, reason: str, decision: Decision) -> Measure:
    """Give a measure a later due date without a request, by recorded decision of the leading group."""
    case = open_case(desk, code, by_decision=True)
    old = case.measure.due
    if case.measure.state not in {State.ASSIGNED, State.IN_PROGRESS}:
        raise WrongState(
            N_(
                "{action} is not possible while the measure is {state}",
                action=action_name("decide_extension"),
                state=STATE_NAMES[case.measure.state],
            )
        )
    _check_due(case, new_due)
    lapse_extension(case)  # whatever was asked for is overtaken
    _move_due(case, new_due, reason, decision)
    settle(case)
    _tell_owner(case, f"version:{case.measure.deadline_version}", old, new_due, reason, approved=True)
    return case.measure


def _check_due(case: Case, new_due: date) -> None:
    if case.measure.due is not None and new_due <= case.measure.due:
        raise NotReady(N_("the new due date must lie after {due}", due=case.measure.due))
    if new_due <= case.desk.moment.on:
        raise NotReady(N_("{action}: the new due date must lie after today", action=action_name("decide_extension")))


def _move_due(case: Case, new_due: date, reason: str, decision: Decision | None) -> None:
    measure = case.measure
    record(
        case.desk,
        "measure:extension:approve",
        actor=case.actor.person,
        measure=measure,
        old_due=measure.due.isoformat() if measure.due else None,
        new_due=new_due.isoformat(),
        reason=reason.strip(),
        decision=decision.id if decision else None,
    )
    measure.due = new_due
    measure.deadline_version += 1


def _tell_owner(case: Case, key: str, old: date | None, new: date, reason: str, *, approved: bool) -> None:
    tell(
        case.desk,
        [case.measure.owner_id],
        Notice.EXTENSION_DECIDED,
        role=Role.OWNER,
        key=key,
        measure=case.measure,
        approved=approved,
        old_due=old.isoformat() if old else None,
        new_due=new.isoformat(),
        reason=reason.strip(),
    )
