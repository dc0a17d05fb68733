"""Tells owners what an import has given to them, and former owners what it took away.  Part of `import_round`.

Bound to the wait for acceptance: who has accepted before it is sent is not asked any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.outbox import outbox_row
from engine.actions.timers import slices
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, WaitsFor
from models import Measure, Notification, Person, Timer
from models.bulk import insert_rows
from models.measure import NewMeasure

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A measure that has a new owner."""

    measure: Measure | NewMeasure
    former: int | None  #: who owned it before


def announce_owners(session: Session, handed: Sequence[Handed], *, actor: int | None, moment: Moment) -> None:
    """Write the outbox rows.  A constant number of statements per slice; the timers have been armed before."""
    by = session.get_one(Person, actor).name if actor is not None else None
    former_of = {one.measure.id: one.former for one in handed}
    names = _names(session, handed) if any(former_of.values()) else {}
    for part in slices([one.measure for one in handed]):
        waiting = _acceptance_versions(session, part)
        rows = [
            row
            for one in part
            for row in _rows(one, former_of[one.id], by=by, names=names, moment=moment, waiting=waiting)
        ]
        if rows:
            insert_rows(session, Notification, tuple(rows[0]), (tuple(row.values()) for row in rows))


def _rows(
    measure: Measure | NewMeasure,
    former: int | None,
    *,
    by: str | None,
    names: Mapping[int, str],
    moment: Moment,
    waiting: Mapping[int, int],
) -> Iterator[Row]:
    owner = measure.owner_id
    if owner is None:
        return
    key = str(measure.version)
    if measure.id in waiting:
        about = (WaitsFor.ACCEPTANCE, waiting[measure.id])
        yield outbox_row(
            owner,
            Notice.ASSIGNED,
            role=Role.OWNER,
            key=key,
            moment=moment,
            measure=measure,
            about=about,
            data={"by": by},
        )
    if former is not None:
        told = {"to": names[owner], "reason": ""}
        yield outbox_row(
            former,
            Notice.REASSIGNED_AWAY,
            role=Role.OWNER,
            key=key,
            moment=moment,
            measure=measure,
            about=None,
            data=told,
        )


def _acceptance_versions(session: Session, measures: Sequence[Measure | NewMeasure]) -> dict[int, int]:
    query = select(Timer.measure_id, Timer.deadline_version).where(
        Timer.waits_for == WaitsFor.ACCEPTANCE, Timer.measure_id.in_([one.id for one in measures])
    )
    return dict(session.execute(query).tuples().all())


def _names(session: Session, handed: Sequence[Handed]) -> dict[int, str]:
    owners = {one.measure.owner_id for one in handed if one.former is not None}
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(owners))).tuples().all())
