"""What stands on an official paper, as plain values: every kind of document is made of these, every form sets them.

Made by the kinds (`documents.kinds`) and the agenda; set by `word`, `page` and `plain_text`.  Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from documents.official.told import told
from engine.rules.figure import Figure

TITLE_FACE, BODY, HEITI, KAITI, SONG = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
RED = "D7000F"  #: of red heads and their line
GREY = "51606F"  #: of the version at the foot


class Side(StrEnum):
    """Where text stands in its line."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one typeface."""

    text: str
    face: str = BODY
    colour: str | None = None  #: RRGGBB; None: black


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The title, in its lines; a paper of several sheets has one on each."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading with its number: 一、 in 黑体, （一） in 楷体, 1. in 仿宋; `rest` goes on in the same line."""

    text: str
    level: int = 1  #: 1 to 3
    rest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph of the text."""

    runs: tuple[Run, ...]
    indent: bool = True  #: by two characters
    side: Side = Side.LEFT
    leads: bool = False  #: stays on the page of what follows


@dataclass(frozen=True, slots=True)
class Gap:
    """An empty line: a whole one, or one of so many points."""

    points: float | None = None


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins a page."""


@dataclass(frozen=True, slots=True)
class TearLine:
    """Where a receipt is torn off."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a table; several lines stand below one another."""

    lines: tuple[tuple[Run, ...], ...]
    side: Side = Side.LEFT
    fill: str | None = None  #: RRGGBB of its ground
    across: int = 1  #: how many columns it takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a row of heads that each page repeats; without heads, a form."""

    heads: tuple[str, ...] = ()
    widths: tuple[float, ...]  #: mm
    rows: tuple[tuple[Cell, ...], ...]
    together: bool = False  #: on one page, as far as one holds it
    height: float | None = None  #: least height of a row, in mm
    size: float = 10.5  #: of the type, in points


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One row of figures of a chart."""

    name: str
    colour: str  #: RRGGBB
    figures: tuple[Figure | None, ...]  #: None: nothing is known there

    @property
    def values(self) -> tuple[float | None, ...]:
        """The numbers that are drawn."""
        return tuple(None if one is None else float(one.value) for one in self.figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing of figures that a table beside it tells as well."""

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    is_course: bool = False  #: lines over time, instead of stacked bars
    height: float = 80  #: mm


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signs, and the day (成文日期); None: it is not issued yet, and the day is left to be filled in."""

    organisation: str
    day: date | None


Block = Title | Heading | Paragraph | Gap | NewPage | TearLine | Table | Chart | Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a paper (版头): the organisation's mark in red over a red line."""

    mark: str  #: such as 某局文件
    number: str | None = None  #: 发文字号; centred where nothing stands opposite
    opposite: str | None = None  #: right of the number: the day of minutes, who signs an upward report


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """The record at the end (版记): copies to whom, who printed it and when."""

    copies: str | None  #: 抄送, without the word
    printer: str
    printed_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A whole paper."""

    title: tuple[str, ...]  #: its lines
    author: str  #: organisation, for the file's properties
    as_of: date  #: the only time in the file
    body: tuple[Block, ...]
    head: Head | None = None
    imprint: Imprint | None = None
    draft: str | None = None  #: mark on each page until it is issued
    landscape: bool = False
    language: str = "zh-CN"
    addressee: str | None = None  #: 主送, without the colon
    record: str | None = None  #: which version this is, at the foot of the last page
    recipe: str = ""  #: the command that gives it again, for the file's properties
    name: str = field(default="")  #: of the file's properties; the title where it is empty

    @property
    def about(self) -> str:
        """What the file's properties call it."""
        return self.name or "".join(self.title)


def text(*parts: str | Figure, face: str = BODY) -> Paragraph:
    """Return a paragraph of one typeface."""
    return Paragraph(runs=(Run(told(*parts), face),))


def cell(
    *lines: str | Figure, face: str = BODY, side: Side = Side.LEFT, fill: str | None = None, across: int = 1
) -> Cell:
    """Return a cell of one typeface."""
    return Cell(lines=tuple((Run(told(line), face),) for line in lines or ("",)), side=side, fill=fill, across=across)


def middle(*lines: str | Figure, face: str = BODY, fill: str | None = None, across: int = 1) -> Cell:
    """Return a cell whose text is centred."""
    return cell(*lines, face=face, side=Side.CENTRE, fill=fill, across=across)
