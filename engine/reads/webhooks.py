"""The webhooks of the house: for the coordinators who look after them, and for whoever delivers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules.moment import Moment
from models import Person, Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookLine:
    """One webhook, without its secret."""

    id: int
    url: str
    kinds: tuple[str, ...]
    is_active: bool
    made_by: str  #: name
    made_at: datetime
    last_event: int  #: the last that it has heard of, or that does not concern it
    attempts: int  #: failed ones, for the next event
    next_try_at: datetime
    last_sent_at: datetime | None
    last_error: str | None
    gave_up_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookToCall:
    """One webhook that may be called now."""

    id: int
    url: str
    secret: str
    kinds: tuple[str, ...]
    passed: int


def read_webhooks(session: Session) -> tuple[WebhookLine, ...]:
    """Return every webhook, the oldest first."""
    rows = session.execute(
        select(Webhook, Person.name).join(Person, Person.id == Webhook.made_by_id).order_by(Webhook.id)
    )
    return tuple(
        WebhookLine(
            id=one.id,
            url=one.url,
            kinds=tuple(one.kinds.split()),
            is_active=one.is_active,
            made_by=name,
            made_at=one.made_at,
            last_event=one.passed,
            attempts=one.attempts,
            next_try_at=one.next_try_at,
            last_sent_at=one.last_sent_at,
            last_error=one.last_error,
            gave_up_at=one.gave_up_at,
        )
        for one, name in rows.tuples()
    )


def read_webhooks_to_call(session: Session, moment: Moment) -> tuple[WebhookToCall, ...]:
    """Return the webhooks whose time has come; who has waited longest comes first."""
    rows = session.scalars(
        select(Webhook)
        .where(Webhook.is_active, Webhook.next_try_at <= moment.at)
        .order_by(Webhook.next_try_at, Webhook.id)
    )
    return tuple(
        WebhookToCall(id=one.id, url=one.url, secret=one.secret, kinds=tuple(one.kinds.split()), passed=one.passed)
        for one in rows
    )
