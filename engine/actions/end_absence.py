"""Somebody is back sooner than planned: the absence ends, and with it what the substitute may do."""

from __future__ import annotations

from engine.actions.desk import Desk, find_actor, record
from engine.rules.access import only_for
from engine.rules.refusal import NotFound, WrongState
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Absence, Person


def end_absence(desk: Desk, number: int) -> None:
    """End the absence with this number: today is its last day; one that has not begun never was.

    The days that have passed stay on record: who stood in for somebody on them may not check their work.  For the
    person themselves and for coordinators.  Raises Refusal.
    """
    actor = find_actor(desk)
    absence = desk.session.get(Absence, number, with_for_update=True)
    if absence is None:
        raise NotFound(N_("there is no such absence"))
    if actor.person != absence.person_id:
        only_for(actor, "end_absence", (Role.COORDINATOR,))
    today = desk.moment.on
    if absence.last_day <= today:
        raise WrongState(N_("this absence ends today, or is over"))
    away = desk.session.get_one(Person, absence.person_id)
    has_begun = absence.first_day <= today
    record(
        desk,
        "person:absence:end",
        actor=actor.person,
        person=away.code,
        first_day=absence.first_day.isoformat(),
        planned=absence.last_day.isoformat(),
        last_day=today.isoformat() if has_begun else None,
    )
    if has_begun:
        absence.last_day = today
    else:
        desk.session.delete(absence)
