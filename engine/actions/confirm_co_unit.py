"""A co-unit (配合单位) says that its part of a measure is done."""

from __future__ import annotations

from sqlalchemy import select

from engine.actions.case import open_case, settle
from engine.actions.desk import Desk, record
from engine.rules.names import STATE_NAMES, action_name
from engine.rules.refusal import NotAllowed, WrongState
from engine.rules.text import N_
from engine.rules.vocabulary import Role, State
from models import CoUnit, Measure


def confirm_co_unit(desk: Desk, code: str) -> Measure:
    """Mark the acting person's unit as done with its part.  For anyone of that unit, and its head."""
    case = open_case(desk, code)
    mine = [
        part
        for part in desk.session.scalars(select(CoUnit).where(CoUnit.measure_id == case.measure.id))
        if part.unit_id == case.actor.unit or case.actor.holds(Role.UNIT_HEAD, part.unit_id)
    ]
    if not mine:
        raise NotAllowed(N_("{action} is for the measure's co-units", action=action_name("confirm_co_unit")))
    if case.measure.state not in {State.ASSIGNED, State.IN_PROGRESS}:
        raise WrongState(
            N_(
                "{action} is not possible while the measure is {state}",
                action=action_name("confirm_co_unit"),
                state=STATE_NAMES[case.measure.state],
            )
        )
    for part in mine:
        if part.done_on is None:
            part.done_on = desk.moment.on
            part.done_by_id = case.actor.person
            record(desk, "measure:co_unit:done", actor=case.actor.person, measure=case.measure, unit=part.unit_id)
    settle(case)
    return case.measure
