"""Checks of what everything stands on: database, locks, disk, the Prefect server."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from engine.rules.text import N_, Text
from flows.checks.finding import Finding, Ground, Level
from flows.house import House
from models.database import size_of
from models.locks import Lock, read_lock
from models.schema import revisions

MEGABYTE, GIGABYTE = 1_000_000, 1_000_000_000
LITTLE_SPACE, NO_SPACE = GIGABYTE, GIGABYTE // 10  #: bytes free in DUBAN_HOME
PREFECT_WITHIN = 2  #: seconds


def check_schema(house: House) -> Finding:
    """Look whether the database answers, and has the tables that this Duban works with."""
    kind = house.engine.dialect.name
    if kind == "sqlite" and not Path(house.engine.url.database or "").exists():
        return Level.BAD, N_("there is no Duban in {home} yet; run duban init", home=house.home)
    present, newest = revisions(house.engine)
    if present is None:
        return Level.BAD, N_("{kind}, not set up yet; run duban init", kind=kind)
    if present != newest:
        told = N_(
            "{kind}, schema {present}, but this Duban needs {newest}; run duban init",
            kind=kind,
            present=present,
            newest=newest,
        )
        return Level.BAD, told
    return Level.OK, N_("{kind}, schema {present}", kind=kind, present=present)


def check_locks(ground: Ground) -> Finding:
    """Look whether anybody keeps the others from writing."""
    lock = read_lock(ground.house.engine)
    return (Level.OK, N_("nobody keeps others waiting")) if lock is None else (Level.WARN, lock_text(lock))


def lock_text(lock: Lock) -> Text:
    """Say what is locked, by whom, and what that means."""
    if lock.process is None:
        return N_(
            "another process is writing for longer than {seconds} s: whatever changes something waits for it",
            seconds=lock.seconds,
        )
    return N_(
        "table {table} is locked by process {process} ({program}) for {seconds} s: whatever needs it waits; "
        "end that process if it hangs",
        table=lock.table,
        process=lock.process,
        program=lock.program or "?",
        seconds=lock.seconds,
    )


def check_disk(ground: Ground) -> Finding:
    """Look whether there is room to write."""
    home = ground.house.home.absolute()
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    told = N_(
        "{free} free where DUBAN_HOME lies; the database takes {size}",
        free=_size(free),
        size=_size(size_of(ground.session)),
    )
    return Level.BAD if free < NO_SPACE else Level.WARN if free < LITTLE_SPACE else Level.OK, told


def check_prefect(_ground: Ground) -> Finding:
    """Look whether the Prefect server answers that the runs go through."""
    address = os.environ.get("PREFECT_API_URL")
    if not address:
        return Level.OK, N_("not used: PREFECT_API_URL is not set")
    try:
        with build_opener(ProxyHandler({})).open(f"{address.rstrip('/')}/health", timeout=PREFECT_WITHIN):
            return Level.OK, N_("{address} answers", address=address)
    except (URLError, OSError, ValueError) as error:
        return Level.BAD, N_("{address} does not answer: {problem}", address=address, problem=str(error))


def _size(count: int) -> str:
    """Return a number of bytes as people write it."""
    if count >= GIGABYTE:
        return f"{count / GIGABYTE:,.1f} GB"
    return f"{count / MEGABYTE:,.1f} MB"
