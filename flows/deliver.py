"""Delivery: sends what waits in the outbox, posts to group chats, then calls the webhooks of other programs."""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

from engine.actions.keep_answer import forget_answers
from engine.actions.keep_run import is_at_work
from engine.rules.moment import Moment
from engine.rules.quiet_hours import is_quiet
from engine.rules.text import N_
from flows.channels import chats_of, senders_of
from flows.house import House
from flows.report import RunReport, logged
from flows.templates import message_templates
from i18n import say
from notifications.call import call
from notifications.delivery import deliver_outbox
from notifications.group_delivery import PostReport, deliver_posts
from notifications.hand_over import DeliveryReport
from notifications.webhooks import deliver_webhooks


def run_deliver(house: House, moment: Moment, *, again: bool = False) -> RunReport:  # noqa: ARG001 - as every run
    """Send everything whose time has come.  Not kept as a run: the outbox itself says what was sent.

    While a daily run is at work it leaves that to it: else a long sweep would reach people in pieces.
    """
    if is_at_work(house.engine, "daily"):
        note = say(N_("the daily run is under way and delivers itself"), house.language)
        return RunReport(run="deliver", as_of=moment.on.isoformat(), notes=[note])
    with logged("deliver", as_of=moment.on.isoformat()) as told:
        report = deliver(house, moment, batch=f"deliver:{moment.at.isoformat()}")
        posted = deliver_to_groups(house, moment)
        called = deliver_webhooks(
            house.engine,
            house.sessions,
            moment=moment,
            language=house.language,
            now=lambda: house.now().at,
            caller=partial(call, allowed=house.settings.called_networks),
        )
        forget_answers(house.sessions, house.now())
        return told(
            RunReport(
                run="deliver",
                as_of=moment.on.isoformat(),
                notifications=report.bundled,
                failed=report.failed + called.given_up + posted.failed,
                sent=report.sent + posted.sent,
                cancelled=report.cancelled,
                called=called.sent,
            )
        )


def deliver(house: House, moment: Moment, *, batch: str) -> DeliveryReport:
    """Bundle and send, one digest per person for `batch`; by night and on days off only what is urgent."""
    calendar, rules = house.calendar(), house.round_rules()
    return deliver_outbox(
        house.sessions,
        moment=moment,
        now=lambda: house.now().at,
        batch=batch,
        senders=senders_of(house.settings),
        calendar=calendar,
        digests_per_day=rules.digests_per_day,
        is_quiet=is_quiet(
            rules.quiet,
            moment.at.astimezone(ZoneInfo(house.zone)).time(),
            is_working_day=calendar.is_working(moment.on),
        ),
        language=house.language,
        templates=message_templates(house.settings)[0],
        address=house.settings.address,
    )


def deliver_to_groups(house: House, moment: Moment) -> PostReport:
    """Post what is owed to group chats."""
    robots = chats_of(house.settings)
    if not robots:
        return PostReport()
    return deliver_posts(
        house.sessions,
        robots,
        moment=moment,
        calendar=house.calendar(),
        language=house.language,
        address=house.settings.address,
        now=lambda: house.now().at,
    )
