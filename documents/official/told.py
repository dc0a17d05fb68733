"""Text that remembers which of its digits are figures: what papers put into their blocks, and tracing reads there.

It is text like any other to whoever sets it.  Called by the kinds of `documents`; read by `documents.trace`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.rules.figure import Figure
from engine.rules.text import Text, replaced
from i18n import CHINESE, say

_OPEN, _SHUT = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}(\\d+){_SHUT}")


@dataclass(frozen=True, slots=True)
class Span:
    """Where a figure stands in a text."""

    start: int
    end: int
    figure: Figure


class Told(str):  # noqa: SLOT000 - a str cannot have slots with values
    """A text with its figures; what is cut out of it or put together by other means than `told` is plain text."""

    figures: tuple[Span, ...]

    def __new__(cls, text: str, figures: tuple[Span, ...] = ()) -> Told:  # noqa: PYI034 - nobody derives from it
        """Make one."""
        made = super().__new__(cls, text)
        made.figures = figures
        return made


def told(*parts: str | Figure) -> Told:
    """Put a text together from texts and figures.

    >>> from engine.rules.figure import Measures
    >>> line = told("共", Figure(value=12, source=Measures()), "条")
    >>> line, [(one.start, one.end) for one in line.figures]
    ('共12条', [(1, 3)])
    """
    text, spans = "", []
    for part in parts:
        if isinstance(part, Figure):
            spans.append(Span(len(text), len(text) + len(str(part)), part))
        elif isinstance(part, Told):
            spans += [Span(len(text) + one.start, len(text) + one.end, one.figure) for one in part.figures]
        text += str(part)
    return Told(text, tuple(spans))


def told_in(sentence: Text, language: str = CHINESE) -> Told:
    """Return `sentence` in a language, with the figures among its parameters.

    >>> from engine.rules.figure import Measures
    >>> from engine.rules.text import N_
    >>> line = told_in(N_("{count} in all.", count=Figure(value=12, source=Measures())), "en")
    >>> line, line.figures[0].start
    ('12 in all.', 0)
    """
    found: list[Figure] = []

    def mark(figure: Figure) -> str:
        found.append(figure)
        return f"{_OPEN}{len(found) - 1}{_SHUT}"

    pieces = _MARK.split(say(replaced(sentence, Figure, mark), language))
    return told(*(found[int(piece)] if place % 2 else piece for place, piece in enumerate(pieces)))


def figures_in(text: str) -> tuple[Span, ...]:
    """Return the figures of a text; a plain one has none."""
    return text.figures if isinstance(text, Told) else ()
