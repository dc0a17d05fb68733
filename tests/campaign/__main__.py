"""`make campaign`: the long form, with progress on the way and a table at the end; `--kills` makes it shorter."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from random import SystemRandom

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.campaign.campaign import LONG, campaign, total
from tests.campaign.play import Figures, Scenario
from tests.campaign.server import Server, postgres

RESULTS = Path(__file__).parents[2] / "docs" / "campaign.md"
MARK = "<!-- figures: written by `make campaign` -->"
COLUMNS = {
    "scenario": "scenario",
    "days": "days",
    "kills": "kills",
    "of the server": "server_kills",
    "restarts": "restarts",
    "acknowledged": "acknowledged",
    "rungs": "rungs",
    "deliveries": "deliveries",
    "tried again": "tried_again",
    "two mails, one Message-ID": "twice",
    "seconds": "seconds",
}


def main(words: Sequence[str] | None = None) -> int:
    """Play everything; 1 when a fault was found."""
    asked = _options(words)
    seed = SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    console = Console(stderr=True)
    scenarios = _scenarios(asked.kills, asked.only)
    console.print(f"seed {seed}: {sum(one.kills for one in scenarios)} kills; repeat with --seed {seed}")
    with tempfile.TemporaryDirectory(prefix="duban-campaign-") as folder, _server(scenarios, console) as server:
        figures = _with_progress(scenarios, Path(folder), seed, server, console)
    whole = total(figures)
    table = _table([*figures, whole])
    console.print(table, markup=False, highlight=False, soft_wrap=True)
    for fault in whole.faults:
        console.print(f"FAULT {fault}", style="red", markup=False)
    console.print(f"{len(whole.faults)} faults (seed {seed})")
    if asked.write:
        _write(table, seed, whole)
    return 1 if whole.faults else 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make campaign", description=__doc__)
    parser.add_argument("--seed", type=int, help="of an earlier campaign, to play the same days and blows")
    parser.add_argument("--kills", type=int, default=sum(one.kills for one in LONG), help="in all (560)")
    parser.add_argument("--only", default="", help="scenarios whose name contains this")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/campaign.md")
    return parser.parse_args(words)


def _scenarios(kills: int, only: str) -> list[Scenario]:
    share = kills / sum(one.kills for one in LONG)
    return [replace(one, kills=round(one.kills * share)) for one in LONG if only in one.name]


@contextmanager
def _server(scenarios: Sequence[Scenario], console: Console) -> Iterator[Server | None]:
    """Give a server where one is wanted; without one that starts, say so and go on without it."""
    if all(one.name.startswith("sqlite") for one in scenarios):
        yield None
        return
    started = postgres()
    try:
        server = started.__enter__()
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting is the reason
        console.print(f"PostgreSQL did not start, so only SQLite is tried: {error}", style="yellow", markup=False)
        yield None
        return
    try:
        yield server
    finally:
        started.__exit__(None, None, None)


def _with_progress(
    scenarios: Sequence[Scenario], folder: Path, seed: int, server: Server | None, console: Console
) -> list[Figures]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bars = {one.name: progress.add_task(one.name, total=one.kills, start=False) for one in scenarios}
        quiet = not console.is_terminal
        last, shown = time.monotonic(), set[str]()

        def told(scenario: Scenario, now: Figures) -> None:
            nonlocal last
            if scenario.name not in bars:
                bars[scenario.name] = progress.add_task(scenario.name, total=None)
            for fault in now.faults:
                if fault not in shown:
                    shown.add(fault)
                    progress.console.print(f"FAULT {fault}", style="red", markup=False)
            progress.start_task(bars[scenario.name])
            progress.update(bars[scenario.name], completed=now.kills)
            if quiet and time.monotonic() > last + 15:
                last = time.monotonic()
                progress.console.print(f"{scenario.name}: day {now.days}, {now.kills} of {scenario.kills} kills")

        return campaign(scenarios, folder, seed=seed, server=server, told=told)


def _table(figures: Sequence[Figures]) -> str:
    rows = [list(COLUMNS), ["---"] * len(COLUMNS)]
    rows += [[_cell(getattr(one, name)) for name in COLUMNS.values()] for one in figures]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cell(value: object) -> str:
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)


def _write(table: str, seed: int, whole: Figures) -> None:
    before = RESULTS.read_text(encoding="utf-8").partition(MARK)[0]
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, "
        f"SQLAlchemy {version('sqlalchemy')}, psycopg {version('psycopg')}"
    )
    told = f"Seed {seed}; {machine}. **{len(whole.faults)} faults.**"
    RESULTS.write_text(f"{before}{MARK}\n\n{told}\n\n{table}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
