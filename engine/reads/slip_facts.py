"""The slips (督办单) that the ladder has handed out: to whom, for what, and how the measure stands.

A slip's number counts all slips of the round in the order in which they went out, so it never changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.reads.house_at import names_at
from engine.rules.moment import Moment
from engine.rules.vocabulary import Role, Slip, WaitsFor
from models import Escalation, Fate, Measure, Notification, Round

SLIPS = (Slip.BLUE, Slip.YELLOW, Slip.RED, Slip.GROUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipFacts:
    """One slip."""

    number: int  #: within the round, from 1
    measure: str  #: code
    slip: Slip
    waits_for: WaitsFor
    rung: int  #: from 1
    deadline: date  #: what was to be done until then
    handed_out_on: date
    receivers: tuple[tuple[str, Role | None], ...]  #: name and the role in which it went to them


def read_slips(session: Session, round_: Round, until: Moment, *, measure: str | None = None) -> tuple[SlipFacts, ...]:
    """Return the slips handed out on the day of `until`; with `measure`, the last one of that measure up to it."""
    order = (Escalation.climbed_on, Escalation.id)
    counted = (
        select(Escalation.id, func.row_number().over(order_by=order).label("number"))
        .join(Measure, Measure.id == Escalation.measure_id)
        .where(
            Measure.round_id == round_.id,
            Escalation.fate == Fate.CLIMBED,
            Escalation.slip.in_(SLIPS),
            Escalation.at <= until.at,
        )
        .subquery()
    )
    query = (
        select(counted.c.number, Escalation, Measure.code)
        .join(Escalation, Escalation.id == counted.c.id)
        .join(Measure, Measure.id == Escalation.measure_id)
    )
    query = (
        query.where(Escalation.climbed_on == until.on).order_by(counted.c.number)
        if measure is None
        else query.where(Measure.code == measure).order_by(counted.c.number.desc()).limit(1)
    )
    chosen = session.execute(query).tuples().all()
    receivers = _receivers(session, round_, until, [row for _, row, _ in chosen])
    return tuple(
        SlipFacts(
            number=number,
            measure=code,
            slip=row.slip,
            waits_for=row.waits_for,
            rung=row.rung + 1,
            deadline=row.deadline,
            handed_out_on=row.climbed_on,
            receivers=tuple(receivers[row.measure_id, row.waits_for, row.deadline_version, row.rung]),
        )
        for number, row, code in chosen
    )


Key = tuple[int | None, WaitsFor | None, int | None, int | None]


def _receivers(
    session: Session, round_: Round, until: Moment, rows: Sequence[Escalation]
) -> dict[Key, list[tuple[str, Role | None]]]:
    _, people = names_at(session, round_.id, until)
    query = (
        select(Notification)
        .where(
            Notification.measure_id.in_({row.measure_id for row in rows}),
            Notification.kind == "rung",
            Notification.created_at <= until.at,
        )
        .order_by(Notification.id)
    )
    found: dict[Key, list[tuple[str, Role | None]]] = defaultdict(list)
    for note in session.scalars(query):
        key = (note.measure_id, note.waits_for, note.deadline_version, note.data.get("rung"))
        found[key].append((people[note.person_id], note.role))
    return found
