"""The outbox for tests: rows that wait, the steps of a delivery one by one, and what the tables then hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import Engine, event, insert, select

from engine.actions.bundle_digests import bundle_digests
from engine.actions.deliver_digests import Claim, claim_deliveries
from engine.actions.record_deliveries import FailedMessage, SentMessage, record_failed, record_sent
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, Slip
from models import Delivery, Digest, Measure, Notification, Person, Said
from tests.world import World

_numbers = count(1)


def say_to(world: World, *people: str, measure: str | None = None, **overrides: Any) -> None:
    """Put one notification for each of `people` (sign-in names) into the outbox."""
    plain: dict[str, Any] = {
        "round_id": world.round,
        "measure_id": world.get(measure).id if measure else None,
        "role": Role.OWNER,
        "kind": Notice.MEETING.value,
        "slip": Slip.REMINDER,
        "waits_for": None,
        "deadline_version": None,
        "deadline": None,
        "data": {},
        "on": world.today,
        "created_at": world.moment.at,
        "state": Said.PENDING,
        "reason": None,
        "digest_id": None,
    } | overrides
    rows = [plain | {"person_id": world.people[who], "dedup_key": f"test:{next(_numbers)}"} for who in people]
    with world.sessions.begin() as session:
        session.execute(insert(Notification), rows)


def bundle(
    world: World, batch: str = "daily", *, channels: tuple[str, ...] = ("eml",), cap: int = 3, quiet: bool = False
) -> int:
    with world.sessions.begin() as session:
        return bundle_digests(
            session, batch=batch, moment=world.moment, channels=channels, digests_per_day=cap, is_quiet=quiet
        )


def claim(world: World, *, limit: int = 100, moment: Moment | None = None) -> Claim:
    with world.sessions.begin() as session:
        return claim_deliveries(session, moment=moment or world.moment, limit=limit)


def accept_all(world: World, claimed: Claim) -> None:
    with world.sessions.begin() as session:
        sent = [SentMessage(delivery=one, subject="s", body="b") for one in claimed.deliveries]
        record_sent(session, sent, world.moment)


def refuse_all(world: World, claimed: Claim, *, retry: bool = True, moment: Moment | None = None) -> int:
    with world.sessions.begin() as session:
        failures = [FailedMessage(delivery=one, error="the disk is full", retry=retry) for one in claimed.deliveries]
        return record_failed(session, failures, moment or world.moment)


def later(moment: Moment, **span: float) -> Moment:
    """Return the same local day, some time later."""
    return Moment(at=moment.at + timedelta(**span), on=moment.on)


def digests(world: World) -> list[tuple[str, str, int]]:
    """Return (batch, receiver, number of notifications) of every digest."""
    query = select(Digest, Person.code).join(Person, Person.id == Digest.person_id).order_by(Digest.id)
    with world.sessions() as session:
        found = session.execute(query).all()
        held = list(session.scalars(select(Notification.digest_id)))
    return [(digest.batch, code, held.count(digest.id)) for digest, code in found]


def deliveries(world: World) -> list[Delivery]:
    with world.sessions() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def fates(world: World, code: str | None = None) -> list[tuple[str, str, str | None]]:
    """Return (kind, state, reason) of every notification, or of those about one measure."""
    query = select(Notification.kind, Notification.state, Notification.reason).order_by(Notification.id)
    if code is not None:
        query = query.join(Measure, Measure.id == Notification.measure_id).where(Measure.code == code)
    with world.sessions() as session:
        return [(kind, state.value, reason) for kind, state, reason in session.execute(query)]


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that run meanwhile; an executemany is one."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
