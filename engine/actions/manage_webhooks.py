"""A coordinator lets another program hear of events, pauses that, takes it up again, or ends it."""

from __future__ import annotations

from collections.abc import Collection
from secrets import token_bytes

from sqlalchemy import func, select

from engine.actions.desk import Desk, find_actor, record
from engine.rules.access import only_for
from engine.rules.outgoing import Network
from engine.rules.refusal import NotFound, NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from engine.rules.webhooks import check_address, check_patterns, new_webhook_secret
from models import Event, Webhook

MOST = 20  #: in one house
SECRET_BYTES = 32


def add_webhook(
    desk: Desk, *, url: str, kinds: tuple[str, ...] = (), allowed: Collection[Network] = ()
) -> tuple[Webhook, str]:
    """Return a new webhook, and the secret that its deliveries are signed with, which is shown once.

    It hears of what happens from now on.  `allowed` are networks that are called though they belong to the machine
    itself.  For coordinators.  Raises Refusal.
    """
    actor, session = find_actor(desk), desk.session
    only_for(actor, "webhook", (Role.COORDINATOR,))
    address, patterns = check_address(url, allowed), check_patterns(kinds)
    if (session.scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST:
        raise NotReady(N_("there are {most} webhooks already, which is the most", most=MOST))
    secret = new_webhook_secret(token_bytes(SECRET_BYTES))
    webhook = Webhook(
        url=address,
        secret=secret,
        kinds=patterns,
        made_by_id=actor.person,
        made_at=desk.moment.at,
        is_active=True,
        passed=session.scalar(select(func.max(Event.id))) or 0,
        attempts=0,
        next_try_at=desk.moment.at,
    )
    session.add(webhook)
    session.flush()
    record(desk, "webhook:address:add", actor=actor.person, webhook=webhook.id, url=address, kinds=patterns)
    return webhook, secret


def switch_webhook(desk: Desk, number: int, *, active: bool) -> Webhook:
    """Pause a webhook, or take it up again where it stopped: nothing that happened meanwhile is left out.

    For coordinators.  Raises Refusal.
    """
    actor, webhook = _held(desk, number)
    if webhook.is_active != active:
        webhook.is_active, webhook.attempts, webhook.gave_up_at = active, 0, None
        webhook.next_try_at = desk.moment.at
        kind = "webhook:address:resume" if active else "webhook:address:pause"
        record(desk, kind, actor=actor, webhook=webhook.id, url=webhook.url)
    return webhook


def drop_webhook(desk: Desk, number: int) -> None:
    """End a webhook.  For coordinators.  Raises Refusal."""
    actor, webhook = _held(desk, number)
    record(desk, "webhook:address:drop", actor=actor, webhook=webhook.id, url=webhook.url)
    desk.session.delete(webhook)


def _held(desk: Desk, number: int) -> tuple[int, Webhook]:
    actor = find_actor(desk)
    only_for(actor, "webhook", (Role.COORDINATOR,))
    webhook = desk.session.get(Webhook, number, with_for_update=True)
    if webhook is None:
        raise NotFound(N_("there is no such webhook"))
    return actor.person, webhook
