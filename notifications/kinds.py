"""Which templates a message is written with: one thing has a message of its own kind, several make a digest."""

from __future__ import annotations

from enum import StrEnum

from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, Slip
from notifications.messages import DigestMessage, Line


class MessageKind(StrEnum):
    """Kinds of message; each is a folder in `notifications/templates/`."""

    DIGEST = "digest"  #: several things, or one that has no kind of its own
    REMINDER = "reminder"
    BLUE = "blue"  #: near
    YELLOW = "yellow"  #: behind
    RED = "red"  #: overdue
    LEADER = "leader"  #: overdue, to the responsible leader
    LEADING_GROUP = "leading-group"  #: nobody else has settled it
    VERIFICATION_ASKED = "verification-asked"
    RETURNED = "returned"
    PASSED = "passed"
    EXTENSION_DECIDED = "extension-decided"
    MEETING = "meeting"
    MEETING_OFF = "meeting-off"
    LINK_MADE = "link-made"  #: somebody else has made a link with which the reader's password can be set
    PAPER_ASKED = "paper-asked"  #: a paper waits for approval
    PAPER_DECIDED = "paper-decided"  #: it was approved or returned
    TRUST_ASKED = "trust-asked"  #: a trusted role, or the way in of who holds one, waits for a second person
    TRUST_DECIDED = "trust-decided"  #: it was confirmed, refused or withdrawn; or one person did it alone
    WATCHDOG = "watchdog"  #: Duban itself is late


_OF_NOTICE = {
    Notice.REMINDED: MessageKind.REMINDER,
    Notice.VERIFICATION_ASKED: MessageKind.VERIFICATION_ASKED,
    Notice.RETURNED: MessageKind.RETURNED,
    Notice.PASSED: MessageKind.PASSED,
    Notice.EXTENSION_DECIDED: MessageKind.EXTENSION_DECIDED,
    Notice.MEETING: MessageKind.MEETING,
    Notice.MEETING_SET: MessageKind.MEETING,
    Notice.MEETING_OFF: MessageKind.MEETING_OFF,
    Notice.LINK_MADE: MessageKind.LINK_MADE,
    Notice.PAPER_ASKED: MessageKind.PAPER_ASKED,
    Notice.PAPER_DECIDED: MessageKind.PAPER_DECIDED,
    Notice.TRUST_ASKED: MessageKind.TRUST_ASKED,
    Notice.TRUST_DECIDED: MessageKind.TRUST_DECIDED,
    Notice.OVERDUE_SWEEP: MessageKind.WATCHDOG,
}
_OF_SLIP = {
    Slip.REMINDER: MessageKind.REMINDER,
    Slip.BLUE: MessageKind.BLUE,
    Slip.YELLOW: MessageKind.YELLOW,
    Slip.RED: MessageKind.RED,
    Slip.GROUP: MessageKind.LEADING_GROUP,
}


def kind_of(digest: DigestMessage) -> MessageKind:
    """Return the kind of a message."""
    return _kind_of_line(digest.lines[0]) if len(digest.lines) == 1 else MessageKind.DIGEST


def _kind_of_line(line: Line) -> MessageKind:
    if line.kind is not Notice.RUNG:
        return _OF_NOTICE.get(line.kind, MessageKind.DIGEST)
    if line.role is Role.LEADER and line.slip is Slip.RED:
        return MessageKind.LEADER
    return _OF_SLIP[line.slip]
