"""Where a command's answer goes: tables and sentences for people, one JSON object for programs.

On a terminal rich draws; in a pipe it is plain text, aligned, nothing cut.  Errors and progress go to stderr only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from cli.help import language
from cli.layout import aligned, least_widths
from cli.streams import can_write, write_error, write_out
from engine.rules.text import N_, Text, Words
from i18n import say

Cell = Text | Words | str | int | date | None  #: what stands in a table


class Screen:
    """One command's output."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.tongue = language()
        self.is_terminal = sys.stdout.isatty() and not as_json
        self.has_answered = False

    def answer(self, plain: object) -> None:
        """Print the one JSON object, a mapping or a dataclass; only once, and only when JSON was asked for."""
        if self.as_json and not self.has_answered:
            self.has_answered = True
            plain = self._plain(plain)
            text = json.dumps(plain, ensure_ascii=False)
            write_out((text if can_write(text) else json.dumps(plain)) + "\n")

    def line(self, told: Text | str = "", *, style: str | None = None) -> None:
        """Print a sentence for people."""
        if self.as_json:
            return
        sentence = self.said(told)
        if self.is_terminal and style:
            self._console().print(sentence, style=style, markup=False, highlight=False, soft_wrap=True)
        else:
            write_out(sentence + "\n")

    def table(
        self,
        headings: Sequence[Text],
        rows: Sequence[Sequence[Cell]],
        *,
        title: Text | None = None,
        styles: Sequence[str | None] = (),
    ) -> None:
        """Print a table for people, without a head when there are no headings; `styles` colours rows on a terminal."""
        if self.as_json:
            return
        said = [[self.said(cell) for cell in row] for row in rows]
        if not self.is_terminal:
            if title is not None:
                self.line(title)
            lines = aligned([[self.said(heading) for heading in headings], *said] if headings else said)
            write_out("".join(f"{line}\n" for line in lines))
            return
        from rich import box
        from rich.table import Table
        from rich.text import Text as Plain

        heads = [self.said(heading) for heading in headings]
        widths, console = least_widths(heads, said), self._console()
        if headings and sum(widths) + 2 * len(widths) > console.width:
            self._cards(heads, said, title)
            return
        drawn = Table(title=self.said(title) if title else None, title_justify="left", box=box.SIMPLE_HEAD)
        drawn.show_header, drawn.show_edge, drawn.padding = bool(headings), False, (0, 1, 0, 0)
        for head, width in zip(heads, widths, strict=True):
            drawn.add_column(head, overflow="fold", min_width=width)
        for number, row in enumerate(said):
            drawn.add_row(*(Plain(cell) for cell in row), style=styles[number] if styles else None)
        console.print(drawn)

    def _cards(self, heads: Sequence[str], rows: Sequence[Sequence[str]], title: Text | None) -> None:
        """Print each row of a table by itself, a line for each cell: for terminals too narrow for columns."""
        if title is not None:
            self.line(title, style="italic")
        for row in rows:
            for head, cell in zip(heads, row, strict=True):
                if cell:
                    self.line(N_("{name}: {value}", name=head, value=cell))
            self.line()

    def said(self, cell: Cell) -> str:
        """Return what stands in a cell, in the user's language."""
        if cell is None:
            return ""
        return say(cell, self.tongue) if isinstance(cell, Text | Words) else str(cell)

    def complain(self, told: str) -> None:
        """Print one line on stderr."""
        if sys.stderr.isatty():
            self._console(stderr=True).print(told, style="red", markup=False, highlight=False, soft_wrap=True)
        else:
            write_error(told + "\n")

    def aside(self, told: Text) -> None:
        """Print a sentence on stderr while the command goes on; from any thread."""
        write_error(self.said(told) + "\n")

    @contextmanager
    def busy(self, told: Text) -> Iterator[None]:
        """Show on stderr what takes long, when stderr is a terminal."""
        if not sys.stderr.isatty():
            yield
            return
        with self._console(stderr=True).status(self.said(told)):
            yield

    @contextmanager
    def progress(self, told: Text, total: int) -> Iterator[Callable[[int], None]]:
        """Give what hears of each step, and show a bar on stderr when stderr is a terminal."""
        if not sys.stderr.isatty():
            yield lambda _: None
            return
        from rich.progress import Progress

        with Progress(console=self._console(stderr=True), transient=True) as bar:
            task = bar.add_task(self.said(told), total=total)
            yield lambda steps: bar.advance(task, steps)

    def _console(self, *, stderr: bool = False) -> Any:
        from rich.console import Console

        return Console(stderr=stderr)

    def _plain(self, value: Any) -> Any:
        """Return `value` as JSON knows it; sentences in the user's language, a dataclass by its fields."""
        if isinstance(value, Text | Words):
            return say(value, self.tongue)
        if is_dataclass(value):
            return {field.name: self._plain(getattr(value, field.name)) for field in fields(value)}
        if isinstance(value, date | datetime):
            return value.isoformat()
        if isinstance(value, Mapping):
            return {str(key): self._plain(one) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._plain(one) for one in value]
        return value
