"""The goals, each a ratio of two figures of the same run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.timing import Figure, Results

DATABASES = ("sqlite", "postgresql")
PEERS = ("SpiffWorkflow", "django-viewflow", "DBOS", "procrastinate")
HELP_SECONDS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One goal on one database."""

    what: str
    database: str
    bound: float
    at_least: bool  #: else at most
    found: float

    @property
    def is_reached(self) -> bool:
        """Whether the figure keeps to the bound."""
        return self.found >= self.bound if self.at_least else self.found <= self.bound


class _Judge:
    """Collects the goals of one database for which both figures were measured."""

    def __init__(self, results: Results, database: str) -> None:
        self._results, self._database = results, database
        self.goals: list[Goal] = []

    def figure(self, work: str, system: str, size: int | None = None) -> float | None:
        """Return a median, or None."""
        return self._results.median(work, system, self._database, size)

    def figures_of(self, work: str) -> list[Figure]:
        """Return the figures of one work on this database."""
        return [one for one in self._results.figures if (one.work, one.database) == (work, self._database)]

    def ratio(self, what: str, over: float | None, under: float | None, bound: float, *, at_least: bool) -> None:
        """Add a goal on `over` / `under`, where both are known."""
        if over is not None and under:
            goal = Goal(what=what, database=self._database, bound=bound, at_least=at_least, found=over / under)
            self.goals.append(goal)

    def fastest(self, work: str, pick: Callable[[Sequence[float]], float]) -> float | None:
        """Return the best figure among the peers."""
        found = [value for name in PEERS if (value := self.figure(work, name)) is not None]
        return pick(found) if found else None


def judge(results: Results) -> list[Goal]:
    """Return every goal that the figures allow to judge."""
    goals: list[Goal] = []
    for database in DATABASES:
        judge = _Judge(results, database)
        _lifecycle(judge)
        _sweep(judge, sorted({one.size for one in results.figures if (one.work, one.system) == ("W2", "duban")}))
        for system, what in (("duban, with HTML", "W3: × the floor"), ("duban", "W3: × the floor, inbox alone")):
            judge.ratio(what, judge.figure("W3", system), judge.figure("W3", "floor"), 2, at_least=False)
        _page(judge, sorted({one.size for one in results.figures if (one.work, one.system) == ("W4 page", "duban")}))
        _web(judge)
        alone, whole = judge.figure("import", "openpyxl alone"), judge.figure("import", "duban")
        judge.ratio("Import: × reading with openpyxl alone", whole, alone, 2, at_least=False)
        one, two = (judge.figure("W2 workers", f"duban, {count} worker{s}") for count, s in (("one", ""), ("two", "s")))
        judge.ratio("W2: one worker's time × two workers'", one, two, 1.6, at_least=True)
        goals += judge.goals
    start = results.median("start", "duban --help", "none")
    if start is not None:
        what = "duban --help: seconds of processor time"
        goals.append(Goal(what=what, database="none", bound=HELP_SECONDS, at_least=False, found=start))
    return goals


def _lifecycle(judge: _Judge) -> None:
    duban, peer = judge.figure("W1", "duban"), judge.fastest("W1", max)
    judge.ratio("W1: × the fastest engine", duban, peer, 1, at_least=True)
    judge.ratio("W1: × the fastest engine (aim)", duban, peer, 1.5, at_least=True)
    judge.ratio("W1: × SQLAlchemy Core with three statements", duban, judge.figure("W1", "core"), 0.5, at_least=True)


def _sweep(judge: _Judge, sizes: Sequence[int]) -> None:
    if not sizes:
        return
    small, large = sizes[0], sizes[-1]
    duban = judge.figure("W2", "duban", large)
    for system, what, bound in (
        ("floor, timer table", "W2: × the timer-table floor", 4),
        ("floor, date on the row", "W2: × the floor that writes the measure row", 1),
    ):
        judge.ratio(what, duban, judge.figure("W2", system, large), bound, at_least=False)
    judge.ratio("W2: eager ORM loop's time × Duban's", judge.figure("W2", "orm", large), duban, 8, at_least=True)
    judge.ratio("W2: fastest engine's time × Duban's", judge.fastest("W2", min), duban, 20, at_least=True)
    judge.ratio("W2: largest ledger × smallest", duban, judge.figure("W2", "duban", small), 1.3, at_least=False)
    judge.ratio(
        "W2: peak memory × idle process",
        judge.figure("W2 memory", "duban", large),
        judge.figure("W2 memory", "duban, idle", large),
        2,
        at_least=False,
    )
    judge.ratio(
        "W2: log written × the timer-table floor's (aim)",
        judge.figure("W2 log", "duban", large),
        judge.figure("W2 log", "floor, timer table", large),
        2,
        at_least=False,
    )


def _web(judge: _Judge) -> None:
    sizes = sorted({one.size for one in judge.figures_of("web page")})
    if not sizes:
        return
    small, large = (judge.figure("web page", "duban, 95 of 100 within", size) for size in (sizes[0], sizes[-1]))
    if sizes[0] != sizes[-1]:
        judge.ratio("Web: ledger page, larger ledger × smaller", large, small, 1.5, at_least=False)
    judge.ratio("Web: ledger page × raw query", large, judge.figure("web page", "floor", sizes[-1]), 5, at_least=False)


def _page(judge: _Judge, sizes: Sequence[int]) -> None:
    if not sizes:
        return
    small, large = sizes[0], sizes[-1]
    page, floor = judge.figure("W4 page", "duban", large), judge.figure("W4 page", "floor", large)
    judge.ratio("W4: ledger page × raw query", page, floor, 3, at_least=False)
    if small != large:
        smaller = judge.figure("W4 page", "duban", small)
        judge.ratio("W4: ledger page, larger ledger × smaller", page, smaller, 1.3, at_least=False)
    kept = judge.figure("W4 counts", "floor, kept counters", large)
    judge.ratio(
        "W4: counts × reading kept counters", judge.figure("W4 counts", "duban", large), kept, 3, at_least=False
    )
