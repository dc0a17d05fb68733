"""What a figure counts, in the words of the glossary: for `duban trace` and the page of a document's figures."""

from __future__ import annotations

from collections.abc import Iterator

from engine.rules.figure import (
    OPEN,
    UNCANCELLED,
    Change,
    Days,
    Figure,
    Findings,
    Kept,
    Listed,
    Measures,
    Record,
    Records,
    Reported,
    Share,
    Source,
    Units,
    Written,
)
from engine.rules.lateness import TIMING_NAMES
from engine.rules.names import DECISION_NAMES, SLIP_NAMES, STATE_NAMES, UNIT_KIND_NAMES
from engine.rules.progress import OWED
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Level, Slip

_LEVELS = {Level.ASPECT: N_("aspects"), Level.PROBLEM: N_("problems"), Level.ITEM: N_("items")}
_DONE = {Level.ASPECT: N_("aspects done"), Level.PROBLEM: N_("problems done"), Level.ITEM: N_("items done")}
_VERDICTS = {"passed": N_("verifications passed"), "returned": N_("verifications returned")}
_RULINGS = {"approved": N_("extensions approved"), "refused": N_("extensions refused")}


def figure_words(figure: Figure) -> Text:
    """Return what a figure counts.

    >>> from engine.rules.figure import FIGURE_SOURCES
    >>> str(figure_words(Figure(value=3, source=FIGURE_SOURCES["overdue"])))
    'measures: overdue'
    """
    source = figure.source
    if isinstance(source, Share):
        return N_("in percent, rounded down: {part}; of: {whole}", part=_of(source.part), whole=_of(source.whole))
    if isinstance(source, Change):
        return N_("change: {now}; against {then}", now=_of(source.now), then=_of(source.then))
    return _words(source)


def _of(figure: Figure) -> Text:
    """Return a figure with its number, and its day where that is another."""
    told = {"what": figure_words(figure), "value": figure.value}
    if figure.at is not None:
        return N_("{what} ({value}, as of {day})", **told, day=figure.at.on)
    return N_("{what} ({value})", **told)


def _words(source: Source) -> Text:
    if isinstance(source, Measures):
        told = tuple(_conditions(source))
        return N_("measures: {conditions}", conditions=told) if told else N_("measures")
    if isinstance(source, Findings):
        what = (_DONE if source.done else _LEVELS)[source.level]
        return N_("{what} with measures of {unit}", what=what, unit=_unit(source.units[0])) if source.units else what
    if isinstance(source, Records):
        return _record(source)
    if isinstance(source, Units):
        return UNIT_KIND_NAMES[source.kind] if source.kind else N_("units that answer for a measure")
    return _single(source)


def _single(source: Source) -> Text:
    if isinstance(source, Days):
        told = {"start": source.start, "end": source.end, "code": source.code or "—"}
        return N_("working days from {start} to {end} ({code})", **told)
    if isinstance(source, Reported):
        return N_("progress last reported of {code}, in percent", code=source.code)
    if isinstance(source, Listed):
        return N_("lines in this section of the frozen agenda")
    if isinstance(source, Written):
        return N_("as frozen in this line of the agenda")
    assert isinstance(source, Kept), "every source has its words"
    return N_("the figure kept at the last monthly cut-off")


def _unit(name: str | None) -> Text | str:
    return name or N_("no unit yet")


def _conditions(which: Measures) -> Iterator[Text]:
    yield from _whose(which)
    yield from _how(which)
    yield from _when(which)


def _whose(which: Measures) -> Iterator[Text]:
    if which.under is not None:
        yield N_("below “{finding}”", finding=which.under)
    for unit in which.units:
        yield N_("of {unit}", unit=_unit(unit))
    if which.co_unit is not None:
        yield N_("{unit} helps", unit=which.co_unit)


def _how(which: Measures) -> Iterator[Text]:
    if which.states == OPEN:
        yield N_("neither closed nor cancelled")
    elif which.states == UNCANCELLED:
        yield N_("not cancelled")
    elif which.states and which.states != OWED:
        yield from (STATE_NAMES[state] for state in sorted(which.states))
    if which.unowned:
        yield N_("without an owner")
    if which.late is not None:
        yield N_("overdue") if which.late else N_("not overdue")
    if which.timing is not None:
        yield TIMING_NAMES[which.timing]


def _when(which: Measures) -> Iterator[Text]:
    if which.dated is not None:
        yield N_("with a due date") if which.dated else N_("without a due date")
    if which.due_from is not None:
        yield N_("due on {day} or later", day=which.due_from)
    if which.due_until is not None:
        yield N_("due on {day} or before", day=which.due_until)
    if which.closed_until is not None:
        yield N_("closed on {day} or before", day=which.closed_until)


def _record(source: Records) -> Text:
    if source.record is Record.MEETING:
        return N_("meetings held")
    if source.record is Record.DECISION:
        kind = DECISION_NAMES[source.outcome]
        if source.period:
            return N_("decisions of the meeting of {period}: {kind}", period=source.period, kind=kind)
        return N_("decisions of all meetings: {kind}", kind=kind)
    if source.record is Record.SLIP:
        return N_("rungs climbed: {slip}", slip=SLIP_NAMES[Slip(source.outcome)])
    return (_VERDICTS if source.record is Record.VERIFICATION else _RULINGS)[source.outcome]
