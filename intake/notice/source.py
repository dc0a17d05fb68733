"""The lines that a notice's file becomes, and how bytes become text: told by content, not by name.

Knows files, not notices.  Any file that cannot be read raises InputRefused with one fault, never another exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from engine.rules.passages import Became
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.text import N_, Text

MAX_BYTES = 50 * 1024 * 1024  #: of a file, and of what a document unpacks to
ZIP, PDF, OLE = b"PK", b"%PDF", bytes.fromhex("d0cf11e0a1b11ae1")
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_CHARSET = re.compile(rb"<[^>]*\b(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_DECLARED = {"big5": "big5", "utf-16": "utf-16"} | dict.fromkeys(("gb2312", "gbk", "gb18030", "x-gbk"), "gb18030")
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|div|p|table|span|h[1-6]|br)\b", re.IGNORECASE)
_SEARCHED = 4096  #: characters in which a page shows that it is one
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]")  #: control characters that no text holds
_HIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\ufff9-\uffff]")
_CHINESE = re.compile("[\\s -~·—‘’“”…①-⑳\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
#: Of the signs outside ASCII: more damage than one in so many means that it is another encoding.
_DAMAGE = 10


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One paragraph, without white space around it; never empty."""

    number: int  #: line of the text, paragraph of the document, or line of the page's source; from 1
    text: str
    ends: bool = False  #: it ends a table of findings: what follows is no part of it
    answer: Became | None = None  #: what somebody said that it is


def refuse(path: Path, message: Text, *, row: int | None = None, value: str | None = None) -> InputRefused:
    """Return the refusal of a file."""
    return InputRefused((Fault(place=Place(file=path.name, row=row), value=shorten(value), message=message),))


def shorten(value: str | None) -> str | None:
    """Return a value as a fault shows it."""
    longest = 60
    return value if value is None or len(value) <= longest else value[: longest - 1] + "…"


def read_bytes(path: Path) -> bytes:
    """Return the file's content.  Raises InputRefused when there is nothing to be read."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_BYTES else b""
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise refuse(path, N_("the file cannot be read: {problem}", problem=problem)) from None
    if size > MAX_BYTES:
        raise refuse(path, N_("the file is larger than {megabytes} MB", megabytes=MAX_BYTES // 1024**2))
    if not content.strip():
        raise refuse(path, N_("the file is empty"))
    return content


def text_lines(text: str) -> list[SourceLine]:
    """Return the lines of a plain text that are not empty."""
    rows = ((number, tidy(line)) for number, line in enumerate(text.splitlines(), start=1))
    return [SourceLine(number, line) for number, line in rows if line]


def tidy(text: str) -> str:
    r"""Return a line without what cannot be seen and with single spaces.

    >>> tidy("\u3000\u3000一、总体\t 情况\u200b ")
    '一、总体 情况'
    """
    return re.sub(r"\s+", " ", _HIDDEN.sub("", text)).strip()


def decode(path: Path, content: bytes) -> str:
    """Return `content` as text: by its mark, its page's charset, as UTF-8, or as GB18030.  Raises InputRefused."""
    _refuse_known(path, content)
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _plain(path, _decode_whole(path, content[len(mark) :], encoding))
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            if _is_damaged(content, encoding):
                return _decode_whole(path, content, encoding)
            continue
        if encoding == "utf-8" or _is_chinese(text):
            return _plain(path, text)
    raise refuse(path, N_("this is no text in UTF-8, UTF-16 or GB18030"))


def is_old_word(content: bytes) -> bool:
    """Return whether a file is a document of an old Word or of WPS, and not locked."""
    stream = "WordDocument".encode("utf-16-le")
    return content.startswith(OLE) and stream in content and "EncryptedPackage".encode("utf-16-le") not in content


def _refuse_known(path: Path, content: bytes) -> None:
    """Raise InputRefused for kinds of files that their first bytes tell and that cannot be read."""
    if content.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise refuse(path, N_("this file is locked with a password; save it without one"))
        raise refuse(path, N_("this is a file of an old Office; save it as .docx or .xlsx"))
    if content.startswith(b"{\\rtf"):
        raise refuse(path, N_("this is rich text (.rtf); save the notice as .docx, .html or .txt"))


def _encodings(content: bytes) -> list[str]:
    """Return the encodings to try, in this order."""
    if b"\x00" in content:  # Chinese in UTF-16 without a mark shows by the zero bytes of its digits and line ends
        return ["utf-16-le" if content[1::2].count(0) > content[::2].count(0) else "utf-16-be"]
    declared = _CHARSET.search(content[:_SEARCHED])
    known = _DECLARED.get(declared[1].decode("ascii", errors="replace").lower()) if declared else None
    return list(dict.fromkeys(filter(None, ("utf-8", known, "gb18030"))))


def _is_damaged(content: bytes, encoding: str) -> bool:
    """Return whether this is text in `encoding` but for a few places."""
    repaired = content.decode(encoding, errors="replace")
    wrong, foreign = repaired.count("\ufffd"), sum(not sign.isascii() for sign in repaired)
    return wrong * _DAMAGE <= foreign and _is_chinese(repaired)


def _decode_whole(path: Path, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        row = _row_after(content[: error.start].decode(encoding, errors="replace"))
        message = N_("from here on this is no text in {encoding}; the file is damaged or cut off", encoding=encoding)
        raise refuse(path, message, row=row) from None


def _is_chinese(text: str) -> bool:
    sample = text[:20_000]
    return len(_CHINESE.findall(sample)) * _DAMAGE >= len(sample) * (_DAMAGE - 1)


def _plain(path: Path, text: str) -> str:
    found = _BINARY.search(text)
    if found is None:
        return text
    row = _row_after(text[: found.start()])
    raise refuse(path, N_("this is no text: it holds control characters"), row=row)


def _row_after(text: str) -> int:
    """Return the line in which a text ends, as `text_lines` counts them."""
    return len((text + "|").splitlines())
