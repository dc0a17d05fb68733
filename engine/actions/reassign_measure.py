"""The coordinator gives a measure to an owner: for the first time, or to another one."""

from __future__ import annotations

from engine.actions.case import Case, lapse_extension, move, open_case, require, settle, wait_of
from engine.actions.desk import Desk, find_person, record, refuse_shut_out
from engine.actions.keep_verification import end_verification
from engine.actions.outbox import tell
from engine.rules.notices import Notice
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role, State, WaitsFor
from models import Decision, Measure, Person, Verdict


def reassign_measure(
    desk: Desk, code: str, *, owner: str, reason: str = "", decision: Decision | None = None
) -> Measure:
    """Make `owner` (code or name) the owner; they must accept anew.  Raises Refusal.

    A first assignment needs no reason.  Where no unit is responsible yet, it is the owner's.
    """
    case = open_case(desk, code, by_decision=decision is not None)
    person = find_person(desk.session, owner)
    refuse_shut_out(person)
    former = case.measure.owner_id
    if former is None and case.measure.state is State.ASSIGNED:
        require(case, "assign", {Role.COORDINATOR, Role.LEADING_GROUP})
        record(desk, "measure:owner:assign", actor=case.actor.person, measure=case.measure, to=person.id)
        case.measure.state_since = desk.moment.on
    else:
        if former == person.id:
            raise NotReady(N_("{person} owns this measure already", person=person.name))
        if former is not None and not reason.strip():
            owner_now = desk.session.get_one(Person, former).name
            raise NotReady(N_("{person} owns this measure; to reassign it, give a reason", person=owner_now))
        move(
            case,
            "reassign",
            reason=reason,
            **{"from": former, "to": person.id},
            decision=decision.id if decision else None,
        )
        case.measure.accepted_on = None
        lapse_extension(case)
        end_verification(case, Verdict.VOIDED)
    case.measure.owner_id = person.id
    case.measure.unit_id = case.measure.unit_id or person.unit_id
    settle(case)
    _tell(case, former, person, reason)
    return case.measure


def _tell(case: Case, former: int | None, owner: Person, reason: str) -> None:
    desk, measure = case.desk, case.measure
    key = str(measure.version)
    about = wait_of(case, WaitsFor.ACCEPTANCE)
    tell(desk, [owner.id], Notice.ASSIGNED, role=Role.OWNER, key=key, measure=measure, about=about, by=case.actor.name)
    tell(
        desk,
        [former],
        Notice.REASSIGNED_AWAY,
        role=Role.OWNER,
        key=key,
        measure=measure,
        to=owner.name,
        reason=reason,
    )
