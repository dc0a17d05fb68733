"""A supervisor records what came of holding somebody to account (问责处理).  Restricted.

The record gets a digest of it and nothing else: nobody reads there what was decided, nor can change it unnoticed.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from engine.actions.change_house import find_unit
from engine.actions.desk import Desk, find_actor, find_person, find_round, record
from engine.reads.work_record import present_of, read_work
from engine.rules.access import may_decide, only_for
from engine.rules.outcomes import FIELDS, RECORDED, outcome_digest
from engine.rules.refusal import FourEyes, NotFound, NotReady
from engine.rules.sight import Place, open_place
from engine.rules.text import N_
from engine.rules.vocabulary import OutcomeKind, Role
from models import AccountabilityOutcome, Finding, Measure
from models.facts import plain


def record_outcome(
    desk: Desk,
    *,
    kind: OutcomeKind,
    decided_on: date,
    text: str,
    person: str | None = None,
    unit: str | None = None,
    measure: str | None = None,
    finding: str | None = None,
) -> AccountabilityOutcome:
    """Record an outcome towards `person` or `unit`, about a measure or a finding of the round, or about neither.

    For supervisors themselves, not for who stands in for one; nor about oneself, or a measure that one has worked on.
    For everybody else but the leading group there is no such thing.  Raises Refusal.
    """
    actor, session = find_actor(desk), desk.session
    open_place(actor, Place.ACCOUNTABILITY)
    only_for(replace(actor, borrowed=frozenset()), "record_outcome", (Role.SUPERVISOR,))
    if bool(person) == bool(unit):
        raise NotReady(N_("either a person or a unit was held to account; name one of them"))
    if not text.strip():
        raise NotReady(N_("what was decided is missing"))
    if decided_on > desk.moment.on:
        raise NotReady(N_("{day} is still to come; an outcome is recorded after it was decided", day=decided_on))
    round_ = find_round(session, desk.round)
    concerned = find_person(session, person) if person else None
    if concerned is not None and actor.is_or_stands_for(concerned.id):
        raise FourEyes(N_("nobody records what came of holding themselves, or whom they stand in for, to account"))
    about = _id_of(desk, Measure, round_.id, measure)
    if about is not None:
        present = present_of(session.get_one(Measure, about))
        may_decide(actor, read_work(session, about, present, desk.moment.on))
    outcome = AccountabilityOutcome(
        round_id=round_.id,
        finding_id=_id_of(desk, Finding, round_.id, finding),
        measure_id=about,
        person_id=concerned.id if concerned else None,
        unit_id=find_unit(session, unit).id if unit else None,
        kind=kind,
        decided_on=decided_on,
        text=text.strip(),
        recorded_by_id=actor.person,
        recorded_at=desk.moment.at,
        seal=secrets.token_hex(16),
    )
    session.add(outcome)
    session.flush()
    digest = outcome_digest({name: plain(getattr(outcome, name)) for name in FIELDS}, outcome.seal)
    record(desk, RECORDED, actor=actor.person, outcome=outcome.id, digest=digest)
    return outcome


def _id_of(desk: Desk, table: type[Finding | Measure], round_id: int, code: str | None) -> int | None:
    if not code:
        return None
    found = desk.session.scalar(select(table.id).where(table.round_id == round_id, table.code == code))
    if found is None:
        raise NotFound(N_("there is no measure and no finding {code} in this round", code=code))
    return found
