"""The mail with the link that sets a password: written and handed to the senders at once, and kept nowhere.

It does not go through the outbox: that keeps what it says, and whoever could read it there would get in.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from html import escape

from engine.actions.ask_link import VALID_FOR, LinkToSend
from engine.reads.sign_ins import digest_of
from engine.rules.moment import Moment
from engine.rules.text import N_, Text
from i18n import say
from notifications.senders import Mail, Sender, SendFailed

log = logging.getLogger(__name__)

INBOX = "inbox"  #: whoever reads it is signed in already


def reaches_people(senders: Mapping[str, Sender]) -> bool:
    """Return whether one of the channels leads to people who are not signed in."""
    return any(channel != INBOX for channel in senders)


def send_link(senders: Mapping[str, Sender], link: LinkToSend, *, address: str, language: str, moment: Moment) -> bool:
    """Send a link over every channel that leads out; return whether one of them took it.

    `address` is where people reach the workplace, `language` that of people who have chosen none.
    """
    mail = _mail(link, address=address, language=link.language or language, moment=moment)
    taken = False
    for channel, sender in senders.items():
        if channel == INBOX:
            continue
        try:
            sender.send(mail)
            taken = True
        except SendFailed as refused:
            log.warning("a link was not sent", extra={"channel": channel, "error": say(refused.text, "en")})
        finally:
            sender.close()
    return taken


def _mail(link: LinkToSend, *, address: str, language: str, moment: Moment) -> Mail:
    path = f"{address}/link/{link.secret}"
    number = int.from_bytes(digest_of(link.secret)[:6])
    lines = tuple(say(line, language) for line in _lines(link.name, link.code))
    return Mail(
        digest=number,
        message_id=f"<link-{number}@duban>",
        to_code=link.code,
        to_name=link.name,
        to_address=link.address,
        subject=say(N_("Duban: set your password"), language),
        text="\n\n".join((lines[0], lines[1], path, *lines[2:])) + "\n",
        html=lambda: _html(lines, path, language),
        language=language,
        on=moment.on,
        sent_at=moment.at,
    )


def _lines(name: str, code: str) -> tuple[Text, ...]:
    minutes = int(VALID_FOR.total_seconds()) // 60
    return (
        N_("Dear {name},", name=name),
        N_("with this link you set a new password for Duban; your sign-in name is {code}.", code=code),
        N_("It works once, and for {minutes} minutes. Give it to nobody.", minutes=minutes),
        N_("If it was not you who asked for it, do nothing: your password stays as it is."),
    )


def _html(lines: tuple[str, ...], path: str, language: str) -> str:
    told = [escape(line) for line in lines]
    link = f'<a href="{escape(path)}">{escape(path)}</a>'
    told.insert(2, link)
    body = "\n".join(f"<p>{line}</p>" for line in told)
    return (
        f'<!DOCTYPE html>\n<html lang="{language.replace("_", "-")}">\n<head><meta charset="utf-8"></head>\n'
        f'<body style="font-family:sans-serif;font-size:16px;line-height:1.6">\n{body}\n</body>\n</html>\n'
    )
