"""What the peers' scripts share.  They run in `.venv-bench`, which has neither Duban nor its pins: nothing of it here.

A script is called with a work (W1, W2), the address of an empty database, and a number; it prints
{"seconds": …, "version": …}.  Or, when its engine cannot do that work there, {"skip": why}.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version

TEXT = (
    "修订完善局机关公务接待管理办法并组织全体干部学习培训建立台账逐项对照自查自纠形成长效机"
    "制每季度向党组报告执行情况接受驻局纪检组监督检查确保整改落实到位见底到边不"
)
STATES = ("assigned", "in_progress", "verified", "closed")
SUPERIORS = 500
SCHEMA = (
    "CREATE TABLE audit (id {id}, measure_id BIGINT, actor_id BIGINT, from_state TEXT, to_state TEXT, at TIMESTAMP)",
    "CREATE TABLE escalation (id {id}, measure_id BIGINT, level BIGINT, UNIQUE (measure_id, level))",
    "CREATE TABLE notification (id {id}, measure_id BIGINT, person_id BIGINT, state TEXT)",
)


class Watch:
    """Seconds between begin and end."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time the block."""
        begin = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - begin


def shuffled(cases: int) -> list[tuple[int, int]]:
    """Return (case, step) for three steps of every case: each case's in order, the cases strewn among one another."""
    turns = [case for case in range(1, cases + 1) for _ in range(len(STATES) - 1)]
    random.Random(1).shuffle(turns)
    done: dict[int, int] = defaultdict(int)
    order = []
    for case in turns:
        order.append((case, done[case]))
        done[case] += 1
    return order


def is_sqlite(url: str) -> bool:
    """Return whether the address is a SQLite file's."""
    return url.startswith("sqlite")


def file_of(url: str) -> str:
    """Return the path of a SQLite address."""
    return url.removeprefix("sqlite:///")


def plain_url(url: str) -> str:
    """Return a PostgreSQL address without SQLAlchemy's word for the driver."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def schema(url: str) -> list[str]:
    """Return the statements that create the tables every peer writes to."""
    kind = "INTEGER PRIMARY KEY" if is_sqlite(url) else "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    return [statement.format(id=kind) for statement in SCHEMA]


class Skip(Exception):  # noqa: N818 - it is an answer
    """The engine cannot do this work on this database."""


def _nothing_for(_url: str, _number: int) -> float:
    message = "it has no part in this work"
    raise Skip(message)


def main(package: str, works: dict[str, Callable[[str, int], float]]) -> None:
    """Do the work that the command line names, and print what came of it."""
    work, url, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    works.setdefault(work, _nothing_for)
    try:
        answer = {"seconds": works[work](url, number), "version": f"{package} {version(package)}"}
    except Skip as reason:
        answer = {"skip": str(reason)}
    sys.stdout.write(f"\n{json.dumps(answer)}\n")
