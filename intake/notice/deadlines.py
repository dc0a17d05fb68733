"""When a measure is due, by what stands beside it on labels (完成时限:2025年6月底).  Called by `read_notice`.

What is not certain is not taken: the measure keeps the round's own date, and `left_out` tells the words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.rules.ledger_layout import CLASS_WORDS, Field, key_of
from engine.rules.vocabulary import MeasureClass
from intake.notice.asides import Aside
from intake.workbook.dates import Deadline, NotADate, read_deadline

_AT_ONCE = re.compile(r"立行立改|立知立改|即知即改|立即整改")
_CLASSES = {key_of(word): one for one, words in CLASS_WORDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class When:
    """Class and due date of a measure; None where nothing tells them."""

    due: date | None = None
    measure_class: MeasureClass | None = None
    taken: tuple[Aside, ...] = ()  #: what told them


def read_when(asides: Sequence[Aside], feedback_on: date | None) -> When:
    """Return when a measure is due.  Two different answers are none; a month stands for its last day."""
    found = [(one, said) for one in asides if (said := _say(one, feedback_on)) is not None]
    answers = {said for _, said in found}
    dues = {due for due, _ in answers if due is not None}
    classes = {one for _, one in answers if one is not None}
    if len(dues) > 1 or len(classes) > 1:
        return When()
    return When(next(iter(dues), None), next(iter(classes), None), tuple(one for one, _ in found))


def _say(aside: Aside, feedback_on: date | None) -> tuple[date | None, MeasureClass | None] | None:
    if aside.kind is Field.CLASS:
        known = _CLASSES.get(key_of(aside.value))
        return None if known is None else (None, known)
    if aside.kind is not Field.DUE:
        return None
    known = _CLASSES.get(key_of(aside.value))
    if known is not None:
        return None, known
    try:
        said = _read(aside.value, feedback_on)
    except NotADate:
        return None
    if said.open_ended:
        return None, MeasureClass.CONTINUOUS
    at_once = MeasureClass.AT_ONCE if _AT_ONCE.search(aside.value) else None
    return (said.due, at_once) if said.due else None


def _read(text: str, feedback_on: date | None) -> Deadline:
    """Return the deadline; without a year it is the first such day from the feedback on.  Raises NotADate."""
    said = read_deadline(text, year=feedback_on.year if feedback_on else None)
    if said.due and said.told_year is None and feedback_on and said.due < feedback_on:
        return read_deadline(text, year=feedback_on.year + 1)
    return said
