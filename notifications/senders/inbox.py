"""The inbox: what was delivered stays readable in Duban itself (`duban inbox`), word for word."""

from __future__ import annotations

from notifications.senders import Mail


class InboxSender:
    """Takes every mail: the delivery's own row, written when it is recorded as sent, is what the inbox shows."""

    channel = "inbox"

    def send(self, mail: Mail) -> None:
        """Take the mail; nothing can fail."""

    def close(self) -> None:
        """Let go of nothing."""
