"""Mail over SMTP: one conversation for all mails of a run.

A mail counts as sent only when the server has taken it.  What the server refuses for good is given up at once; what it
puts off, and every broken conversation, is tried again later under the same Message-ID, so that a mail program shows a
mail once that came twice.  A server that cannot be reached is asked once a run, not once a mail.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from threading import Timer
from typing import Any, Literal

from engine.rules.text import N_, Text
from notifications.senders import Mail, SendFailed
from notifications.senders.letter import compose, one_line

#: How the conversation is protected: from its first byte, from the command STARTTLS on, or not at all.
Security = Literal["tls", "starttls", "none"]
SECONDS = 20  #: that the server may keep silent
#: Seconds for one mail, whatever the server does meanwhile: far less than a claim lasts (engine.rules.backoff).
SECONDS_IN_ALL = 300.0
OK = 250  #: the server's word
REFUSED = 400  #: and above: the server has not taken it; what is below says nothing that we know
FOR_GOOD = 500  #: and above: the server will not take it later either


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The server that takes our mail."""

    host: str
    port: int
    security: Security
    sender: Address  #: who the mail is from
    user: str | None = None
    password: str | None = None
    authorities: str | None = None  #: file with the certificates to trust; None: the system's


class _Watched(smtplib.SMTP):
    """A conversation that knows whether the server may have a whole mail that it has not answered yet."""

    has_mail = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Hand over a mail's content."""
        self.has_mail = True
        answer = super().data(msg)
        self.has_mail = False
        return answer


class _WatchedTls(_Watched, smtplib.SMTP_SSL):
    """The same, encrypted from its first byte."""


class SmtpSender:
    """Hands each mail to one server."""

    channel = "smtp"

    def __init__(self, server: Server) -> None:
        self._server = server
        self._open: _Watched | None = None
        self._down: Text | None = None  #: why the server could not be reached

    def send(self, mail: Mail) -> None:
        """Hand the mail over."""
        if not mail.to_address:
            raise SendFailed(N_("{person} has no e-mail address", person=mail.to_name), retry=False)
        message = compose(mail, self._server.sender)
        ends = time.monotonic() + SECONDS_IN_ALL
        connection = self._connection()
        try:
            with _cut_at(connection, ends):
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            code, reason = next(iter(refused.recipients.values()))
            raise self._refused(code, reason) from refused
        except smtplib.SMTPResponseException as refused:
            connection.has_mail = False  # it has answered
            raise self._refused(refused.smtp_code, refused.smtp_error) from refused
        except (smtplib.SMTPException, OSError) as broken:
            self.close()
            raise SendFailed(
                N_("the conversation with {host} broke: {error}", host=self._server.host, error=_told(broken)),
                retry=True,
                is_perhaps_sent=connection.has_mail,
            ) from broken

    def close(self) -> None:
        """End the conversation."""
        connection, self._open, self._down = self._open, None, None
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
            connection.close()

    def greet(self) -> None:
        """Begin a conversation, and end it again.  Raises SendFailed when that is not possible."""
        self._connection()
        self.close()

    def _connection(self) -> _Watched:
        """Return the conversation, begun anew where the server has ended it."""
        if self._open is not None and self._is_alive(self._open):
            return self._open
        if self._down is not None:
            raise SendFailed(self._down, retry=True)
        try:
            self._open = self._begin()
        except (smtplib.SMTPException, OSError, UnicodeError) as error:  # a password beyond ASCII is the last one
            told = N_("{host} cannot be used: {error}", host=self._server.host, error=_told(error))
            self._down = told
            raise SendFailed(told, retry=True) from error
        return self._open

    def _begin(self) -> _Watched:
        server = self._server
        context = ssl.create_default_context(cafile=server.authorities)
        if server.security == "tls":
            connection: _Watched = _WatchedTls(server.host, server.port, timeout=SECONDS, context=context)
        else:
            connection = _Watched(server.host, server.port, timeout=SECONDS)
        try:
            if server.security == "starttls":
                connection.starttls(context=context)
            if server.user and server.password:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    @staticmethod
    def _is_alive(connection: smtplib.SMTP) -> bool:
        with suppress(smtplib.SMTPException, OSError):
            return connection.noop()[0] == OK
        return False

    def _refused(self, code: int, reason: bytes | str) -> SendFailed:
        """Return the failure that an answer of the server means; the conversation goes on."""
        said = one_line(reason.decode(errors="replace") if isinstance(reason, bytes) else reason)
        told = N_("{host} refused it: {code} {reason}", host=self._server.host, code=code, reason=said[:200])
        return SendFailed(told, retry=code < FOR_GOOD, is_perhaps_sent=code < REFUSED)


@contextmanager
def _cut_at(connection: smtplib.SMTP, ends: float) -> Iterator[None]:
    """Cut the line at `ends` of the monotonic clock: a server that answers drop by drop keeps to no time-out."""

    def cut() -> None:
        if (line := connection.sock) is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    timer = Timer(max(0.0, ends - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _told(error: BaseException) -> str:
    """Return what went wrong in one line; an answer of the server in its own words, never what we had sent."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return one_line(f"{error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}")[:200]
    return one_line(str(error))[:200] or type(error).__name__
