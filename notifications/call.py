"""Calls one address once: a POST whose whole conversation ends within a time, whatever the other side does.

Follows no redirect, reads nothing of an answer but its status, and speaks to no link-local address, also where a name
leads to one.  Must not be called inside a transaction.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Thread
from urllib.parse import urlsplit

from engine.rules.text import N_, Text
from engine.rules.webhooks import is_off_limits

WITHIN = 10.0  #: seconds, from looking up the name to the answer
REDIRECTS = range(300, 400)
GOOD = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a call."""

    status: int | None = None  #: None: there was no answer
    error: Text | None = None  #: None: it was heard


_TOO_SLOW = Answer(error=N_("the address did not answer within {seconds} seconds", seconds=int(WITHIN)))


def call(address: str, body: bytes, headers: Mapping[str, str], *, within: float = WITHIN) -> Answer:
    """Send `body` and return what came of it.  Raises nothing."""
    parts = urlsplit(address)
    connection = (
        HTTPSConnection(parts.hostname or "", parts.port, timeout=within, context=_trusting())
        if parts.scheme == "https"
        else HTTPConnection(parts.hostname or "", parts.port, timeout=within)
    )
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    heard: list[Answer] = []
    # A thread of its own: looking up a name and an answer that drips keep to no time-out.
    thread = Thread(
        target=lambda: heard.append(_speak(connection, path, body, headers)), name="duban-webhook", daemon=True
    )
    thread.start()
    thread.join(within)
    if heard:
        return heard[0]
    if (line := connection.sock) is not None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)  # the thread waits no longer
    return _TOO_SLOW


def _speak(connection: HTTPConnection, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    try:
        connection.connect()
        if is_off_limits(connection.sock.getpeername()[0]):
            return Answer(error=N_("this address is not called: it belongs to the machine itself"))
        connection.request("POST", path, body, dict(headers))
        return _judged(connection.getresponse().status)
    except TimeoutError:
        return _TOO_SLOW
    except ssl.SSLError as error:
        return Answer(error=N_("the certificate or the encryption was refused: {problem}", problem=_told(error)))
    except (OSError, HTTPException, ValueError) as error:  # ValueError: an address that only looks like one
        return Answer(error=N_("the address could not be called: {problem}", problem=_told(error)))
    finally:
        connection.close()


def _judged(status: int) -> Answer:
    if status in GOOD:
        return Answer(status=status)
    if status in REDIRECTS:
        return Answer(status=status, error=N_("the answer was {status}; redirects are not followed", status=status))
    return Answer(status=status, error=N_("the answer was {status}", status=status))


def _told(error: Exception) -> str:
    """Return what went wrong in a word, without anything that the other side wrote."""
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__


@cache
def _trusting() -> ssl.SSLContext:
    """Return what judges certificates: the system's authorities, or those of SSL_CERT_FILE."""
    return ssl.create_default_context()
