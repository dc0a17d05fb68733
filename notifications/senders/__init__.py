"""The channels: each module here sends over one.  A sender returns only when the other side has taken the mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from engine.rules.text import Text
from notifications.invitation import Invitation


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message to one person, as every channel gets it."""

    digest: int  #: number of the digest
    message_id: str  #: the same at every attempt
    to_code: str  #: sign-in name
    to_name: str
    to_address: str | None  #: e-mail address, where one is known
    subject: str  #: one line
    text: str
    html: Callable[[], str]  #: makes the HTML part, for a channel that shows it
    language: str
    on: date  #: the local date
    sent_at: datetime  #: aware
    unsubscribe: str | None = (
        None  #: where its reader says that they want no such mail, for channels that carry it away
    )
    invitations: tuple[Invitation, ...] = ()  #: for channels that carry them


class SendFailed(Exception):  # noqa: N818 - it is what a sender answers
    """Nobody said that the mail was taken; `retry` says whether trying again can help."""

    def __init__(self, text: Text, *, retry: bool, is_perhaps_sent: bool = False) -> None:
        super().__init__(str(text))
        self.text = text  #: what went wrong, for the coordinator
        self.retry = retry
        self.is_perhaps_sent = is_perhaps_sent  #: the other side may have taken it all the same


class Sender(Protocol):
    """What a channel must be able to do."""

    @property
    def channel(self) -> str:
        """Return the channel's name, as DUBAN_CHANNELS writes it."""

    def send(self, mail: Mail) -> None:
        """Hand the mail over.  Raises SendFailed when it was not taken."""

    def close(self) -> None:
        """Let go of what was held between mails; the next mail takes it again."""
