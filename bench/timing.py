"""Stopwatch, side by side: each contestant has its turn, then all again, so that a slow minute hits them all."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path

Turn = Callable[[], float]  #: prepares, does the work once, and returns what was measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one system reached in one piece of work."""

    work: str  #: W1, W2, …
    system: str
    database: str  #: sqlite or postgresql
    size: int  #: measures in the ledger
    unit: str  #: "/s" (more is better), "s", "ms", "MB"
    runs: tuple[float, ...]
    note: str = ""

    @property
    def median(self) -> float:
        """The median of all runs."""
        return statistics.median(self.runs)


@dataclass(slots=True)
class Results:
    """All figures of a run, and what was left out."""

    figures: list[Figure] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    told: Callable[[Figure], None] = lambda _: None  #: hears of each figure at once: a long run may be cut off

    def add(self, figure: Figure) -> None:
        """Keep a figure."""
        self.figures.append(figure)
        self.told(figure)

    def median(self, work: str, system: str, database: str, size: int | None = None) -> float | None:
        """Return a median, of the largest size where none is named; None when it was not measured."""
        found = [
            one
            for one in self.figures
            if (one.work, one.system, one.database) == (work, system, database) and size in (None, one.size)
        ]
        return max(found, key=lambda one: one.size).median if found else None


class Stopwatch:
    """The seconds that a `with` block took."""

    seconds: float = 0.0


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """Time a block; rubbish is collected before, not within."""
    gc.collect()
    watch = Stopwatch()
    begin = time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - begin


def interleaved(turns: Mapping[str, Turn], repeats: int) -> dict[str, tuple[float, ...]]:
    """Give every contestant a turn, `repeats` times over; return what each measured.

    A turn that came to nothing (nan) is left out.
    """
    measured: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(repeats):
        for name, turn in turns.items():
            measured[name].append(turn())
    done = {name: tuple(value for value in values if not isnan(value)) for name, values in measured.items()}
    return {name: values for name, values in done.items() if values}


def peak_memory() -> float:
    """Return the most megabytes that this process has held; 0 where the system does not tell."""
    status = Path("/proc/self/status")  # unlike getrusage it does not count the parent before exec
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
