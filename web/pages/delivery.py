"""The outbox: what waits, what was given up and may be sent again, what was cancelled and why; and one's own inbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from engine.actions.resend_delivery import resend_delivery
from engine.reads.delivery_page import (
    PAGE,
    CancelledLine,
    DeliveryLine,
    OutboxCounts,
    count_outbox,
    read_cancelled,
    read_deliveries,
)
from engine.reads.inbox import InboxEntry, read_inbox
from engine.rules.record_words import NOTICE_NAMES
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from models import Sending
from web.fields import Number
from web.render import page
from web.visit import Signed

routes = APIRouter()
Kind = Literal["failed", "perhaps", "waiting", "sent", "cancelled"]
_STATES: dict[str, tuple[Sending, ...]] = {
    "failed": (Sending.FAILED,),
    "perhaps": (Sending.PERHAPS,),
    "waiting": (Sending.PENDING, Sending.SENDING),
    "sent": (Sending.SENT,),
}
_TABS: tuple[tuple[Kind, Text], ...] = (
    ("failed", N_("given up")),
    ("perhaps", N_("perhaps sent")),
    ("waiting", N_("waiting")),
    ("sent", N_("sent")),
    ("cancelled", N_("called off")),
)
_SENDING_NAMES: dict[Sending, Text] = {
    Sending.PENDING: N_("waiting"),
    Sending.SENDING: N_("being sent"),
    Sending.SENT: N_("sent"),
    Sending.FAILED: N_("given up"),
    Sending.CANCELLED: N_("called off"),
    Sending.PERHAPS: N_("perhaps sent"),
}
_CHANNELS: dict[str, Text] = {"inbox": N_("inbox"), "eml": N_("mail file"), "smtp": N_("e-mail")}
#: Why something was no longer said, by the word that the outbox keeps.
_REASONS: dict[str, Text] = {
    "closed": N_("the measure is no longer open"),
    "reassigned": N_("somebody else is responsible now"),
    "answered": N_("it was answered meanwhile"),
    "superseded": N_("a higher rung was said in the same message"),
}
MESSAGES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    """One tab of the outbox."""

    kind: Kind
    tabs: tuple[tuple[Kind, Text], ...]
    counts: OutboxCounts
    lines: tuple[DeliveryLine, ...]
    cancelled: tuple[CancelledLine, ...]
    before: int | None  #: where the next page begins
    may_resend: bool
    states: dict[Sending, Text]
    channels: dict[str, Text]
    reasons: dict[str, Text]
    kinds: dict[str, Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxPage:
    """What somebody was told."""

    messages: tuple[InboxEntry, ...]
    limit: int


@routes.get("/delivery")
def show_outbox(visit: Signed, kind: Kind | None = None, before: Number | None = None) -> Response:
    """Show one tab of the outbox; the first that holds something, where none is asked for."""
    visit.open(Place.DELIVERY)
    with visit.reading() as session:
        counts = count_outbox(session)
        kind = kind or _first_held(counts)
        lines = read_deliveries(session, _STATES[kind], before=before) if kind in _STATES else ()
        cancelled = read_cancelled(session, before=before) if kind == "cancelled" else ()
    rows = lines or cancelled
    shown = DeliveryPage(
        kind=kind,
        tabs=_TABS,
        counts=counts,
        lines=lines,
        cancelled=cancelled,
        before=rows[-1].id if len(rows) == PAGE else None,
        may_resend=visit.actor.holds(Role.COORDINATOR),
        states=_SENDING_NAMES,
        channels=_CHANNELS,
        reasons=_REASONS,
        kinds=NOTICE_NAMES,
    )
    return page(visit, "delivery.html", shown)


def _first_held(counts: OutboxCounts) -> Kind:
    held = {state for _, state, count in counts.by_channel if count}
    for kind, _ in _TABS:
        if held & set(_STATES.get(kind, ())) or (kind == "cancelled" and counts.cancelled):
            return kind
    return _TABS[0][0]


@routes.post("/delivery/{number}/resend")
def resend(visit: Signed, number: Number) -> Response:
    """Have a delivery that was given up sent again."""
    with visit.desk() as desk:
        resend_delivery(desk, number)
    return visit.go("/delivery?kind=failed", N_("it is sent with the next delivery"))


@routes.get("/inbox")
def show_inbox(visit: Signed, limit: Annotated[int, Query(ge=1, le=500)] = MESSAGES) -> Response:
    """Show what the person was told, word for word."""
    with visit.reading() as session:
        messages = read_inbox(session, visit.who.code, limit=limit)
    return page(visit, "inbox.html", InboxPage(messages=messages, limit=limit))
