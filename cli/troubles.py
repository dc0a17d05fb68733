"""What went wrong, as lines for people and entries for programs: never a traceback.

Bad input ends with 2: files, days, options, settings, policies.  A refusal and everything else ends with 1.  What
nobody foresaw is told in one line, with its details in logs/duban.log.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cli.streams import AnswerLost
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.refusal import Refusal
from engine.rules.text import N_, Text
from i18n import say

BAD_INPUT, REFUSED, INTERRUPTED = 2, 1, 130
_FIELD = re.compile(r'field "(\w+)"')
#: Settings whose value is shown to nobody.
_SECRET = frozenset(
    {
        "apprise_urls",
        "dingtalk_robot_secret",
        "dingtalk_robot_url",
        "feishu_robot_secret",
        "feishu_robot_url",
        "heartbeat_url",
        "oidc_client_secret",
        "smtp_password",
        "wecom_robot_url",
    }
)
_QUOTED = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a command did not do what was asked."""

    status: int  #: exit status
    faults: tuple[Fault, ...]

    def lines(self, tongue: str) -> list[str]:
        """Return one line for each fault."""
        return [line_of(fault, tongue) for fault in self.faults]

    def entries(self, tongue: str) -> list[dict[str, Any]]:
        """Return one JSON object for each fault."""
        return [
            {**asdict(fault.place), "value": fault.value, "message": say(fault.message, tongue)}
            for fault in self.faults
        ]


def line_of(fault: Fault, tongue: str) -> str:
    """Return a fault as one line: where, what stands there, what was expected."""
    place = fault.place
    where = [
        place.file,
        say(N_("sheet {sheet}", sheet=place.sheet), tongue) if place.sheet else "",
        say(N_("row {row}", row=place.row), tongue) if place.row else "",
        say(N_("column {column}", column=place.column), tongue) if place.column else "",
        say(N_("“{value}”", value=fault.value), tongue) if fault.value else "",
    ]
    told = " ".join(say(fault.message, tongue).split())
    prefix = " · ".join(part for part in where if part)
    whole = say(N_("{name}: {problem}", name=prefix, problem=told), tongue) if prefix else told
    return " ".join(whole.split())


def one(message: Text, *, status: int = REFUSED, file: str = "", value: str | None = None) -> Trouble:
    """Return a trouble with a single fault."""
    return Trouble(status=status, faults=(Fault(place=Place(file=file), value=value, message=message),))


def trouble_of(error: BaseException, home: Path | None) -> Trouble:
    """Return what to tell of `error`."""
    if isinstance(error, InputRefused):
        return Trouble(status=BAD_INPUT, faults=error.faults)
    if isinstance(error, Refusal):
        return _of_database(error.__context__) or one(error.text)
    if isinstance(error, KeyboardInterrupt):
        return one(N_("stopped"), status=INTERRUPTED)
    if isinstance(error, AnswerLost):
        return one(N_("the answer cannot be written: {problem}", problem=str(error)))
    known = _of_database(error) or _of_settings(error) or (_of_system(error) if isinstance(error, OSError) else None)
    return known or _unforeseen(error, home)


def _of_settings(error: BaseException) -> Trouble | None:
    kind = type(error)
    if kind.__module__.startswith("pydantic") and kind.__name__ == "ValidationError":
        faults = tuple(
            Fault(
                place=Place(file=f"DUBAN_{str(found['loc'][0]).upper()}" if found["loc"] else ""),
                value=str(found["input"])[:60] if found["loc"] and found["loc"][0] not in _SECRET else None,
                message=_of_setting(found),
            )
            for found in error.errors()  # type: ignore[attr-defined]
        )
        return Trouble(status=BAD_INPUT, faults=faults)
    if kind.__module__.startswith("pydantic_settings"):
        field = _FIELD.search(str(error))
        if field is None:
            return one(N_("a setting cannot be read: {problem}", problem=str(error)), status=BAD_INPUT)
        name = f"DUBAN_{field[1].upper()}"
        message = N_("a list as JSON was expected, such as {example}", example='["inbox", "eml"]')
        return one(message, status=BAD_INPUT, file=name, value=os.environ.get(name))
    return None


def _of_setting(found: dict[str, Any]) -> Text:
    """Return what was expected of a setting, from what pydantic says of it."""
    context = found.get("ctx", {})
    match found["type"]:
        case "literal_error":
            return N_("one of: {words}", words=tuple(_QUOTED.findall(context["expected"])))
        case "int_parsing" | "int_type" | "int_from_float":
            return N_("a whole number was expected")
        case "greater_than_equal":
            return N_("at least {least} was expected", least=context["ge"])
        case "less_than_equal":
            return N_("at most {most} was expected", most=context["le"])
        case "value_error":
            (told,) = context["error"].args
            return told if isinstance(told, Text) else Text(str(told))
        case _:
            return N_("this setting is not valid: {problem}", problem=found["msg"])


