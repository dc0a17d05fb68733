"""Bundles what waits in the outbox into digests: one message per person and run.

Called by notifications.delivery, before anything is sent.  Who receives is decided here and now: the substitute of an
absent person, but for what concerns the person alone.  A daily cap holds back all but red slips, what goes to the
leading group and what never waits; what is held back waits for the next day.  Nothing is sent here.  The number of
statements does not depend on how much waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Boolean, Integer, bindparam, case, func, literal_column, or_, select, text, update
from sqlalchemy.orm import Session

from engine.actions.bundle_addressed import bundle_addressed
from engine.reads.grants import substitutes_on
from engine.rules.moment import Moment
from engine.rules.notices import NEVER_CAPPED, NEVER_WAITING, PERSONAL, Notice
from engine.rules.stand_ins import receiver
from models import Delivery, Digest, Notification, Sending
from models.bulk import insert_rows
from models.outbox import WAITING

#: PostgreSQL's number for "I am putting together what waits".
BUNDLING = 7_318_002

_URGENT = or_(
    *(Notification.slip == literal_column(f"'{slip.value}'") for slip in sorted(NEVER_CAPPED)),
    *(Notification.kind == literal_column(f"'{kind.value}'") for kind in sorted(NEVER_WAITING)),
)
_PERSONAL = case((Notification.kind.in_([literal_column(f"'{kind.value}'") for kind in sorted(PERSONAL)]), 1), else_=0)
#: A newer version's kinds wait for it.
_KNOWN = Notification.kind.in_([literal_column(f"'{kind.value}'") for kind in Notice])


class _Receiver(NamedTuple):
    """Somebody for whom something waits."""

    person: int  #: whose duty it is
    receiver: int  #: who receives it today
    is_personal: bool  #: it is for the person alone
    is_urgent: bool  #: some of it is never capped


def bundle_digests(
    session: Session,
    *,
    batch: str,
    moment: Moment,
    channels: tuple[str, ...],
    digests_per_day: int,
    is_quiet: bool = False,
) -> int:
    """Put everything that waits into digests, with one delivery per channel, and return how many notifications it was.

    `batch` names the run.  Run again for the same batch it adds to a digest of which nothing was sent yet; else the
    person gets a further one, `batch`#2.  While it `is_quiet` only what is never capped goes out; the rest waits.
    """
    _wait_for_others(session)
    elsewhere = bundle_addressed(session, batch=batch, moment=moment, channels=channels)
    receivers = _receivers(session, moment.on)
    if not receivers:
        return elsewhere
    unsent, used = _digests_of_batch(session, batch)
    if is_quiet:
        full = frozenset(who.receiver for who in receivers)
    else:
        full = _full(session, moment.on, digests_per_day) - unsent.keys()  # one more line makes no further message
    reached = {who.receiver for who in receivers if who.receiver not in full or who.is_urgent}
    if not reached:
        return elsewhere
    new = sorted(reached - unsent.keys())
    if new:
        unsent |= _open_digests(session, new, batch=batch, used=used, moment=moment, channels=channels)
    return elsewhere + _put_in(session, [who for who in receivers if who.receiver in reached], full, unsent)


def _wait_for_others(session: Session) -> None:
    """Let one run bundle after the other; SQLite has one writer."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({BUNDLING})"))


def _receivers(session: Session, on: date) -> list[_Receiver]:
    """Return for whom something waits, each with who receives it on this day."""
    substitutes = substitutes_on(session, on)
    rows = session.execute(
        select(Notification.person_id, _PERSONAL, func.max(case((_URGENT, 1), else_=0)))
        .where(WAITING, _KNOWN)
        .group_by(Notification.person_id, _PERSONAL)
        .order_by(Notification.person_id, _PERSONAL)
    ).tuples()
    return [
        _Receiver(person, person if personal else receiver(person, substitutes), bool(personal), bool(urgent))
        for person, personal, urgent in rows
    ]


def _put_in(session: Session, receivers: Sequence[_Receiver], full: Collection[int], digests: Mapping[int, int]) -> int:
    """Put what waits into digests, for whose cap is reached only what is never capped; return how much it was."""
    urgent_or_all = or_(_URGENT, bindparam("all", type_=Boolean))
    taken = session.connection().execute(
        update(Notification)
        .where(Notification.person_id == bindparam("of"), WAITING, _KNOWN, urgent_or_all)
        .where(bindparam("personal", type_=Integer) == _PERSONAL)
        .values(digest_id=bindparam("into")),
        [
            {
                "of": who.person,
                "into": digests[who.receiver],
                "all": who.receiver not in full,
                "personal": int(who.is_personal),
            }
            for who in receivers
        ],
    )
    return taken.rowcount


def _full(session: Session, on: date, digests_per_day: int) -> frozenset[int]:
    """Return who has had as many digests on this day as the cap allows."""
    reached = select(Delivery.digest_id).where(Delivery.state != Sending.CANCELLED)
    counts = (
        select(Digest.person_id)
        .where(Digest.on == on, Digest.id.in_(reached))
        .group_by(Digest.person_id)
        .having(func.count() >= digests_per_day)
    )
    return frozenset(session.scalars(counts))


def _digests_of_batch(session: Session, batch: str) -> tuple[dict[int, int], Mapping[int, int]]:
    """Return by person the digest of this batch that no sender has touched yet, and how many the batch already has."""
    rows = session.execute(
        select(Digest.id, Digest.person_id, Delivery.state, Delivery.attempts)
        .join(Delivery, Delivery.digest_id == Digest.id)
        .where(or_(Digest.batch == batch, Digest.batch.startswith(f"{batch}#", autoescape=True)))
        .order_by(Digest.id)
        .with_for_update(of=Delivery)
    ).all()
    touched = {row.id for row in rows if row.state is not Sending.PENDING or row.attempts}
    used: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        used[row.person_id].add(row.id)
    unsent = {row.person_id: row.id for row in rows if row.id not in touched}
    return unsent, {person: len(digests) for person, digests in used.items()}


def _open_digests(
    session: Session,
    receivers: Sequence[int],
    *,
    batch: str,
    used: Mapping[int, int],
    moment: Moment,
    channels: tuple[str, ...],
) -> dict[int, int]:
    """Write a new digest for each receiver, and its deliveries; return the digest's id by person."""
    names = {person: f"{batch}#{used[person] + 1}" if used.get(person) else batch for person in receivers}
    insert_rows(
        session,
        Digest,
        ("batch", "person_id"),
        ((name, person) for person, name in names.items()),
        same={"on": moment.on, "created_at": moment.at},
    )
    written = session.execute(
        select(Digest.person_id, func.max(Digest.id))
        .where(Digest.batch.in_(set(names.values())))
        .group_by(Digest.person_id)
        .order_by(Digest.person_id)  # as PostgreSQL groups them, they would go out in another order each time
    )
    digests = {person: digest for person, digest in written.tuples() if person in names}
    insert_rows(
        session,
        Delivery,
        ("digest_id", "channel", "message_id"),
        (
            (digest, channel, f"<digest-{digest}.{moment.at:%Y%m%d%H%M%S}.{channel}@duban>")
            for digest in digests.values()
            for channel in channels
        ),
        same={"state": Sending.PENDING, "attempts": 0, "next_try_at": moment.at},
    )
    return digests
