"""Keeps evidence files in DUBAN_HOME/evidence, each under the SHA-256 of its content: the same file lies there once.

A file is copied to a temporary name, synced and renamed, so that whatever is recorded is whole.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.text import N_, Text

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file that was kept."""

    sha256: str
    size: int  #: bytes
    path: Path


def keep_file(source: Path, home: Path) -> Kept:
    """Copy `source` into the store.  Raises InputRefused when it is no readable file with something in it."""
    if not source.is_file():
        raise _refuse(source, N_("an existing file was expected"))
    folder = home / "evidence"
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = sha256(), 0
    with source.open("rb") as content, NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as copy:
        try:
            while block := content.read(_BLOCK):
                digest.update(block)
                copy.write(block)
                size += len(block)
            copy.flush()
            os.fsync(copy.fileno())
            if not size:
                raise _refuse(source, N_("a file with something in it was expected; this one is empty"))
            target = folder / digest.hexdigest()[:2] / digest.hexdigest()
            target.parent.mkdir(exist_ok=True)
            Path(copy.name).replace(target)
        finally:
            Path(copy.name).unlink(missing_ok=True)
    return Kept(sha256=digest.hexdigest(), size=size, path=target)


def _refuse(source: Path, message: Text) -> InputRefused:
    return InputRefused((Fault(place=Place(file=str(source)), value=None, message=message),))
