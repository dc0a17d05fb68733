"""Boards that were read a moment ago: shown again while nothing happened, or while counting them anew costs much.

A board of a large round takes long to count.  It is counted again when anything was recorded since, but never so often
that counting takes more than a small part of the time: so it may be older by a few times what it took.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from engine.reads.board import Board

MOST = 32  #: boards that are kept
QUICK_SECONDS = 1.0  #: what takes less is counted again whenever anything happened
PATIENCE = 10  #: how many times as old as it took to count may a slow one be


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBoard:
    """One board, and when it was read."""

    board: Board
    head: int | None  #: the last event on record then
    read_at: datetime
    since: float  #: the same, on the clock that only runs forward
    cost: float  #: seconds

    def holds(self, head: int | None, now: float) -> bool:
        """Return whether it may be shown."""
        return head == self.head or (self.cost > QUICK_SECONDS and now - self.since < PATIENCE * self.cost)


@dataclass(slots=True)
class KeptBoards:
    """The boards of one application, the one that was asked for last kept longest."""

    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[Hashable, KeptBoard] = field(default_factory=OrderedDict)
    _locks: dict[Hashable, Lock] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Hashable, head: int | None, at: datetime, read: Callable[[], Board]) -> KeptBoard:
        """Return the board of `key`, read anew where it must be; who asks meanwhile waits for the same."""
        with self._lock:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            found, begun = self._kept.get(key), self.clock()
            if found is None or not found.holds(head, begun):
                board = read()
                ended = self.clock()
                found = KeptBoard(board=board, head=head, read_at=at, since=ended, cost=ended - begun)
            with self._lock:
                self._kept[key] = found
                self._kept.move_to_end(key)
                while len(self._kept) > MOST:
                    gone, _ = self._kept.popitem(last=False)
                    self._locks.pop(gone, None)
            return found
