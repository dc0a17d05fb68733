"""How the world stands for every notification of some digests, just before they are sent: one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from engine.reads.grants import read_grants
from engine.rules.notices import Notice, Standing
from engine.rules.recipients import Addressed, people_in
from engine.rules.vocabulary import OPEN_STATES, WaitsFor
from models import Extension, Measure, Notification, Ruling, Said, Timer, Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One notification that is about to be said, or was said on another channel already."""

    id: int
    digest: int
    person: int  #: whose duty it is
    kind: Notice
    state: Said
    measure: int | None
    waits_for: WaitsFor | None
    deadline_version: int | None
    rung: int  #: of its ladder; 0 where it speaks of none
    standing: Standing


def read_told(session: Session, digests: Sequence[int]) -> list[Told]:
    """Return what these digests have to say, and how the world stands; what is cancelled or failed is left out."""
    grants = read_grants(session)
    rows = session.execute(
        select(
            Notification.id,
            Notification.digest_id,
            Notification.person_id,
            Notification.role,
            Notification.kind,
            Notification.state,
            Notification.measure_id,
            Notification.waits_for,
            Notification.deadline_version,
            Notification.data,
            Measure.state.label("measure_state"),
            Measure.owner_id,
            Measure.lead_id,
            Measure.unit_id,
            Verification.verifier_id,
            Extension.approver_role,
            Timer.measure_id.label("standing_timer"),
        )
        .outerjoin(Measure, Measure.id == Notification.measure_id)
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
    told = []
    for row in rows:
        addressed = Addressed(
            owner=row.owner_id,
            lead=row.lead_id,
            unit=row.unit_id,
            verifier=row.verifier_id,
            approver_role=row.approver_role,
        )
        holds = row.measure_id is None or row.person_id in people_in(row.role, addressed, grants)
        told.append(
            Told(
                id=row.id,
                digest=row.digest_id,
                person=row.person_id,
                kind=Notice(row.kind),
                state=row.state,
                measure=row.measure_id,
                waits_for=row.waits_for,
                deadline_version=row.deadline_version,
                rung=row.data.get("rung") or 0,
                standing=Standing(
                    timer_stands=row.standing_timer is not None,
                    still_holds_role=holds,
                    measure_open=row.measure_state in OPEN_STATES,
                ),
            )
        )
    return told
