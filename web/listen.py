"""Serves the web application on a thread of its own, beside whatever the process does."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from engine.rules.text import N_, Text
from flows.house import House
from web.app import create_app

log = logging.getLogger(__name__)

STOP_WITHIN = 3  #: seconds that answers under way are given
#: Seconds that an idle connection is kept: longer than proxies keep theirs, or one closes it while the other asks.
KEEP_ALIVE = 75


@contextmanager
def listening(house: House, say: Callable[[Text], None]) -> Iterator[None]:
    """Answer under DUBAN_LISTEN for as long as it lasts.

    A port that is taken is told, and the rest goes on: no deadline is forgotten because nobody can be shown it.
    """
    wanted = house.settings.listen_at
    try:
        listener = _open(*wanted) if wanted else None
    except OSError as error:
        log.warning("nothing is served over HTTP", extra={"error": type(error).__name__})
        say(
            N_(
                "nothing is served over HTTP: {address} cannot be used ({problem}); DUBAN_LISTEN names another",
                address=house.settings.listen,
                problem=error.strerror or str(error),
            )
        )
        listener = None
    if listener is None:
        yield
        return
    config = uvicorn.Config(
        create_app(house),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        forwarded_allow_ips=list(house.settings.proxies),
        timeout_graceful_shutdown=STOP_WITHIN,
        timeout_keep_alive=KEEP_ALIVE,
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="web", daemon=True)
    thread.start()
    try:
        say(N_("the workplace is open under {address}", address=_address(listener)))
        say(N_("monitors find {address}/healthz and /metrics", address=_address(listener)))
        yield
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _open(host: str, port: int) -> socket.socket:
    """Return a socket that listens already, so that nobody who asks at once is turned away."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
