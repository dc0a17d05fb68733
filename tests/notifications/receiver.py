"""A program that hears of events: a real server, which answers, refuses, is slow, drips or cuts the line as told."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from hashlib import sha256
from hmac import new as hmac_of
from typing import Any

from tests.local_server import Answering, LocalServer, listening


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


class Receiver(LocalServer):
    """Answers with `status`; or it waits, drips or cuts the line."""

    def __init__(self) -> None:
        super().__init__(_Answering)
        self.heard: list[Heard] = []
        self.status = 204
        self.way = "answer"  #: answer, wait, drip, cut, redirect

    @property
    def address(self) -> str:
        """Where it is called."""
        return f"{self.root}/hooks/duban"


class _Answering(Answering):
    server: Receiver

    def do_POST(self) -> None:  # noqa: N802 - a name of the standard library
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


def receiving() -> AbstractContextManager[Receiver]:
    """Give a receiver that is there meanwhile."""
    return listening(Receiver())
