"""The channels that the settings name: senders of mail, and robots of group chats.

Asked by what sends, never by what merely opens a house: the libraries of the senders are loaded here.
"""

from __future__ import annotations

from collections.abc import Mapping

from config.settings import Settings
from engine.rules.text import N_
from i18n import say
from notifications.robots.apprise_chat import chats_at
from notifications.robots.dingtalk import DingtalkRobot
from notifications.robots.feishu import FeishuRobot
from notifications.robots.post import Chat
from notifications.robots.wecom import WecomRobot
from notifications.senders import Sender
from notifications.senders.eml import EmlSender
from notifications.senders.inbox import InboxSender
from notifications.senders.letter import address_of
from notifications.senders.smtp import Server, SmtpSender


def senders_of(settings: Settings) -> Mapping[str, Sender]:
    """Return a sender for each channel."""
    known: dict[str, Sender] = {"inbox": InboxSender(), "eml": EmlSender(settings.home / "outbox")}
    if (server := mail_server_of(settings)) is not None:
        known["smtp"] = SmtpSender(server)
    return {channel: known[channel] for channel in settings.channels if channel in known}


def mail_server_of(settings: Settings) -> Server | None:
    """Return the mail server; None: none is named, or no sender's address."""
    sender = address_of(say(N_("Duban"), settings.language), settings.smtp_from or "")
    if settings.smtp_host is None or sender is None:
        return None
    return Server(
        host=settings.smtp_host,
        port=settings.smtp_at,
        security=settings.smtp_security,
        sender=sender,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        authorities=str(settings.smtp_authorities) if settings.smtp_authorities else None,
    )


def chats_of(settings: Settings) -> Mapping[str, Chat]:
    """Return the group chats."""
    found: list[Chat] = []
    if settings.wecom_robot_url is not None:
        found.append(WecomRobot(settings.wecom_robot_url.get_secret_value()))
    if settings.dingtalk_robot_url is not None:
        secret = settings.dingtalk_robot_secret
        found.append(
            DingtalkRobot(settings.dingtalk_robot_url.get_secret_value(), secret.get_secret_value() if secret else None)
        )
    if settings.feishu_robot_url is not None:
        secret = settings.feishu_robot_secret
        found.append(
            FeishuRobot(settings.feishu_robot_url.get_secret_value(), secret.get_secret_value() if secret else None)
        )
    found += chats_at(settings.apprise_addresses)
    return {robot.channel: robot for robot in found}
