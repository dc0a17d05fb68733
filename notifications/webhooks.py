"""Calls webhooks: each hears of the events after the last one that it has heard of, in order, one call for each.

Called by the run `deliver`, after the mail.  The record of events is the queue, so nothing is written twice, and
nothing is lost: what was not heard is told again, under the same id.  A slow or dead address costs the others nothing
but its share of a bounded time.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine

from engine.actions.record_calls import record_call_failed, record_passed
from engine.reads.settled_events import EventTold, read_events_after, settled_until
from engine.reads.webhooks import WebhookToCall, read_webhooks_to_call
from engine.rules.moment import Moment
from engine.rules.webhooks import sign
from i18n import say
from models.database import Sessions, reading
from models.places import alone
from notifications.call import WITHIN, Answer, call

log = logging.getLogger(__name__)

SECONDS = 60.0  #: of one run
SECONDS_EACH = 20.0  #: for one address in it
AT_ONCE = 100  #: events that are read together
Caller = Callable[[str, bytes, Mapping[str, str]], Answer]


@dataclass(slots=True, kw_only=True)
class CallReport:
    """What a run told other programs."""

    sent: int = 0  #: calls that were heard
    failed: int = 0  #: calls that were not, and are made again
    given_up: int = 0  #: webhooks that are paused now; the coordinators are told
    is_waiting: bool = False  #: somebody has been writing to the record for too long; the next run calls


def deliver_webhooks(
    engine: Engine,
    sessions: Sessions,
    *,
    moment: Moment,
    language: str,
    now: Callable[[], datetime],
    caller: Caller = call,
    wait: Callable[[float], object] = time.sleep,
    seconds: float = SECONDS,
) -> CallReport:
    """Call every webhook that has something to hear and whose time has come, for `seconds` at most.

    Another process that is at it is left alone.  `moment` says whose day it is, `language` is that of errors, for the
    coordinators; `now` tells the present: when a call is made, and how long is waited after one that failed.
    """
    done = CallReport()
    began_at = Moment(at=now(), on=moment.on)
    with reading(sessions) as session:
        if not read_webhooks_to_call(session, began_at):
            return done
    try:
        with alone(engine, "webhooks", wait_seconds=0) as place:
            until = settled_until(sessions, wait=wait)
            if until is None:
                log.warning("webhooks wait for a long transaction")
                done.is_waiting = True
                return done
            with reading(sessions) as session:
                webhooks = read_webhooks_to_call(session, began_at)
            began = time.monotonic()
            for webhook in webhooks:
                left = seconds - (time.monotonic() - began)
                if left < WITHIN:
                    break
                turn = _Turn(sessions, webhook, moment.on, language, now, caller, place.is_held, done)
                turn.take(until, min(left, SECONDS_EACH))
    except TimeoutError:
        log.info("another process calls the webhooks")
    return done


@dataclass(frozen=True, slots=True)
class _Turn:
    """One webhook in one run."""

    sessions: Sessions
    webhook: WebhookToCall
    on: date
    language: str
    now: Callable[[], datetime]
    caller: Caller
    is_alone: Callable[[], bool]  #: asked before each call: the place may be lost with its connection
    done: CallReport

    def take(self, until: int, seconds: float) -> None:
        """Tell what happened up to `until`, in order, while there is time; end with the first call that fails."""
        began, passed = time.monotonic(), self.webhook.passed
        while passed < until:
            with reading(self.sessions) as session:
                events = read_events_after(session, passed, until=until, patterns=self.webhook.kinds, limit=AT_ONCE)
            for event in events:
                if time.monotonic() - began > seconds - WITHIN or not self.is_alone() or not self._tell(event):
                    return
                passed = event.id
            if len(events) < AT_ONCE:  # what is left up to there concerns it not
                passed = until
                self._pass(until, was_sent=False)

    def _tell(self, event: EventTold) -> bool:
        """Return whether the call was heard, and another one may follow."""
        body = payload(event)
        message = f"evt_{event.id}"
        timestamp = int(self.now().timestamp())
        answer = self.caller(
            self.webhook.url,
            body,
            {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Duban",
                "webhook-id": message,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": sign(self.webhook.secret, message=message, timestamp=timestamp, body=body),
            },
        )
        if answer.error is None:
            self.done.sent += 1
            return self._pass(event.id, was_sent=True)
        with self.sessions.begin() as session:
            is_given_up = record_call_failed(
                session,
                self.webhook.id,
                self._present(),
                error=say(answer.error, self.language),
                status=answer.status,
            )
        self.done.failed += not is_given_up
        self.done.given_up += is_given_up
        log.warning("webhook not heard", extra={"status": answer.status or 0})
        return False

    def _pass(self, event: int, *, was_sent: bool) -> bool:
        with self.sessions.begin() as session:
            return record_passed(session, self.webhook.id, event, self._present(), was_sent=was_sent)

    def _present(self) -> Moment:
        return Moment(at=self.now(), on=self.on)


def payload(event: EventTold) -> bytes:
    """Return what is sent of an event."""
    told: dict[str, Any] = asdict(event) | {"at": event.at.isoformat(), "on": event.on.isoformat()}
    kind, at = told.pop("kind"), told["at"]
    return json.dumps({"type": kind, "timestamp": at, "data": told}, ensure_ascii=False, default=str).encode()
