"""Write the ledger (台账) as an .xlsx workbook or a .csv, in the layout that `intake.read_workbook` reads.

Called by `duban ledger` and the monthly run.  The same book gives the same bytes; nothing that a person wrote becomes
a formula.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

from documents.ledger import Cell, LedgerBook, fitting_text, ledger_cells
from documents.ledger_sheets import ledger_workbook
from engine.rules.ledger_layout import LEDGER, RISKY
from engine.whole_file import write_whole


def write_ledger(path: Path, ledger: LedgerBook) -> None:
    """Write `ledger` as a workbook to `path`, whole or not at all."""
    write_whole(path, ledger_workbook(ledger))


def write_ledger_csv(path: Path, ledger: LedgerBook) -> None:
    """Write the sheet 台账 as a .csv that Excel opens in Chinese and runs nothing from, whole or not at all."""
    written = io.StringIO(newline="")
    lines = csv.writer(written)
    lines.writerow([LEDGER.heading(field) for field in ledger.fields])
    cells = map(ledger_cells, ledger.rows)
    lines.writerows([_guarded(row[field]) for field in ledger.fields] for row in cells)
    write_whole(path, written.getvalue().encode("utf-8-sig"))


def _guarded(value: Cell) -> str:
    if isinstance(value, date):
        return value.isoformat()
    text = fitting_text(value or "")
    return f"'{text}" if text.startswith(RISKY) else text
