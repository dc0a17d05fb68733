"""Opens a notice: whatever its file is (.txt, .docx, .html), it becomes lines of text with their numbers.

Called by `intake.notice` and `intake.kind`; told by content, not by name.  Any file that cannot be read raises
InputRefused with one fault.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from zipfile import BadZipFile, ZipFile

from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.text import N_, Text

MAX_BYTES = 50 * 1024 * 1024
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BLOCKS = frozenset(
    {"p", "div", "li", "tr", "td", "th", "br", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article"}
)
_HTML = re.compile(r"<!doctype html|<html|<body|<p[ >]|<div[ >]", re.IGNORECASE)
#: Control characters that no text holds.
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line, without white space around it."""

    number: int  #: from 1, as an editor counts
    text: str


def refuse(path: Path, message: Text, *, row: int | None = None, value: str | None = None) -> InputRefused:
    """Return the refusal of a file."""
    return InputRefused((Fault(place=Place(file=path.name, row=row), value=value, message=message),))


def read_bytes(path: Path) -> bytes:
    """Return the file's content.  Raises InputRefused when there is nothing to be read."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise refuse(path, N_("the file cannot be read: {problem}", problem=error.strerror)) from None
    if size > MAX_BYTES:
        raise refuse(path, N_("the file is larger than {megabytes} MB", megabytes=MAX_BYTES // 1024**2))
    if not content.strip():
        raise refuse(path, N_("the file is empty"))
    return content


def read_lines(path: Path) -> list[SourceLine]:
    """Return the lines of a notice that hold any text.  Raises InputRefused."""
    content = read_bytes(path)
    if content.startswith(b"PK"):
        lines: list[str] = list(_docx_lines(path, content))
    else:
        text = decode(path, content)
        lines = list(_html_lines(path, text)) if _HTML.search(text[:20000]) else text.splitlines()
    return [SourceLine(number, _clean(line)) for number, line in enumerate(lines, start=1) if _clean(line)]


def _clean(line: str) -> str:
    return re.sub(r"[\s\u200b\ufeff]+", " ", line).strip()


def decode(path: Path, content: bytes) -> str:
    """Return `content` as text: by its mark, as UTF-8, by an HTML charset, or as GB18030.  Raises InputRefused."""
    if content.startswith(_OLE):
        raise refuse(path, N_("this is a file of an old Office; save it as .docx or .xlsx"))
    encodings = [encoding for mark, encoding in _MARKS if content.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _BINARY.search(text):
            break
        return text
    raise refuse(path, N_("this is no text in UTF-8, UTF-16 or GB18030"))


def is_docx(content: bytes) -> bool:
    """Return whether a zip archive holds a Word document."""
    return "word/document.xml" in archive_names(content)


def archive_names(content: bytes) -> frozenset[str]:
    """Return the names in a zip archive; none when it is broken."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            return frozenset(archive.namelist())
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return frozenset()


