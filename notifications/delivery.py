"""Delivers the outbox: bundle → claim → render → send → record, in bounded batches.

Called by the runs `daily` and `deliver`.  The only place that calls a sender.  Between claim and record no transaction
is open; a crash there loses nothing, the claim comes back.  One failing message never stops the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial

import i18n
from engine.actions.bundle_digests import bundle_digests
from engine.actions.deliver_digests import claim_deliveries
from engine.actions.mail_keys import keys_of
from engine.actions.record_deliveries import (
    ClaimedDelivery,
    FailedMessage,
    SentMessage,
    record_failed,
    record_sent,
    record_unwanted,
)
from engine.reads.digest_lines import read_digests
from engine.reads.reminders_off import with_reminders_off
from engine.rules.moment import Moment
from engine.rules.text import N_
from engine.rules.working_days import WorkingCalendar
from models.database import Sessions, reading
from notifications.invitation import invitations_of
from notifications.link_mail import INBOX
from notifications.mail_links import LinkMaker
from notifications.messages import DigestMessage
from notifications.render import Rendered, Renderer
from notifications.senders import Mail, Sender, SendFailed
from notifications.template_set import TemplateSet

log = logging.getLogger(__name__)

#: Deliveries per claim.
BATCH = 100


@dataclass(slots=True, kw_only=True)
class DeliveryReport:
    """What a delivery run did."""

    bundled: int = 0  #: notifications put into digests
    sent: int = 0  #: messages that a sender accepted, each channel by itself
    cancelled: int = 0  #: notifications that were no longer true
    failed: int = 0  #: messages given up; the coordinators are told
    retry: int = 0  #: messages that failed and are tried again later


def deliver_outbox(
    sessions: Sessions,
    *,
    moment: Moment,
    batch: str,
    senders: Mapping[str, Sender],
    calendar: WorkingCalendar,
    digests_per_day: int,
    is_quiet: bool = False,
    language: str,
    templates: TemplateSet | None = None,
    address: str | None = None,
    report: Callable[[DeliveryReport], None] | None = None,
) -> DeliveryReport:
    """Send everything that waits and whose time has come; running it again at the same moment sends nothing twice.

    `batch` names the run, `senders` are the channels by name, `language` is for people who have chosen none,
    while it
    `is_quiet` what is not urgent waits, `templates` are the office's own before Duban's,
    `address` is where links in mails lead, None: there are none; `report`
    is called after each batch, for a progress bar.
    """
    done = DeliveryReport()
    with ExitStack() as stack:
        for sender in senders.values():
            stack.callback(sender.close)
        keys: dict[int, bytes] = {}
        has_inbox = INBOX in senders
        links = (
            LinkMaker(address=address, keys=keys, moment=moment, has_inbox=has_inbox) if address is not None else None
        )
        post = _Post(
            senders=senders,
            moment=moment,
            language=language,
            keys=keys,
            renderer=cache(partial(Renderer, templates=templates, links=links)),
        )
        with sessions.begin() as session:
            done.bundled = bundle_digests(
                session,
                batch=batch,
                moment=moment,
                channels=tuple(senders),
                digests_per_day=digests_per_day,
                is_quiet=is_quiet,
            )
        while True:
            with sessions.begin() as session:
                claim = claim_deliveries(session, moment=moment, limit=BATCH)
            if not claim.taken:
                return done
            done.cancelled += claim.cancelled
            done.failed += claim.failed
            if claim.deliveries:
                says = {delivery.digest: delivery.says for delivery in claim.deliveries}
                if address is not None:
                    with sessions.begin() as session:
                        readers = {told.receiver for said in says.values() for told in said}
                        post.keys.update(keys_of(session, readers, moment))
                with reading(sessions) as session:
                    messages = read_digests(session, says, on=moment.on, calendar=calendar, language=language)
                    reminded = {one.receiver for one in messages.values() if one.receiver and one.is_mere_reminder}
                    off = with_reminders_off(session, reminded) if has_inbox else frozenset()
                unwanted = [one for one in claim.deliveries if _is_unwanted(one, messages.get(one.digest), off)]
                aside = {one.id for one in unwanted}
                sent, failures = post.send_all([one for one in claim.deliveries if one.id not in aside], messages)
                with sessions.begin() as session:
                    record_unwanted(session, unwanted)
                    record_sent(session, sent, moment)
                    given_up = record_failed(session, failures, moment)
                done.sent += len(sent)
                done.failed += given_up
                done.retry += len(failures) - given_up
            if report is not None:
                report(done)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Post:
    """Hands messages to their senders, and sorts what came of it."""

    senders: Mapping[str, Sender]
    moment: Moment
    language: str  #: of errors, for the coordinators
    keys: dict[int, bytes]  #: that sign the links, by person
    renderer: Callable[[str], Renderer]  #: by language

    def send_all(
        self, deliveries: Sequence[ClaimedDelivery], messages: Mapping[int, DigestMessage]
    ) -> tuple[list[SentMessage], list[FailedMessage]]:
        """Render each digest once and hand it to the sender of each channel."""
        sent: list[SentMessage] = []
        failures: list[FailedMessage] = []
        rendered: dict[int, Rendered] = {}
        for delivery in deliveries:
            try:
                digest = messages[delivery.digest]
                if digest.digest not in rendered:
                    rendered[digest.digest] = self.renderer(digest.language).render(digest)
                message = rendered[digest.digest]
                _sender(self.senders, delivery).send(_mail(delivery, digest, message, self.moment))
            except SendFailed as refused:
                error = i18n.say(refused.text, self.language)
                failures.append(FailedMessage(delivery=delivery, error=error, retry=refused.retry))
            except Exception as error:  # one poor message or broken sender must not hold back the others
                log.exception("message not sent", extra={"digest": delivery.digest, "channel": delivery.channel})
                what = f"{type(error).__name__}: {error}"[:500]
                failures.append(FailedMessage(delivery=delivery, error=what, retry=True))
            else:
                sent.append(SentMessage(delivery=delivery, subject=message.subject, body=message.text))
        return sent, failures


def _is_unwanted(delivery: ClaimedDelivery, digest: DigestMessage | None, off: Collection[int]) -> bool:
    """Return whether its reader, one of `off`, does without this by mail; the inbox has it in any case."""
    return delivery.channel != INBOX and digest is not None and digest.receiver in off and digest.is_mere_reminder


def _sender(senders: Mapping[str, Sender], delivery: ClaimedDelivery) -> Sender:
    sender = senders.get(delivery.channel)
    if sender is None:
        raise SendFailed(N_("the channel {channel} is not set up", channel=delivery.channel), retry=False)
    return sender


def _mail(delivery: ClaimedDelivery, digest: DigestMessage, message: Rendered, moment: Moment) -> Mail:
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
        on=moment.on,
        sent_at=moment.at,
        unsubscribe=message.unsubscribe,
        invitations=invitations_of(digest, at=moment.at),
    )
