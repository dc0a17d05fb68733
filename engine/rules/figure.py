"""A figure: a number that a document prints, with what it counts and where it comes from.

Made by `engine.reads.paper_facts` and the kinds of `documents`, which put it into what they print; recounted by
`engine.reads.recount`.  A figure knows its source when it is made, so that what is traced is what is printed.  Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from engine.rules.lateness import Timing
from engine.rules.moment import Moment
from engine.rules.progress import OWED, SETTLED
from engine.rules.vocabulary import Level, Slip, State, UnitKind

OPEN = frozenset(State) - SETTLED
UNCANCELLED = frozenset(State) - {State.CANCELLED}


class Counted(Protocol):
    """What is asked of a measure to know whether a figure counts it."""

    @property
    def state(self) -> State: ...  # noqa: D102
    @property
    def unit(self) -> str | None: ...  # noqa: D102
    @property
    def co_units(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def owner(self) -> str | None: ...  # noqa: D102
    @property
    def due(self) -> date | None: ...  # noqa: D102
    @property
    def closed_on(self) -> date | None: ...  # noqa: D102
    @property
    def late(self) -> int: ...  # noqa: D102
    @property
    def timings(self) -> frozenset[Timing]: ...  # noqa: D102
    @property
    def finding_id(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Measures of the round that fit every condition that is set."""

    states: frozenset[State] = frozenset()  #: empty: any
    units: tuple[str | None, ...] = ()  #: names; None: no unit yet; empty: any
    co_unit: str | None = None
    findings: tuple[int, ...] = ()  #: ids of those directly above; empty: any
    under: str | None = None  #: how these findings are called
    late: bool | None = None  #: whether overdue; None: either
    timing: Timing | None = None  #: how late what is handed in was, once it was; None: either
    unowned: bool = False  #: only those that nobody owns
    dated: bool | None = None  #: whether there is a due date
    due_from: date | None = None
    due_until: date | None = None
    closed_until: date | None = None

    def fits(self, one: Counted) -> bool:
        """Return whether a measure counts."""
        due, closed = one.due, one.closed_on
        return (
            (not self.states or one.state in self.states)
            and (not self.units or one.unit in self.units)
            and (self.co_unit is None or self.co_unit in one.co_units)
            and (not self.findings or one.finding_id in self.findings)
            and (self.late is None or bool(one.late) is self.late)
            and (self.timing is None or self.timing in one.timings)
            and not (self.unowned and one.owner)
            and (self.dated is None or (due is not None) is self.dated)
            and (self.due_from is None or (due is not None and due >= self.due_from))
            and (self.due_until is None or (due is not None and due <= self.due_until))
            and (self.closed_until is None or (closed is not None and closed <= self.closed_until))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Findings of one level: all, or those that are done, or those with measures of a unit."""

    level: Level
    done: bool = False
    units: tuple[str | None, ...] = ()


class Record(StrEnum):
    """What is counted beside measures and findings."""

    MEETING = "meeting"
    DECISION = "decision"
    VERIFICATION = "verification"
    EXTENSION = "extension"
    SLIP = "slip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What is on record of one kind, with one outcome."""

    record: Record
    outcome: str = ""  #: a kind of decision, a verdict, a ruling, a slip
    period: str | None = None  #: of one meeting; None: of all


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Units of the house: of one kind, or those that answer for a measure."""

    kind: UnitKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Working days from one day to another: how late something is, or how much time is left."""

    start: date
    end: date
    code: str | None  #: of the measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The progress last reported of a measure, in percent."""

    code: str
    closed_is_done: bool = False  #: a closed measure is at 100, whatever was reported before


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Lines of one section of a frozen agenda."""

    section: str  #: a value of `engine.rules.agenda.Section`
    period: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A number in the words of one line of a frozen agenda, as it was frozen."""

    subject: str  #: of the line
    name: str  #: of the parameter
    period: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A figure that was kept at a monthly cut-off: the newest before a month."""

    name: str  #: of `engine.rules.progress.Figures`
    before: str  #: year and month


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One figure in percent of another, rounded down."""

    part: Figure
    whole: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """By how much a figure has grown against an earlier one; `fell`: how much it has shrunk."""

    now: Figure
    then: Figure
    fell: bool = False


Source = Measures | Findings | Records | Units | Days | Reported | Listed | Written | Kept | Share | Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A printed number."""

    value: int
    source: Source
    at: Moment | None = None  #: another moment than that of the document
    form: str = ""  #: how the number is printed; empty: by its digits alone

    def __str__(self) -> str:
        """Return what is printed."""
        return self.form or str(self.value)


#: By the names of `engine.rules.progress.Figures`: where each comes from.
FIGURE_SOURCES: dict[str, Measures | Findings] = {
    "aspects": Findings(level=Level.ASPECT),
    "problems": Findings(level=Level.PROBLEM),
    "problems_done": Findings(level=Level.PROBLEM, done=True),
    "items": Findings(level=Level.ITEM),
    "items_done": Findings(level=Level.ITEM, done=True),
    "measures": Measures(),
    **{state.value: Measures(states=frozenset({state})) for state in State},
    "to_be_assigned": Measures(states=frozenset({State.ASSIGNED}), unowned=True),
    "overdue": Measures(states=OWED, late=True),
    **{timing.value: Measures(timing=timing) for timing in Timing},
}


def share_of(part: Figure, whole: Figure) -> Figure:
    """Return a share in percent, rounded down: 100% means all; a dash of nothing.

    >>> one, all_ = (Figure(value=value, source=Measures()) for value in (159, 160))
    >>> str(share_of(one, all_)), str(share_of(one, Figure(value=0, source=Measures())))
    ('99%', '—')
    """
    value = part.value * 100 // whole.value if whole.value else 0
    return Figure(value=value, source=Share(part=part, whole=whole), form=f"{value}%" if whole.value else "—")


def change_of(now: Figure, then: Figure, *, signed: bool = False) -> Figure:
    """Return what has changed, as papers print it; `signed`: a growth with its plus.

    >>> one, other = (Figure(value=value, source=Measures()) for value in (7, 4))
    >>> str(change_of(one, other, signed=True)), str(change_of(other, one)), str(change_of(one, one, signed=True))
    ('+3', '-3', '0')
    """
    value = now.value - then.value
    return Figure(value=value, source=Change(now=now, then=then), form=f"{value:+d}" if signed and value else "")


def slips_of(slip: Slip) -> Records:
    """Return the source of the slips of one colour."""
    return Records(record=Record.SLIP, outcome=slip.value)
