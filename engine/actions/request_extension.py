"""The owner asks for a later due date (延期申请), before the present one has passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import func, select

from engine.actions.case import Case, holders, open_case, settle, wait_of, work_of
from engine.actions.desk import Desk, record
from engine.actions.outbox import tell
from engine.rules.errands import permit_errand
from engine.rules.extensions import ExtensionFacts, judge_request
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, WaitsFor
from engine.rules.work_record import ASKING_HANDS, Hand, Span
from models import Extension, Measure, Ruling


def request_extension(desk: Desk, code: str, *, new_due: date, reason: str) -> Measure:
    """File a request; the old date and its ladder stand until it is approved.  Raises Refusal."""
    case = open_case(desk, code)
    permit_errand("request_extension", actor=case.actor, facts=case.facts)
    measure, session = case.measure, desk.session
    rulings = list(session.scalars(select(Extension.ruling).where(Extension.measure_id == measure.id)))
    facts = ExtensionFacts(
        due=measure.due,
        new_due=new_due,
        reason=reason,
        approved_count=rulings.count(Ruling.APPROVED),
        pending=Ruling.PENDING in rulings,
        today=desk.moment.on,
    )
    role = judge_request(facts, case.book, desk.calendar)
    if role is Role.LEADER and not _may_rule(case, measure.lead_id):
        role = Role.LEADING_GROUP  # nobody decides their own request
    assert measure.due is not None, "judge_request refuses an open-ended measure"
    number = (session.scalar(select(func.max(Extension.number)).where(Extension.measure_id == measure.id)) or 0) + 1
    case.extension = Extension(
        measure_id=measure.id,
        number=number,
        requested_by_id=case.actor.person,
        requested_on=desk.moment.on,
        reason=reason.strip(),
        old_due=measure.due,
        new_due=new_due,
        approver_role=role,
        ruling=Ruling.PENDING,
    )
    session.add(case.extension)
    record(
        desk,
        "measure:extension:request",
        actor=case.actor.person,
        measure=measure,
        number=number,
        old_due=measure.due.isoformat(),
        new_due=new_due.isoformat(),
        reason=reason.strip(),
    )
    settle(case)
    _ask(case, role, number, new_due, reason)
    return measure


def _may_rule(case: Case, leader: int | None) -> bool:
    """Return whether the leader is far enough from the work, and from who asks, to decide the request."""
    today, work = case.desk.moment.on, work_of(case)
    asks = Span(whose=case.actor.person, hand=Hand.ASKED, first=today, last=today)
    return leader is not None and leader not in replace(work, hands=(*work.hands, asks)).grounds(ASKING_HANDS)


def _ask(case: Case, role: Role, number: int, new_due: date, reason: str) -> None:
    measure, session = case.measure, case.desk.session
    tell(
        case.desk,
        [measure.lead_id] if role is Role.LEADER else holders(session, role, measure.unit_id),
        Notice.EXTENSION_ASKED,
        role=role,
        key=str(number),
        measure=measure,
        about=wait_of(case, WaitsFor.EXTENSION),
        number=number,
        old_due=measure.due.isoformat() if measure.due else None,
        new_due=new_due.isoformat(),
        reason=reason.strip(),
        owner=case.owner_name,
    )
