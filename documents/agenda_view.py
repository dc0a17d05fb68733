"""Says an agenda in one language: the frozen values become the strings that every form of the document prints.

Called by `documents.agenda`; the forms (`agenda_layout`, `agenda_page`) only set what stands here, so they all say the
same.  It decides nothing: which lines there are, and in which order, was frozen at the cut-off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from documents.agenda_words import (
    ABSENT,
    ALL_ASPECTS,
    ASPECT_COLUMNS,
    ASPECTS_TITLE,
    FIGURE_COLUMNS,
    FIGURE_NAMES,
    LEFT_OUT_TITLE,
    NOTHING,
    ORDERED,
    PARTS,
    PROGRESS_TITLE,
    SECTION_TITLES,
    TITLE,
    columns,
    day,
    heading,
    with_days,
)
from documents.official.told import told, told_in
from engine.reads.agenda_document import AgendaDocument, PrintedAspect, PrintedLine
from engine.rules.agenda import Section
from engine.rules.agenda_draft import LeftOut
from engine.rules.figure import (
    FIGURE_SOURCES,
    Change,
    Days,
    Figure,
    Kept,
    Listed,
    Measures,
    Written,
    change_of,
    share_of,
)
from engine.rules.ledger_layout import clean_text
from engine.rules.names import SLIP_NAMES
from engine.rules.progress import OWED
from engine.rules.round_names import subject_of
from engine.rules.text import N_, Text, replaced
from engine.rules.vocabulary import Slip, State
from i18n import CHINESE, say

#: How much of a text is printed; the code leads to the whole of it in the ledger.
MOST = 240
CHANGING = ("closed", "items_done", "overdue")  #: figures whose change is told in the sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidLine:
    """One line of a section; several entries in a field stand below one another."""

    code: str
    text: str
    who: tuple[str, ...]
    deadline: str
    lateness: str | None
    slip: Slip | None
    slip_name: str | None
    reason: str
    ask: str
    hand: str | None  #: who put it on the agenda by hand, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidSection:
    """A section with its numbered heading; without lines `lead` says so."""

    heading: str
    lead: str  #: how many lines there are, or that there are none
    columns: tuple[str, ...]
    lines: tuple[SaidLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidFigure:
    """One figure with the month's change."""

    name: str
    count: Figure
    change: str | Figure
    is_part: bool  #: of the figure above


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidAspect:
    """The progress of one aspect, or in the last line of all together."""

    text: str
    measures: Figure
    closed: Figure
    share: Figure
    overdue: Figure
    is_total: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidAgenda:
    """The whole document in one language."""

    language: str
    organisation: str
    title: str
    facts: tuple[tuple[str, str], ...]  #: held on, cut-off, round, version
    decisions: SaidSection
    progress_heading: str
    progress_lead: str
    figure_columns: tuple[str, ...]
    figures: tuple[SaidFigure, ...]
    aspects_title: str
    aspect_columns: tuple[str, ...]
    aspects: tuple[SaidAspect, ...]  #: with their total; empty without any
    sections: tuple[SaidSection, ...]  #: after the progress
    left_out_heading: str
    left_out: tuple[str, ...]  #: each with its reason; without any, no heading either

    @property
    def html_language(self) -> str:
        """The language's name as files carry it."""
        return self.language.replace("_", "-")

    @property
    def colon(self) -> str:
        """What stands between a name and its value."""
        return "：" if self.language == CHINESE else ": "