def _docx_lines(path: Path, content: bytes) -> Iterator[str]:
    """Yield the paragraphs of a Word document in order, those of tables cell by cell."""
    from docx import Document  # noqa: PLC0415 - takes a quarter of a second, and only Word files need it
    from docx.oxml.ns import qn  # noqa: PLC0415 - the same

    too_large = N_("the document is broken or larger than {megabytes} MB", megabytes=MAX_BYTES // 1024**2)
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        document = Document(io.BytesIO(content if unpacked <= 4 * MAX_BYTES else b""))
        paragraphs = list(document.element.body.iter(qn("w:p")))
    except Exception:  # noqa: BLE001 - python-docx and lxml raise many kinds for a broken file
        raise refuse(path, too_large) from None
    yield from _numbered(document, paragraphs)


_FORMS = {
    "chineseCounting": "chinese",
    "chineseCountingThousand": "chinese",
    "japaneseCounting": "chinese",
    "ideographDigital": "chinese",
    "decimal": "decimal",
    "decimalFullWidth": "decimal",
}


def _numbered(document: Any, paragraphs: list[Any]) -> Iterator[str]:
    """Yield the text of paragraphs; Word's own numbering, which is not in the text, is written before it."""
    from intake.chinese_numbers import write_number  # noqa: PLC0415 - only Word numbers by itself

    numbering, counters = _numbering(document), dict[tuple[str, int], int]()
    for paragraph in paragraphs:
        text = "".join(node.text or "" for node in paragraph.iter() if node.tag.endswith(("}t", "}tab", "}br")))
        key = _number_key(paragraph)
        pattern, form = numbering.get(key, ("", "")) if key else ("", "")
        if key and pattern and text.strip():
            for deeper in [one for one in counters if one[0] == key[0] and one[1] > key[1]]:
                del counters[deeper]
            counters[key] = counters.get(key, 0) + 1
            said = write_number(counters[key]) if form == "chinese" and counters[key] < 1000 else str(counters[key])  # noqa: PLR2004
            text = re.sub(r"%\d", said, pattern) + text
        yield text


def _numbering(document: Any) -> dict[tuple[str, int], tuple[str, Literal["chinese", "decimal"]]]:
    """Return (list, level) → (pattern such as （%1）, kind of numeral) of Word's automatic numbering."""
    from docx.oxml.ns import qn  # noqa: PLC0415 - see above

    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError, AttributeError):
        return {}
    abstract = {one.get(qn("w:abstractNumId")): one for one in root.iter(qn("w:abstractNum"))}
    found: dict[tuple[str, int], tuple[str, Literal["chinese", "decimal"]]] = {}
    for num in root.iter(qn("w:num")):
        link = num.find(qn("w:abstractNumId"))
        levels = abstract.get(link.get(qn("w:val"))) if link is not None else None
        for level in levels.iter(qn("w:lvl")) if levels is not None else ():
            form, text = level.find(qn("w:numFmt")), level.find(qn("w:lvlText"))
            kind = _FORMS.get(form.get(qn("w:val")) if form is not None else "", "")
            if kind and text is not None and "%" in (text.get(qn("w:val")) or ""):
                key = (num.get(qn("w:numId")), int(level.get(qn("w:ilvl")) or 0))
                found[key] = (text.get(qn("w:val")), "chinese" if kind == "chinese" else "decimal")
    return found


def _number_key(paragraph: Any) -> tuple[str, int] | None:
    from docx.oxml.ns import qn  # noqa: PLC0415 - see above

    mark = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    if mark is None or mark.find(qn("w:numId")) is None:
        return None
    level = mark.find(qn("w:ilvl"))
    return mark.find(qn("w:numId")).get(qn("w:val")), int(level.get(qn("w:val")) if level is not None else 0)


def _html_lines(path: Path, text: str) -> Iterator[str]:
    """Yield the text of a page, block by block; scripts and styles say nothing."""
    from lxml import html  # noqa: PLC0415 - only pages need it
    from lxml.etree import LxmlError  # noqa: PLC0415 - the same

    try:
        root = html.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (LxmlError, ValueError):
        raise refuse(path, N_("this page is broken")) from None
    pieces: list[str] = []

    def walk(node: Any) -> None:
        if not isinstance(node.tag, str) or node.tag in {"script", "style", "head", "noscript", "template"}:
            pieces.append(node.tail or "")
            return
        is_block = node.tag in _BLOCKS
        pieces.append("\n" if is_block else "")
        pieces.append(re.sub(r"\s+", " ", node.text or ""))
        for child in node:
            walk(child)
        pieces.append("\n" if is_block else "")
        pieces.append(re.sub(r"\s+", " ", node.tail or ""))

    try:
        walk(root)
    except RecursionError:
        raise refuse(path, N_("this page is broken")) from None
    yield from "".join(pieces).split("\n")
