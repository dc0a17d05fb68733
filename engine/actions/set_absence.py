"""A person is away, and somebody stands in (代理)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import exists, select

from engine.actions.desk import Desk, find_actor, find_person, record
from engine.rules.access import only_for
from engine.rules.refusal import FourEyes, NotReady
from engine.rules.sight import TRUSTED
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Absence, RoleGrant


def set_absence(desk: Desk, *, person: str, substitute: str, first_day: date, last_day: date) -> Absence:
    """Record an absence; the substitute receives and may act from the first to the last day.

    For the person themselves and for coordinators; but nobody makes themselves the substitute of somebody who may see
    what is restricted.  Raises Refusal.
    """
    actor = find_actor(desk)
    away, stands_in = find_person(desk.session, person), find_person(desk.session, substitute)
    if actor.person != away.id:
        only_for(actor, "absence", (Role.COORDINATOR,))
        if stands_in.id == actor.person and _is_trusted(desk, away.id):
            raise FourEyes(N_("nobody makes themselves the substitute of {person}", person=away.name))
    if away.id == stands_in.id:
        raise NotReady(N_("nobody stands in for themselves"))
    if last_day < first_day:
        raise NotReady(N_("the last day {last} lies before the first day {first}", last=last_day, first=first_day))
    absence = Absence(person_id=away.id, substitute_id=stands_in.id, first_day=first_day, last_day=last_day)
    desk.session.add(absence)
    record(
        desk,
        "person:absence:set",
        actor=actor.person,
        person=away.code,
        substitute=stands_in.code,
        first_day=first_day.isoformat(),
        last_day=last_day.isoformat(),
    )
    return absence


def _is_trusted(desk: Desk, person: int) -> bool:
    granted = exists().where(RoleGrant.person_id == person, RoleGrant.role.in_(TRUSTED))
    return bool(desk.session.scalar(select(granted)))
