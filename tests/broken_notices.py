"""Files that are no readable notice, each broken by one named change; made when asked for, never stored."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import openpyxl

from intake.notice.source import MAX_BYTES
from tests.notice_files import AFTER, BEFORE, ORGANISED, SMALL, Style, lines_of, word_bytes

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
LINES = lines_of(SMALL, Style())
TEXT = "\n".join(LINES)
WORD = word_bytes()
_BODY = "word/document.xml"


def _parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(WORD)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def _without(name: str) -> bytes:
    return _packed({key: part for key, part in _parts().items() if key != name})


def _with_body(body: bytes) -> bytes:
    return _packed(_parts() | {_BODY: body})


def _locked() -> bytes:
    content = bytearray(WORD)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = content.find(signature)
        while position >= 0:
            content[position + offset] |= 1
            position = content.find(signature, position + 4)
    return bytes(content)


def _bomb() -> bytes:
    return _packed(_parts() | {"word/media/image1.bmp": bytes(MAX_BYTES + 1)})


def _lying_bomb() -> bytes:
    """Return an archive whose body unpacks to more than it says."""
    content = bytearray(_with_body(b"<a>" + b" " * 5_000_000 + b"</a>"))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        size = archive.getinfo(_BODY).file_size.to_bytes(4, "little")
    return bytes(content).replace(size, (1000).to_bytes(4, "little"))


def _deep_word() -> bytes:
    body = _parts()[_BODY]
    return _with_body(
        body.replace(b"<w:body>", b"<w:body>" + b"<w:sdt>" * 20_000).replace(
            b"</w:body>", b"</w:sdt>" * 20_000 + b"</w:body>"
        )
    )


def _entities() -> bytes:
    head = b'<!DOCTYPE w [<!ENTITY a "' + b"a" * 1000 + b'">'
    head += b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a%s;" % (str(n - 1).encode() if n else b"") * 10) for n in range(10)
    )
    return _with_body(
        _parts()[_BODY].replace(b"<w:document", head + b"]><w:document", 1).replace(b"</w:t>", b"&a9;</w:t>")
    )


def _page(body: str) -> bytes:
    return f"<html><head><meta charset='utf-8'></head><body>{body}</body></html>".encode()


def _workbook(*rows: list[object]) -> bytes:
    content = io.BytesIO()
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def _lines(*findings: str) -> bytes:
    return "\n".join((*BEFORE, *ORGANISED, *findings, *AFTER)).encode()


def _said(feedback: str) -> bytes:
    return TEXT.replace("2025年1月8日", feedback).encode()


_RANDOM = b"".join(sha256(bytes([number])).digest() for number in range(128))
_UTF8 = TEXT.encode()
_MIDDLE = TEXT.index("印发《")
#: how many bytes of the text end in the middle of a character
_CUT = len(TEXT[:_MIDDLE].encode()) + 1

#: name → (content, the row that must be told or None, a part of the message)
BROKEN: dict[str, tuple[Callable[[], bytes], int | None, str]] = {
    "empty": (lambda: b"", None, "empty"),
    "white-space": (lambda: b" \r\n\t\n  ", None, "empty"),
    "ideographic-spaces": ("\u3000\u3000\n\u200b\u00a0".encode, None, "no text"),
    "only-a-mark": (lambda: b"\xef\xbb\xbf", None, "no text"),
    "only-a-mark-of-utf-16": (lambda: b"\xff\xfe", None, "no text"),
    "one-zero-byte": (lambda: b"\x00", None, "no text"),
    "zero-bytes": (lambda: bytes(1000), None, "no text"),
    "random-bytes": (lambda: _RANDOM, None, "no text in"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + _RANDOM, None, "no text in"),
    "control-characters": (
        lambda: _UTF8.replace("资产".encode(), b"\x01\x02"),
        LINES.index("1.针对“资产底数不清”的问题。") + 1,
        "control characters",
    ),
    "control-characters-at-first": (lambda: b"\x07\x08" + _UTF8, 1, "control characters"),
    "zero-byte-within": (lambda: _UTF8[:200] + b"\x00" + _UTF8[200:], None, "no text"),
    "utf-8-cut-in-the-middle": (lambda: _UTF8[:_CUT], TEXT[:_MIDDLE].count("\n") + 1, "damaged or cut off"),
    "utf-8-byte-lost": (lambda: _UTF8[: _CUT - 1] + _UTF8[_CUT:], TEXT[:_MIDDLE].count("\n") + 1, "damaged or cut off"),
    "utf-8-with-mark-cut": (
        lambda: b"\xef\xbb\xbf" + _UTF8[:_CUT],
        TEXT[:_MIDDLE].count("\n") + 1,
        "damaged or cut off",
    ),
    "utf-8-and-gb18030-mixed": (lambda: _UTF8 + "\n这一行是另一种编码".encode("gb18030"), len(LINES) + 1, "no text in"),
    "utf-16-cut": (lambda: TEXT.encode("utf-16")[:-1], len(LINES), "damaged or cut off"),
    "gb18030-cut": (
        lambda: TEXT[:_MIDDLE].encode("gb18030") + b"\xb0",
        TEXT[:_MIDDLE].count("\n") + 1,
        "damaged or cut off",
    ),
    "utf-7": (lambda: TEXT.encode("utf-7"), 1, "no findings"),
    "big5": (lambda: "關於“作風”的問題。一是整改。".encode("big5", errors="ignore"), None, "no"),
    "latin-1": (lambda: "Überprüfung der Maßnahmen für größere Häuser".encode("latin-1"), 1, "no findings"),
    "english": (lambda: b"Dear all,\n1. About the problem of time. First, learn.\n", 1, "no findings"),
    "pdf": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", None, "PDF"),
    "rtf": (lambda: b"{\\rtf1\\ansi\\ansicpg936 \\'ce\\'ca\\'cc\\'e2}", None, "rich text"),
    "old-doc": (lambda: OLE + bytes(500) + "WordDocument".encode("utf-16-le"), None, "old Word"),
    "word-with-password": (lambda: OLE + bytes(500) + "EncryptedPackage".encode("utf-16-le"), None, "password"),
    "archive-with-password": (_locked, None, "password"),
    "archive-bomb": (_bomb, None, "larger than"),
    "archive-bomb-that-lies": (_lying_bomb, None, "damaged"),
    "archive-of-anything": (lambda: _packed({"a.txt": b"hello"}), None, "neither"),
    "archive-cut": (lambda: WORD[: len(WORD) // 2], None, "broken"),
    "archive-signature-only": (lambda: b"PK\x03\x04", None, "broken"),
    "archive-flipped": (lambda: WORD.replace(WORD[700:760], bytes(60)), None, "damaged"),
    "open-document": (lambda: _packed({"mimetype": b"application/vnd.oasis", "content.xml": b"<x/>"}), None, "neither"),
    "word-no-body": (lambda: _without(_BODY), None, "neither"),
    "word-no-content-types": (lambda: _without("[Content_Types].xml"), None, "damaged"),
    "word-no-relations": (lambda: _without("_rels/.rels"), None, "damaged"),
    "word-body-cut": (lambda: _with_body(_parts()[_BODY][:2000]), None, "damaged"),
    "word-body-empty": (lambda: _with_body(b""), None, "damaged"),
    "word-body-no-xml": (lambda: _with_body(b"\x89PNG"), None, "damaged"),
    "word-body-of-another-kind": (lambda: _with_body(b"<html><body><p>1</p></body></html>"), None, "damaged"),
    "word-nested-too-deep": (_deep_word, None, "damaged"),
    "word-without-text": (
        lambda: _with_body(
            b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body/></w:document>'
        ),
        None,
        "no text",
    ),
    "page-without-findings": (lambda: _page("<p>通知公告</p><p>欢迎访问</p>"), 1, "no findings"),
    "page-of-scripts": (lambda: _page("<script>1.关于“甲”的问题。一是乙。</script>"), None, "no text"),
    "page-nested-5000-deep": (
        lambda: _page("<div>" * 5000 + "<p>内容</p>" + "</div>" * 5000),
        None,
        "page cannot be read",
    ),
    "page-nested-100000-deep": (
        lambda: _page(TEXT.replace("\n", "<br>") + "<b>" * 100_000),
        None,
        "page cannot be read",
    ),
    "page-that-is-redirected": (
        lambda: b"<html><head><meta http-equiv='refresh' content='0;url=/'></head></html>",
        None,
        "no text",
    ),
    "findings-missing": (_lines, 1, "no findings"),
    "findings-without-measures": (lambda: _lines("(一)关于“甲”问题的整改", "1.针对“乙”的问题。"), 9, "no measures"),
    "headings-of-aspects-only": (lambda: _lines("(一)关于“甲”方面", "(二)关于“乙”方面"), 9, "no measures"),
    "numbers-alone": (lambda: b"1.\n2.\n(1)\n3.\n", 1, "no findings"),
    "number-too-long": (("9" * 5000 + ".关于“甲”的问题").encode, 1, "no findings"),
    "gigantic-paragraph": (
        lambda: _lines("(一)关于“甲”问题的整改", "1.针对“乙”的问题。" + "整改。" * 20_000),
        10,
        "characters",
    ),
    "gigantic-line-of-brackets": (("(" * 200_000).encode, 1, "no findings"),
    "gigantic-line-of-quotes": (("1.关于“" + "“" * 100_000).encode, 1, "no findings"),
    "gigantic-line-of-numbers": (("一是" * 100_000).encode, 1, "no findings"),
    "feedback-on-30-february": (lambda: _said("2025年2月30日"), 3, "no such day"),
    "feedback-in-month-13": (lambda: _said("2025年13月1日"), 3, "no such day"),
    "feedback-missing": (lambda: _said("去年"), None, "the day of the feedback was not found"),
    "feedback-without-year": (
        lambda: TEXT.replace("2024年9月2日至11月15日", "去年").replace("2025年1月8日", "1月8日").encode(),
        None,
        "not found",
    ),
    "workbook-renamed": (lambda: _workbook(["甲", "乙"], [1, 2]), 1, "a row with headings"),
}
#: stored only by an import, which asks for the day of the feedback
REFUSED_WHEN_STORED = frozenset({"feedback-missing", "feedback-without-year", "workbook-renamed"})


def write_broken(folder: Path, name: str) -> Path:
    """Write a broken file."""
    path = folder / f"{name}.txt"
    path.write_bytes(BROKEN[name][0]())
    return path
