"""Calls one address once: a POST whose whole conversation ends within a time, whatever the other side does.

Follows no redirect, and reads nothing of an answer but its status.  A name is looked up once for each call: what it
leads to is judged (engine.rules.outgoing), and the very address that was judged is called.  Must not be called inside a
transaction.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from threading import Thread
from urllib.parse import urlsplit

from engine.rules.outgoing import Network, is_allowed, is_off_limits
from engine.rules.text import N_, Text

WITHIN = 10.0  #: seconds, from looking up the name to the answer
REDIRECTS = range(300, 400)
GOOD = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a call."""

    status: int | None = None  #: None: there was no answer
    error: Text | None = None  #: None: it was heard


_TOO_SLOW = Answer(error=N_("the address did not answer within {seconds} seconds", seconds=int(WITHIN)))


_OFF_LIMITS = Answer(error=N_("this address is not called: it belongs to the machine itself"))
#: Returns the numeric addresses that a host's name and port lead to, the best first.  Raises OSError.
Resolver = Callable[[str, int], Sequence[str]]


def look_up(host: str, port: int) -> Sequence[str]:
    """Ask the system."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_our_own(address: str) -> bool:
    """Return whether this machine has the address: only then it lets a socket be bound to it."""
    try:
        family, _, _, _, place = socket.getaddrinfo(address, 0, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind(place)
    except OSError:
        return False
    return True


def call(
    address: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    within: float = WITHIN,
    allowed: Collection[Network] = (),
    resolver: Resolver = look_up,
    is_own: Callable[[str], bool] = is_our_own,
) -> Answer:
    """Send `body` and return what came of it; `allowed` are networks that are called in any case.  Raises nothing."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port

    def may_be_called(numeric: str) -> bool:
        if is_off_limits(numeric, allowed):
            return False
        return is_allowed(ip_address(numeric), allowed) or not is_own(numeric)

    def targets(port: int) -> list[str]:
        return [one for one in resolver(host, port) if may_be_called(one)]

    connection = (
        _PinnedTls(host, port, timeout=within, context=_trusting())
        if parts.scheme == "https"
        else _Pinned(host, port, timeout=within)
    )
    connection.targets = targets
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


class _OffLimits(Exception):  # noqa: N818 - it is what was found
    """Nothing that the name leads to is called."""


class _Pinned(HTTPConnection):
    """Calls an address that was judged, and never asks for its name once more."""

    targets: Callable[[int], Sequence[str]]  #: looks up where the name leads, and judges it

    def connect(self) -> None:
        """Connect to the first target that answers.  Raises OSError, _OffLimits."""
        self.sock = self._line()

    def _line(self) -> socket.socket:
        found = self.targets(self.port)
        if not found:
            raise _OffLimits
        for target in found[:-1]:
            with suppress(OSError):
                return socket.create_connection((target, self.port), self.timeout)
        return socket.create_connection((found[-1], self.port), self.timeout)


class _PinnedTls(_Pinned, HTTPSConnection):
    """The same, encrypted; the certificate must be for the name."""

    def __init__(self, host: str, port: int | None, *, timeout: float, context: ssl.SSLContext) -> None:
        HTTPSConnection.__init__(self, host, port, timeout=timeout, context=context)
        self._trust = context

    def connect(self) -> None:
        """Connect, and look at the certificate."""
        self.sock = self._line()
        self.sock = self._trust.wrap_socket(self.sock, server_hostname=self.host)


def _speak(connection: HTTPConnection, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    try:
        connection.request("POST", path, body, dict(headers))
        return _judged(connection.getresponse().status)
    except TimeoutError:
        return _TOO_SLOW
    except _OffLimits:
        return _OFF_LIMITS
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
