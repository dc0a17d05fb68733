"""Opens a ledger's file as sheets of rows, whatever its kind: told by content, not by name.

Any file that cannot be read raises InputRefused with one fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.rules.text import N_, Text
from intake.workbook.csv_file import open_csv
from intake.workbook.source import MAX_BYTES, Source, refuse, too_large

_ZIP, _OLE = b"PK", bytes.fromhex("d0cf11e0a1b11ae1")


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open `path` while the block runs.  Raises InputRefused when it is no workbook and no readable text."""
    from intake.workbook.xlsx_file import open_xlsx  # noqa: PLC0415 - openpyxl takes long to import

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


def _old_or_locked(content: bytes) -> Text:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return N_("a workbook without a password: remove it in Excel or WPS and save again")
    return N_("a workbook as .xlsx: this is the old .xls form; open it and save it as .xlsx")
