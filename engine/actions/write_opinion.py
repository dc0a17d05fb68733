"""Somebody who sees a measure says something about it (意见): it stands in its record, and whom it concerns is told."""

from __future__ import annotations

import re

from sqlalchemy import or_, select

from engine.actions.case import Case, open_case, settle
from engine.actions.desk import Desk, record
from engine.actions.outbox import tell
from engine.rules.notices import Notice
from engine.rules.record_words import OPINION
from engine.rules.refusal import NotFound, NotReady
from engine.rules.sight import sight_of
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import CoUnit, Measure, Person

LONGEST = 4000
_MENTION = re.compile(r"[@＠]([\w.\-·]{1,64})")


def write_opinion(desk: Desk, code: str, text: str) -> Measure:
    """Add an opinion; the owner hears of it, and everybody named with @ (name or sign-in name) who sees the measure.

    Raises NotFound for a measure out of sight, NotReady for an empty or too long text.
    """
    case = open_case(desk, code)
    if not may_see(case):
        raise NotFound(N_("there is no measure {code} in round {round}", code=code, round=desk.round or ""))
    plain = text.strip()
    if not plain or len(plain) > LONGEST:
        raise NotReady(N_("an opinion of at most {most} characters was expected", most=LONGEST))
    record(desk, OPINION, actor=case.actor.person, measure=case.measure, text=plain)
    settle(case)
    named = set(_MENTION.findall(plain))
    mentioned = (
        set(desk.session.scalars(select(Person.id).where(or_(Person.name.in_(named), Person.code.in_(named)))))
        if named
        else set()
    )
    tell(
        desk,
        sorted({*mentioned, *([case.measure.owner_id] if case.measure.owner_id else [])} - {case.actor.person}),
        Notice.OPINION,
        role=Role.OWNER,
        key=str(case.measure.version),
        measure=case.measure,
        by=case.actor.name,
        text=plain[:200],
    )
    return case.measure


def may_see(case: Case) -> bool:
    """Return whether the acting person sees the measure (engine.rules.sight)."""
    facts = case.facts
    helping = case.desk.session.scalars(select(CoUnit.unit_id).where(CoUnit.measure_id == case.measure.id))
    return sight_of(case.actor).sees(
        units=frozenset({*helping, *([facts.unit] if facts.unit is not None else [])}),
        people=frozenset(one for one in (facts.owner, facts.lead, facts.verifier) if one is not None),
    )
