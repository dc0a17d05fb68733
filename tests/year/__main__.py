"""`make year`: an office's year by seed; SEED=7 plays that one, ARGS="--seeds 200" many, TWINS=1 the broken twins."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom

from rich.console import Console

from tests.campaign.server import postgres
from tests.year.office import Broken
from tests.year.play import Files, Ground, OnServer, catch, folder, play
from tests.year.twins import TWINS
from tests.year.year import DAYS, Figures

WITHIN = 50  #: seeds, by which a twin must be caught


def main(words: Sequence[str] | None = None) -> int:
    """Play what is asked for; 1 when a promise was broken, or a twin was not caught."""
    asked = _options(words)
    console = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
    with folder() as place, _ground(place, on_server=asked.postgres) as ground:
        return _twins(asked, console, ground, place) if asked.twins else _seeds(asked, console, ground, place)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make year", description=__doc__)
    parser.add_argument("--seed", type=int, help="the first seed; without it, one is drawn")
    parser.add_argument("--seeds", type=int, default=1, help="how many, one after the other")
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--twins", action="store_true", help="take one guard after the other out; each must be noticed")
    return parser.parse_args(words)


@contextmanager
def _ground(place: Path, *, on_server: bool) -> Iterator[Ground]:
    if not on_server:
        yield Files(place)
        return
    with postgres(is_synced=False) as server:
        yield OnServer(server)


def _seeds(asked: argparse.Namespace, console: Console, ground: Ground, place: Path) -> int:
    first = SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    figures: list[Figures] = []
    faults = 0
    for seed in range(first, first + asked.seeds):
        try:
            figures.append(play(ground, place, seed, days=asked.days))
        except Broken as told:
            faults += 1
            console.print(str(told))
        else:
            console.print(_line(figures[-1]))
    console.print(_sum(figures, faults))
    return 1 if faults else 0


def _line(one: Figures) -> str:
    return (
        f"seed {one.seed}: {one.days} days, {one.steps} steps, {one.refusals} refused, {one.kills} kills, "
        f"{one.events} events, {one.rungs} rungs, {one.notifications} notifications, {one.mails} mails, "
        f"{one.seconds:.0f} s; trace {one.trace[:12]}"
    )


def _sum(figures: Sequence[Figures], faults: int) -> str:
    def total(name: str) -> str:
        return f"{sum(getattr(one, name) for one in figures):,}"

    return (
        f"{len(figures) + faults} seeds, {faults} broken promises; of those that held: {total('steps')} steps, "
        f"{total('kills')} kills, {total('events')} events, {total('rungs')} rungs, "
        f"{total('notifications')} notifications, {total('mails')} mails"
    )


def _twins(asked: argparse.Namespace, console: Console, ground: Ground, place: Path) -> int:
    first, missed = asked.seed or 1, 0
    for twin in TWINS:
        found = catch(ground, place, twin, range(first, first + WITHIN), days=asked.days)
        if found is None:
            missed += 1
            console.print(f"NOT CAUGHT by {WITHIN} seeds: {twin.promise}, without {twin.lacks}")
        else:
            seed, told = found
            console.print(f"{twin.promise}, without {twin.lacks}: caught by seed {seed}")
            console.print(f"  {str(told).splitlines()[0]}")
    console.print(f"{len(TWINS) - missed} of {len(TWINS)} twins caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
