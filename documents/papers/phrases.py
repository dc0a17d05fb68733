"""Words and cells that several papers share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from documents.official.blocks import Cell, Side, cell, middle
from documents.official.told import Told, told
from documents.official.words import long_day
from engine.reads.paper_facts import MeasurePart, PaperFacts
from engine.rules.colours import STATE_COLOURS
from engine.rules.figure import Days, Figure, Measures, share_of
from engine.rules.ledger_layout import CLASS_WORDS, STATE_WORDS, UNASSIGNED
from engine.rules.progress import SETTLED
from engine.rules.round_names import subject_of
from engine.rules.vocabulary import MeasureClass, State

OPEN_END, NOBODY = "长期坚持", "待明确"
LATE_FILL = "F8CBAD"


def subject(facts: PaperFacts) -> str:
    """Return what the round is called in titles."""
    return subject_of(facts.title)


def group(facts: PaperFacts) -> str:
    """Return the full name of the leading group."""
    return f"{facts.organisation}整改工作领导小组"


def due_words(one: MeasurePart) -> str:
    """Return a measure's due date as a table tells it."""
    if one.due is None:
        return OPEN_END if one.measure_class is MeasureClass.CONTINUOUS else NOBODY
    return one.due.isoformat()


def day_words(day: date | None) -> str:
    """Return a day, or the room for one."""
    return long_day(day) if day else "　　年　月　日"


def class_words(one: MeasurePart) -> str:
    """Return how a measure is meant to run."""
    return CLASS_WORDS[one.measure_class][0]


def state_words(one: MeasurePart) -> str:
    """Return where a measure stands."""
    if one.state is State.ASSIGNED and not one.owner:
        return UNASSIGNED
    return STATE_WORDS[one.state][0]


def state_cell(one: MeasurePart, as_of: date) -> Cell:
    """Return a measure's state on its colour; one that is or was late says by how much."""
    if one.late:
        return middle(state_words(one), late_words(one, as_of), fill=LATE_FILL)
    if kept := kept_late_words(one):
        return middle(state_words(one), kept[0], fill=STATE_COLOURS[one.state].pale[1:])
    return middle(state_words(one), fill=STATE_COLOURS[one.state].pale[1:])


def late_words(one: MeasurePart, as_of: date) -> Told:
    """Return by how many working days a measure is overdue."""
    return told("逾期", days_of(one, as_of), "个工作日")


def days_of(one: MeasurePart, as_of: date) -> Figure:
    """Return the working days by which an overdue measure is late, as a figure."""
    return Figure(value=one.late, source=Days(start=one.due or as_of, end=as_of, code=one.code))


def kept_late_words(one: MeasurePart) -> tuple[Told, ...]:
    """Return by how many working days a measure was closed, and handed in, too late; none when it was in time."""
    return tuple(_kept_late(one))


def _kept_late(one: MeasurePart) -> Iterator[Told]:
    if (found := one.lateness) is None:
        return
    original, extended = (one.original_due, "原定期限"), (one.due, "延期后期限")
    closed, handed_in = (found.closed_on, "销号"), (found.handed_in_on, "申请核验")
    for (due, name), (day, done), late in (
        (original, closed, found.closed_after_original),
        (extended, closed, found.closed_after_due if found.is_extended else None),
        (original, handed_in, found.handed_in_after_original),
        (extended, handed_in, found.handed_in_after_due if found.is_extended else None),
    ):
        if late and due is not None and day is not None:
            days = Figure(value=late, source=Days(start=due, end=day, code=one.code))
            yield told(f"超{name}", days, f"个工作日{done}")


CLOSED = frozenset({State.CLOSED})


def within(facts: PaperFacts, which: Measures, **more: Any) -> Figure:
    """Count those among `which` that fit more."""
    return facts.count(replace(which, **more))


def who_cell(*names: str | None) -> Cell:
    """Return names below one another; nobody yet is said."""
    told = [name for name in names if name]
    return cell(*(told or [NOBODY]), side=Side.CENTRE)


def listed(names: Iterable[str]) -> str:
    """Return names in one line."""
    return "、".join(names)


def open_ones(measures: Iterable[MeasurePart]) -> list[MeasurePart]:
    """Return those that are neither closed nor cancelled."""
    return [one for one in measures if one.state not in SETTLED]


def closed_ones(measures: Iterable[MeasurePart]) -> list[MeasurePart]:
    """Return those that are closed out."""
    return [one for one in measures if one.state is State.CLOSED]


def totals(facts: PaperFacts) -> Told:
    """Return the sentence that sums a round up; `duban import` reads it back as the declared totals."""
    total = facts.total
    return told(
        *(f"截至{long_day(facts.as_of)}，反馈的", total("aspects"), "个方面", total("problems"), "个问题细化为"),
        *(total("items"), "项具体事项，已完成整改", total("items_done"), "项；研究提出整改措施", total("measures")),
        *("条，已完成", total("closed"), "条，完成率", share_of(total("closed"), total("measures")), "。"),
    )
