"""Any other group chat that the Apprise library speaks to (Slack, Teams, Matrix, Telegram, Mattermost, …).

For the long tail only.  Apprise answers no more than yes or no, and takes HTTP 200 for yes: of services that tell their
errors in the body (WeCom, DingTalk, Feishu) it does not read them, which is why those have adapters of our own.  An
address is a secret: what Apprise would log about it is not logged.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING

from engine.rules.group_posts import Trouble
from engine.rules.text import N_
from notifications.robots import Refused

if TYPE_CHECKING:
    from apprise import Apprise

WITHIN = 30.0  #: seconds for the whole conversation
LONGEST, SHORTEST = 18_000, 200  #: bytes of a post, where the service takes more, or says that it takes nothing
FOR_TITLE = 200  #: bytes that are left for it: many services have none, and it becomes the text's first line
NO_SUCH = Refused(
    trouble=Trouble.FOR_GOOD, error=N_("DUBAN_APPRISE_URLS: Apprise knows no such address, or it is not complete")
)


class AppriseChat:
    """Hands the text to Apprise, which is loaded only then."""

    rest = timedelta(minutes=1)

    def __init__(self, channel: str, address: str) -> None:
        self.channel = channel
        self._address = address
        self._opened: Apprise | None = None

    @property
    def most_bytes(self) -> int:
        """Return what the service takes of signs: in bytes that is less, never more."""
        chat = self._open()
        most = min((one.body_maxlen for one in chat), default=LONGEST) if chat is not None else LONGEST
        return max(SHORTEST, min(LONGEST, most) - FOR_TITLE)

    def send(self, title: str, text: str, *, within: float = WITHIN) -> Refused | None:
        """Send Markdown, which Apprise turns into what the service has; None: Apprise says that it was delivered."""
        chat = self._open()
        if chat is None:
            return NO_SUCH
        heard: list[Refused | None] = []
        # A thread of its own: an answer that only drips keeps to no time-out of the library.
        thread = Thread(target=lambda: heard.append(_notify(chat, title, text)), name="duban-apprise", daemon=True)
        thread.start()
        thread.join(within)
        if heard:
            return heard[0]
        told = N_("the group robot did not answer within {seconds} seconds", seconds=int(within))
        return Refused(trouble=Trouble.LATER, error=told, is_perhaps_sent=True)

    def _open(self) -> Apprise | None:
        """Return the library's own object for the address; None: it knows none such."""
        if self._opened is None:
            from apprise import Apprise, AppriseAsset, PersistentStoreMode  # noqa: PLC0415 - heavy, and few have such chats

            # It keeps nothing on the disk: what it would keep has to do with secrets.
            chat = Apprise(asset=AppriseAsset(app_id="Duban", storage_mode=PersistentStoreMode.MEMORY))
            if not chat.add(self._address):
                return None
            self._opened = chat
        return self._opened


def chats_at(addresses: Sequence[str]) -> list[AppriseChat]:
    """Return a chat for each address, called by its service: the second of the same service has a number.

    >>> [chat.channel for chat in chats_at(["slack://a/b/c", "json://x", "slack://d/e/f"])]
    ['apprise-slack', 'apprise-json', 'apprise-slack-2']
    """
    found: list[AppriseChat] = []
    for address in addresses:
        service = f"apprise-{address.partition('://')[0].lower()}"[:40]
        same = sum(chat.channel == service or chat.channel.startswith(f"{service}-") for chat in found)
        found.append(AppriseChat(f"{service}-{same + 1}" if same else service, address))
    return found


def _notify(chat: Apprise, title: str, text: str) -> Refused | None:
    from apprise import NotifyFormat  # noqa: PLC0415 - the same

    try:
        if chat.notify(body=text, title=title, body_format=NotifyFormat.MARKDOWN):
            return None
        told = N_("the service did not take it; Apprise does not say why")
    except Exception as error:  # noqa: BLE001 - whatever the library does, the other chats go on
        told = N_("the group robot could not be called: {problem}", problem=type(error).__name__)
    return Refused(trouble=Trouble.LATER, error=told, is_perhaps_sent=True)  # that an answer never came, it calls "no"


# Apprise writes addresses, and what it sends, into its log; the library below it writes their paths.
logging.getLogger("apprise").addFilter(lambda _: False)
logging.getLogger("urllib3.connectionpool").addFilter(lambda record: record.levelno > logging.INFO)
