"""What stands beside a measure: who, until when, how far it is (完成时限:2025年6月底).  Called by `read_notice`.

What is not certain is not taken: the measure keeps the round's own date, or nobody, and `left_out` tells the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from engine.rules.ledger_layout import MAX_NAME, Field
from engine.rules.vocabulary import MeasureClass, State
from intake.notice.asides import Aside
from intake.notice.states import read_standing
from intake.workbook.cell_values import split_names
from intake.workbook.dates import Deadline, NotADate, read_deadline

_AT_ONCE = re.compile(r"立行立改|立知立改|即知即改|立即整改")
_REMARK = re.compile(r"\s*[(\uff08](?:牵头|主办|主责|配合|协办)(?:单位|部门|科室|处室)?[)\uff09]")
_NAME = re.compile(r"[\w\u3400-\u9fff·〇×*]{1,40}")
_PROSE = re.compile(r"[,\uff0c。()\uff08\uff09:\uff1a]")
_NAMED = (Field.UNIT, Field.CO_UNITS, Field.LEAD, Field.OWNER)
_BOTH = re.compile(r"及|和|、|与|/")
_KINDS = (
    (re.compile("配合|协办|协助|参与"), Field.CO_UNITS),
    (re.compile("单位|部门|科室|处室"), Field.UNIT),
    (re.compile("领导"), Field.LEAD),
    (re.compile("人员|人"), Field.OWNER),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands beside a measure; None and () where nothing does that can be relied on."""

    due: date | None = None
    measure_class: MeasureClass | None = None
    state: State | None = None
    unit: str | None = None
    co_units: tuple[str, ...] = ()
    lead: str | None = None
    owner: str | None = None
    taken: tuple[Aside, ...] = ()  #: what told them


@dataclass(slots=True)
class _Names:
    """Names that labels tell, by what they are."""

    of: dict[Field, list[str]] = field(default_factory=dict)
    taken: list[Aside] = field(default_factory=list)

    def take(self, aside: Aside) -> None:
        parts = list(_named(aside))
        if not parts or any(not names for _, names in parts):
            return
        people = (Field.LEAD, Field.OWNER)
        if any(kind in people and (len(names) > 1 or self.of.get(kind, names) != names) for kind, names in parts):
            return  # two people: which of them leads, nothing tells
        self.taken.append(aside)
        for kind, names in parts:
            known = self.of.setdefault(kind, [])
            known += [name for name in names if name not in known]


def read_beside(asides: Sequence[Aside], feedback_on: date | None) -> Beside:
    """Return what is told beside a measure.  Two different answers are none; a month stands for its last day."""
    told = _read_when(asides, feedback_on)
    standings = [(one, said) for one in asides if one.kind is Field.STATE and (said := read_standing(one.value))]
    states = {said.state for _, said in standings if said.state is not None}
    if len(states) < 2:  # noqa: PLR2004 - two answers are none
        lasting = next((said.measure_class for _, said in standings if said.measure_class is not None), None)
        told = replace(
            told,
            state=next(iter(states), None),
            measure_class=told.measure_class or (None if told.due and lasting is MeasureClass.CONTINUOUS else lasting),
            taken=(*told.taken, *(one for one, _ in standings)),
        )
    names = _Names()
    for one in asides:
        if one.kind in _NAMED or one.kind is None:
            names.take(one)
    units = names.of.get(Field.UNIT, [])
    helping = [*units[1:], *(name for name in names.of.get(Field.CO_UNITS, []) if name not in units)]
    return replace(
        told,
        unit=next(iter(units), None),
        co_units=tuple(helping),
        lead=next(iter(names.of.get(Field.LEAD, [])), None),
        owner=next(iter(names.of.get(Field.OWNER, [])), None),
        taken=(*told.taken, *names.taken),
    )


def _named(aside: Aside) -> Iterator[tuple[Field, list[str]]]:
    """Yield what a label names: the units or people of each of its words (责任单位及责任人:建管科 周某)."""
    value = _REMARK.sub("", aside.value)
    labels = [part for part in _BOTH.split(aside.label) if part] if aside.kind is None else [aside.label]
    kinds = [aside.kind] if aside.kind is not None else [_kind_of(label) for label in labels]
    if _PROSE.search(value) or None in kinds or not kinds:
        return
    values = [value] if len(kinds) == 1 else re.split(r"[\s、;\uff1b/]+", value.strip())
    if len(values) != len(kinds):
        return
    for kind, said in zip(kinds, values, strict=True):
        names = split_names(said)
        is_sound = all(_NAME.fullmatch(name) and len(name) <= MAX_NAME for name in names)
        if kind is not None:
            yield kind, list(names) if is_sound else []


def _kind_of(label: str) -> Field | None:
    if "督办" in label:
        return None
    return next((kind for pattern, kind in _KINDS if pattern.search(label)), None)


def _read_when(asides: Sequence[Aside], feedback_on: date | None) -> Beside:
    found = [(one, said) for one in asides if (said := _say(one, feedback_on)) is not None]
    dues = {due for _, (due, _) in found if due is not None}
    classes = {one for _, (_, one) in found if one is not None}
    if len(dues) > 1 or len(classes) > 1:
        return Beside()
    return Beside(
        due=next(iter(dues), None),
        measure_class=next(iter(classes), None),
        taken=tuple(one for one, _ in found),
    )


def _say(aside: Aside, feedback_on: date | None) -> tuple[date | None, MeasureClass | None] | None:
    known = read_standing(aside.value) if aside.kind in {Field.CLASS, Field.DUE} else None
    if known is not None and known.measure_class is not None and (known.state is None or aside.kind is Field.CLASS):
        return None, known.measure_class
    if aside.kind is not Field.DUE:
        return None
    try:
        said = _read(aside.value, feedback_on)
    except NotADate:
        return None
    if said.open_ended:
        return None, MeasureClass.CONTINUOUS
    if _AT_ONCE.search(aside.value):
        return (said.due, MeasureClass.AT_ONCE) if said.due else None
    return (said.due, None) if said.due else None


def _read(text: str, feedback_on: date | None) -> Deadline:
    """Return the deadline; without a year it is the first such day from the feedback on.  Raises NotADate."""
    said = read_deadline(text, year=feedback_on.year if feedback_on else None)
    if said.due and said.told_year is None and feedback_on and said.due < feedback_on:
        return read_deadline(text, year=feedback_on.year + 1)
    return said
