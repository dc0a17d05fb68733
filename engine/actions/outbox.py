"""Says something to somebody: writes the outbox row in the transaction that makes it true.  Sending comes later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine.actions.desk import Desk
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, Slip, WaitsFor
from models import Measure, Notification, Said
from models.measure import NewMeasure

_TELL = insert(Notification).inline()  # nobody asks for their ids


def tell(
    desk: Desk,
    people: Iterable[int | None],
    kind: Notice,
    *,
    role: Role,
    key: str,
    measure: Measure | None = None,
    round_id: int | None = None,
    slip: Slip = Slip.REMINDER,
    about: tuple[WaitsFor, int] | None = None,
    other: int | None = None,
    **data: Any,
) -> None:
    """Write one notification for each of `people` (None is nobody).

    `key` names the fact: with kind, measure and person it is the dedup key, held unique by the database.  `about` is
    the wait and its deadline version, when the notification only holds while that timer stands; `other` is the number
    of that timer where the wait is no measure's.
    """
    about_round = {"round_id": measure.round_id if measure else round_id, "slip": slip, "other_timer_id": other}
    rows = [
        outbox_row(person, kind, role=role, key=key, moment=desk.moment, measure=measure, about=about, data=data)
        | about_round
        for person in dict.fromkeys(one for one in people if one is not None)
    ]
    if rows:
        desk.session.connection().execute(_TELL, rows)


def outbox_row(
    person: int,
    kind: Notice,
    *,
    role: Role,
    key: str,
    moment: Moment,
    measure: Measure | NewMeasure | None,
    about: tuple[WaitsFor, int] | None,
    data: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the row of one notification, a reminder; see `tell`."""
    return {
        "dedup_key": f"{kind.value}:{measure.id if measure else '-'}:{key}:{person}",
        "round_id": measure.round_id if measure else None,
        "measure_id": measure.id if measure else None,
        "person_id": person,
        "role": role,
        "kind": kind.value,
        "slip": Slip.REMINDER,
        "waits_for": about[0] if about else None,
        "deadline_version": about[1] if about else None,
        "deadline": measure.due if measure else None,
        "data": data,
        "on": moment.on,
        "created_at": moment.at,
        "state": Said.PENDING,
        "reason": None,
        "digest_id": None,
    }


def add_notifications(session: Session, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add outbox rows in bulk, those already said (by their dedup key) left out; return how many are new."""
    keys = [row["dedup_key"] for row in rows]
    said = set(session.scalars(select(Notification.dedup_key).where(Notification.dedup_key.in_(keys))))
    fresh = [row for row in rows if row["dedup_key"] not in said]
    if fresh:
        session.execute(insert(Notification), fresh)
    return len(fresh)
