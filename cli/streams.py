"""The standard streams as they really are: closed, full, or of an encoding that lacks Chinese.

Everything that the command line says goes through here.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path


class AnswerLost(Exception):  # noqa: N818 - what was asked may be done; only its answer could not be written
    """Standard output does not take the answer: its disk is full, for example."""


def prepare_streams() -> None:
    """Let every sign be written: one that the encoding lacks as an escape; a closed stream takes everything."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open to the end
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def write_out(text: str) -> None:
    """Write to standard output at once.  Raises AnswerLost; BrokenPipeError when the reader has left."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _forget_rest()
        raise AnswerLost(error.strerror or str(error)) from error


def write_error(text: str) -> None:
    """Write to standard error; nobody can be told when that fails."""
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def can_write(text: str) -> bool:
    """Say whether standard output's encoding has every sign of `text`."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _forget_rest() -> None:
    """Send what is still in the buffer nowhere, so that Python does not fail on it once more at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
