"""Somebody who was reminded of a task, a paper or a meeting says "seen": its ladder holds for a stated time.

As `acknowledge_timer` does for measures: the rungs keep their days, and the highest one owed is climbed afterwards.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from engine.actions.desk import Desk, find_actor, find_round, record
from engine.actions.policies import read_policy
from engine.reads.grants import read_grants
from engine.reads.other_waits import OtherTold, find_other
from engine.rules.access import Actor
from engine.rules.names import action_name
from engine.rules.recipients import Grants, people_in
from engine.rules.refusal import NotAllowed, NotFound, NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Event, OtherTimer, Policy

ACKNOWLEDGED = "matter:timer:acknowledge"


def acknowledge_other(desk: Desk, code: str, *, working_days: int | None = None) -> date:
    """Hold the ladder of what `code` names (OtherTold.timer); return the day on which it is looked at next.

    For `working_days`, at most (None: just) as the policy allows, once a rung; for those to whom the ladder speaks, and
    for coordinators.  Raises NotFound, NotAllowed or NotReady.
    """
    session, actor, round_ = desk.session, find_actor(desk), find_round(desk.session, desk.round)
    found = find_other(session, round_.id, code)
    if found is None or not found.stands:
        raise NotFound(N_("{code} does not wait for anything", code=code))
    which = select(OtherTimer).where(OtherTimer.id == found.timer.measure).with_for_update()
    timer = session.scalars(which.execution_options(populate_existing=True)).one()
    ladder = read_policy(session.get_one(Policy, timer.policy_id))[1].ladders[timer.waits_for]
    roles = {role for rung in ladder.rungs for role in rung.to} | {Role.COORDINATOR}
    if not _is_spoken_to(actor, found, roles, read_grants(session)):
        raise NotAllowed(N_("{action} is for those who are reminded of it", action=action_name("acknowledge")))
    most = ladder.hold_at_most
    days = most if working_days is None else working_days
    if not 1 <= days <= most:
        raise NotReady(N_("a hold is from 1 to {most} working days, not {days}", most=most, days=days))
    mark: dict[str, Any] = {
        "about": code,
        "waits_for": timer.waits_for.value,
        "deadline_version": timer.deadline_version,
        "rung": timer.rung,
    }
    earlier = session.scalars(select(Event.data).where(Event.round_id == round_.id, Event.kind == ACKNOWLEDGED))
    if any(mark.items() <= data.items() for data in earlier):
        raise NotReady(N_("this step of the ladder was acknowledged once already"))
    until = desk.calendar.shift(desk.moment.on, days)
    timer.fires_on = until = max(until, timer.fires_on)
    session.flush()
    record(desk, ACKNOWLEDGED, actor=actor.person, round_id=round_.id, until=until.isoformat(), **mark)
    return until


def _is_spoken_to(actor: Actor, found: OtherTold, roles: set[Role], grants: Grants) -> bool:
    people = {person for role in roles for person in people_in(role, found.timer.addressed, grants)}
    return any(actor.is_or_stands_for(person) for person in people)
