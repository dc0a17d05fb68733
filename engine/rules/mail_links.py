"""Links in mails with which a person does one thing without signing in: what, and how they are signed.  Pure.

A link names person, measure, deed, message and end, in the open, and carries an HMAC-SHA256 over them with that
person's key.  It works once (`engine.actions.use_mail_link` sees to that), and only as long as the key is kept.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

from engine.rules.notices import Notice
from engine.rules.text import N_, Text
from engine.rules.vocabulary import AnyWait, Role, WaitsFor

VALID_FOR = timedelta(days=7)
KEY_BYTES = 32
_FORM = re.compile(
    r"([0-9]{1,18})\.([0-9]{1,18})\.([a-z]+)\.([0-9]{1,18})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})", re.ASCII
)


class Deed(StrEnum):
    """What a link does."""

    ACCEPT = "accept"
    DONE = "done"  #: "already done, I will report": the ladder holds as long as the policy allows
    EXTEND = "extend"  #: ask for an extension


DEED_NAMES: dict[Deed, Text] = {
    Deed.ACCEPT: N_("accept"),
    Deed.DONE: N_("already done, I will report"),
    Deed.EXTEND: N_("ask for an extension"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLink:
    """What a link says."""

    person: int
    measure: int
    deed: Deed
    message: int  #: the digest that it stands in: the link of another mail is another link
    until: int  #: seconds since 1970

    @property
    def signed(self) -> str:
        """Return what is signed."""
        return f"{self.person}.{self.measure}.{self.deed.value}.{self.message}.{self.until}"


def deeds_for(kind: Notice, role: Role, waits_for: AnyWait | None, *, is_late: bool) -> tuple[Deed, ...]:
    """Return what somebody may do from a mail about one measure: its owner, for what is asked of them.

    >>> [deed.value for deed in deeds_for(Notice.RUNG, Role.OWNER, WaitsFor.DUE_DATE, is_late=False)]
    ['done', 'extend']
    >>> deeds_for(Notice.RUNG, Role.UNIT_HEAD, WaitsFor.DUE_DATE, is_late=True)
    ()
    """
    if role is not Role.OWNER:
        return ()
    if kind is Notice.ASSIGNED or (kind is Notice.RUNG and waits_for is WaitsFor.ACCEPTANCE):
        return (Deed.ACCEPT,)
    if kind is Notice.RUNG and waits_for is WaitsFor.DUE_DATE:
        return (Deed.DONE,) if is_late else (Deed.DONE, Deed.EXTEND)
    return ()


def sign_link(link: MailLink, key: bytes) -> str:
    """Return the link's last part.

    >>> link = MailLink(person=1, measure=2, deed=Deed.ACCEPT, message=3, until=1757000000)
    >>> token = sign_link(link, b"k" * 32)
    >>> read_link(token) == link, is_signed(token, b"k" * 32), is_signed(token, b"x" * 32)
    (True, True, False)
    """
    mac = hmac.new(key, f"duban mail link {link.signed}".encode(), sha256).digest()
    return f"{link.signed}.{urlsafe_b64encode(mac).decode().rstrip('=')}"


def read_link(token: str) -> MailLink | None:
    """Return what a link says, not yet whether it is signed; None: it is none.

    >>> read_link("1.2.accept.3"), read_link("1.2.close.3.1757000000." + "A" * 43)
    (None, None)
    """
    found = _FORM.fullmatch(token)
    if found is None or found[3] not in set(Deed):
        return None
    return MailLink(
        person=int(found[1]), measure=int(found[2]), deed=Deed(found[3]), message=int(found[4]), until=int(found[5])
    )


def is_signed(token: str, key: bytes) -> bool:
    """Return whether a link carries the signature that `key` makes."""
    link = read_link(token)
    return link is not None and hmac.compare_digest(token.encode(), sign_link(link, key).encode())
