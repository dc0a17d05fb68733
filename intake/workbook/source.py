"""What a ledger's file becomes: sheets of rows of plain values; merged ranges and unsolved formulas told beside them.

Knows files, not ledgers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.text import N_, Text

MAX_BYTES = 512 * 1024 * 1024  #: of a file once unpacked


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSheet:
    """One sheet: its rows can be read once, from top to bottom, blank ones included."""

    name: str | None  #: None in a .csv
    rows: Callable[[], Iterator[tuple[int, Sequence[object]]]]  #: (row from 1, values from column A)
    merged: Mapping[int, Sequence[tuple[int, int]]] = field(
        default_factory=dict
    )  #: first row → (column from 0, last row)
    tells_formats: bool = True  #: False: nobody knows whether a date is shown as a month alone
    without_result: frozenset[tuple[int, int]] = frozenset()  #: (row, column) of formulas that hold no result


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An open file."""

    sheets: tuple[SourceSheet, ...]
    epoch_1904: bool = False  #: the file counts its days from 1904


def refuse(path: Path, message: Text, *, sheet: str | None = None, row: int | None = None) -> InputRefused:
    """Return the refusal of a whole file."""
    place = Place(file=path.name, sheet=sheet, row=row)
    return InputRefused((Fault(place=place, value=None, message=message),))


def too_large(path: Path) -> InputRefused:
    """Return the refusal of a file that would fill the memory."""
    return refuse(path, N_("a file of at most {size} MB once unpacked", size=MAX_BYTES // 1024 // 1024))
