"""What every piece of work is given: a place, sizes, how often, and where to put the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from bench.ledgers import fill_duban
from bench.places import Place
from bench.plain import Size, fill_plain
from bench.timing import Figure, Results, Turn, interleaved


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured."""

    repeats: int
    measures: int  #: W1: cases that are driven through
    due: int  #: W2 and W3: due today
    ledgers: tuple[int, ...]  #: W2 and W4: sizes
    peer_due: int  #: W2: due cases given to engines that need long for each
    import_rows: int
    two_workers_due: int


FULL = Scale(
    repeats=3,
    measures=200,
    due=10_000,
    ledgers=(10_000, 100_000, 1_000_000),
    peer_due=500,
    import_rows=100_000,
    two_workers_due=200_000,
)
QUICK = Scale(
    repeats=3,
    measures=40,
    due=2_000,
    ledgers=(2_000, 20_000),
    peer_due=50,
    import_rows=5_000,
    two_workers_due=10_000,
)


@dataclass(slots=True)
class Contest:
    """One run of the benchmark on one place."""

    place: Place
    scale: Scale
    results: Results
    _numbers: Iterator[int] = field(default_factory=count)
    _ledgers: dict[Size, str] = field(default_factory=dict)

    def name(self, of: str) -> str:
        """Return a name that no other database of this run has."""
        return f"{of}_{next(self._numbers)}"

    @contextmanager
    def copied(self, url: str) -> Iterator[str]:
        """Give a copy of a database, thrown away afterwards."""
        copy = self.place.copy(url, self.name("copy"))
        try:
            yield copy
        finally:
            self.place.drop(copy)

    def plain(self, size: Size, *, state: str = "in_progress") -> str:
        """Return a filled database of the plain tables; the caller drops it."""
        url = self.place.fresh(self.name("plain"))
        fill_plain(url, size, state=state)
        return url

    def ledger(self, size: Size) -> str:
        """Return Duban's ledger of this size, filled once a run; copy it before anything is changed."""
        if size not in self._ledgers:
            self._ledgers[size] = self.place.fresh(self.name("ledger"))
            fill_duban(self._ledgers[size], size)
        return self._ledgers[size]

    def run(self, work: str, size: int, unit: str, turns: Mapping[str, Turn], *, repeats: int | None = None) -> None:
        """Let every contestant have its turns, and keep the figures."""
        for system, runs in interleaved(turns, repeats or self.scale.repeats).items():
            self.keep(work, system, size, unit, *runs)

    def keep(self, work: str, system: str, size: int, unit: str, *runs: float, note: str = "") -> None:
        """Keep one figure."""
        self.results.add(
            Figure(work=work, system=system, database=self.place.kind, size=size, unit=unit, runs=runs, note=note)
        )
