"""What digests have to say, and how the world stands for each of it, just before they are sent.

One query, and one more where some of it is about no measure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Text, and_, cast, select, type_coerce
from sqlalchemy.orm import Session, aliased

from engine.reads.left_open import unless_shut_out
from engine.reads.other_waits import OtherTold, read_others
from engine.rules.notices import Notice, Standing
from engine.rules.recipients import Addressed, Grants, people_in
from engine.rules.vocabulary import OPEN_STATES, Role, Slip, State, WaitsFor
from models import (
    Digest,
    Extension,
    Measure,
    Notification,
    OtherTimer,
    Person,
    Round,
    Ruling,
    Said,
    Timer,
    Unit,
    Verification,
)
from models.base import kept_by_value


class Told(NamedTuple):
    """One notification that is about to be said, or was said on another channel already; a run has thousands."""

    id: int
    digest: int
    receiver: int  #: who reads the digest
    person: int  #: whose duty it is
    role: Role
    kind: Notice
    slip: Slip
    state: Said
    waits_for: WaitsFor | None
    deadline_version: int | None
    deadline: date | None
    packed: str  #: what else the kind carries, as JSON
    measure: int | None
    measure_state: State | None
    owner: int | None
    lead: int | None
    unit: int | None
    verifier: int | None  #: of the open verification
    approver_role: Role | None  #: of the pending extension request
    timer: int | None  #: None: the wait that it speaks of is over
    code: str | None
    position: int | None
    text: str | None
    unit_name: str | None
    owner_name: str | None
    person_name: str
    round_title: str | None
    other_timer: int | None
    other: OtherTold | None = None  #: the wait that it speaks of, where it is no measure's

    @property
    def is_about_timer(self) -> bool:
        """Say whether it speaks of a wait."""
        return self.waits_for is not None or self.other_timer is not None

    @property
    def data(self) -> Mapping[str, Any]:
        """Return what else the kind carries (engine.rules.notices)."""
        return _unpacked(self.packed)

    @property
    def rung(self) -> int:
        """Return the rung of its ladder; 0 where it speaks of none."""
        return self.data.get("rung") or 0


@lru_cache(maxsize=1024)
def _unpacked(packed: str) -> Mapping[str, Any]:
    """Return what `packed` holds; most rungs carry the same."""
    return MappingProxyType(json.loads(packed))


def read_told(session: Session, digests: Sequence[int]) -> list[Told]:
    """Return what these digests have to say; what is cancelled or failed is left out."""
    duty, owner = aliased(Person), aliased(Person)
    rows = session.connection().execute(
        select(
            Notification.id,
            Notification.digest_id,
            Digest.person_id,
            Notification.person_id,
            Notification.role,
            type_coerce(Notification.kind, kept_by_value(Notice)),
            Notification.slip,
            Notification.state,
            Notification.waits_for,
            Notification.deadline_version,
            Notification.deadline,
            cast(Notification.data, Text),
            Notification.measure_id,
            Measure.state,
            unless_shut_out(Measure.owner_id),
            unless_shut_out(Measure.lead_id),
            Measure.unit_id,
            unless_shut_out(Verification.verifier_id),
            Extension.approver_role,
            Timer.measure_id,
            Measure.code,
            Measure.position,
            Measure.text,
            Unit.name,
            owner.name,
            duty.name,
            Round.title,
            Notification.other_timer_id,
        )
        .join(Digest, Digest.id == Notification.digest_id)
        .join(duty, duty.id == Notification.person_id)
        .outerjoin(Measure, Measure.id == Notification.measure_id)
        .outerjoin(Unit, Unit.id == Measure.unit_id)
        .outerjoin(owner, owner.id == Measure.owner_id)
        .outerjoin(Round, Round.id == Notification.round_id)
        .outerjoin(Verification, and_(Verification.measure_id == Measure.id, Verification.verdict.is_(None)))
        .outerjoin(Extension, and_(Extension.measure_id == Measure.id, Extension.ruling == Ruling.PENDING))
        .outerjoin(
            Timer,
            and_(
                Timer.measure_id == Notification.measure_id,
                Timer.waits_for == Notification.waits_for,
                Timer.deadline_version == Notification.deadline_version,
            ),
        )
        .where(Notification.digest_id.in_(digests), Notification.state.in_([Said.PENDING, Said.SENT]))
        .order_by(Notification.id)
    )
    told = [Told(*row) for row in rows.all()]
    timers = {one.other_timer for one in told if one.other_timer is not None}
    if not timers:
        return told
    others = {one.timer.measure: one for one in read_others(session, OtherTimer.id.in_(timers))}
    return [one if one.other_timer is None else one._replace(other=others[one.other_timer]) for one in told]


def standing(told: Told, grants: Grants) -> Standing:
    """Return how the world stands for a notification."""
    if told.other is not None:
        people = people_in(told.role, told.other.timer.addressed, grants)
        return Standing(timer_stands=told.other.stands, still_holds_role=told.person in people, measure_open=True)
    addressed = Addressed(
        owner=told.owner, lead=told.lead, unit=told.unit, verifier=told.verifier, approver_role=told.approver_role
    )
    return Standing(
        timer_stands=told.timer is not None,
        still_holds_role=told.measure is None or told.person in people_in(told.role, addressed, grants),
        measure_open=told.measure_state in OPEN_STATES,
    )
