"""Who was recused from decisions (回避), by name; and who is to be, of lines that are not decided yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.grants import read_members
from engine.reads.work_record import present_of, read_work_of
from engine.rules.recusal import Recused, read_recused, recused_of
from engine.rules.text import Text
from engine.rules.work_record import Ground, Hand, Side, reason_of
from models import Decision, Measure, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class RecusedLine:
    """Somebody who has worked on what was decided."""

    person: str
    is_member: bool  #: of the leading group, who did not decide; else the coordinator who wrote it down
    hand: Hand
    since: date
    side: Side
    through: str | None  #: who has worked on it, where they did not themselves

    @property
    def why(self) -> Text:
        """Why, for people: the predicate of a sentence."""
        ground = Ground(hand=self.hand, since=self.since, side=self.side, through=0)
        return reason_of(ground, {0: self.through or ""})


def read_recused_lines(session: Session, decisions: Iterable[Decision]) -> dict[int, tuple[RecusedLine, ...]]:
    """Return who was recused from each decision, by its number in the database; a statement where anybody was."""
    kept = {one.id: read_recused(one.recused) for one in decisions if one.recused}
    named = {number for found in kept.values() for one in found for number in (one.person, one.ground.through)}
    if not named:
        return {}
    query = select(Person.id, Person.name).where(Person.id.in_(named))
    names = dict(session.execute(query).tuples().all())
    return {number: recused_lines(found, names) for number, found in kept.items()}


def recused_lines(
    recused: Iterable[Recused], names: Mapping[int, str] | Mapping[int | None, str]
) -> tuple[RecusedLine, ...]:
    """Return who was recused, by name."""
    return tuple(
        RecusedLine(
            person=names.get(one.person, ""),
            is_member=one.is_member,
            hand=one.ground.hand,
            since=one.ground.since,
            side=one.ground.side,
            through=names.get(one.ground.through) if one.ground.through is not None else None,
        )
        for one in recused
    )


def recused_members(
    session: Session, round_id: int, asked: Mapping[str, str], today: date
) -> dict[str, tuple[RecusedLine, ...]]:
    """Return who of the leading group would be recused today from what is `asked` of measures: by code, a kind."""
    measures = session.scalars(select(Measure).where(Measure.round_id == round_id, Measure.code.in_(asked))).all()
    if not measures:
        return {}
    members = read_members(session)
    works = read_work_of(session, {one.id: present_of(one) for one in measures}, today)
    return {
        one.code: recused_lines(recused_of(asked[one.code], work, members), {**work.names, **members})
        for one in measures
        for work in [works[one.id]]
    }
