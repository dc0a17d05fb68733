"""When the yearly notice of a year should be known, and what is said of deadlines before it is.  Pure.

The State Council publishes the notice for a year in the autumn before it, late in November at the latest.
"""

from __future__ import annotations

from datetime import date

from engine.rules.text import N_, Text

_DECEMBER = 12


def is_notice_out(year: int, as_of: date) -> bool:
    """Return whether the notice for `year` should be known on a day: from the December before on.

    >>> is_notice_out(2027, date(2026, 11, 30)), is_notice_out(2027, date(2026, 12, 1))
    (False, True)
    """
    return as_of >= date(year - 1, _DECEMBER, 1)


def is_season(as_of: date) -> bool:
    """Return whether it is the month in which to look at the years ahead."""
    return as_of.month == _DECEMBER


def provisional_words(year: int, as_of: date) -> Text:
    """Return what to do about deadlines in a year whose notice is not known."""
    if is_notice_out(year, as_of):
        return N_("deadlines in {year}, whose notice on days off is out: import the yearly notice", year=year)
    return N_(
        "deadlines in {year}, whose days off are provisional: they may move; import the yearly notice when it comes "
        "out, at the end of {before}",
        year=year,
        before=year - 1,
    )
