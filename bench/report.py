"""Shows what was measured, and keeps it in bench/results.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.goals import DATABASES, Goal, judge
from bench.peers import installed_versions
from bench.timing import Figure, Results

NEEDED = ("sqlalchemy", "psycopg", "jinja2", "openpyxl")
NOTES = """\
- Absolute figures hold for one machine on one day; the ratios were measured side by side in one run, interleaved.
- Every contestant commits durably: SQLite in WAL mode with synchronous=FULL, PostgreSQL as it comes.
- The floor, Core and ORM work on plain tables without foreign keys and write less for each step than Duban does.
- W1: Duban's transition is a whole request with rights, guards, event, timers and outbox; the calendar of working days
  is read once for the process. The two requests that only prepare a transition (evidence, verifier) are told apart.
- W2: the other engines are used as they document it for one case: a timer, workflow or job for each. One set-based step
  in one of them would be at the floor; their figures are scaled from fewer due cases to as many as Duban's, whatever
  an engine needs once (DBOS polls) scaled along: mind it in a short run.
- W2: "Duban's rows ready-made" is raw SQL that only copies what a sweep of Duban's has written, without reading,
  judging or hashing anything: what the promise costs the database.
- W2 log: bytes of write-ahead log; on PostgreSQL just after a checkpoint.
- Web: a page of HTML with 50 lines, over loopback, one request after the other; of all answers the slowest twentieth is
  left out. The floor is the mean of the raw query alone.
- W4: Duban's page is its list of a unit's open measures with all their names, its counts are the counters that it
  keeps; "status" beside them also tells lateness and which findings are done, for any day."""


def line_of(figure: Figure) -> str:
    """Return a figure in a line."""
    place = "" if figure.database == "none" else f", {figure.database}, {figure.size:,}"
    return f"{figure.work}{place}: {figure.system} {_short(figure.median)} {figure.unit}"


def show(results: Results, console: Console) -> None:
    """Print the figures with their ratios, and each goal with reached or missed."""
    for work, rows in _by_work(results):
        table = Table(title=work, title_justify="left")
        for heading in ("database", "size", "system", "median", "runs", "Duban is"):
            table.add_column(heading, justify="left" if heading in {"database", "system"} else "right")
        for one in rows:
            runs = " ".join(_short(value) for value in one.runs)
            table.add_row(
                one.database,
                f"{one.size:,}",
                one.system,
                f"{_short(one.median)} {one.unit}",
                runs,
                _ratio(results, one),
            )
        console.print(table)
    goals = Table(title="Goals", title_justify="left")
    for heading in ("goal", "database", "wanted", "found", ""):
        goals.add_column(heading)
    for goal in judge(results):
        style = "green" if goal.is_reached else "red"
        goals.add_row(goal.what, goal.database, _wanted(goal), _short(goal.found), f"[{style}]{_verdict(goal)}[/]")
    console.print(goals)
    for skipped in results.skipped:
        console.print(f"left out: {skipped}", style="yellow", highlight=False)


def write(results: Results, places: Sequence[str], path: Path, *, revision: str, is_quick: bool) -> None:
    """Write results.md."""
    lines = ["# What the benchmark measured", ""]
    if is_quick:
        lines += ["A short run with small ledgers: it shows that the benchmark works, not what the goals ask.", ""]
    lines += [f"- {line}" for line in (*machine(), *places, f"Duban at {revision}")]
    lines += [f"- engines: {', '.join(installed_versions()) or 'none installed'}", "", "## Goals", ""]
    lines += ["| goal | database | wanted | found | |", "|---|---|---|---|---|"]
    for goal in judge(results):
        found = _short(goal.found)
        lines.append(f"| {goal.what} | {goal.database} | {_wanted(goal)} | {found} | {_verdict(goal)} |")
    for work, rows in _by_work(results):
        lines += [
            "",
            f"## {work}",
            "",
            "| database | size | system | median | runs | Duban is |",
            "|---|---|---|---|---|---|",
        ]
        for one in rows:
            runs = ", ".join(_short(value) for value in one.runs)
            lines.append(
                f"| {one.database} | {one.size:,} | {one.system} | {_short(one.median)} {one.unit} | {runs} "
                f"| {_ratio(results, one)} |"
            )
    lines += ["", "## How to read it", "", NOTES]
    lines += [f"- Left out: {skipped}." for skipped in results.skipped]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def machine() -> Iterator[str]:
    """Yield what the figures depend on: processor, memory, system, load, versions."""
    cpu = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in _lines(cpu) if line.startswith("model name")]
    memory = [int(line.split()[1]) / 1024**2 for line in _lines(Path("/proc/meminfo")) if line.startswith("MemTotal")]
    held = f", {memory[0]:.0f} GiB of memory" if memory else ""
    processor = names[0] if names else platform.machine()
    yield f"{os.cpu_count()} × {processor}{held}, {platform.system()} {platform.release()}"
    yield f"load average over the last 15 minutes: {os.getloadavg()[2]:.1f} (well above 1: other work ran beside it)"
    yield f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in NEEDED)


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _by_work(results: Results) -> Iterator[tuple[str, list[Figure]]]:
    for work in dict.fromkeys(one.work for one in results.figures):
        rows = [one for one in results.figures if one.work == work]
        order = {name: number for number, name in enumerate((*DATABASES, "none"))}
        yield work, sorted(rows, key=lambda one: (order[one.database], one.size))


def _ratio(results: Results, one: Figure) -> str:
    """Return how Duban's figure stands to this one: so many times as fast, as slow, or as much."""
    if one.system.startswith("duban"):
        return ""
    duban = results.median(one.work, "duban", one.database, one.size)
    if duban is None:  # the engines ran with fewer cases, scaled
        duban = results.median(one.work, "duban", one.database)
    if duban is None or not one.median or not duban:
        return ""
    if one.unit == "MB":
        return f"{_short(duban / one.median)} ×"
    faster = duban / one.median if one.unit == "/s" else one.median / duban
    return f"{_short(faster)} × as fast"


def _wanted(goal: Goal) -> str:
    return f"{'≥' if goal.at_least else '≤'} {goal.bound:g}"


def _verdict(goal: Goal) -> str:
    return "reached" if goal.is_reached else "missed"


def _short(value: float) -> str:
    """Return three figures that count.

    >>> [_short(value) for value in (1234.5, 12.34, 0.01234, 0)]
    ['1,234', '12.3', '0.0123', '0']
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three figures
