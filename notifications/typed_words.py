"""Values that people typed or that were stored, as sentences show them: dates, free text on one line, lists of it."""

from __future__ import annotations

from datetime import date

from engine.rules.text import N_, Text

ABSENT = "—"


def day(value: object) -> Text | str:
    """Return a date, given as such or in ISO form, as each language writes it."""
    try:
        found = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        return words(value)
    return N_("{year}-{month:02d}-{day:02d}", year=found.year, month=found.month, day=found.day)


def words(value: object) -> str:
    """Return free text on one line: what people typed may hold line breaks and control characters."""
    if value is None or value == "":
        return ABSENT
    text = str(value)
    if not text.isprintable():  # rare, and looking at each sign is slow
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split()) or ABSENT


def each(value: object) -> tuple[str, ...]:
    """Return a list of free texts, each on one line; one text is a list of one."""
    return tuple(words(one) for one in value) if isinstance(value, list | tuple) else (words(value),)
