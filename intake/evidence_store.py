"""Keeps evidence files in DUBAN_HOME/evidence, each under the SHA-256 of its content: the same file lies there once.

A file is copied to a temporary name, synced and renamed, and its folder synced: what is recorded is whole and lasts.
What comes over the network is looked at first: its content says what it is, not its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import puremagic

from engine.rules.ledger_layout import clean_text
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.text import N_, Text
from engine.whole_file import make_folder, new_file, settle

_BLOCK = 1 << 20
_HEAD = 1 << 16  #: of a file, in which its kind shows
_DIGEST = re.compile(r"[0-9a-f]{64}")
LONGEST_NAME = 200
#: What browsers may show by themselves; everything else is handed over as a file.
SHOWN = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp"}
#: What offices hand in, by the ending that its content stands for.
TAKEN = frozenset(
    (
        *(*SHOWN, ".bmp", ".tif", ".tiff", ".heic", ".heif"),
        *(".pdf", ".ofd", ".zip", ".7z", ".rar", ".gz", ".eml", ".msg"),
        *(".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".wps", ".et", ".dps", ".odt", ".ods", ".odp", ".rtf"),
        *(".mp3", ".m4a", ".wav", ".amr", ".mp4", ".mov"),
    )
)
#: What a camera makes, whether a browser can show it or not.
PICTURES = frozenset((*SHOWN, ".bmp", ".tif", ".tiff", ".heic", ".heif"))
#: How the pictures of phones begin, after their first four bytes.
_OF_PHONES = tuple(b"ftyp" + brand for brand in (b"heic", b"heix", b"hevc", b"mif1", b"msf1"))
#: Old office files, and mails, share one form.
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(rb"<\s*(!doctype|html|svg|script|\?xml|body|iframe)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file that was kept."""

    name: str  #: as it was called, without any folder
    sha256: str
    size: int  #: bytes
    path: Path


def keep_file(source: Path, home: Path) -> Kept:
    """Copy `source` into the store.  Raises InputRefused when it is no readable file with something in it."""
    if not source.is_file():
        raise _refuse(str(source), N_("an existing file was expected"))
    with source.open("rb") as content:
        return _keep(str(source), content, home, most=None)


def keep_upload(name: str, content: BinaryIO, home: Path, *, most: int) -> Kept:
    """Keep what was uploaded as `name`, of at most `most` bytes.

    Raises InputRefused for an empty or too large file, and for content that no office hands in as evidence: pages and
    scripts that a browser would run, programs, and what cannot be told.
    """
    head = content.read(_HEAD)
    if head and not is_taken(head, name):
        raise _refuse(name, N_("a document, picture, recording or archive was expected; the content is something else"))
    content.seek(0)
    return _keep(name, content, home, most=most)


def keep_picture(name: str, content: BinaryIO, home: Path, *, most: int) -> Kept:
    """Keep an uploaded photo byte for byte.  Raises InputRefused where the content is no picture."""
    head = content.read(_HEAD)
    if head and not _endings(head) & PICTURES:
        raise _refuse(name, N_("a picture was expected; the content is something else"))
    content.seek(0)
    return _keep(name, content, home, most=most)


def _keep(name: str, content: BinaryIO, home: Path, *, most: int | None) -> Kept:
    digest, size = sha256(), 0
    make_folder(home / "evidence")
    with new_file(home / "evidence", is_private=True) as copy:
        while block := content.read(_BLOCK):
            digest.update(block)
            copy.write(block)
            size += len(block)
            if most is not None and size > most:
                raise _refuse(name, N_("at most {size} MB were expected", size=most // 1_000_000))
        if not size:
            raise _refuse(name, N_("a file with something in it was expected; this one is empty"))
        target = stored(home, digest.hexdigest())
        make_folder(target.parent)
        settle(copy, target)
    return Kept(name=plain_name(name), sha256=digest.hexdigest(), size=size, path=target)


def stored(home: Path, digest: str) -> Path:
    """Return where the file with this SHA-256 lies."""
    assert _DIGEST.fullmatch(digest), "a digest leads to no other folder"
    return home / "evidence" / digest[:2] / digest


def is_taken(head: bytes, name: str) -> bool:
    r"""Return whether a file that begins with `head` may be evidence.

    >>> is_taken(b"%PDF-1.7\n", "a.pdf"), is_taken(b"<html><script>", "a.jpg"), is_taken(b"MZ\x90\x00", "a.pdf")
    (True, False, False)
    >>> is_taken("会议纪要".encode(), "a.txt"), is_taken("<svg onload=x>".encode(), "a.txt")
    (True, False)
    """
    if head.startswith(_COMPOUND):
        return True
    endings = _endings(head)
    if endings:
        return bool(endings & TAKEN)
    return name.lower().endswith((".txt", ".csv", ".md")) and _is_text(head)


def media_type(path: Path) -> str | None:
    """Return the type under which a browser may show a file; None: it is only handed over."""
    with path.open("rb") as content:
        endings = _endings(content.read(_HEAD))
    return next((SHOWN[one] for one in sorted(endings) if one in SHOWN), None)


def _endings(head: bytes) -> set[str]:
    """Return the endings that the content may stand for."""
    if head[4:].startswith(_OF_PHONES):
        return {".heic"}
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return set()
    best = max((one.confidence for one in found), default=0)
    return {one.extension.lower() for one in found if one.confidence == best and one.extension}


def _is_text(head: bytes) -> bool:
    for encoding in ("utf-8", "gb18030"):
        try:
            text = head[: _HEAD - 4].decode(encoding, errors="strict" if len(head) < _HEAD else "ignore")
        except UnicodeDecodeError:
            continue
        return "\x00" not in text and not _MARKUP.search(head)
    return False


def plain_name(name: str) -> str:
    r"""Return a file's name without any folder.

    >>> plain_name("C:\\papers\\纪要.pdf"), plain_name("../../etc/passwd"), plain_name("..")
    ('纪要.pdf', 'passwd', 'file')
    """
    plain = clean_text(re.split(r"[\\/]", name)[-1]).replace("\n", " ").strip(". ")
    return plain[-LONGEST_NAME:] or "file"


def _refuse(name: str, message: Text) -> InputRefused:
    return InputRefused((Fault(place=Place(file=name), value=None, message=message),))
