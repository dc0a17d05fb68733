"""A board is counted anew when something happened, but a slow one not all the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from web.kept_boards import MOST, PATIENCE, KeptBoards

AT = datetime(2025, 9, 10, tzinfo=UTC)


@dataclass
class Reader:
    """Reads boards that take `cost` seconds on a clock of its own."""

    cost: float
    now: float = 0.0
    read: list[float] = field(default_factory=list)

    def __call__(self) -> Any:
        self.now += self.cost
        self.read.append(self.now)
        return f"board {len(self.read)}"


def kept_by(reader: Reader) -> KeptBoards:
    return KeptBoards(clock=lambda: reader.now)


def test_board_when_nothing_happened_is_shown_again_however_old():
    reader = Reader(cost=0.1)
    boards = kept_by(reader)
    first = boards.get("key", 7, AT, reader)
    reader.now += 1_000_000
    assert boards.get("key", 7, AT, reader) is first
    assert boards.get("other", 7, AT, reader) is not first


def test_quick_board_when_something_happened_is_counted_anew_at_once():
    reader = Reader(cost=0.1)
    boards = kept_by(reader)
    boards.get("key", 7, AT, reader)
    assert boards.get("key", 8, AT, reader).board == "board 2"


def test_slow_board_when_something_happened_is_counted_anew_after_a_while():
    reader = Reader(cost=30)
    boards = kept_by(reader)
    boards.get("key", 7, AT, reader)
    reader.now += 30 * PATIENCE - 1
    assert boards.get("key", 8, AT, reader).board == "board 1"
    reader.now += 2
    assert boards.get("key", 8, AT, reader).board == "board 2"


def test_board_when_reading_it_fails_is_read_again_by_the_next():
    reader = Reader(cost=1)
    boards = kept_by(reader)

    def fail() -> Any:
        raise LookupError

    with pytest.raises(LookupError):
        boards.get("key", 7, AT, fail)
    assert boards.get("key", 7, AT, reader).board == "board 1"


def test_boards_when_there_are_many_keep_those_asked_for_last():
    reader = Reader(cost=0)
    boards = kept_by(reader)
    for number in range(MOST + 1):
        boards.get("favourite", 7, AT, reader)
        boards.get(number, 7, AT, reader)
    count = len(reader.read)
    boards.get("favourite", 7, AT, reader)
    assert len(reader.read) == count
    boards.get(0, 7, AT, reader)
    assert len(reader.read) == count + 1
