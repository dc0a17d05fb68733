"""The mail server of a seeded year: it takes mail, refuses it, is slow, or cuts the line, as its weather is.

It stands behind the product's own SMTP sender, which speaks to it as to any server.  What it has accepted is what the
promises are judged by.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import EmailMessage
from random import Random

from notifications.senders.smtp import SmtpSender

FINE, FLAKY, DOWN, SLOW = "fine", "flaky", "down", "slow"
WEATHERS = (FINE,) * 12 + (FLAKY, FLAKY, DOWN, SLOW, SLOW)
SLOWLY = 11  #: minutes that a slow server takes for one mail
NOBODY = re.compile(r"gone-\d+@")  #: an address at which nobody is any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What an accepted mail tells a calendar program of one meeting."""

    uid: str
    sequence: int
    method: str  #: REQUEST or CANCEL
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A mail that the server has accepted."""

    message_id: str
    to: str
    text: str
    at: datetime
    words: tuple[Word, ...]


@dataclass(slots=True)
class MailServer:
    """Takes mail, and remembers it."""

    dice: Random
    now: Callable[[], datetime]
    pass_time: Callable[[int], None]  #: minutes
    interrupt: Callable[[str], None]  #: called around each mail: `before` it is accepted, and `after`
    weather: str = FINE
    taken: list[Taken] = field(default_factory=list)
    perhaps: set[str] = field(default_factory=set)  #: Message-IDs accepted although their sender never heard so
    refused: set[str] = field(default_factory=set)  #: Message-IDs that it will never take

    def greet(self) -> None:
        """Take up a conversation, unless the server is down."""
        if self.weather == DOWN:
            raise ConnectionRefusedError(111, "nobody answers")

    def take(self, message: EmailMessage) -> None:
        """Accept a mail, or fail as SMTP fails."""
        number, to = str(message["Message-ID"]), str(message["To"].addresses[0].addr_spec)
        self.interrupt("before")
        if self.weather == DOWN:
            raise smtplib.SMTPServerDisconnected("the line is cut")
        if NOBODY.match(to):
            self.refused.add(number)
            raise smtplib.SMTPRecipientsRefused({to: (550, b"no such person here")})
        lot = self.dice.random() if self.weather == FLAKY else 1.0
        if lot < 0.2:
            raise smtplib.SMTPRecipientsRefused({to: (451, b"try again later")})
        if lot < 0.3:
            raise smtplib.SMTPServerDisconnected("the line is cut before the mail was taken")
        if self.weather == SLOW:
            self.pass_time(self.dice.randint(1, SLOWLY))
        self.taken.append(_taken(message, number, to, self.now()))
        if lot < 0.5:
            self.perhaps.add(number)
            raise smtplib.SMTPServerDisconnected("the line is cut after the mail was taken")
        try:
            self.interrupt("after")
        except BaseException:
            self.perhaps.add(number)
            raise


def _taken(message: EmailMessage, number: str, to: str, at: datetime) -> Taken:
    plain = message.get_body(("plain",))
    return Taken(
        message_id=number,
        to=to,
        text=plain.get_content() if plain is not None else "",
        at=at,
        words=tuple(_words(message)),
    )


def _words(message: EmailMessage) -> Iterator[Word]:
    """Yield what the mail's calendar parts say, each told once."""
    told: set[str] = set()
    for part in message.walk():
        if part.get_content_type() != "text/calendar":
            continue
        content = part.get_payload(decode=True)
        body = content.decode() if isinstance(content, bytes) else ""
        lines = dict(line.split(":", 1) for line in body.replace("\r\n ", "").splitlines() if ":" in line)
        if lines["UID"] in told:
            continue
        told.add(lines["UID"])
        day = next(value for name, value in lines.items() if name.startswith("DTSTART"))
        yield Word(
            uid=lines["UID"],
            sequence=int(lines["SEQUENCE"]),
            method=lines["METHOD"],
            day=date(int(day[:4]), int(day[4:6]), int(day[6:8])),
        )


class YearSender(SmtpSender):
    """The product's sender, with this server at the other end of the line."""

    def __init__(self, server: MailServer, told: object) -> None:
        super().__init__(told)  # type: ignore[arg-type]
        self._mail_server = server

    def _begin(self) -> smtplib.SMTP:
        self._mail_server.greet()
        return _Line(self._mail_server)  # type: ignore[return-value]


class _Line:
    """One conversation: the part of smtplib's that the sender uses."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def noop(self) -> tuple[int, bytes]:
        return (421, b"") if self._server.weather == DOWN else (250, b"OK")

    def send_message(self, message: EmailMessage) -> None:
        self._server.take(message)

    def quit(self) -> None:
        with suppress(OSError):
            self._server.greet()

    def close(self) -> None:
        """Nothing is held."""
