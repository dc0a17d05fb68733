"""Counts the numbers of a Word document's paragraphs that Word shows but does not store in the text.

Called by `word` with the paragraphs in their order.  What a document leaves open counts as Word counts
it: from 1, in Arabic digits; bullets show nothing.
"""

from __future__ import annotations

import re
from typing import Any

from docx.oxml.ns import qn

from intake.notice.chinese_numbers import write_number

_VAL = qn("w:val")
_CHINESE = ("chinese", "ideograph", "japanese", "taiwanese")  #: how the names of formats with Chinese digits begin
_PLACE = re.compile(r"%([1-9])")
_LARGEST = 999  #: beyond it a circled or Chinese number is written in Arabic digits
_DEEPEST = 9  #: levels of a list, as Word has them
_LONGEST_CHAIN = 20  #: of styles that build on one another


class Numbering:
    """The lists of one document and how far each has counted."""

    def __init__(self, document: Any) -> None:
        self._levels: dict[str, dict[int, Any]] = {}  #: by list: level → its definition
        self._starts: dict[tuple[str, int], int] = {}  #: where a list restarts of its own
        self._counts: dict[str, dict[int, int]] = {}
        self._shared: dict[str, str] = {}  #: list → what it counts together with
        self._styles = {one.get(qn("w:styleId")): one for one in document.styles.element.iter(qn("w:style"))}
        self._read(_numbering_of(document))

    def _read(self, root: Any) -> None:
        if root is None:
            return
        abstract = {one.get(qn("w:abstractNumId")): one for one in root.iter(qn("w:abstractNum"))}
        for one in root.iter(qn("w:num")):
            number, base = one.get(qn("w:numId")), _value(one, "w:abstractNumId")
            self._levels[number] = {_int(level.get(qn("w:ilvl"))): level for level in _levels(abstract.get(base))}
            self._shared[number] = f"abstract {base}"
            for override in one.iter(qn("w:lvlOverride")):
                at = _int(override.get(qn("w:ilvl")))
                self._levels[number].update((at, level) for level in _levels(override))
                start = _value(override, "w:startOverride")
                if start is not None:
                    self._starts[number, at] = _int(start)
                    self._shared[number] = f"num {number}"

    def label(self, paragraph: Any) -> str:
        """Return the number that Word shows before this paragraph; empty where it shows none."""
        number, level = self._list_of(paragraph)
        definition = self._levels.get(number or "", {}).get(level)
        if number is None or definition is None:
            return ""
        counts = self._counts.setdefault(self._shared[number], {})
        for upper in range(level):
            counts.setdefault(upper, self._start(number, upper))
        counts[level] = counts[level] + 1 if level in counts else self._start(number, level)
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        if _value(definition, "w:numFmt") in {"bullet", "none"}:
            return ""

        def shown(place: re.Match[str]) -> str:
            at = int(place[1]) - 1
            return _written(counts.get(at, 1), _value(self._levels[number].get(at), "w:numFmt"))

        return _PLACE.sub(shown, _value(definition, "w:lvlText") or "")

    def _start(self, number: str, level: int) -> int:
        default = _value(self._levels[number].get(level), "w:start")
        return self._starts.get((number, level), _int(default) if default is not None else 1)

    def _list_of(self, paragraph: Any) -> tuple[str | None, int]:
        """Return the list and level of a paragraph: its own, else those of its style."""
        holder, seen = paragraph, 0
        style = _value(paragraph.find(qn("w:pPr")), "w:pStyle")
        while holder is not None and seen < _LONGEST_CHAIN:
            properties = holder.find(qn("w:pPr"))
            numbered = properties.find(qn("w:numPr")) if properties is not None else None
            if numbered is not None:
                return _value(numbered, "w:numId"), min(_int(_value(numbered, "w:ilvl")), _DEEPEST - 1)
            holder, seen = self._styles.get(style), seen + 1
            style = _value(holder, "w:basedOn") if holder is not None else None
        return None, 0


def _numbering_of(document: Any) -> Any:
    parts = (one.target_part for one in document.part.rels.values() if one.reltype.endswith("/numbering"))
    part = next(parts, None)
    return part.element if part is not None else None


def _levels(holder: Any) -> list[Any]:
    return list(holder.iter(qn("w:lvl"))) if holder is not None else []


def _value(holder: Any, tag: str) -> str | None:
    found = holder.find(qn(tag)) if holder is not None else None
    value = found.get(_VAL) if found is not None else None
    return None if value is None else str(value)


def _int(value: str | None) -> int:
    text = value or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0  # noqa: PLR2004


def _written(count: int, form: str | None) -> str:
    if form is not None and 0 < count <= _LARGEST:
        if form.startswith(_CHINESE):
            return write_number(count)
        if form.startswith("decimalEnclosedCircle") and count <= 20:  # noqa: PLR2004 - the last of its kind
            return chr(ord("①") + count - 1)
    return str(count)
