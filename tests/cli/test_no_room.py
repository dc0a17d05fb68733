"""No room on the disk, or nothing may be written: one clear line, nothing lost or half done, and then it goes on."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.reads.audit import audit_record
from models import Delivery, Escalation, Measure, Sending
from models.database import open_database
from tests.cli.conftest import Line
from tests.world import World

ROOT = Path(__file__).parents[2]
KIB = 1024
DAY = date(2025, 9, 4)  #: the day after the due date: everything is overdue
NOTICE = (
    "某局党委关于巡察整改进展情况的通报\n2025年3月3日，市委第五巡察组向某局党委反馈了巡察意见。\n"
    "（一）贯彻落实方面\n1.规划滞后问题\n（1）规划未及时修订\n整改进展：\n"
)


@contextmanager
def small_disk(place: Path, *, kib: int) -> Iterator[Path]:
    """Mount a disk of so many KiB at `place`; skip where the system does not let us."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk")
    place.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", place], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"the system mounts no disk for us: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def fill(disk: Path, *, left: int = 0) -> Path:
    """Fill the disk up to `left` bytes; return the file that does."""
    ballast = disk / "ballast"
    free = os.statvfs(disk)
    with ballast.open("wb") as file:
        file.write(b"\0" * max(0, free.f_bavail * free.f_frsize - left))
    return ballast


@pytest.fixture
def town(duban: Line, founded_template: Path) -> Iterator[World]:
    """Give the small house, with two overdue measures, on a disk of 4 MiB."""
    with small_disk(duban.home, kib=4096):
        shutil.copyfile(founded_template, duban.home / "duban.db")
        engine = open_database(f"sqlite:///{duban.home / 'duban.db'}")
        world = World(engine)
        for number in range(40):
            world.in_progress(f"1-{number:02d}", reported_on=date(2025, 9, 1))
        engine.dispose()
        yield world
        engine.dispose()


def counts(world: World) -> tuple[int, int, int]:
    """Return how many measures, rungs and accepted deliveries there are; look at the record, too."""
    with world.sessions() as session:
        assert [str(link.problem) for link in audit_record(session).broken if link.event is not None] == []
        sent = select(func.count()).where(Delivery.state == Sending.SENT)
        found = [session.scalar(query) or 0 for query in (_count(Measure), _count(Escalation), sent)]
    world.engine.dispose()
    return found[0], found[1], found[2]


def _count(table: type[Measure | Escalation]) -> object:
    return select(func.count()).select_from(table)


# Rooms that are too small at different lines: at the first page of the log, in the sweep, in the delivery.
@pytest.mark.parametrize("left", [0, 8 * KIB, 40 * KIB, 64 * KIB, 100 * KIB, 160 * KIB])
def test_daily_when_the_disk_is_full_says_so_and_goes_on_where_it_was(duban: Line, town: World, left: int):
    ballast = fill(duban.home, left=left)
    refused = duban("run", "daily", "--as-of", DAY)
    assert (refused.status, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "disk is full" in refused.err
    assert "unforeseen" not in refused.err
    ballast.unlink()

    rungs = counts(town)[1]
    done = duban("run", "daily", "--as-of", DAY, "--json")
    assert done.status == 0
    told = done.json
    assert told["escalations"] + told["reminders"] + told["superseded"] > 0, "counted from the first attempt on"
    assert told["failed"] == 0
    climbed = counts(town)[1]
    assert climbed >= rungs
    assert duban("run", "daily", "--as-of", DAY, "--again", "--json").json["escalations"] == 0
    assert counts(town)[1] == climbed, "nothing is climbed twice"
