"""No room on the disk, or nothing may be written: one clear line, nothing lost or half done, and then it goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from engine.reads.audit import audit_record
from models import Delivery, Escalation, Measure, Sending
from models.database import open_database
from tests.campaign.server import Server
from tests.cli.conftest import Line
from tests.ledger_files import HEADINGS, book_of
from tests.world import World

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
KIB = 1024
DAY = date(2025, 9, 4)  #: the day after the due date: everything is overdue
DAILY = ("run", "daily", "--as-of", str(DAY))
ACTING = ("measure", "report", "1-00", "--percent", "50", "--text", "进展", "--as", "wang", "--as-of", str(DAY))


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
        for number in range(16):
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
@pytest.mark.parametrize("left", [0, 40 * KIB])
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


@pytest.mark.parametrize("left", [100 * KIB])
def test_import_when_the_disk_is_full_stores_nothing_and_then_everything(
    duban: Line, town: World, tmp_path: Path, left: int
):
    words = ("import", book(tmp_path, measures=300), "--round", "second", "--feedback-on", "2025-03-03")
    before = counts(town)
    ballast = fill(duban.home, left=left)
    refused = duban(*words)
    assert (refused.status, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "disk is full" in refused.err
    ballast.unlink()
    assert counts(town) == before
    assert duban(*words, "--json").json["created"] == 300
    assert counts(town)[0] == before[0] + 300


def book(folder: Path, *, measures: int) -> Path:
    """Write a ledger workbook."""
    path = folder / "台账.xlsx"
    rows = [[_cell(heading, number) for heading in HEADINGS] for number in range(measures)]
    book_of({"台账": [list(HEADINGS), *rows]}).save(path)
    return path


def _cell(heading: str, number: int) -> object:
    told = {"序号": f"9-{number}", "方面": "(一)方面", "反馈问题": "1.问题", "整改措施": f"措施{number}" * 9}
    return told.get(heading, "2025-09-30" if heading == "整改时限" else None)


def test_request_when_the_disk_is_full_changes_nothing_and_can_be_repeated(duban: Line, town: World):
    ballast = fill(duban.home)
    refused = duban(*ACTING)
    assert (refused.status, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "disk is full" in refused.err
    assert duban("measure", "show", "1-00").status in {0, 1}, "reading may need room, too, but is no traceback"
    ballast.unlink()
    assert town.get("1-00").percent == 0
    assert duban(*ACTING).status == 0
    assert town.get("1-00").percent == 50


def test_delivery_when_the_outbox_is_full_keeps_the_mail_and_sends_it_later(duban: Line, town: World):
    with small_disk(duban.home / "outbox", kib=16) as outbox:
        ballast = fill(outbox)
        told = duban("run", "daily", "--as-of", DAY, "--json")
        assert told.status == 0
        assert told.json["failed"] == 0, "it is tried again"
        ids = deliveries(town)
        assert {state for _, channel, state in ids if channel == "eml"} == {Sending.PENDING}
        assert {state for _, channel, state in ids if channel == "inbox"} == {Sending.SENT}
        assert [path.name for path in outbox.rglob("*.eml*")] == [], "no half mail lies about"
        ballast.unlink()
        subprocess.run(["mount", "-o", "remount,size=2048k", outbox], check=True)
        with town.sessions.begin() as session:  # the minute until the next attempt is over
            session.execute(update(Delivery).values(next_try_at=town.moment.at))
        town.engine.dispose()
        assert duban("run", "daily", "--as-of", date(2025, 9, 5)).status == 0
        sent = {one for one, channel, state in deliveries(town) if (channel, state) == ("eml", Sending.SENT)}
        assert {one for one, channel, _ in ids if channel == "eml"} <= sent, "with the Message-ID of the first attempt"
        mails = [message_from_bytes(path.read_bytes())["Message-ID"] for path in outbox.rglob("*.eml")]
        assert sorted(mails) == sorted(sent), "each once"


def deliveries(world: World) -> set[tuple[str, str, Sending]]:
    """Return Message-ID, channel and state of every delivery."""
    with world.sessions() as session:
        found = {(row.message_id, row.channel, row.state) for row in session.scalars(select(Delivery))}
    world.engine.dispose()
    return found


@pytest.mark.parametrize("words", [("measure", "list"), ACTING])
def test_command_when_the_home_is_read_only_says_so_in_one_line(duban: Line, town: World, words: tuple[str, ...]):
    before = counts(town)
    subprocess.run(["mount", "-o", "remount,ro", duban.home], check=True)
    refused = duban(*words)
    assert (refused.status, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "cannot be written" in refused.err
    subprocess.run(["mount", "-o", "remount,rw", duban.home], check=True)
    assert counts(town) == before
    assert duban(*ACTING).status == 0


def test_document_when_its_place_is_full_or_read_only_leaves_none(founded: Line, tmp_path: Path):
    imported = founded("import", book(tmp_path, measures=30), "--feedback-on", "2025-03-03")
    assert imported.status == 0
    with small_disk(tmp_path / "out", kib=16) as out:
        ballast = fill(out)
        refused = founded("ledger", "--out", out / "台账.xlsx")
        assert (refused.status, refused.err.count("\n")) == (1, 1)
        assert "disk is full" in refused.err
        assert [path.name for path in out.iterdir()] == ["ballast"], "no half document"
        ballast.unlink()
        subprocess.run(["mount", "-o", "remount,ro", out], check=True)
        refused = founded("ledger", "--out", out / "台账.xlsx")
        assert (refused.status, refused.err.count("\n")) == (1, 1)
        assert "read-only" in refused.err


@pytest.fixture
def small_server() -> Iterator[tuple[Server, Path]]:
    """Give a PostgreSQL server on a disk of 130 MiB, and the disk."""
    folder = Path(tempfile.mkdtemp(prefix="duban-small-"))  # where the server's own user gets at it
    try:
        folder.chmod(0o755)
        with small_disk(folder / "disk", kib=130 * KIB) as disk:
            disk.chmod(0o755)
            server = Server(disk)
            yield server, disk
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.postgres
def test_command_when_the_disk_of_the_server_is_full_says_so_and_goes_on(
    duban: Line, small_server: tuple[Server, Path], tmp_path: Path
):
    server, disk = small_server
    url = server.new_database()
    assert duban("init", database_url=url).status == 0
    words = ("import", book(tmp_path, measures=300), "--feedback-on", "2025-03-03")
    ballast = fill(disk)
    for request in (words, DAILY):
        refused = duban(*request, database_url=url)
        assert (refused.status, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "disk is full" in duban(*words, database_url=url).err
    ballast.unlink()
    assert duban(*words, "--json", database_url=url).json["created"] == 300
    ballast = fill(disk)
    refused = duban(*DAILY, database_url=url)
    assert refused.status == 1
    assert "the database server's disk is full" in refused.err
    ballast.unlink()
    assert duban(*DAILY, "--json", database_url=url).json["failed"] == 0
    assert duban("audit", "verify", database_url=url).status == 0


# Without root: a limit on the size of files, as a quota sets it


def test_daily_when_a_quota_is_reached_says_so_and_goes_on_without_it(founded: Line):
    engine = open_database(f"sqlite:///{founded.home / 'duban.db'}")
    world = World(engine)
    for number in range(5):
        world.in_progress(f"1-{number:02d}", reported_on=date(2025, 9, 1))
    engine.dispose()
    before = counts(world)
    said = subprocess.run(
        [sys.executable, "-c", f"{QUOTA}from cli.main import run; run()", *DAILY],
        cwd=ROOT,
        env={**os.environ, "DUBAN_HOME": str(founded.home), "DUBAN_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout, said.stderr.count("\n")) == (1, "", 1), said.stderr
    assert "disk is full" in said.stderr
    assert counts(world) == before
    assert founded(*DAILY).status == 0


QUOTA = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); "
