"""The command that gives a paper again, which the paper carries in its own properties: a copy tells how it was made.

Written by `duban document`, read by `duban trace`.  It names the round, the day and the options, and nothing of the
machine or the moment: the same paper still has the same bytes.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from lxml import etree, html

_COMMAND = ("duban", "document")
_DESCRIPTION = "{http://purl.org/dc/elements/1.1/}description"
_LARGEST = 1 << 20  #: bytes of a file's properties


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a paper was made."""

    kind: str
    round: str  #: code
    as_of: date
    period: str | None = None  #: of the meeting
    measure: str | None = None
    unit: str | None = None
    issued: date | None = None
    number: str | None = None

    def __str__(self) -> str:
        """Return the command.

        >>> str(Recipe(kind="report", round="LX-1", as_of=date(2025, 9, 10), unit="供水 一所"))
        "duban document report --round LX-1 --as-of 2025-09-10 --unit '供水 一所'"
        """
        meeting = f"{self.period}-01" if self.period else None
        options = {"round": self.round, "as-of": self.as_of, "meeting": meeting, "measure": self.measure}
        options |= {"unit": self.unit, "issued": self.issued, "number": self.number}
        told = [word for name, value in options.items() if value for word in (f"--{name}", str(value))]
        return shlex.join([*_COMMAND, self.kind, *told])


def read_recipe(file: Path) -> Recipe | None:
    """Return what a file tells of how it was made; None where it tells nothing that can be understood.

    A file may come from anywhere: what it claims is only looked up, never run.
    """
    try:
        words = shlex.split(_told_by(file))
        if tuple(words[:2]) != _COMMAND:
            return None
        given = dict(zip((name.removeprefix("--") for name in words[3::2]), words[4::2], strict=True))
        meeting, issued = given.get("meeting"), given.get("issued")
        return Recipe(
            kind=words[2],
            round=given["round"],
            as_of=date.fromisoformat(given["as-of"]),
            period=meeting[:7] if meeting else None,
            measure=given.get("measure"),
            unit=given.get("unit"),
            issued=date.fromisoformat(issued) if issued else None,
            number=given.get("number"),
        )
    except (OSError, ValueError, LookupError, BadZipFile, etree.LxmlError):
        return None


def _told_by(file: Path) -> str:
    if file.suffix.lower() == ".docx":
        with ZipFile(file) as archive:
            part = archive.getinfo("docProps/core.xml")
            if part.file_size > _LARGEST:
                return ""
            safe = etree.XMLParser(resolve_entities=False, no_network=True)
            return etree.fromstring(archive.read(part), safe).findtext(_DESCRIPTION) or ""
    if file.suffix.lower() == ".html":
        found = html.fromstring(file.read_bytes()).xpath("//meta[@name='description']/@content")
        return str(found[0]) if found else ""
    return ""
