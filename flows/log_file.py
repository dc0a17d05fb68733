"""The log for programmers and monitors: DUBAN_HOME/logs/duban.log, one line an event, JSON by default.

Nothing personal gets into it, whatever a record carries.  Of our own modules the message is kept as it stands in the
source, never filled in; of libraries only a template that has something to be filled in.  Beside it go the fields
named here, with numbers and single words as values; and of an error its kind and the places it came through, but not
its message, which the database keeps (failed runs, stuck timers, failed deliveries) behind the rights of its readers.

Several processes write one file: each line is appended whole by a single write, and who finds the file too long renames
it under a lock.  Nobody keeps it open, so no line goes astray.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TextIO

from engine.rules.refusal import Refusal

Form = Literal["json", "plain"]

MOST_BYTES = 10_000_000  #: of one file
OLDER_FILES = 5  #: duban.log.1, the newest, to duban.log.5
#: Our packages: they tell what they do, libraries only what worries them.
OURS = frozenset(
    (
        "cli",
        "config",
        "demo",
        "documents",
        "engine",
        "flows",
        "i18n",
        "intake",
        "models",
        "notifications",
        "web",
        "duban",
    )
)
COUNTS = (
    "reminders",
    "escalations",
    "notifications",
    "superseded",
    "failed",
    "sent",
    "cancelled",
    "called",
    "documents",
    "overlooked",
    "stuck",
    "undelivered",
)
#: What a record may carry besides its message; everything else stays out.
FIELDS = (
    "run",
    "period",
    "version",
    "as_of",
    "round",
    "measure",
    "waits_for",
    "digest",
    "channel",
    "status",
    "error",
    "seconds",
    *COUNTS,
)
_WORD = re.compile(r"[\w:.+/-]{1,80}")
_about: ContextVar[Mapping[str, Any]] = ContextVar("about", default=MappingProxyType({}))


@contextmanager
def about(**fields: Any) -> Iterator[None]:
    """Put `fields` on every line that this thread logs meanwhile."""
    token = _about.set({**_about.get(), **fields})
    try:
        yield
    finally:
        _about.reset(token)


@contextmanager
def logging_to(home: Path, form: Form = "json") -> Iterator[None]:
    """Keep our own events, and warnings of every library, in the log of `home`; it is made with its first line."""
    with _handling(LogFile(home / "logs" / "duban.log"), form):
        yield


@contextmanager
def logging_to_stream(stream: TextIO, form: Form = "json") -> Iterator[None]:
    """Write the same lines to `stream` too, for whoever collects what a service says; not to a terminal."""
    if stream.isatty():
        yield
        return
    with _handling(logging.StreamHandler(stream), form):
        yield


def log_details(error: BaseException, home: Path, form: Form = "json") -> Path:
    """Log what nobody foresaw and return the log's path.  Raises OSError when it cannot be written."""
    log = LogFile(home / "logs" / "duban.log")
    log.setFormatter(FORMS[form]())
    trace = (type(error), error, error.__traceback__)
    log.append(log.format(logging.LogRecord("duban", logging.ERROR, __file__, 0, "unforeseen", None, trace)))
    return log.path


@contextmanager
def _handling(handler: logging.Handler, form: Form) -> Iterator[None]:
    handler.setFormatter(FORMS[form]())
    handler.addFilter(_is_wanted)
    root, levels = logging.getLogger(), {name: logging.getLogger(name).level for name in OURS}
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        handler.close()


def _is_wanted(record: logging.LogRecord) -> bool:
    return record.levelno >= (logging.INFO if _is_ours(record) else logging.WARNING)


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OURS


class LogFile(logging.Handler):
    """Appends whole lines to a file that other processes append to; where that cannot be, nothing is kept."""

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES, older_files: int = OLDER_FILES) -> None:
        super().__init__()
        self.path, self._most, self._older = path, most_bytes, older_files

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; the command goes on without its log."""
        with suppress(OSError):
            self.append(self.format(record))

    def append(self, text: str) -> None:
        """Append `text` and a line end.  Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(file, f"{text}\n".encode(errors="backslashreplace"))
            if os.fstat(file).st_size > self._most:
                with suppress(FileNotFoundError):  # another has put it aside, and nobody has begun a new one yet
                    self._put_aside(file)
        finally:
            os.close(file)

    def _put_aside(self, file: int) -> None:
        """Rename the files one further; who comes second finds that it was done."""
        fcntl.flock(file, fcntl.LOCK_EX)  # ends when the file is closed
        if os.fstat(file).st_ino != self.path.stat().st_ino:
            return
        for number in range(self._older, 0, -1):
            newer = self.path if number == 1 else self._numbered(number - 1)
            with suppress(FileNotFoundError):
                newer.replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its end."""
        return json.dumps(fields_of(record), ensure_ascii=False)


class PlainLines(logging.Formatter):
    """The same for people: moment, level, event, then name=value; the places of an error on lines of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its end."""
        fields = fields_of(record)
        head = " ".join(str(fields.pop(name)) for name in ("time", "level", "event"))
        trace = fields.pop("trace", None)
        line = " ".join([head, *(f"{name}={value}" for name, value in fields.items())])
        return f"{line}\n{trace}" if trace else line


FORMS: dict[Form, type[logging.Formatter]] = {"json": JsonLines, "plain": PlainLines}


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what may be kept of a record."""
    carried = {**_about.get(), **record.__dict__}
    line = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "event": _event(record),
        "logger": record.name,
        "process": record.process,
    }
    line |= {name: carried[name] for name in FIELDS if _is_harmless(carried.get(name))}
    error = record.exc_info[1] if record.exc_info else None
    return line if error is None else line | {"error": type(error).__name__, "trace": _trace(error)}


def _event(record: logging.LogRecord) -> str:
    """Return the message as it stands in the source; a library's may have been put together, and names its place."""
    if isinstance(record.msg, str) and (_is_ours(record) or record.args):
        return " ".join(record.msg.split())
    return f"{record.module}:{record.lineno}"


def _is_harmless(value: object) -> bool:
    """Say whether a value is a number or a single word: sentences are people's."""
    return isinstance(value, int | float) or (isinstance(value, str) and _WORD.fullmatch(value) is not None)


def _trace(error: BaseException) -> str:
    """Return the places an error came through, its causes first, without the messages."""
    found: list[str] = []
    following: BaseException | None = error
    while following is not None and len(found) < 5:  # noqa: PLR2004 - a longer chain tells nothing more
        places = "".join(traceback.format_tb(following.__traceback__))
        found.insert(0, f"Traceback (most recent call last):\n{places}{_kind(following)}")
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
    return "\n".join(found)


def _kind(error: BaseException) -> str:
    """Return an error's class, and why it happened where that cannot name anybody."""
    if isinstance(error, Refusal):
        return f"{type(error).__name__}: {error.text.msgid}"
    if isinstance(error, OSError) and error.errno:
        return f"{type(error).__name__}: {os.strerror(error.errno)}"
    if "sqlalchemy.exc" in sys.modules and isinstance(error, sys.modules["sqlalchemy.exc"].OperationalError):
        told = str(error.orig).strip() or type(error.orig).__name__  # of the server or the file, never of a row
        return f"{type(error).__name__}: {told.splitlines()[0][:200]}"
    return type(error).__name__
