"""`python -m bench`: measure, print a table of ratios and the goals, write bench/results.md."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from bench import report
from bench.contest import FULL, QUICK, Contest, Scale
from bench.digest import measure_digest
from bench.lifecycle import measure_lifecycle
from bench.page import measure_page
from bench.places import open_place
from bench.start import measure_help, measure_import, measure_two_workers
from bench.sweep import measure_sweep
from bench.timing import Results
from bench.web_page import measure_web

WORKS: Mapping[str, Callable[[Contest], None]] = {
    "W1": measure_lifecycle,
    "W2": measure_sweep,
    "W3": measure_digest,
    "W4": measure_page,
    "web": measure_web,
    "import": measure_import,
    "workers": measure_two_workers,
}
START = "start"
DATABASES = ("sqlite", "postgresql")
WIDTH = 120  #: where no terminal tells it
FOLDER = Path(__file__).parent


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", metavar="W1,W2", help=f"some of {', '.join((*WORKS, START))}")
    parser.add_argument("--quick", action="store_true", help="small ledgers, a few minutes")
    parser.add_argument("--database", choices=DATABASES, help="one of both")
    parser.add_argument("--out", type=Path, default=FOLDER / "results.md", help="where the figures are written")
    asked = parser.parse_args()
    only = tuple(asked.only.split(",")) if asked.only else (*WORKS, START)
    if unknown := set(only) - {*WORKS, START}:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    databases = (asked.database,) if asked.database else DATABASES
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    results, places = measure(QUICK if asked.quick else FULL, only, databases, say=console.log)
    report.show(results, console)
    report.write(results, places, asked.out, revision=_revision(), is_quick=asked.quick)
    console.print(f"written to {os.path.relpath(asked.out)}")


def measure(
    scale: Scale, only: Sequence[str], databases: Sequence[str], *, say: Callable[[str], None]
) -> tuple[Results, list[str]]:
    """Measure `only` these works on these databases; return the figures, and the databases' versions.

    Each figure is said as soon as it is there.
    """
    results, places = Results(told=lambda figure: say(report.line_of(figure))), []
    for kind in databases:
        with open_place(kind) as place:
            places.append(place.version)
            contest = Contest(place=place, scale=scale, results=results)
            for name, work in WORKS.items():
                if name in only:
                    say(f"{name} on {place.version}")
                    work(contest)
    if START in only:
        say(START)
        measure_help(results, scale.repeats)
    return results, places


def _revision() -> str:
    with suppress(OSError, subprocess.CalledProcessError):
        command = ["git", "describe", "--always", "--dirty"]
        return subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=True).stdout.strip()
    return "a copy without history"


if __name__ == "__main__":
    main()
