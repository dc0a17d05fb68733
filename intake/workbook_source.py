"""Open a ledger file as sheets of rows, whatever its kind: told by content, not by name.

Called by `intake.workbook`.  Knows files, not ledgers: bytes become rows of plain values, merged ranges and formulas
without a result are told beside them.  Any file that cannot be read raises InputRefused with one fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.text import N_, Text

MAX_BYTES = 512 * 1024 * 1024  #: of a file once unpacked
_ZIP, _OLE = b"PK", bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSheet:
    """One sheet: its rows can be read once, from top to bottom, blank ones included."""

    name: str | None  #: None in a .csv
    rows: Callable[[], Iterator[tuple[int, Sequence[object]]]]  #: (row from 1, values from column A)
    merged: Mapping[int, Sequence[tuple[int, int]]] = field(
        default_factory=dict
    )  #: first row → (column from 0, last row)
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


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open `path` while the block runs.  Raises InputRefused when it is no workbook and no readable text."""
    from intake.workbook_csv import open_csv  # noqa: PLC0415 - both use what stands above
    from intake.workbook_xlsx import open_xlsx  # noqa: PLC0415 - the same, and openpyxl takes long to import

    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            begin = file.read(8)
            if begin == _OLE:
                raise refuse(path, _old_or_locked(file.read(MAX_BYTES)))
    except OSError as error:
        raise refuse(path, N_("a file that can be opened: {reason}", reason=error.strerror or str(error))) from error
    if not size:
        raise refuse(path, N_("a file that is not empty"))
    if size > MAX_BYTES:
        raise too_large(path)
    with (open_xlsx if begin.startswith(_ZIP) else open_csv)(path) as source:
        yield source


def too_large(path: Path) -> InputRefused:
    """Return the refusal of a file that would fill the memory."""
    return refuse(path, N_("a file of at most {size} MB once unpacked", size=MAX_BYTES // 1024 // 1024))


def _old_or_locked(content: bytes) -> Text:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return N_("a workbook without a password: remove it in Excel or WPS and save again")
    return N_("a workbook as .xlsx: this is the old .xls form; open it and save it as .xlsx")
