"""What a coordinator changes in a draft agenda, laid over what the rule selects: nothing is lost or twice.  Pure.

The selection is made anew each time; the draft only says which of its lines are left out and why, in which order the
lines of a section stand, and what is added by hand.  What the draft names and the selection no longer holds is ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.rules.agenda import Line, Section
from engine.rules.text import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """One item that was added by hand."""

    key: str
    text: str
    presenter: str | None  #: who speaks to it
    minutes: int | None  #: how long


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was changed."""

    order: tuple[str, ...] = ()  #: keys; lines that are not named follow in their own order
    removed: Mapping[str, str] = field(default_factory=dict)  #: key → reason
    added: tuple[Added, ...] = ()


def key_of(line: Line) -> str:
    """Return what names a line in a draft: the same as long as it is about the same in the same section."""
    return f"{line.section.value}:{line.measure}" if line.measure is not None else f"{line.section.value}:{line.text}"


def lay_draft(lines: Iterable[Line], draft: Draft) -> tuple[tuple[str, Line], ...]:
    """Return the agenda with its keys: sections keep their order, within them the draft's counts."""
    keyed = [(key_of(line), line) for line in lines]
    keyed += [(one.key, _added_line(one)) for one in draft.added]
    sections = list(Section)
    place = {key: number for number, key in enumerate(draft.order)}
    kept = [(key, line, number) for number, (key, line) in enumerate(keyed) if key not in draft.removed]
    kept.sort(key=lambda one: (sections.index(one[1].section), place.get(one[0], len(place)), one[2]))
    return tuple((key, line) for key, line, _ in kept)


def moved(shown: Sequence[tuple[str, Line]], key: str, *, up: bool) -> tuple[str, ...]:
    """Return the order of keys after a line was moved by one place within its section; at its end nothing moves."""
    keys = [one for one, _ in shown]
    if key not in keys:
        return tuple(keys)
    here = keys.index(key)
    there = here - 1 if up else here + 1
    if 0 <= there < len(keys) and shown[there][1].section is shown[here][1].section:
        keys[here], keys[there] = keys[there], keys[here]
    return tuple(keys)


def _added_line(added: Added) -> Line:
    return Line(
        section=Section.OTHER,
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
    )
