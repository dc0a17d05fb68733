"""What a coordinator changes in a draft agenda, laid over what the rule selects: nothing is lost or twice.  Pure.

The selection is made anew each time; the draft only says which lines are left out and why, in which order the lines of
a section stand, and what is added by hand.  It names lines by their subject, so that it holds on when a measure comes
to stand in another section.  What the draft names and the agenda no longer holds is ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from engine.rules.agenda import Line, Section
from engine.rules.text import N_, Text


class Way(StrEnum):
    """Where a line goes within its section."""

    UP = "up"
    DOWN = "down"
    TOP = "top"


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """One item that was added by hand: a measure, or a topic in words."""

    key: str  #: the subject of its line
    text: str | Text
    measure: int | None = None
    presenter: str | None = None  #: who speaks to it
    minutes: int | None = None  #: how long
    note: str | None = None  #: why it is on the agenda
    by: str = ""  #: the name of who added it
    carried_from: date | None = None  #: the meeting that had it and did not come to it


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One line that was taken off."""

    key: str
    code: str | None
    text: str | Text
    measure: int | None
    reason: str
    by: str
    is_deferred: bool  #: to the next meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was changed."""

    order: tuple[str, ...] = ()  #: keys; lines that are not named follow in their own order
    removed: Mapping[str, LeftOut] = field(default_factory=dict)  #: by key
    added: tuple[Added, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """An agenda with its draft laid over it."""

    lines: tuple[Line, ...]
    left_out: tuple[LeftOut, ...]  #: only what would stand on it otherwise
    ordered: frozenset[Section]  #: whose order is not the rule's


def lay_draft(lines: Iterable[Line], draft: Draft, measures: Mapping[int, Line] | None = None) -> Laid:
    """Return the agenda: sections keep their order, within them the draft's counts.

    `measures` holds the line of each measure that was added; an added measure that the rule selects stands where the
    rule puts it.  An added measure without a line is not on the agenda.
    """
    added = {one.key: one for one in draft.added}
    found = [replace(line, hand=_hand(added.pop(line.subject, None))) for line in lines]
    found += [line for one in added.values() if (line := _line(one, measures or {})) is not None]
    sections = list(Section)
    found.sort(key=lambda line: sections.index(line.section))
    kept = [line for line in found if line.subject not in draft.removed]
    place = {key: number for number, key in enumerate(draft.order)}
    ordered = sorted(kept, key=lambda line: (sections.index(line.section), place.get(line.subject, len(place))))
    return Laid(
        lines=tuple(ordered),
        left_out=tuple(draft.removed[line.subject] for line in found if line.subject in draft.removed),
        ordered=frozenset(one.section for one, other in zip(kept, ordered, strict=True) if one is not other),
    )


def moved(shown: Sequence[Line], key: str, way: Way) -> tuple[str, ...]:
    """Return the order of keys after a line was moved within its section; at its end nothing moves."""
    section = _section_of(shown, key)
    if key not in section:
        return tuple(line.subject for line in shown)
    here = section.index(key)
    there = {Way.UP: max(here - 1, 0), Way.DOWN: here + 1, Way.TOP: 0}[way]
    others = [one for one in section if one != key]
    return dropped(shown, key, before=others[there] if there < len(others) else None)


def dropped(shown: Sequence[Line], key: str, *, before: str | None) -> tuple[str, ...]:
    """Return the order of keys after a line was dropped before another of its section; None: at the section's end."""
    section = _section_of(shown, key)
    if key == before or key not in section or (before is not None and before not in section):
        return tuple(line.subject for line in shown)
    others = [one for one in section if one != key]
    there = len(others) if before is None else others.index(before)
    anew = iter((*others[:there], key, *others[there:]))
    return tuple(next(anew) if line.subject in section else line.subject for line in shown)


def _section_of(shown: Sequence[Line], key: str) -> list[str]:
    sections = {line.subject: line.section for line in shown}
    return [line.subject for line in shown if key in sections and line.section is sections[key]]


def _hand(added: Added | None) -> Text | None:
    """Say what was done by hand."""
    if added is None:
        return None
    day, person, note = added.carried_from, added.by, added.note
    if day is not None and note:
        return N_("carried over from the meeting of {day}: {note}", day=day, note=note)
    if day is not None:
        return N_("carried over from the meeting of {day}", day=day)
    return N_("added by {person}: {note}", person=person, note=note) if note else N_("added by {person}", person=person)


def _line(added: Added, measures: Mapping[int, Line]) -> Line | None:
    if added.measure is not None:
        line = measures.get(added.measure)
        return None if line is None else replace(line, hand=_hand(added))
    return Line(
        section=Section.OTHER,
        subject=added.key,
        measure=None,
        code=None,
        text=added.text,
        unit=None,
        leader=None,
        owner=added.presenter,
        deadline=None,
        lateness=0,
        slip=None,
        reason=None,
        ask=N_("hear and discuss; about {minutes} minutes", minutes=added.minutes)
        if added.minutes
        else N_("hear and discuss"),
        hand=_hand(added),
    )