def say_agenda(agenda: AgendaDocument, language: str) -> SaidAgenda:
    """Return everything that the document prints, in `language`."""
    lines = dict(agenda.sections)
    order = (Section.LAST_DECISIONS, None, *(section for section in Section if section is not Section.LAST_DECISIONS))
    said = {
        section: _section(number, section, lines.get(section, ()), language, agenda)
        for number, section in enumerate(order, 1)
        if section is not None
    }
    return SaidAgenda(
        language=language,
        organisation=plain(agenda.organisation),
        title=say(TITLE, language),
        facts=_facts(agenda, language),
        decisions=said.pop(Section.LAST_DECISIONS),
        progress_heading=heading(2, say(PROGRESS_TITLE, language), language),
        progress_lead=told(told_in(_progress(agenda), language), told_in(_change(agenda), language)),
        figure_columns=_each(FIGURE_COLUMNS, language),
        figures=tuple(
            SaidFigure(
                name=say(name, language),
                count=_total(agenda, key),
                change=_moved_by(agenda, key) or ABSENT,
                is_part=key in PARTS,
            )
            for key, name in FIGURE_NAMES.items()
            if key in agenda.figures and (agenda.figures[key] or key != "cancelled")
        ),
        aspects_title=say(ASPECTS_TITLE, language),
        aspect_columns=_each(ASPECT_COLUMNS, language),
        aspects=_aspects(agenda.aspects, language),
        sections=tuple(said.values()),
        left_out_heading=heading(len(order) + 1, say(LEFT_OUT_TITLE, language), language),
        left_out=tuple(_left_out(one, language) for one in agenda.left_out),
    )


def plain(text: str | None) -> str:
    r"""Return what a person wrote on one line, without what cannot be shown, and not longer than a table bears.

    >>> plain("late:\n  rain\x07"), plain("")
    ('late: rain', '—')
    """
    line = " ".join(clean_text(text or "").split())
    return (line if len(line) <= MOST else line[: MOST - 1].rstrip() + "…") or ABSENT


def _each(texts: tuple[Text, ...], language: str) -> tuple[str, ...]:
    return tuple(say(text, language) for text in texts)


def _facts(agenda: AgendaDocument, language: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (say(name, language), say(value, language) if isinstance(value, Text) else plain(value))
        for name, value in (
            (N_("Held on"), day(agenda.held_on)),
            (N_("Figures as of"), day(agenda.as_of)),
            (N_("Round"), subject_of(agenda.round_title)),
            (N_("Version"), N_("version {number} ({code})", number=agenda.version, code=plain(agenda.round_code))),
        )
    )


def _progress(agenda: AgendaDocument) -> Text:
    counted = {name: _total(agenda, name) for name in ("items", "items_done", "measures", "closed", "overdue")}
    return N_(
        "As of {day}, {items_done} of {items} items are done, {closed} of {measures} measures are closed out "
        "({share}), and {overdue} measures are overdue.",
        day=day(agenda.as_of),
        share=share_of(counted["closed"], counted["measures"]),
        **counted,
    )


def _change(agenda: AgendaDocument) -> Text:
    """Say what the month brought; the first agenda has nothing to compare with."""
    if not all(name in agenda.change for name in CHANGING):
        return Text("")
    return N_(
        " Against last month: measures closed out {closed}, items done {items_done}, measures overdue {overdue}.",
        **{name: _moved(agenda, name, of_items=name == "items_done") for name in CHANGING},
    )


def _total(agenda: AgendaDocument, name: str) -> Figure:
    """Return one of the figures that the agenda opens with."""
    return Figure(value=agenda.figures.get(name, 0), source=FIGURE_SOURCES[name])


def _moved_by(agenda: AgendaDocument, name: str) -> Figure | None:
    """Return by how much a figure has grown since last month; the first agenda has nothing to compare with."""
    if name not in agenda.change:
        return None
    now = _total(agenda, name)
    then = Figure(value=now.value - agenda.change[name], source=Kept(name=name, before=agenda.period))
    return change_of(now, then, signed=True)


def _moved(agenda: AgendaDocument, name: str, *, of_items: bool) -> Text:
    """Tell a change; Chinese counts items and measures by words of their own."""
    moved = _moved_by(agenda, name)
    if moved is None or moved.value == 0:
        return N_("as before")
    assert isinstance(moved.source, Change), "made by change_of"
    count = Figure(value=abs(moved.value), source=replace(moved.source, fell=moved.value < 0))
    if of_items:
        return N_("{count} more", count=count) if moved.value > 0 else N_("{count} fewer", count=count)
    return N_("up by {count}", count=count) if moved.value > 0 else N_("down by {count}", count=count)


