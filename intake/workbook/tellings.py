"""Collects what was read otherwise than written, row by row, and tells each kind once with its rows.

Called by `ledger`; its notes stand in the import's summary.
"""

from __future__ import annotations

from collections import defaultdict

from engine.rules.text import N_, Text

_SHOWN = 12  #: rows of one kind that are told one by one
_LONGEST = 40  #: characters of a value


class Tellings:
    """What is told of one sheet."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Text]] = defaultdict(list)
        self._what: dict[str, Text] = {}

    def tell(self, what: Text, row: int, value: str = "", why: Text | None = None) -> None:
        """Note that `what` holds for a row, whose cell says `value`."""
        self._what.setdefault(what.msgid, what)
        shown = " ".join(value.split())
        shown = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
        if why is not None:
            told = N_("row {row} “{value}” (expected: {why})", row=row, value=shown, why=why)
        elif shown:
            told = N_("row {row} “{value}”", row=row, value=shown)
        else:
            told = N_("row {row}", row=row)
        self._rows[what.msgid].append(told)

    def notes(self, sheet: str) -> list[Text]:
        """Return one sentence for each kind."""
        return [self._note(sheet, self._what[key], rows) for key, rows in self._rows.items()]

    def _note(self, sheet: str, what: Text, rows: list[Text]) -> Text:
        told = tuple(rows[:_SHOWN])
        if len(rows) > _SHOWN:
            return N_(
                "{sheet}: {what}: {rows} and {count} more", sheet=sheet, what=what, rows=told, count=len(rows) - _SHOWN
            )
        return N_("{sheet}: {what}: {rows}", sheet=sheet, what=what, rows=told)
