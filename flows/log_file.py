"""Keeps what programmers want to know in DUBAN_HOME/logs/duban.log, so that nobody else sees a traceback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FORM = "%(asctime)s %(levelname)s %(message)s"


@contextmanager
def logging_to(home: Path) -> Iterator[None]:
    """Send warnings and errors of every library to the log; the file is made when there is something to keep."""
    handler = _Late(home / "logs" / "duban.log", encoding="utf-8", delay=True)
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter(FORM))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


class _Late(logging.FileHandler):
    """Makes its folder with its first line; where that cannot be, nothing is kept."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        try:
            Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
            super().emit(record)
        except OSError:
            return

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say nothing: the command goes on without its log."""
