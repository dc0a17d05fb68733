"""Checks of what is said: that it leaves, arrives, and leads somewhere."""

from __future__ import annotations

from engine.reads.health import (
    count_lately,
)
from engine.rules.outgoing import LOOPBACK
from engine.rules.text import N_
from flows.channels import chats_of, mail_server_of
from flows.checks.finding import Finding, Ground, Level
from flows.templates import message_templates, paper_templates
from models import Sending
from notifications.senders import SendFailed
from notifications.senders.smtp import SmtpSender


def check_outbox(ground: Ground) -> Finding:
    """Look whether what was said arrives."""
    waiting = ground.lateness.undelivered
    lately = count_lately(ground.session, ground.moment.on, Sending.FAILED, Sending.PERHAPS)
    told = N_(
        "{waiting} wait longer than a day; of the last seven days {given_up} were given up, {perhaps} perhaps sent",
        waiting=waiting,
        given_up=lately[Sending.FAILED],
        perhaps=lately[Sending.PERHAPS],
    )
    return Level.BAD if waiting else Level.WARN if any(lately.values()) else Level.OK, told


def check_mail(ground: Ground) -> Finding:
    """Look whether what is said leaves Duban."""
    channels = ground.house.settings.channels
    robots = tuple(chats_of(ground.house.settings))
    told = N_("channels: {channels}", channels=channels)
    if robots:
        told = N_("channels: {channels}; group robots: {robots}", channels=channels, robots=robots)
    if "smtp" in channels and (server := mail_server_of(ground.house.settings)) is not None:
        try:
            SmtpSender(server).greet()
        except SendFailed as failed:
            return Level.BAD, failed.text
    return Level.WARN if set(channels) == {"inbox"} and not robots else Level.OK, told


def check_address(ground: Ground) -> Finding:
    """Look whether links lead somewhere."""
    settings = ground.house.settings
    if settings.address is not None:
        return Level.OK, N_("links begin with {address}", address=settings.address)
    is_for_others = "smtp" in settings.channels or (
        settings.listen_at is not None and settings.listen_at[0] not in LOOPBACK
    )
    told = N_("DUBAN_ADDRESS is not set: mails carry no links, those on pages begin with this machine's own address")
    return Level.WARN if is_for_others else Level.OK, told


def check_templates(ground: Ground) -> Finding:
    """Look whether the office's own templates hold: of messages, and of papers."""
    templates, faults = message_templates(ground.house.settings)
    papers, wrong = paper_templates(ground.house.settings)
    faults += wrong
    if faults:
        first = faults[0]
        told = N_(
            "{count} are not used: {file}, row {row}: {problem}",
            count=len(faults),
            file=first.place.file,
            row=first.place.row or 1,
            problem=first.message,
        )
        return Level.BAD, told
    return Level.OK, N_("{count} of your own", count=len(templates.own) + len(papers))
