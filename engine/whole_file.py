"""A file stands whole under its name, or not at all, and lasts: synced before its name changes, its folder after it.

Without the second sync a power cut may take back the new name though whoever asked for it was told that it is kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import IO


@contextmanager
def new_file(folder: Path, name: str = "new", *, is_private: bool = False) -> Iterator[IO[bytes]]:
    """Give an unfinished file in `folder`, which `settle` puts in its place; what is not settled is taken away.

    One that `is_private` is for its owner alone, whatever the system's custom is.  Raises OSError.
    """
    path, mode = folder / f".{name}.{token_hex(4)}", 0o600 if is_private else 0o666
    try:
        with open(path, "xb", opener=partial(os.open, mode=mode)) as unfinished:
            yield unfinished
    finally:
        path.unlink(missing_ok=True)


def settle(unfinished: IO[bytes], target: Path) -> None:
    """Put a file of `new_file` in its place for good.  Raises OSError."""
    unfinished.flush()
    os.fsync(unfinished.fileno())
    Path(unfinished.name).replace(target)
    sync_folder(target.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path`: whoever opens it meanwhile sees the old one.  Raises OSError."""
    with new_file(path.parent, path.name) as unfinished:
        unfinished.write(content)
        settle(unfinished, path)


def make_folder(folder: Path) -> None:
    """Make `folder` and those above it that are missing, for good."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make what was named anew in `folder` last; some systems cannot, and need not."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
