"""A mail server that is slow: it takes each mail, and answers after a while."""

from __future__ import annotations

import asyncio
from email import message_from_bytes
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.notifications.test_smtp import serving

__all__ = ["SlowOffice", "serving"]


class SlowOffice:
    """Keeps the Message-ID of each mail that it has taken."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.accepted: list[str] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail, and answer when the time is over."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.accepted.append(str(message_from_bytes(content, policy=default)["Message-ID"]))
        await asyncio.sleep(self._seconds)
        return "250 OK"
