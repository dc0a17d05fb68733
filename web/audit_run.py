"""Walks the record in a thread of its own, one walk at a time, and tells how far it is; the page looks at it.

What it found is kept in this process only: it is no fact of the record, and asked again it is found again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock, Thread

from engine.reads.audit import Anchor, Audit, audit_record, count_events
from engine.rules.moment import Moment
from flows.house import House
from models.database import reading

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One walk: under way, or ended."""

    started_at: datetime
    by: str  #: name
    total: int  #: steps; every event is looked at twice
    done: int = 0
    ended_at: datetime | None = None
    audit: Audit | None = None
    failed: bool = False

    @property
    def percent(self) -> int:
        """How far it is."""
        return min(100, self.done * 100 // self.total) if self.total else 100


class AuditRun:
    """The walk of one house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._lock = Lock()
        self._walk: Walk | None = None
        self._done = 0
        self._thread: Thread | None = None

    def look(self) -> Walk | None:
        """Return the walk under way, or else the last one."""
        with self._lock:
            if self._walk is None or self._walk.ended_at is not None:
                return self._walk
            return replace(self._walk, done=self._done)

    def begin(self, moment: Moment, by: str, against: Anchor | None) -> None:
        """Begin a walk, unless one is under way."""
        with self._lock:
            if self._walk is not None and self._walk.ended_at is None:
                return
            with reading(self._house.sessions) as session:
                total = count_events(session) * 2
            self._done = 0
            self._walk = Walk(started_at=moment.at, by=by, total=total)
            self._thread = Thread(target=self._run, args=(against,), daemon=True, name="audit")
            self._thread.start()

    def wait(self) -> None:
        """Wait until the walk has ended."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, against: Anchor | None) -> None:
        audit: Audit | None = None
        try:
            with reading(self._house.sessions) as session:
                audit = audit_record(session, against=against, tell=self._tell)
        except Exception:
            log.exception("walking the record failed")
        with self._lock:
            assert self._walk is not None
            ended_at = self._house.now().at
            self._walk = replace(self._walk, done=self._done, ended_at=ended_at, audit=audit, failed=audit is None)

    def _tell(self, steps: int) -> None:
        self._done += steps
