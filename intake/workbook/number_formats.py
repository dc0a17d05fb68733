"""Say how a cell's number or date is shown, where that changes what it means: 1.10, 80%, a month without its day.

Called by `xlsx_file`.  Pure.  openpyxl tells the dates of Chinese Excel's own formats as bare numbers; they are made
dates here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl.utils.datetime import from_excel

from intake.workbook.dates import ShownMonth, ShownYear

#: Dates that Chinese Excel has by number alone, and openpyxl calls General.  The others of their ranges are times.
_MONTHS = frozenset({27, 36, 50, 52, 57})
_DAYS = frozenset({28, 29, 30, 31, 51, 53, 54, 58})
_FIXED = re.compile(r"0\.(0+)(?:_ )?")
_PERCENT = re.compile(r"0(?:\.(0+))?%")
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.|general', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shown:
    """How numbers of one format are shown."""

    decimals: int | None = None  #: fixed
    percent: int | None = None  #: decimals of a share
    is_date: bool = False  #: a number that stands for a day
    month: type[ShownMonth] | None = None  #: a date without its day


def read_format(number: int, code: str) -> Shown:
    """Return how a cell with this format is shown.

    >>> read_format(0, "0.00").decimals, read_format(9, "0%").percent
    (2, 0)
    >>> read_format(200, 'yyyy"年"m"月";@').month.__name__, read_format(14, "yyyy-mm-dd").month
    ('ShownMonth', None)
    """
    if number in _MONTHS | _DAYS and code == "General":
        return Shown(is_date=True, month=ShownMonth if number in _MONTHS else None)
    if fixed := _FIXED.fullmatch(code):
        return Shown(decimals=len(fixed[1]))
    if share := _PERCENT.fullmatch(code):
        return Shown(percent=len(share[1] or ""))
    signs = set(_LITERAL.sub("", code.split(";", maxsplit=1)[0]).lower())
    if signs & {"d", "h", "s"} or not signs & {"y", "e", "m"}:
        return Shown()
    return Shown(month=ShownMonth if "m" in signs else ShownYear)


def show(value: object, shown: Shown, epoch: datetime) -> object:
    """Return a cell's value as the sheet shows it, as far as that changes what it means."""
    if type(value) is float and shown.decimals is not None:
        return f"{value:.{shown.decimals}f}"  # 1.10 is another code than 1.1
    if type(value) in {int, float} and shown.percent is not None:
        return f"{value:.{shown.percent}%}"
    if type(value) in {int, float} and shown.is_date:
        value = from_excel(value, epoch)
    if isinstance(value, date) and shown.month is not None:
        return shown.month(value.year, value.month, value.day)
    return value
