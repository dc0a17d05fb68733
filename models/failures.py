"""What went wrong in the database, told by the codes of its errors: somebody else is at work, or it failed itself."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

#: PostgreSQL: serialization failure, deadlock, lock not available.
_HELD = frozenset({"40001", "40P01", "55P03"})
_NO_LOCK, _CANCELLED = "55P03", "57014"
#: PostgreSQL's classes of errors that are about the server, not about a statement: its connection, its resources, an
#: operator's intervention, its system.
_SERVER_CLASSES = ("08", "53", "57P", "58")
#: The same of SQLite: input or output failed, the disk is full, the file is read-only, cannot be opened, or is damaged.
_FILE_CODES = frozenset(
    (
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )
)


def is_held(error: DBAPIError) -> bool:
    """Return whether somebody else is changing what this statement wanted to change: repeat in a moment."""
    return _sqlstate(error) in _HELD or _sqlite_code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def took_too_long(error: DBAPIError) -> bool:
    """Return whether a time-out that was set on PostgreSQL has ended the statement, or its wait for a lock."""
    return _sqlstate(error) in {_NO_LOCK, _CANCELLED}


def why_down(error: BaseException) -> DBAPIError | None:
    """Return the error that shows that the database itself failed: gone, full or faulty, whatever was asked of it.

    It may be the one before `error`: a full SQLite takes the whole transaction back, and then misses the savepoint.
    """
    one: BaseException | None = error
    while one is not None:
        if isinstance(one, DBAPIError) and _is_of_database(one):
            return one
        one = one.__cause__ or one.__context__
    return None


def told_by_database(error: BaseException) -> str:
    """Return what went wrong in one line, without the statement and the values that were sent."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return f"{type(cause).__name__}: {cause}".splitlines()[0]


def _is_of_database(error: DBAPIError) -> bool:
    state, code = _sqlstate(error), _sqlite_code(error)
    return error.connection_invalidated or state.startswith(_SERVER_CLASSES) or code in _FILE_CODES


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _sqlite_code(error: DBAPIError) -> int:
    """Return what kind of error SQLite had: the lower bits; the higher ones only tell more of the same.  0: none."""
    return (getattr(error.orig, "sqlite_errorcode", None) or 0) & 0xFF
