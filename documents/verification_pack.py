"""The verification pack (核验材料包): the record, the evidence and the photos in one archive, with every hash.

Made piece by piece, so that a pack may be larger than memory.  The same verification gives the same bytes: nothing in
it tells when it was made.  A file's name inside leads nowhere else, and is Chinese where it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import RawIOBase
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

SUMS = "SHA256SUMS.txt"
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]')
_WHEN = (1980, 1, 1, 0, 0, 0)  #: the earliest that an archive can say
_BLOCK = 1 << 20
_LONG = 1 << 30  #: bytes from which on a length needs more room in the archive
LONGEST = 180  #: bytes of a name, whatever its signs take


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file of the pack."""

    folder: str
    number: int
    name: str  #: as it was called when it came
    sha256: str  #: as it is on record
    path: Path  #: where it lies

    @property
    def inside(self) -> str:
        """The name under which it lies in the pack."""
        return f"{self.folder}/{self.number:02}-{safe_name(self.name)}"


def write_pack(texts: Iterable[tuple[str, bytes]], pieces: Iterable[Piece]) -> Iterator[bytes]:
    """Yield the archive: `texts` as they are, every piece, and the list of hashes for `sha256sum -c`.

    The list holds what is on record: a file that was changed in the store does not fit it.  One that is gone is told.
    """
    sink, lines = _Sink(), list[str]()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for name, content in texts:
            archive.writestr(_info(name), content)
            lines.append(f"{sha256(content).hexdigest()}  {name}")
            yield sink.taken()
        for piece in pieces:
            if not piece.path.is_file():
                lines.append(f"# missing: {piece.sha256}  {piece.inside}")
                continue
            lines.append(f"{piece.sha256}  {piece.inside}")
            is_long = piece.path.stat().st_size >= _LONG
            with archive.open(_info(piece.inside), "w", force_zip64=is_long) as target, piece.path.open("rb") as source:
                while block := source.read(_BLOCK):
                    target.write(block)
                    yield sink.taken()
        archive.writestr(_info(SUMS), ("\n".join(lines) + "\n").encode())
    yield sink.taken()


def safe_name(name: str) -> str:
    r"""Return a file's name as it can stand in an archive on any system; its ending is kept.

    >>> safe_name("../纪要 1.pdf"), safe_name("a\\b"), safe_name(""), safe_name("x. ")
    ('_纪要 1.pdf', 'a_b', 'file', 'x')
    >>> len(safe_name("长" * 200 + ".pdf").encode()), safe_name("长" * 200 + ".pdf")[-4:]
    (178, '.pdf')
    """
    plain = _UNSAFE.sub("_", name).strip(". ") or "file"
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 8:  # noqa: PLR2004 - longer is no ending
        stem, dot, ending = plain, "", ""
    room = LONGEST - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + ending


class _Sink(RawIOBase):
    """Takes what the archive writes, until it is handed on."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def writable(self) -> bool:
        """Say that it may be written."""
        return True

    def write(self, block: Any) -> int:
        """Take a block."""
        self._blocks.append(bytes(block))
        return len(block)

    def taken(self) -> bytes:
        """Return what came since the last time."""
        blocks, self._blocks = self._blocks, []
        return b"".join(blocks)


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, _WHEN)
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    info.create_system = 3  # the same bytes on every system
    return info
