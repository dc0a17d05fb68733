"""A person is away, and somebody stands in (代理).

The substitute receives and acts at once; but the trusted roles of who is away only with a second person's word, also
where they reach the substitute through others, or were given after the absence was recorded.
"""

from __future__ import annotations

from datetime import date

from engine.actions.apply_trust import lend_trust, wanted_substitute
from engine.actions.ask_trust import ask_trust
from engine.actions.desk import Desk, find_actor, find_person, record, refuse_shut_out
from engine.reads.trust import trusted_by
from engine.rules.access import only_for
from engine.rules.refusal import FourEyes, NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Absence


def set_absence(desk: Desk, *, person: str, substitute: str, first_day: date, last_day: date) -> Absence:
    """Record an absence; the substitute receives and may act from the first to the last day.

    `lends_trust` tells whether that holds for the trusted roles, too, or a second person is asked first.  For the
    person themselves and for coordinators; but nobody makes themselves the substitute of somebody who holds trust.
    Raises Refusal.
    """
    actor = find_actor(desk)
    away, stands_in = find_person(desk.session, person), find_person(desk.session, substitute)
    if actor.person != away.id:
        only_for(actor, "absence", (Role.COORDINATOR,))
    if away.id == stands_in.id:
        raise NotReady(N_("nobody stands in for themselves"))
    if last_day < first_day:
        raise NotReady(N_("the last day {last} lies before the first day {first}", last=last_day, first=first_day))
    refuse_shut_out(stands_in)
    has_trust = trusted_by(desk.session, away.id, first_day, last_day)
    if has_trust and stands_in.id == actor.person:
        raise FourEyes(N_("nobody makes themselves the substitute of {person}", person=away.name))
    absence = Absence(person_id=away.id, substitute_id=stands_in.id, first_day=first_day, last_day=last_day)
    desk.session.add(absence)
    desk.session.flush()
    record(
        desk,
        "person:absence:set",
        actor=actor.person,
        person=away.code,
        substitute=stands_in.code,
        first_day=first_day.isoformat(),
        last_day=last_day.isoformat(),
    )
    if has_trust and ask_trust(desk, actor, wanted_substitute(desk, absence)) is None:
        lend_trust(desk, actor.person, absence)
    return absence
