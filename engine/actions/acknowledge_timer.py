"""Somebody who was reminded says "seen": the ladder holds for a stated time, and then it comes back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from engine.actions.case import Case, open_case, require, timer_of
from engine.actions.desk import Desk, keep_record, record
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role, WaitsFor
from models import Event, Measure, Timer


def _spoken_to(case: Case, waits_for: WaitsFor) -> set[Role]:
    roles = {role for rung in case.book.ladders[waits_for].rungs for role in rung.to} | {Role.COORDINATOR}
    if Role.APPROVER in roles and case.extension is not None:
        roles.add(case.extension.approver_role)
    return roles


def acknowledge_timer(desk: Desk, code: str, *, waits_for: WaitsFor, working_days: int | None) -> Measure:
    """Hold the ladder of one wait for `working_days`, at most (None: just) as long as the policy allows, once a rung.

    For those to whom this ladder speaks, and for the coordinator.
    The rungs keep their planned days: when the hold is over, the highest one owed is climbed.  Raises Refusal.
    """
    case = open_case(desk, code)
    require(case, "acknowledge", _spoken_to(case, waits_for))
    timer = timer_of(case, waits_for)
    if timer is None:
        raise NotReady(N_("{code} does not wait for that", code=code))
    most = case.book.ladders[waits_for].hold_at_most
    days = most if working_days is None else working_days
    if not 1 <= days <= most:
        raise NotReady(N_("a hold is from 1 to {most} working days, not {days}", most=most, days=days))
    mark: dict[str, Any] = {
        "waits_for": waits_for.value,
        "deadline_version": timer.deadline_version,
        "rung": timer.rung,
    }
    earlier = desk.session.scalars(
        select(Event.data).where(Event.measure_id == case.measure.id, Event.kind == "measure:timer:acknowledge")
    )
    if any(mark.items() <= data.items() for data in earlier):
        raise NotReady(N_("this step of the ladder was acknowledged once already"))
    until = desk.calendar.shift(desk.moment.on, days)
    record(
        desk,
        "measure:timer:acknowledge",
        actor=case.actor.person,
        measure=case.measure,
        until=until.isoformat(),
        **mark,
    )
    keep_record(desk, head=case.head)
    if until > timer.fires_on:
        desk.session.execute(
            update(Timer)
            .where(Timer.measure_id == case.measure.id, Timer.waits_for == waits_for)
            .values(fires_on=until)
            .execution_options(synchronize_session=False)
        )
    return case.measure
