"""A program that hears of events: a real server, which answers, refuses, is slow, drips or cuts the line as told."""

from __future__ import annotations

import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from hmac import new as hmac_of
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One call."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The event."""
        return json.loads(self.body)  # type: ignore[no-any-return]

    def is_signed_with(self, secret: str) -> bool:
        """Return whether the signature is right."""
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        key = b64decode(secret.removeprefix("whsec_"))
        wanted = b64encode(hmac_of(key, signed, sha256).digest()).decode()
        return f"v1,{wanted}" in self.headers["webhook-signature"].split()


class Receiver(ThreadingHTTPServer):
    """Answers with `status`; or it waits, drips or cuts the line."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.heard: list[Heard] = []
        self.status = 204
        self.way = "answer"  #: answer, wait, drip, cut, redirect
        self.may_end = threading.Event()

    @property
    def address(self) -> str:
        """Where it is called."""
        return f"http://127.0.0.1:{self.server_port}/hooks/duban"

    def handle_error(self, *_: object) -> None:
        """Say nothing of callers who have hung up."""


class _Answering(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.heard.append(
            Heard(path=self.path, headers={name.lower(): value for name, value in self.headers.items()}, body=body)
        )
        match self.server.way:
            case "wait":
                self.server.may_end.wait(20)
            case "drip":
                with suppress(OSError):
                    while not self.server.may_end.wait(0.02):
                        self.wfile.write(b"H")
                return
            case "cut":
                self.connection.close()
                return
            case "redirect":
                self.send_response(302)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                return
        with suppress(OSError):
            self.send_response(self.server.status)
            self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Give a receiver that is there meanwhile."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.may_end.set()
        server.shutdown()
        server.server_close()
        thread.join()
