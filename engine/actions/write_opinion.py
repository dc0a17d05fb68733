"""Somebody who sees a measure says something about it (意见): it stands in its record, and whom it concerns is told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import or_, select

from engine.actions.case import Case, open_case, settle
from engine.actions.desk import Desk, find_actor, record
from engine.actions.outbox import tell
from engine.rules.access import Actor
from engine.rules.notices import Notice
from engine.rules.record_words import OPINION
from engine.rules.refusal import NotFound, NotReady
from engine.rules.sight import sight_of
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import CoUnit, Measure, Person

LONGEST = 4000
MOST_NAMED = 20  #: people in one opinion
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
    owner = {case.measure.owner_id} if case.measure.owner_id else set()
    tell(
        desk,
        sorted((_mentioned(case, plain) | owner) - {case.actor.person}),
        Notice.OPINION,
        role=Role.OWNER,
        key=str(case.measure.version),
        measure=case.measure,
        by=case.actor.name,
        text=plain[:200],
    )
    return case.measure


def _mentioned(case: Case, text: str) -> set[int]:
    """Return who is named and sees the measure; of a name that runs on into the sentence its longest beginning."""
    runs = _MENTION.findall(text)[:MOST_NAMED]
    if not runs:
        return set()
    beginnings = sorted({run[:length] for run in runs for length in range(1, len(run) + 1)})
    query = select(Person).where(or_(Person.name.in_(beginnings), Person.code.in_(beginnings)))
    people = case.desk.session.scalars(query).all()
    found = {person.id: person.code for run in runs for person in _named(run, people)}
    return {number for number, code in found.items() if may_see(case, find_actor(replace(case.desk, person=code)))}


def _named(run: str, people: Iterable[Person]) -> list[Person]:
    """Return whose name or sign-in name is the longest with which `run` begins."""
    words = [(person, word) for person in people for word in (person.name, person.code) if run.startswith(word)]
    longest = max((len(word) for _, word in words), default=0)
    return [person for person, word in words if len(word) == longest]


def may_see(case: Case, actor: Actor | None = None) -> bool:
    """Return whether the acting person, or `actor`, sees the measure (engine.rules.sight)."""
    facts = case.facts
    helping = case.desk.session.scalars(select(CoUnit.unit_id).where(CoUnit.measure_id == case.measure.id))
    return sight_of(actor or case.actor).sees(
        units=frozenset({*helping, *([facts.unit] if facts.unit is not None else [])}),
        people=frozenset(one for one in (facts.owner, facts.lead, facts.verifier) if one is not None),
    )
