"""Find the cells of an .ods that are merged downward, which calamine does not tell.

Called by `open_file`.  The file's size and entities were checked before.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CELLS = frozenset({f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"})

Merged = dict[int, list[tuple[int, int]]]


def ods_merges(path: Path) -> dict[str, Merged]:
    """Return by sheet: first row → (column from 0, last row)."""
    from lxml import etree  # noqa: PLC0415 - only those who have such files wait for it

    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml")
    if b"number-rows-spanned" not in content:
        return {}
    found: dict[str, Merged] = {}
    parsed = etree.iterparse(io.BytesIO(content), tag=f"{_TABLE}table", resolve_entities=False, no_network=True)
    for _, table in parsed:
        merged = found.setdefault(str(table.get(f"{_TABLE}name")), {})
        number = 1
        for row in table.iter(f"{_TABLE}table-row"):
            column = 0
            for cell in row:
                if cell.tag not in _CELLS:
                    continue
                down = int(cell.get(f"{_TABLE}number-rows-spanned") or 1)
                if down > 1:
                    merged.setdefault(number, []).append((column, number + down - 1))
                column += int(cell.get(f"{_TABLE}number-columns-repeated") or 1)
            number += int(row.get(f"{_TABLE}number-rows-repeated") or 1)
        table.clear()
    return found
