"""Delivery of the outbox: bundle → claim → render → send → record, in bounded batches.

Called by the runs `daily` and `deliver`.  Between claim and record no transaction is open; a crash there loses nothing,
the claim comes back.  What the inbox keeps is recorded before anything leaves Duban; what leaves it goes out one by one
(notifications.hand_over).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from datetime import datetime
from functools import cache, partial

from engine.actions.bundle_digests import bundle_digests
from engine.actions.deliver_digests import claim_deliveries
from engine.actions.mail_keys import keys_of
from engine.actions.record_deliveries import (
    ClaimedDelivery,
    record_unwanted,
)
from engine.reads.digest_lines import read_digests
from engine.reads.reminders_off import with_reminders_off
from engine.rules.moment import Moment
from engine.rules.working_days import WorkingCalendar
from models.database import Sessions, reading
from notifications.hand_over import DeliveryReport, HandOver
from notifications.link_mail import INBOX
from notifications.mail_links import LinkMaker
from notifications.messages import DigestMessage
from notifications.render import Renderer
from notifications.senders import Sender
from notifications.template_set import TemplateSet

#: Deliveries per claim.
BATCH = 100


def deliver_outbox(
    sessions: Sessions,
    *,
    moment: Moment,
    now: Callable[[], datetime],
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

    `moment` says whose day it is; `now` tells the present, by which claims begin and end, however long ago the run
    began and whatever day it is for.  `batch` names the run, `senders` are the channels by name, `language` is for
    people who have chosen none, while it `is_quiet` what is not urgent waits, `templates` are the office's own before
    Duban's, `address` is where links in mails lead, None: there are none; `report` is called after each batch, for a
    progress bar.
    """
    done = DeliveryReport()
    began = Moment(at=now(), on=moment.on)
    with ExitStack() as stack:
        for sender in senders.values():
            stack.callback(sender.close)
        keys: dict[int, bytes] = {}
        has_inbox = INBOX in senders
        links = (
            LinkMaker(address=address, keys=keys, moment=began, has_inbox=has_inbox) if address is not None else None
        )
        hand_over = HandOver(
            sessions=sessions,
            senders=senders,
            on=moment.on,
            now=now,
            language=language,
            renderer=cache(partial(Renderer, templates=templates, links=links)),
            done=done,
        )
        with sessions.begin() as session:
            done.bundled = bundle_digests(
                session,
                batch=batch,
                moment=began,
                channels=tuple(senders),
                digests_per_day=digests_per_day,
                is_quiet=is_quiet,
            )
        while True:
            with sessions.begin() as session:
                present = Moment(at=now(), on=moment.on)
                claim = claim_deliveries(session, moment=present, limit=BATCH, due=began.at)
            if not claim.taken:
                return done
            done.cancelled += claim.cancelled
            done.failed += claim.failed
            if claim.deliveries:
                says = {delivery.digest: delivery.says for delivery in claim.deliveries}
                if address is not None:
                    with sessions.begin() as session:
                        readers = {told.receiver for said in says.values() for told in said}
                        keys.update(keys_of(session, readers, began))
                with reading(sessions) as session:
                    messages = read_digests(session, says, on=moment.on, calendar=calendar, language=language)
                    reminded = {one.receiver for one in messages.values() if one.receiver and one.is_mere_reminder}
                    off = with_reminders_off(session, reminded) if has_inbox else frozenset()
                unwanted = [one for one in claim.deliveries if _is_unwanted(one, messages.get(one.digest), off)]
                if unwanted:
                    with sessions.begin() as session:
                        record_unwanted(session, unwanted)
                aside = {one.id for one in unwanted}
                hand_over.take([one for one in claim.deliveries if one.id not in aside], messages)
            if report is not None:
                report(done)


def _is_unwanted(delivery: ClaimedDelivery, digest: DigestMessage | None, off: Collection[int]) -> bool:
    """Return whether its reader, one of `off`, does without this by mail; the inbox has it in any case."""
    return delivery.channel != INBOX and digest is not None and digest.receiver in off and digest.is_mere_reminder
