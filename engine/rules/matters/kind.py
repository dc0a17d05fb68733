"""A kind of matter as plain frozen values: what `parse` reads out of a file and `printed` writes again.

docs/how-to/add-a-mechanism.md tells how the parts fit together.  Nothing here judges or changes anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.rules.ladder import Ladder
from engine.rules.matters.phases import ENDED, Phase
from engine.rules.matters.visibility import Circle
from engine.rules.matters.vocabulary import Beyond, DueHow, FieldType, Itself, Need, Since, Verb, When
from engine.rules.text import Words
from engine.rules.vocabulary import Role

Then = TypeVar("Then")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A span of time: calendar months, then working days."""

    months: int = 0
    working_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[Then]):
    """A decision table: the first row whose fields all equal decides; else the last word."""

    rows: tuple[tuple[Mapping[str, str], Then], ...]
    otherwise: Then | None  #: None: the rows cover every case


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that a matter of this kind tells."""

    words: Words
    type: FieldType
    needed: bool = False
    asked_by: str | None = None  #: the step whose form asks for it; None: it is asked when the matter is opened
    column: bool = False  #: the register shows it
    sum: str | None = None  #: the figure that adds it up, in words of the notice
    source: str | None = None  #: parent.FIELD: copied when the matter is opened, and frozen
    show_when: tuple[str, str] | None = None  #: another field and its value
    sees: tuple[Role, ...] = ()  #: who alone sees the value; it is kept beside the record
    keep: int | None = None  #: years after the end, when the value is erased
    choices: Mapping[str, Words] | None = None
    of: Mapping[str, Field] | None = None
    kind: str | None = None  #: of the matters it links to


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One thing waited for, with its ladder."""

    words: Words
    waiting_for: Role | Beyond
    since: Since = Since.STATE
    when: When | None = None
    ask: Words | None = None  #: what the ladder's messages ask for
    ladder: Ladder | None = None  #: None: for children alone
    day: int | None = None  #: of the month, where a report is waited for
    counts_from: int | None = None  #: calendar days before it from which a report counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleep:
    """A state that waits for a day: nobody is reminded until then."""

    until: str  #: due, or a date field
    then: str  #: the step that Duban takes on it


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where a matter stands, in the kind's own words."""

    words: Words
    phase: Phase
    waits: tuple[str, ...] = ()
    sleeps: Sleep | None = None
    is_stopped: bool = False  #: the clock stands still: a pause that somebody else approved
    outcome: str | None = None  #: what came of it

    @property
    def is_open(self) -> bool:
        """Return whether somebody is still waited for."""
        return self.phase not in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """A step that several people take, each for themselves (会签)."""

    of: str  #: a role, or a field of people
    enough: int | None  #: how many make it pass; None: all


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a step does besides."""

    verb: Verb
    args: Mapping[str, str]  #: by name; a verb with one argument has it under its own name


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What somebody may do with a matter; it leads to another state, or stays in its own."""

    words: Words
    sources: tuple[str, ...]
    target: str | None = None  #: None: it stays, or the answer decides
    answer: tuple[str, Mapping[str, str]] | None = None  #: a field, and the state for each of its values
    by: tuple[Role, ...] | Table[tuple[Role, ...]] = ()  #: any one of them
    itself: Itself | None = None
    each: Each | None = None
    delegated_to: tuple[Role, ...] = ()  #: where the round says so
    needs: tuple[Need, ...] = ()
    asks: tuple[str, ...] = ()  #: fields that must be filled
    is_minor: bool = False  #: one person may end it alone
    may_undo: bool = False  #: who took it may take it back, until somebody took the next
    tells: Mapping[str, Words] | None = None
    effects: tuple[Effect, ...] = ()

    @property
    def hands(self) -> tuple[Role, ...]:
        """The roles that may take it, in any case that its table knows."""
        if not isinstance(self.by, Table):
            return self.by
        rows = [*(roles for _, roles in self.by.rows), self.by.otherwise or ()]
        return tuple(dict.fromkeys(role for roles in rows for role in roles))

    @property
    def targets(self) -> tuple[str, ...]:
        """The states it may lead to; none where it stays."""
        if self.answer is not None:
            return tuple(dict.fromkeys(self.answer[1].values()))
        return () if self.target is None else (self.target,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Where the due date comes from."""

    how: DueHow | None = DueHow.NONE  #: None: it is counted
    since: str | None = None  #: the day it is counted from
    span: Span | Table[Span] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A matter is opened by itself, once a period."""

    every: Span
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """How a matter of this kind comes to be."""

    by: tuple[Role, ...] = ()
    effect: bool = False  #: by a step of another matter
    imported: bool = False
    public: tuple[str, ...] = ()  #: form, mailbox
    schedule: Schedule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Children:
    """The matters under one of this kind."""

    kinds: tuple[str, ...]
    enough: int | None  #: how many must end; None: all
    then: str | None  #: the step that Duban takes then
    drop: bool = False  #: they are dropped with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """When a matter stands on the agenda, and in which section."""

    section: str
    words: Words | None  #: None: a section that every agenda has
    when: tuple[str, ...]  #: phases, waits, raised, due_soon, opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The kind's sheet in the ledger workbook."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """A class of matters of this kind, with its own due date and ladders."""

    words: Words
    due: Due | None = None
    ladders: Mapping[str, Ladder] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of matter, whole.  The first of its states is where a matter begins."""

    words: Words
    code: str
    about: tuple[str, ...]
    opened: Opened
    states: Mapping[str, State]
    steps: Mapping[str, Step]
    waits: Mapping[str, Wait]
    visible: tuple[Role | Circle, ...]
    fields: Mapping[str, Field]
    due: Due
    key: str | None = None
    is_published: bool = False
    is_restricted: bool = False  #: for who may not see it, it is not there
    outcomes: Mapping[str, Words] | None = None
    classes: Mapping[str, Class] | None = None
    children: Children | None = None
    extension: tuple[Role, ...] = ()  #: who decides the first, second, … request
    agenda: tuple[Section, ...] = ()
    ledger: Sheet | None = None

    @property
    def first(self) -> str:
        """The state in which a matter begins."""
        return next(iter(self.states))

    def leaving(self, state: str) -> tuple[str, ...]:
        """Return the names of the steps that may be taken in `state`."""
        return tuple(name for name, step in self.steps.items() if state in step.sources)
