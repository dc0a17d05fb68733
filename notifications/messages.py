"""What a message says, as plain values: no models, no language yet.

`engine.reads.digest_lines` fills them from the database, `notifications.render` turns them into subject, text and HTML.
Nothing here is looked up or sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.rules.names import SLIP_NAMES
from engine.rules.notices import URGENCY, Notice
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role, Slip, WaitsFor

#: News: nothing is asked of who reads it.
NEWS = frozenset(
    {
        Notice.REASSIGNED_AWAY,
        Notice.PASSED,
        Notice.CLOSED,
        Notice.CANCELLED,
        Notice.EXTENSION_DECIDED,
        Notice.DEADLINE_MOVED,
        Notice.MEETING,
    }
)
#: Whose deadline is the reader's own, or what they answer for; for the others the due date is only told.
TIMED = frozenset({Notice.RUNG, Notice.EMPTY_RUNG, Notice.ASSIGNED, Notice.RETURNED, Notice.REBOUND})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that a digest says."""

    kind: Notice
    slip: Slip
    role: Role  #: in which role the person is addressed
    waits_for: WaitsFor | None = None  #: what the ladder waits for
    code: str | None = None  #: the measure's code; None: it is about no measure
    position: int = 0  #: of the measure in the ledger
    text: str | None = None  #: the measure, in full
    unit: str | None = None  #: the responsible unit
    owner: str | None = None  #: the task owner
    round: str | None = None  #: the round's organisation and title, where the digest speaks of several rounds
    deadline: date | None = None
    days_late: int | None = None  #: working days since the deadline took effect; negative: still left
    on: date  #: the day on which the message is sent
    stands_for: tuple[str, ...] = ()  #: whose duty it is, where the reader receives in their place
    data: Mapping[str, Any] = field(default_factory=dict)  #: what else the kind carries (engine.rules.notices)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestMessage:
    """Everything that one run has to say to one person."""

    digest: int  #: number of the digest
    person: str  #: the name of who receives it
    code: str  #: their sign-in name
    email: str | None
    language: str  #: zh_CN or en
    on: date  #: the day on which it is sent
    lines: tuple[Line, ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        """Return the lines by urgency, the most urgent first; within a section the latest first."""
        asked = [line for line in self.lines if not line.is_news]
        found = []
        for slip in sorted(URGENCY, key=URGENCY.__getitem__, reverse=True):
            lines = sorted((line for line in asked if line.slip is slip), key=_most_late_first)
            heading = N_("to do") if slip is Slip.REMINDER else SLIP_NAMES[slip]
            found.append(Section(heading=heading, slip=slip, lines=tuple(lines)))
        news = sorted((line for line in self.lines if line.is_news), key=lambda line: line.position)
        found.append(Section(heading=N_("for your information"), slip=None, lines=tuple(news)))
        return tuple(section for section in found if section.lines)

    @property
    def asked_count(self) -> int:
        """Return how many things are asked."""
        return sum(not line.is_news for line in self.lines)

    @property
    def late_count(self) -> int:
        """Return how many of them are late."""
        return sum(line.is_late for line in self.lines)

    @property
    def stands_for(self) -> tuple[str, ...]:
        """Return the names of those for whom the person receives, in order of appearance."""
        return tuple(dict.fromkeys(name for line in self.lines for name in line.stands_for))


def _most_late_first(line: Line) -> tuple[int, int, str]:
    late = line.days_late if line.kind in TIMED and line.days_late is not None else -(10**6)
    return (-late, line.position, line.code or "")
