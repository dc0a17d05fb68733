"""The links that stand in a mail beside what they are for.  What leaves Duban carries them, what is kept does not.

The page of deliveries shows messages to others than their reader, and whoever could read a link could use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.rules.mail_links import DEED_NAMES, VALID_FOR, Deed, MailLink, deeds_for, sign_link
from engine.rules.moment import Moment
from engine.rules.reminder_mails import sign_unsubscribe
from engine.rules.text import Text
from notifications.messages import DigestMessage, Line


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMaker:
    """Makes the links of one run."""

    address: str  #: how people reach the workplace
    keys: Mapping[int, bytes]  #: by person
    moment: Moment
    has_inbox: bool = True  #: what is not sent by mail can be read elsewhere

    def unsubscribe(self, digest: DigestMessage) -> str | None:
        """Return the address at which the reader says that they want no such mail; None: they cannot do without it."""
        key = None if digest.receiver is None else self.keys.get(digest.receiver)
        if digest.receiver is None or key is None or not self.has_inbox or not digest.is_mere_reminder:
            return None
        return f"{self.address}/unsubscribe/{sign_unsubscribe(digest.receiver, key)}"

    def links(self, digest: DigestMessage, line: Line) -> tuple[tuple[Text, str], ...]:
        """Return (what it does, address) for each thing that the reader may do at once about a line."""
        if digest.receiver is None or line.measure is None or digest.receiver not in self.keys:
            return ()
        until = int((self.moment.at + VALID_FOR).timestamp())
        return tuple(
            (
                DEED_NAMES[deed],
                f"{self.address}/mail/{self._signed(digest.receiver, line.measure, deed, digest, until)}",
            )
            for deed in deeds_for(line.kind, line.role, line.waits_for, is_late=line.is_late)
        )

    def _signed(self, person: int, measure: int, deed: Deed, digest: DigestMessage, until: int) -> str:
        link = MailLink(person=person, measure=measure, deed=deed, message=digest.digest, until=until)
        return sign_link(link, self.keys[person])
