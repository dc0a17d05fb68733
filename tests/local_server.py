"""A server of HTTP on this machine, for as long as a test needs it: what it answers is its own matter."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar


class LocalServer(ThreadingHTTPServer):
    """Listens on a free port; whoever waits in an answer waits for `may_end`, which is set when the test is over."""

    daemon_threads = True

    def __init__(self, answering: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), answering)
        self.may_end = threading.Event()
        self.root = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Say nothing of callers who have hung up."""


class Answering(BaseHTTPRequestHandler):
    """Answers without a word in the log."""

    def log_message(self, *_: object) -> None:
        """Print nothing."""


ServerT = TypeVar("ServerT", bound=LocalServer)


@contextmanager
def listening(server: ServerT) -> Iterator[ServerT]:
    """Give the server, which answers meanwhile."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.may_end.set()
        server.shutdown()
        server.server_close()
        thread.join()
