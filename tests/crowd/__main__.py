"""`make crowd`: 200 people work in the browser for five minutes, on loopback; then all that they did must be there."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom
from statistics import median, quantiles

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.campaign.server import postgres as server
from tests.crowd.checks import look
from tests.crowd.office import cast_of, fill, workplace
from tests.crowd.people import Seen, let_in


def main(words: Sequence[str] | None = None) -> int:
    """Let the crowd in; 1 when something failed or is missing afterwards."""
    asked = _options(words)
    seed = SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    console, cast = Console(stderr=True), cast_of(asked.users)
    with tempfile.TemporaryDirectory(prefix="duban-crowd-") as folder, _database(postgres=asked.postgres) as url:
        home = Path(folder) / "home"
        console.print(
            f"seed {seed}: {cast.count} people, {asked.minutes:g} minutes, {'PostgreSQL' if url else 'SQLite'}"
        )
        house = fill(home, url, cast)
        with workplace(house) as address, _progress(60 * asked.minutes, console) as told:
            seen = asyncio.run(
                let_in(cast, address, seconds=60 * asked.minutes, pause=asked.pause, seed=seed, told=told)
            )
        faults = [*seen.faults, *look(house, seen)]
    out = Console()
    out.print(_table(seen))
    out.print(
        f"{seen.answers.total()} answers, {len(seen.done)} changes answered with yes, {seen.faster} came too late"
    )
    for fault in faults[:20]:
        console.print(f"FAULT {fault}", style="red", markup=False)
    out.print(f"{len(faults)} faults (seed {seed})")
    return 1 if faults else 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make crowd", description=__doc__)
    parser.add_argument("--users", type=int, default=200, help="people (200)")
    parser.add_argument("--minutes", type=float, default=5, help="for how long (5)")
    parser.add_argument("--pause", type=float, default=20, help="seconds of thought between two turns, on average (20)")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own, not on SQLite")
    parser.add_argument("--seed", type=int, help="of an earlier crowd")
    return parser.parse_args(words)


@contextmanager
def _database(*, postgres: bool) -> Iterator[str | None]:
    if not postgres:
        yield None
        return
    with server() as running:
        yield running.new_database()


@contextmanager
def _progress(seconds: float, console: Console) -> Iterator[Callable[[Seen], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    begin = time.monotonic()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=seconds)

        def told(seen: Seen) -> None:
            words = f"{seen.answers.total()} answers, {len(seen.faults)} faults"
            progress.update(task, completed=min(seconds, time.monotonic() - begin), description=words)

        yield told


def _table(seen: Seen) -> Table:
    table = Table("asked for", "times", "median ms", "95 of 100 within", "longest")
    for what, seconds in sorted(seen.seconds.items(), key=lambda one: -len(one[1])):
        within = quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
        figures = (median(seconds), within, max(seconds))
        table.add_row(what, str(len(seconds)), *(f"{1000 * one:.0f}" for one in figures))
    return table


if __name__ == "__main__":
    sys.exit(main())
