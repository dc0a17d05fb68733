"""What a message says, as plain values: no models, no language yet.

`engine.reads.digest_lines` fills them from the database, `notifications.render` turns them into subject, text and HTML.
Nothing here is looked up or sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from engine.rules.names import SLIP_NAMES
from engine.rules.notices import URGENCY, Notice
from engine.rules.reminder_mails import is_mere_reminder
from engine.rules.text import N_, Text
from engine.rules.vocabulary import AnyWait, Role, Slip

#: News: nothing is asked of who reads it.
NEWS = frozenset(
    {
        Notice.REASSIGNED_AWAY,
        Notice.TASK_AWAY,
        Notice.PASSED,
        Notice.CLOSED,
        Notice.CANCELLED,
        Notice.STEP_TAKEN,
        Notice.EXTENSION_DECIDED,
        Notice.DEADLINE_MOVED,
        Notice.MEETING,
        Notice.MEETING_SET,
        Notice.MEETING_OFF,
        Notice.PAPER_DECIDED,
        Notice.OPINION,
        Notice.TRUST_DECIDED,
        Notice.ROLE_TAKEN,
    }
)
#: Whose deadline is the reader's own, or what they answer for; for the others the due date is only told.
TIMED = frozenset({Notice.RUNG, Notice.REMINDED, Notice.EMPTY_RUNG, Notice.ASSIGNED, Notice.RETURNED, Notice.REBOUND})


class Line(NamedTuple):
    """One thing that a digest says; a run has thousands of them."""

    kind: Notice
    slip: Slip
    role: Role  #: in which role the person is addressed
    on: date  #: the day on which the message is sent
    waits_for: AnyWait | None = None  #: what the ladder waits for
    code: str | None = None  #: the measure's code; None: it is about no measure
    position: int = 0  #: of the measure in the ledger
    text: str | None = None  #: the measure, in full
    unit: str | None = None  #: the responsible unit
    owner: str | None = None  #: the task owner
    round: str | None = None  #: the round's organisation and title, where the digest speaks of several rounds
    deadline: date | None = None
    days_late: int | None = None  #: working days since the deadline took effect; negative: still left
    stands_for: tuple[str, ...] = ()  #: whose duty it is, where the reader receives in their place
    measure: int | None = None  #: its number
    data: Mapping[str, Any] = MappingProxyType({})  #: what else the kind carries (engine.rules.notices)

    @property
    def is_news(self) -> bool:
        """Say whether nothing is asked."""
        return self.kind in NEWS

    @property
    def is_late(self) -> bool:
        """Say whether what is asked should have been done by now."""
        return self.kind in TIMED and self.days_late is not None and self.days_late > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Lines of one urgency, under one heading."""

    heading: Text
    slip: Slip | None  #: None: news
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class DigestMessage:
    """Everything that one run has to say to one person."""

    digest: int  #: number of the digest
    person: str  #: the name of who receives it
    code: str  #: their sign-in name
    email: str | None
    language: str  #: zh_CN or en
    on: date  #: the day on which it is sent
    lines: tuple[Line, ...]
    receiver: int | None = None  #: number of who receives it

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Return the lines by urgency, the most urgent first; within a section the latest first."""
        asked: dict[Slip, list[Line]] = {}
        news: list[Line] = []
        for line in self.lines:
            (news if line.is_news else asked.setdefault(line.slip, [])).append(line)
        found = []
        for slip in sorted(asked, key=URGENCY.__getitem__, reverse=True):
            heading = N_("to do") if slip is Slip.REMINDER else SLIP_NAMES[slip]
            found.append(Section(heading=heading, slip=slip, lines=tuple(sorted(asked[slip], key=_most_late_first))))
        if news:
            news.sort(key=lambda line: line.position)
            found.append(Section(heading=N_("for your information"), slip=None, lines=tuple(news)))
        return tuple(found)

    @cached_property
    def asked_count(self) -> int:
        """Return how many things are asked."""
        return sum(len(section.lines) for section in self.sections if section.slip is not None)

    @property
    def late_count(self) -> int:
        """Return how many of them are late."""
        return sum(line.is_late for line in self.lines)

    @cached_property
    def is_mere_reminder(self) -> bool:
        """Say whether the reader may do without it by mail."""
        return all(
            is_mere_reminder(line.kind, line.slip, line.waits_for, days_late=line.days_late) for line in self.lines
        )

    @property
    def stands_for(self) -> tuple[str, ...]:
        """Return the names of those for whom the person receives, in order of appearance."""
        return tuple(dict.fromkeys(name for line in self.lines for name in line.stands_for))


def _most_late_first(line: Line) -> tuple[int, int, str]:
    late = line.days_late if line.kind in TIMED and line.days_late is not None else -(10**6)
    return (-late, line.position, line.code or "")
