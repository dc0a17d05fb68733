"""Plays seeds, each on a database of its own that is copied from a template: as they are, or with a guard taken out."""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

from tests.campaign.server import Server
from tests.year.office import Broken, make_template
from tests.year.twins import Twin, broken
from tests.year.year import DAYS, Figures, Year

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it; there, a sync costs nothing


class Ground(Protocol):
    """Where databases come from."""

    def new(self, home: Path, name: str) -> str:
        """Return the address of a database with schema and calendar."""


class Files:
    """SQLite: a file is copied."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        make_template(f"sqlite:///{self._template}")

    def new(self, home: Path, name: str) -> str:
        shutil.copyfile(self._template, home / f"{name}.db")
        return f"sqlite:///{home / name}.db"


class OnServer:
    """PostgreSQL: the server copies a database."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._template = server.new_database()
        make_template(self._template)

    def new(self, home: Path, name: str) -> str:  # noqa: ARG002 - as with files
        return self._server.new_database(like=self._template)


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder that goes with it, in memory where the system has such a place."""
    place = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="duban-year-", dir=place) as made:
        yield Path(made)


def play(
    ground: Ground,
    place: Path,
    seed: int,
    *,
    days: int = DAYS,
    promises: Collection[str] | None = None,
    twin: Twin | None = None,
) -> Figures:
    """Play one seed.  Raises Broken where a promise does not hold."""
    gc.freeze()  # what is loaded stays; looking through it all again and again takes a tenth of the time
    home = place / f"seed-{seed}"
    home.mkdir(parents=True)
    url = ground.new(home, "duban")
    with broken(twin, url) if twin is not None else nullcontext():
        return Year(home, url, seed, days=days, promises=promises).play()


def catch(ground: Ground, place: Path, twin: Twin, seeds: range, *, days: int) -> tuple[int, Broken] | None:
    """Return the first of `seeds` by which a twin is caught, and how; None: it is not."""
    for seed in seeds:
        try:
            play(ground, place, seed, days=days, promises={twin.promise}, twin=twin)
        except Broken as told:
            if told.promise == twin.promise:
                return seed, told
    return None
