"""A chart as it is handed to a page or a document: the drawing, and the same figures as a table."""

from __future__ import annotations

from dataclasses import dataclass

from documents.charts.svg import Svg


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One figure or name of a chart's table."""

    text: str
    link: str | None = None  #: where more of it is found
    is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing with its figures; whoever cannot see the one reads the other."""

    name: str  #: the only one on its page: of letters, digits and hyphens
    title: str
    told: str  #: what it shows, in words
    svg: Svg
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def figure(value: int | str, link: str | None = None) -> Cell:
    """Return a figure's cell."""
    return Cell(text=str(value), link=link, is_number=True)


def word(text: str, link: str | None = None) -> Cell:
    """Return a name's cell."""
    return Cell(text=text, link=link)
