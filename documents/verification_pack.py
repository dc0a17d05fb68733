"""The verification pack (核验材料包): checklist, evidence, site records and photos in one archive, with every hash.

The same verification gives the same bytes.  A file's name inside leads nowhere else, and is Chinese where it was.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_WHEN = (1980, 1, 1, 0, 0, 0)  #: the earliest that an archive can say
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file of the pack."""

    folder: str
    number: int
    name: str
    sha256: str
    path: Path  #: where it lies


def write_pack(told: Mapping[str, Any], page: str, pieces: Iterable[Piece]) -> bytes:
    """Return the archive: `told` as JSON, the printable `page`, every piece, and a list of hashes.

    A piece whose file is gone stands in the list alone.
    """
    content, lines = io.BytesIO(), []
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        _put(archive, "verification.html", page.encode())
        _put(archive, "verification.json", json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True).encode())
        for piece in pieces:
            name = f"{piece.folder}/{piece.number:02}-{safe_name(piece.name)}"
            is_there = piece.path.is_file()
            lines.append(f"{piece.sha256}  {name}{'' if is_there else '  (missing)'}")
            if is_there:
                with archive.open(_info(name), "w") as target, piece.path.open("rb") as source:
                    while block := source.read(_BLOCK):
                        target.write(block)
        _put(archive, "SHA256SUMS.txt", ("\n".join(lines) + "\n").encode())
    return content.getvalue()


def safe_name(name: str) -> str:
    r"""Return a file's name as it can stand in an archive.

    >>> safe_name("../纪要 1.pdf"), safe_name("a\\b"), safe_name("")
    ('_纪要 1.pdf', 'a_b', 'file')
    """
    return _UNSAFE.sub("_", name).lstrip(".").strip()[:150] or "file"


def _put(archive: ZipFile, name: str, content: bytes) -> None:
    archive.writestr(_info(name), content)


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, _WHEN)
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
