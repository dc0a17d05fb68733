"""Turn one cell's value into text, a list of names, or one of the field's words.

Called by the modules beside it for every column but the deadlines (`dates`).  Nothing here
raises: what cannot be read comes back as a `Text` that says what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime, time
from typing import Generic, TypeVar

from engine.rules.ledger_layout import MAX_CELL, clean_text, key_of, read_words
from engine.rules.text import N_, Text

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")

#: What Excel and WPS show where a formula failed.
ERRORS = frozenset(
    {
        *("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#N/A", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!"),
        *("#GETTING_DATA", "#BLOCKED!", "#UNKNOWN!", "#CONNECT!"),
    }
)
_BETWEEN = re.compile("[、,，;；/]")
_SPACED_NAME = re.compile(r"(?<=[㐀-鿿])[ \u3000\t]+(?=[㐀-鿿])")


class Remembered(dict[_K, _V], Generic[_K, _V]):
    """Remembers what `read` made of a value: a ledger repeats most of its cells."""

    def __init__(self, read: Callable[[_K], _V]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, key: _K) -> _V:
        value = self[key] = self._read(key)
        return value


def read_text(value: str) -> str | Text:
    """Return a text cell cleaned, or what is wrong with it."""
    if value in ERRORS:
        return N_("a value; the formula in this cell failed")
    if len(value) > MAX_CELL:
        return N_("at most {count} characters; there are {found}", count=MAX_CELL, found=len(value))
    return clean_text(value)


def text_of(value: object) -> str:
    """Return a cell that is no text as text: 3.0 is 3, a date is 2025-09-03.

    >>> text_of(1.0), text_of(1.5), text_of(datetime(2025, 9, 3)), text_of(None)
    ('1', '1.5', '2025-09-03', '')
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return clean_text(str(value))


def squeeze(text: str) -> str:
    """Return `text` without any space: how two texts of a finding are compared."""
    return "".join(text.split())


def read_name(text: str) -> str:
    """Return a name without the spaces that offices put between its characters.

    >>> read_name("张  三"), read_name("Li Si")
    ('张三', 'Li Si')
    """
    return _SPACED_NAME.sub("", text)


def split_names(text: str, known: frozenset[str] = frozenset()) -> tuple[str, ...]:
    r"""Return the names in a list; a line that is a known name as a whole stays one.

    >>> split_names("人事处、财务处/审计处\n工会;团委")
    ('人事处', '财务处', '审计处', '工会', '团委')
    >>> split_names("教务/科研处", frozenset({"教务/科研处"}))
    ('教务/科研处',)
    """
    found = dict.fromkeys(
        name
        for line in text.split("\n")
        for part in ((line,) if read_name(line.strip()) in known else _BETWEEN.split(line))
        if (name := read_name(part.strip()))
    )
    return tuple(found)


def split_files(text: str) -> tuple[str, ...]:
    """Return the names of files in a cell, one a line or between semicolons; a comma may belong to a name."""
    return tuple(dict.fromkeys(name for part in re.split("[;；\n]", text) if (name := part.strip())))


def word_reader(
    words: Mapping[_V, tuple[str, ...]], *, also: Mapping[str, _V] | None = None
) -> Remembered[str, _V | Text | None]:
    """Return what reads one of `words`: its value, None for an empty cell, or a Text with the words expected."""
    values = read_words(words) | dict(also or {})
    first = tuple(told[0] for told in words.values())

    def read(text: str) -> _V | Text | None:
        if not text:
            return None
        found = values.get(key_of(text))
        return N_("one of: {words}", words=first) if found is None else found

    return Remembered(read)
