"""What each kind of signed paper has besides its text: from it the Word template is made that an office begins with.

A test holds each to the papers themselves.
"""

from __future__ import annotations

from datetime import date

from documents.official.blocks import Block, Head, Imprint, Paper, Signature

_DAY = date(2025, 1, 1)
_SIGNED: tuple[Block, ...] = (Signature(organisation="", day=None),)
_HEAD = Head(mark="")
_COPIED = Imprint(copies="copies", printer="", printed_on="")
_TURNED = Paper(title=("",), author="", as_of=_DAY, body=(), landscape=True)
SHAPES: dict[str, Paper] = {
    "minutes": Paper(
        title=("",), author="", as_of=_DAY, body=(), head=Head(mark="", opposite="opposite"), imprint=_COPIED
    ),
    "lists": _TURNED,
    "timetable": _TURNED,
    "task-book": _TURNED,
    "road-map": _TURNED,
    "letter": Paper(title=(), author="", as_of=_DAY, body=()),
    "report": Paper(title=("",), author="", as_of=_DAY, addressee="addressee", body=_SIGNED, imprint=_COPIED),
    "notice": Paper(
        title=("",),
        author="",
        as_of=_DAY,
        body=_SIGNED,
        head=_HEAD,
        imprint=Imprint(copies=None, printer="", printed_on=""),
    ),
}
