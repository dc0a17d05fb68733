"""The options that many commands share, and how days, numbers and words on the command line are read.

A wrong value is told in the user's language with what was expected; exit status 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.help import _, language
from engine.rules.text import N_, Text
from i18n import LANGUAGES, say

FIRST_YEAR, LAST_YEAR = 2000, 2099


def read_day(written: Any) -> date:
    """Return the day that is written as 2025-09-03."""
    if isinstance(written, date):
        return written
    told = N_("{value} is not a day such as 2025-09-03", value=written)
    try:
        if len(written) == len("2025-09-03"):
            day = date.fromisoformat(written)
            if FIRST_YEAR <= day.year <= LAST_YEAR:
                return day
            told = N_("{value} is not in the years {first} to {last}", value=day, first=FIRST_YEAR, last=LAST_YEAR)
    except ValueError:
        pass
    raise typer.BadParameter(say(told, language()))


def read_name(written: Any) -> str:
    """Return a name or code without the spaces around it; one must be there."""
    name = str(written).strip()
    if not name:
        raise typer.BadParameter(say(N_("a name or code was expected; this is empty"), language()))
    return name


def read_number(least: int, most: int) -> Callable[[Any], int]:
    """Return a reader of whole numbers from `least` to `most`."""

    def read(written: Any) -> int:
        try:
            number = int(written)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            told = N_("{value} is not a whole number from {least} to {most}", value=written, least=least, most=most)
            raise typer.BadParameter(say(told, language()))
        return number

    return read


def read_word(*words: str) -> Callable[[Any], str]:
    """Return a reader of one of `words`; - and _ are the same."""

    def read(written: Any) -> str:
        word = str(written).lower().replace("-", "_")
        if word not in words:
            told = N_("{value} is none of: {words}", value=written, words=words)
            raise typer.BadParameter(say(told, language()))
        return word

    return read


def read_named(names: Mapping[str, Text]) -> Callable[[Any], str]:
    """Return a reader of one of `names`, by its word or by what it is called in any language; - and _ are the same."""

    def read(written: Any) -> str:
        asked = _plain(str(written))
        for word, name in names.items():
            if asked in {_plain(word), *(_plain(say(name, tongue)) for tongue in LANGUAGES)}:
                return word
        words = tuple(N_("{word} ({name})", word=str(word), name=name) for word, name in names.items())
        raise typer.BadParameter(say(N_("{value} is none of: {words}", value=written, words=words), language()))

    return read


def _plain(word: str) -> str:
    return word.strip().casefold().replace("-", "_").replace(" ", "_")


LARGEST = 2**31 - 1  #: number that names something
Json = Annotated[
    bool, typer.Option("--json", help=_("Print one JSON object on standard output, and nothing else there."))
]
AsOf = Annotated[
    date | None,
    typer.Option("--as-of", metavar="D", parser=read_day, help=_("The day it stands for, such as 2025-09-03; today.")),
]
Acting = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="PERSON",
        parser=read_name,
        help=_("Who acts: a sign-in name, or a name that only one person has."),
    ),
]
MaybeActing = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="PERSON", parser=read_name, help=_("Who acts; without it, whoever runs this machine.")
    ),
]
RoundCode = Annotated[
    str | None,
    typer.Option("--round", metavar="CODE", parser=read_name, help=_("The round; without it, the newest one.")),
]
MeasureCode = Annotated[str, typer.Argument(metavar="CODE", parser=read_name, help=_("The measure's code (序号)."))]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why; it goes on record."))]
OutFile = Annotated[
    Path, typer.Option("--out", metavar="FILE", readable=False, help=_("The file to write; its ending tells the form."))
]