def _aspects(aspects: tuple[PrintedAspect, ...], language: str) -> tuple[SaidAspect, ...]:
    total = PrintedAspect(
        code="",
        text=say(ALL_ASPECTS, language),
        measures=sum(one.measures for one in aspects),
        closed=sum(one.closed for one in aspects),
        overdue=sum(one.overdue for one in aspects),
    )
    return tuple(_aspect(one, is_total=one is total) for one in ((*aspects, total) if aspects else ()))


def _aspect(one: PrintedAspect, *, is_total: bool) -> SaidAspect:
    which = Measures() if is_total else Measures(findings=one.findings, under=one.text)
    measures = Figure(value=one.measures, source=which)
    closed = Figure(value=one.closed, source=replace(which, states=frozenset({State.CLOSED})))
    return SaidAspect(
        text=plain(one.text),
        measures=measures,
        closed=closed,
        share=share_of(closed, measures),
        overdue=Figure(value=one.overdue, source=replace(which, states=OWED, late=True)),
        is_total=is_total,
    )


def _section(
    number: int, section: Section, lines: tuple[PrintedLine, ...], language: str, agenda: AgendaDocument
) -> SaidSection:
    source = Listed(section=section.value, period=agenda.period, version=agenda.version)
    count = Figure(value=len(lines), source=source)
    lead = told_in(N_("{count} in all.", count=count) if lines else NOTHING, language)
    return SaidSection(
        heading=heading(number, say(SECTION_TITLES[section], language), language),
        lead=told(lead, say(ORDERED, language) if section in agenda.ordered else ""),
        columns=_each(columns(section), language),
        lines=tuple(_line(line, language, agenda) for line in lines),
    )


def _line(line: PrintedLine, language: str, agenda: AgendaDocument) -> SaidLine:
    late = Figure(
        value=line.lateness,
        source=Days(start=line.deadline or agenda.as_of, end=agenda.as_of, code=line.code),
    )
    people = ((N_("leader: {name}", name=plain(line.leader)), line.leader), (_owner(line), line.owner))
    who = (*((plain(line.unit),) if line.unit else ()), *(say(told, language) for told, name in people if name))
    return SaidLine(
        code=plain(line.code),
        text=told_in(_counted(with_days(line.text), line, agenda), language)
        if isinstance(line.text, Text)
        else plain(line.text),
        who=who or (ABSENT,),
        deadline=line.deadline.isoformat() if line.deadline else ABSENT,
        lateness=told_in(N_("{days} working days late", days=late), language) if line.lateness else None,
        slip=line.slip,
        slip_name=say(SLIP_NAMES[line.slip], language) if line.slip else None,
        reason=plain(line.reason),
        ask=told_in(replaced(with_days(line.ask), int, lambda days: late if days == late.value else days), language),
        hand=plain(say(with_days(line.hand), language)) if line.hand else None,
    )


def _counted(text: Text, line: PrintedLine, agenda: AgendaDocument) -> Text:
    """Return a line's own words with the numbers in them as figures."""
    written = Written(subject=line.subject or "", name="", period=agenda.period, version=agenda.version)
    return Text(
        text.msgid,
        {
            name: Figure(value=value, source=replace(written, name=name)) if type(value) is int else value
            for name, value in text.params.items()
        },
    )


def _left_out(one: LeftOut, language: str) -> str:
    what = plain(say(with_days(one.text), language) if isinstance(one.text, Text) else one.text)
    told = {"what": f"{plain(one.code)} {what}" if one.code else what, "reason": plain(one.reason), "by": plain(one.by)}
    return say(
        N_("{what}: deferred to the next meeting; {reason} ({by})", **told)
        if one.is_deferred
        else N_("{what}: not discussed; {reason} ({by})", **told),
        language,
    )


def _owner(line: PrintedLine) -> Text:
    return N_("owner: {name}", name=plain(line.owner))
