"""Lays an agenda out as an official paper: the order of its parts, the widths of its tables, the marks of its slips.

Called by `documents.agenda`; `documents.official` sets it.  What it says was said by
`documents.agenda_view`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from documents.agenda_view import SaidAgenda, SaidLine, SaidSection
from documents.agenda_words import MARK_COLOURS
from documents.official.blocks import (
    BODY,
    HEITI,
    KAITI,
    SONG,
    Block,
    Cell,
    Gap,
    Heading,
    Paper,
    Paragraph,
    Run,
    Side,
    Table,
    cell,
    middle,
)
from engine.rules.figure import Figure

#: Widths in mm; the text is 156 mm wide.
LINE_WIDTHS = (17, 35, 28, 30, 24, 22)
FIGURE_WIDTHS = (42, 16, 20, 42, 16, 20)
ASPECT_WIDTHS = (72, 21, 21, 21, 21)


def agenda_paper(agenda: SaidAgenda, as_of: date) -> Paper:
    """Return the paper."""
    sections = [block for section in agenda.sections for block in _section(section)]
    return Paper(
        title=(agenda.organisation, agenda.title),
        name=agenda.title,
        author=agenda.organisation,
        as_of=as_of,
        language=agenda.html_language,
        body=(*_facts(agenda), *_section(agenda.decisions), *_progress(agenda), *sections, *_left_out(agenda)),
    )


def _facts(agenda: SaidAgenda) -> Iterator[Block]:
    for name, value in agenda.facts:
        yield Paragraph(runs=(Run(name + agenda.colon, HEITI), Run(value, KAITI)), indent=False)
    yield Gap(16)


def _section(section: SaidSection) -> Iterator[Block]:
    yield Heading(text=section.heading)
    yield Paragraph(runs=(Run(section.lead),), leads=bool(section.lines))
    if section.lines:
        yield Table(heads=section.columns, widths=LINE_WIDTHS, rows=tuple(_line(line) for line in section.lines))


def _left_out(agenda: SaidAgenda) -> Iterator[Block]:
    if agenda.left_out:
        yield Heading(text=agenda.left_out_heading)
        yield from (Paragraph(runs=(Run(one),)) for one in agenda.left_out)


def _line(line: SaidLine) -> tuple[Cell, ...]:
    text = [(Run(line.text),), *([(Run(line.hand, KAITI),)] if line.hand else [])]
    when: list[tuple[Run, ...]] = [(Run(line.deadline),), *([(Run(line.lateness),)] if line.lateness else [])]
    if line.slip_name and line.slip:
        when.append((Run("■", SONG, MARK_COLOURS[line.slip]), Run(line.slip_name)))
    return (
        middle(line.code),
        Cell(lines=tuple(text)),
        cell(*line.who),
        Cell(lines=tuple(when), side=Side.CENTRE),
        cell(line.reason),
        cell(line.ask),
    )


def _progress(agenda: SaidAgenda) -> Iterator[Block]:
    yield Heading(text=agenda.progress_heading)
    yield Paragraph(runs=(Run(agenda.progress_lead),))
    figures: list[tuple[str, str | Figure, str | Figure]] = [
        ((" " * 2 if one.is_part else "") + one.name, one.count, one.change) for one in agenda.figures
    ]
    half = (len(figures) + 1) // 2
    left, right = figures[:half], [*figures[half:], ("", "", "")]
    yield Table(
        heads=agenda.figure_columns * 2,
        widths=FIGURE_WIDTHS,
        rows=tuple((*_figure(*one), *_figure(*other)) for one, other in zip(left, right, strict=False)),
        together=True,
    )
    if agenda.aspects:
        yield Paragraph(runs=(Run(agenda.aspects_title, KAITI),), leads=True)
        yield Table(heads=agenda.aspect_columns, widths=ASPECT_WIDTHS, rows=tuple(_aspects(agenda)), together=True)


def _figure(name: str, count: str | Figure, change: str | Figure) -> tuple[Cell, ...]:
    return cell(name), middle(count), middle(change)


def _aspects(agenda: SaidAgenda) -> Iterator[tuple[Cell, ...]]:
    for one in agenda.aspects:
        face = HEITI if one.is_total else BODY
        counts = (one.measures, one.closed, one.share, one.overdue)
        yield (cell(one.text, face=face), *(middle(count, face=face) for count in counts))
