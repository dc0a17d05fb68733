"""On PostgreSQL: nobody waits for a lock for ever, and whoever waits hears who keeps them from it.

On SQLite there is one lock, which `models.database` tells of.  Used by the edges that have somebody to tell: commands.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from models import database
from models.locks import Lock as Held

LOOKS_EVERY_SECONDS = 0.5

#: Who keeps a process waiting, and for which table, where it is a whole one.
_BLOCKER = text(
    """
    SELECT coalesce(c.relname, '') AS relname, b.pid,
           coalesce(nullif(b.application_name, ''), b.backend_type) AS program,
           coalesce(extract(epoch FROM clock_timestamp() - b.xact_start)::int, 0) AS seconds
    FROM unnest(pg_blocking_pids(:waiting)) AS blocking (pid)
    JOIN pg_stat_activity b ON b.pid = blocking.pid
    LEFT JOIN pg_locks w ON w.pid = :waiting AND NOT w.granted
    LEFT JOIN pg_class c ON c.oid = w.relation
    LIMIT 1
    """
)
#: What an operator has set is left alone.
_BOUND = (
    f"SELECT set_config('lock_timeout', '{database.LOCK_WAIT_SECONDS}s', false) "
    "WHERE current_setting('lock_timeout') = '0'"
)


def bound_waits(engine: Engine, on_wait: Callable[[Held], None]) -> None:
    """Let every statement of `engine` wait for a lock LOCK_WAIT_SECONDS at most, and tell `on_wait` who holds it.

    It is told once for each statement, after TELL_AFTER_SECONDS, from a thread of its own that ends when the engine is
    disposed of.
    """
    watch = _Watch(engine, on_wait)

    @event.listens_for(engine, "connect")
    def bound(connection: Any, _record: Any) -> None:
        connection.execute(_BOUND)
        connection.commit()

    @event.listens_for(engine, "before_cursor_execute")
    def begins(connection: Any, *_: Any) -> None:
        watch.begins(_process_of(connection))

    @event.listens_for(engine, "after_cursor_execute")
    def ends(connection: Any, *_: Any) -> None:
        watch.ends(_process_of(connection))

    @event.listens_for(engine, "handle_error")
    def fails(context: Any) -> None:
        if context.connection is not None and not context.connection.invalidated:
            watch.ends(_process_of(context.connection))

    @event.listens_for(engine, "engine_disposed")
    def stop(_: Engine) -> None:
        watch.stop()


def _process_of(connection: Any) -> int:
    return int(connection.connection.dbapi_connection.info.backend_pid)


class _Watch:
    """Which statements run, by the process of the server that runs them, and since when."""

    def __init__(self, engine: Engine, on_wait: Callable[[Held], None]) -> None:
        self._url, self._on_wait = engine.url, on_wait
        self._running: dict[int, float] = {}
        self._lock, self._over = Lock(), Event()
        self._thread: Thread | None = None

    def begins(self, process: int) -> None:
        self._running[process] = time.monotonic()
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._over = Event()
                    self._thread = Thread(target=self._look, args=(self._over,), daemon=True)
                    self._thread.start()

    def ends(self, process: int) -> None:
        self._running.pop(process, None)

    def stop(self) -> None:
        with self._lock:
            self._over.set()
            self._thread = None

    def _look(self, over: Event) -> None:
        told: set[tuple[int, float]] = set()
        engine = database.open_for_a_look(self._url)
        while not over.wait(LOOKS_EVERY_SECONDS):
            for process, since in tuple(self._running.items()):
                if time.monotonic() - since < database.TELL_AFTER_SECONDS or (process, since) in told:
                    continue
                with suppress(SQLAlchemyError):  # who waits is told by its own statement what is wrong
                    held = read_blocker(engine, process)
                    if held is not None:
                        told.add((process, since))
                        self._on_wait(held)
        engine.dispose()


def read_blocker(engine: Engine, process: int) -> Held | None:
    """Return who keeps the server's `process` waiting; None: nobody does."""
    with engine.connect() as connection:
        row = connection.execute(_BLOCKER, {"waiting": process}).first()
    if row is None:
        return None
    return Held(seconds=row.seconds, table=row.relname, process=row.pid, program=row.program)
