"""Hands the messages of one claim to their senders, and records what came of it.  The only place that calls a sender.

What the inbox keeps is recorded at once, together.  What leaves Duban goes out one by one: each attempt begins in a
transaction of its own that makes sure of the claim and keeps what is said, and ends in the next one; so a process that
dies leaves no more than one message of which nobody knows whether it arrived.  What could not be begun soon after its
claim is given back, to be looked at again.  One failing message never stops the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeAlias

from sqlalchemy.orm import Session

import i18n
from engine.actions.deliver_digests import begin_attempt, give_back
from engine.actions.record_deliveries import (
    ClaimedDelivery,
    FailedMessage,
    SentMessage,
    record_failed,
    record_kept,
    record_sent,
)
from engine.rules.moment import Moment
from engine.rules.text import N_
from models.database import Sessions
from notifications.invitation import invitations_of
from notifications.link_mail import INBOX
from notifications.messages import DigestMessage
from notifications.render import Rendered, Renderer
from notifications.senders import Mail, Sender, SendFailed

log = logging.getLogger(__name__)

#: How long after its claim a delivery may be begun without being looked at again.
FRESH_FOR = timedelta(minutes=1)

Outcome: TypeAlias = SentMessage | FailedMessage | None  #: None: the claim was lost, and nothing was sent


@dataclass(slots=True, kw_only=True)
class DeliveryReport:
    """What a delivery run did."""

    bundled: int = 0  #: notifications put into digests
    sent: int = 0  #: messages that a sender accepted, each channel by itself
    cancelled: int = 0  #: notifications that were no longer true
    failed: int = 0  #: messages given up; the coordinators are told
    retry: int = 0  #: messages that failed and are tried again later


class _Ready(NamedTuple):
    """A message that only has to be handed over."""

    sender: Sender
    digest: DigestMessage
    message: Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Sends for one run."""

    sessions: Sessions
    senders: Mapping[str, Sender]
    on: date  #: the run's local date
    now: Callable[[], datetime]
    language: str  #: of errors, for the coordinators
    renderer: Callable[[str], Renderer]  #: by language
    done: DeliveryReport
    _rendered: dict[int, Rendered] = field(default_factory=dict)  #: by digest, of the claim under work

    def take(self, deliveries: Sequence[ClaimedDelivery], messages: Mapping[int, DigestMessage]) -> None:
        """Send what was claimed together; `messages` are the digests by number."""
        claimed_at = self.now()
        self._rendered.clear()
        kept = [one for one in deliveries if one.channel == INBOX]
        if kept:
            outcomes = [self._send(one, self._ready(one, messages)) for one in kept]
            with self.sessions.begin() as session:
                self._record(session, outcomes, are_kept=True)
        leaving = [one for one in deliveries if one.channel != INBOX]
        outcome: Outcome = None
        for place, delivery in enumerate(leaving):
            if place and self.now() - claimed_at > FRESH_FOR:
                with self.sessions.begin() as session:
                    give_back(session, leaving[place:])
                break
            ready = self._ready(delivery, messages)
            with self.sessions.begin() as session:
                if outcome is not None:
                    self._record(session, [outcome])
                is_ours = isinstance(ready, FailedMessage) or begin_attempt(
                    session, delivery, subject=ready.message.subject, body=ready.message.text, at=self.now()
                )
            outcome = self._send(delivery, ready) if is_ours else None
        if outcome is not None:
            with self.sessions.begin() as session:
                self._record(session, [outcome])

    def _ready(self, delivery: ClaimedDelivery, messages: Mapping[int, DigestMessage]) -> _Ready | FailedMessage:
        """Return the message, rendered once for all channels; or why there is none."""
        try:
            digest = messages[delivery.digest]
            if digest.digest not in self._rendered:
                self._rendered[digest.digest] = self.renderer(digest.language).render(digest)
            return _Ready(_sender(self.senders, delivery), digest, self._rendered[digest.digest])
        except Exception as error:  # noqa: BLE001 - one poor message must not hold back the others
            return self._failed(delivery, error, is_begun=False)

    def _send(self, delivery: ClaimedDelivery, ready: _Ready | FailedMessage) -> SentMessage | FailedMessage:
        if isinstance(ready, FailedMessage):
            return ready
        try:
            ready.sender.send(_mail(delivery, ready.digest, ready.message, Moment(at=self.now(), on=self.on)))
        except Exception as error:  # noqa: BLE001 - nor must a broken sender
            return self._failed(delivery, error, is_begun=delivery.channel != INBOX)
        return SentMessage(delivery=delivery, subject=ready.message.subject, body=ready.message.text)

    def _failed(self, delivery: ClaimedDelivery, error: Exception, *, is_begun: bool) -> FailedMessage:
        """Return what an error means; of one that nobody foresaw nobody knows what went before it."""
        if isinstance(error, SendFailed):
            return FailedMessage(
                delivery=delivery,
                error=i18n.say(error.text, self.language),
                retry=error.retry,
                is_perhaps_sent=error.is_perhaps_sent,
            )
        log.error("message not sent", exc_info=error, extra={"digest": delivery.digest, "channel": delivery.channel})
        what = f"{type(error).__name__}: {error}"[:500]
        return FailedMessage(delivery=delivery, error=what, retry=True, is_perhaps_sent=is_begun)

    def _record(
        self, session: Session, outcomes: Sequence[SentMessage | FailedMessage], *, are_kept: bool = False
    ) -> None:
        """Write what came of messages; `are_kept`: recording them is all that sending them was."""
        present = Moment(at=self.now(), on=self.on)
        sent = [one for one in outcomes if isinstance(one, SentMessage)]
        failures = [one for one in outcomes if isinstance(one, FailedMessage)]
        if are_kept:
            self.done.sent += record_kept(session, sent, present)
        else:
            record_sent(session, sent, present)
            self.done.sent += len(sent)
        given_up = record_failed(session, failures, present)
        self.done.failed += given_up
        self.done.retry += len(failures) - given_up


def _sender(senders: Mapping[str, Sender], delivery: ClaimedDelivery) -> Sender:
    sender = senders.get(delivery.channel)
    if sender is None:
        raise SendFailed(N_("the channel {channel} is not set up", channel=delivery.channel), retry=False)
    return sender


def _mail(delivery: ClaimedDelivery, digest: DigestMessage, message: Rendered, present: Moment) -> Mail:
    return Mail(
        digest=digest.digest,
        message_id=delivery.message_id,
        to_code=digest.code,
        to_name=digest.person,
        to_address=digest.email,
        subject=message.subject,
        text=message.text_with_links(),
        html=message.html,
        language=digest.language,
        on=present.on,
        sent_at=present.at,
        unsubscribe=message.unsubscribe,
        invitations=invitations_of(digest, at=present.at),
    )
