"""What concerns the house: runs, kinds of events, and the webhooks that hear of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from engine.actions.desk import Desk
from engine.actions.manage_webhooks import add_webhook, drop_webhook, switch_webhook
from engine.reads.runs_list import read_runs
from engine.reads.webhooks import WebhookLine, read_webhooks
from engine.rules.access import only_for
from engine.rules.record_words import event_words
from engine.rules.refusal import NotFound
from engine.rules.sight import Place, hidden_events
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from engine.rules.webhooks import LONGEST_ADDRESS, MOST_PATTERNS
from i18n import say
from models import Outcome
from web.api.answers import CREATED, NO_CONTENT, act
from web.api.caller import Acts, Reads
from web.api.shapes import LARGEST_ID, PRINTABLE, Asked, Code, Given, Number

routes = APIRouter(tags=["house"])


class Run(Given):
    """A run that is done, failed or under way."""

    id: int
    kind: str = Field(examples=["daily"])
    period: str = Field(examples=["2025-09-03"])
    version: int
    as_of: date
    state: Outcome
    report: dict[str, Any] | None
    started_at: datetime
    finished_at: datetime | None


class Runs(Given):
    """A page of runs, the newest first."""

    runs: list[Run]
    next: int | None = Field(description="For `before`: the next page; null: this is the last.")


class EventKind(Given):
    """A kind of event."""

    kind: str = Field(examples=["measure:state:accept"])
    name: str = Field(description="In the caller's language.")


class EventKinds(Given):
    """Every kind of event that the record knows by name."""

    kinds: list[EventKind]


class Webhook(Given):
    """An address that hears of events."""

    id: int
    url: str
    kinds: list[str]
    is_active: bool = Field(description="False: paused, or given up.")
    made_at: datetime
    last_event: int = Field(description="The last that it has heard of, or that does not concern it.")
    attempts: int = Field(description="Failed ones, for the next event.")
    next_try_at: datetime
    last_sent_at: datetime | None
    last_error: str | None
    gave_up_at: datetime | None


class WebhookMade(Given):
    """A new webhook."""

    id: int
    url: str
    kinds: list[str]
    secret: str = Field(description="What deliveries are signed with; shown this once.")


class Webhooks(Given):
    """Every webhook."""

    webhooks: list[Webhook]


class WebhookAsked(Asked):
    """Which address hears of what."""

    url: Annotated[
        str,
        StringConstraints(strict=True, min_length=8, max_length=LONGEST_ADDRESS, pattern=PRINTABLE),
        Field(description="http or https.", examples=["https://oa.example/hooks/duban"]),
    ]
    kinds: list[Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=PRINTABLE)]] = Field(
        default_factory=list,
        max_length=MOST_PATTERNS,
        description="Kinds of events, or their beginning with a star; none: all.",
        examples=[["measure:state:*"]],
    )


@routes.get("/runs", operation_id="list_runs", response_model=Runs)
def list_runs(
    caller: Reads,
    kind: Annotated[Code | None, Query(description="daily, monthly …")] = None,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="`next` of the page before this one.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Runs:
    """List what ran by itself.  For who may see what is said to everybody."""
    caller.open(Place.DELIVERY)
    with caller.reading() as session:
        found, last = read_runs(session, kind=kind, before=before, limit=limit)
    return Runs(runs=[Run.model_validate(one) for one in found], next=last)


@routes.get("/event-kinds", operation_id="list_event_kinds", response_model=EventKinds)
def list_event_kinds(caller: Reads) -> EventKinds:
    """List the kinds of events, for the patterns of webhooks."""
    hidden = hidden_events(caller.actor)
    return EventKinds(
        kinds=[
            EventKind(kind=kind, name=say(name, caller.language))
            for kind, name in sorted(event_words().items())
            if kind not in hidden
        ]
    )


@routes.get("/webhooks", operation_id="list_webhooks", response_model=Webhooks)
def list_webhooks(caller: Reads) -> Webhooks:
    """List the webhooks, and how each fares.  For coordinators."""
    only_for(caller.actor, "webhook", {Role.COORDINATOR})
    with caller.reading() as session:
        return Webhooks(webhooks=[_webhook(one) for one in read_webhooks(session)])


@routes.get("/webhooks/{number}", operation_id="show_webhook", response_model=Webhook)
def show_webhook(caller: Reads, number: Number) -> Webhook:
    """Show how a webhook fares.  For coordinators."""
    only_for(caller.actor, "webhook", {Role.COORDINATOR})
    with caller.reading() as session:
        for one in read_webhooks(session):
            if one.id == number:
                return _webhook(one)
    raise NotFound(N_("there is no such webhook"))


def _webhook(line: WebhookLine) -> Webhook:
    return Webhook.model_validate(line)


@routes.post("/webhooks", operation_id="add_webhook", response_model=WebhookMade, status_code=CREATED)
def add(caller: Acts, body: WebhookAsked) -> Response:
    """Let another program hear of events from now on.  The secret is in this answer alone.  For coordinators."""

    def added(desk: Desk) -> WebhookMade:
        webhook, secret = add_webhook(
            desk, url=body.url, kinds=tuple(body.kinds), allowed=caller.house.settings.called_networks
        )
        return WebhookMade(id=webhook.id, url=webhook.url, kinds=webhook.kinds.split(), secret=secret)

    return act(caller, added, status=CREATED)


@routes.post("/webhooks/{number}/pause", operation_id="pause_webhook", status_code=NO_CONTENT, response_class=Response)
def pause(caller: Acts, number: Number) -> Response:
    """Call an address no more until it is taken up again.  For coordinators."""
    return act(caller, lambda desk: _none(switch_webhook(desk, number, active=False)))


@routes.post(
    "/webhooks/{number}/resume", operation_id="resume_webhook", status_code=NO_CONTENT, response_class=Response
)
def resume(caller: Acts, number: Number) -> Response:
    """Take a webhook up again where it stopped: nothing that happened meanwhile is left out.  For coordinators."""
    return act(caller, lambda desk: _none(switch_webhook(desk, number, active=True)))


@routes.delete("/webhooks/{number}", operation_id="drop_webhook", status_code=NO_CONTENT, response_class=Response)
def drop(caller: Acts, number: Number) -> Response:
    """End a webhook.  For coordinators."""
    return act(caller, lambda desk: drop_webhook(desk, number))


def _none(_: object) -> None:
    return None