def _of_system(error: OSError) -> Trouble | None:
    path = str(error.filename or "")
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return one(N_("the disk is full; nothing was changed"), file=path)
    if error.errno == errno.EROFS:
        return one(N_("this place is read-only"), file=path)
    if error.errno == errno.EFBIG:
        return one(N_("this disk or account takes no file so large; nothing was changed"), file=path)
    if error.errno in {errno.EACCES, errno.EPERM}:
        return one(N_("the system does not allow this"), file=path)
    known = _PATH_FAULTS.get(error.errno or 0)
    return one(known, status=BAD_INPUT, file=path) if known else None


_PATH_FAULTS: dict[int, Text] = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EISDIR: N_("this is a folder; a file was expected"),
    errno.ENOTDIR: N_("this is a file; a folder was expected"),
    errno.EEXIST: N_("something of this name is there already"),
    errno.ENAMETOOLONG: N_("this name is too long"),
}


def _of_database(error: BaseException | None) -> Trouble | None:
    """Return what to tell of an error of the database; the library is asked only when it is there."""
    if "sqlalchemy" not in sys.modules:
        return None
    from sqlalchemy import exc
    from sqlalchemy.orm.exc import StaleDataError

    if isinstance(error, StaleDataError | exc.IntegrityError):
        return one(N_("somebody else changed this at the same moment; look again and repeat"))
    if isinstance(error, exc.ArgumentError | exc.NoSuchModuleError):
        message = N_("an address such as sqlite:///duban.db or postgresql+psycopg://duban@host/duban was expected")
        return one(message, status=BAD_INPUT, file="DUBAN_DATABASE_URL", value=os.environ.get("DUBAN_DATABASE_URL"))
    if isinstance(error, exc.DBAPIError):
        told = str(error.orig).strip()
        signs = f"{type(error.orig).__name__} {told}".lower()
        known = next((message for sign, message in _DATABASE_SIGNS if sign in signs), None)
        if known is not None:
            return one(known)
        if isinstance(error, exc.OperationalError):
            return one(N_("the database does not answer: {problem}", problem=" ".join(told.split())[:200]))
    return None


_DATABASE_SIGNS: tuple[tuple[str, Text], ...] = (
    ("database is locked", N_("the database is busy: another Duban is writing; try again in a moment")),
    (
        "locknotavailable",
        N_("another process has held what this needs for a minute; nothing was changed: try again in a moment"),
    ),
    ("disk is full", N_("the disk is full; nothing is lost: make room and do it again")),
    ("disk i/o error", N_("the disk is full or faulty; nothing is lost: see that it has room and do it again")),
    ("no space left on device", N_("the database server's disk is full; nothing is lost: make room and do it again")),
    ("readonly database", N_("the database is read-only")),
    ("read-only transaction", N_("the database is read-only")),
    ("unable to open database file", N_("the database file cannot be opened; look at DUBAN_HOME and its rights")),
    ("file is not a database", N_("the database file is damaged or something else; restore it from a backup")),
    ("malformed", N_("the database file is damaged or something else; restore it from a backup")),
    ("no such table", N_("the database is not set up yet; run duban init")),
    ("undefinedtable", N_("the database is not set up yet; run duban init")),
    ("no such column", N_("the database is of an older Duban; take a copy of it, then run duban init")),
    ("undefinedcolumn", N_("the database is of an older Duban; take a copy of it, then run duban init")),
)


def _unforeseen(error: BaseException, home: Path | None) -> Trouble:
    log = keep_details(error, home)
    said = " ".join(str(error).split())[:300]
    if log is None:
        return one(N_("something unforeseen: {kind}: {problem}", kind=type(error).__name__, problem=said))
    told = N_(
        "something unforeseen: {kind}: {problem}; details in {log}", kind=type(error).__name__, problem=said, log=log
    )
    return one(told)


def keep_details(error: BaseException, home: Path | None) -> Path | None:
    """Append the places of the error to logs/duban.log; return where, or None when that cannot be written."""
    if home is None or not home.is_dir():
        return None
    try:
        from flows.log_file import log_details

        return log_details(error, home, "plain" if os.environ.get("DUBAN_LOG") == "plain" else "json")
    except OSError:
        return None
