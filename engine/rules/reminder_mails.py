"""Which mails somebody may do without, and the link with which they say so.  Pure.

Only reminders of what is not due yet, and of one's own work: they stand in the workplace and in the inbox all the same.
Everything else comes by mail whatever anybody chooses: assignments, slips, what is overdue, verification, decisions to
take, news.  Asked by `notifications` for every mail; the link is made there and read by `engine.reads.reminders_off`.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from hashlib import sha256

from engine.rules.notices import Notice
from engine.rules.vocabulary import AnyWait, OtherWait, Slip, WaitsFor

#: What reminders may be done without for.  Others wait for a verdict or a decision: those come.
OWN_WORK: frozenset[AnyWait] = frozenset(
    {WaitsFor.ASSIGNMENT, WaitsFor.ACCEPTANCE, WaitsFor.MONTHLY_REPORT, WaitsFor.DUE_DATE, OtherWait.MEETING_TASK}
)
_FORM = re.compile(r"([0-9]{1,18})\.([A-Za-z0-9_-]{43})", re.ASCII)


def is_mere_reminder(kind: Notice, slip: Slip, waits_for: AnyWait | None, *, days_late: int | None) -> bool:
    """Return whether somebody may do without a mail that says this and nothing else.

    `days_late`: working days since the deadline; None, where it cannot be told, counts as late.

    >>> is_mere_reminder(Notice.RUNG, Slip.REMINDER, WaitsFor.DUE_DATE, days_late=-30)
    True
    >>> is_mere_reminder(Notice.RUNG, Slip.REMINDER, WaitsFor.DUE_DATE, days_late=1)
    False
    >>> is_mere_reminder(Notice.RUNG, Slip.BLUE, WaitsFor.DUE_DATE, days_late=-7)
    False
    >>> is_mere_reminder(Notice.RUNG, Slip.REMINDER, WaitsFor.VERIFICATION, days_late=-2)
    False
    """
    is_early = days_late is not None and days_late <= 0
    return kind is Notice.RUNG and slip is Slip.REMINDER and waits_for in OWN_WORK and is_early


def sign_unsubscribe(person: int, key: bytes) -> str:
    """Return the last part of the link of `person`; it is the same in every mail, and good as long as the key is kept.

    >>> token = sign_unsubscribe(7, b"k" * 32)
    >>> read_unsubscribe(token), is_unsubscribe_signed(token, b"k" * 32), is_unsubscribe_signed(token, b"x" * 32)
    (7, True, False)
    """
    mac = hmac.new(key, f"duban unsubscribe {person}".encode(), sha256).digest()
    return f"{person}.{urlsafe_b64encode(mac).decode().rstrip('=')}"


def read_unsubscribe(token: str) -> int | None:
    """Return whose link it is, not yet whether it is signed; None: it is none."""
    found = _FORM.fullmatch(token)
    return int(found[1]) if found else None


def is_unsubscribe_signed(token: str, key: bytes) -> bool:
    """Return whether a link carries the signature that `key` makes."""
    person = read_unsubscribe(token)
    return person is not None and hmac.compare_digest(token.encode(), sign_unsubscribe(person, key).encode())
