"""`duban backup` and `duban restore`: on both databases and across, while others write, and when all goes wrong."""

import ctypes
import json
import os
import resource
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import URL, Engine, func, select, text
from sqlalchemy.exc import OperationalError

from engine.actions.attach_evidence import attach_evidence
from engine.actions.report_progress import report_progress
from engine.actions.sweep_deadlines import sweep_deadlines
from engine.reads.audit import audit_record
from engine.reads.tallies import find_drift, read_tallies
from engine.rules.plan import InputRefused
from engine.rules.refusal import NotReady
from engine.rules.vocabulary import UnitKind
from intake.evidence_store import keep_file
from models import Base, Escalation, Evidence, ProgressReport, Tally, Unit
from models.backup.archive import Manifest, Table, open_archive, writing_archive
from models.backup.put_back import restore_backup
from models.backup.tables import lines_of, tables_of
from models.backup.take import snapshot, take_backup
from models.database import open_database, sessions_of
from models.schema import migrations_config, upgrade
from tests.cli.conftest import Line
from tests.conftest import _tell
from tests.factories import build_unit
from tests.fingerprints import fingerprints
from tests.world import World

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
NOW = datetime(2025, 9, 3, 1, tzinfo=UTC)
NASTY = "\x01\x1f\x7f \\ \" ' / \t\r\n {} \u2028 整改 😀 \ufeff null"


def take(engine: Engine, home: Path, out: Path, **how: bool) -> Manifest:
    return take_backup(engine, out, home=home, config_folder=home / "config", at=NOW, **how)


def restore(file: Path, engine: Engine, home: Path) -> None:
    with open_archive(file) as archive:
        restore_backup(engine, archive, home=home, config_folder=home / "config")


def fill(world: World, home: Path) -> None:
    """Fill a house with a little of everything: states, events, evidence with files, people, outbox, odd text."""
    world.submitted("1-01")
    world.verified("1-02")
    world.in_progress("1-03")
    world.act("wang", report_progress, "1-03", percent=40, text=NASTY)
    add_evidence(world, home, "1-03", "approval.pdf", os.urandom(3000))
    (home / "config").mkdir(parents=True)
    (home / "config" / "round.yaml").write_text("# ours\n", encoding="utf-8")
    world.fast_forward(date(2025, 3, 20))
    with world.sessions.begin() as session:
        below = build_unit(session, name="下级单位")
        below.parent_id = build_unit(session, name="后来的上级单位").id  # the higher one has the higher number


def add_evidence(world: World, home: Path, code: str, name: str, content: bytes) -> None:
    home.mkdir(parents=True, exist_ok=True)
    source = home / name
    source.write_bytes(content)
    kept = keep_file(source, home)
    source.unlink()
    world.act("wang", attach_evidence, code, name=name, sha256=kept.sha256, size=kept.size)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("duban.db")
    }


@pytest.fixture
def new_sqlite(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'restored.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def new_postgres(postgres_url: URL) -> Iterator[Engine]:
    name = f"duban_restored_{os.getpid()}"
    _tell(postgres_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    engine = open_database(postgres_url.set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    _tell(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("into", ["new_sqlite", pytest.param("new_postgres", marks=pytest.mark.postgres)])
def test_backup_when_restored_into_either_database_is_the_same_again(
    either_world: World, tmp_path: Path, into: str, request: pytest.FixtureRequest
):
    target: Engine = request.getfixturevalue(into)
    home, other = tmp_path / "home", tmp_path / "other"
    fill(either_world, home)
    first = take(either_world.engine, home, tmp_path / "a.zip", may_be_faulty=True)
    restore(tmp_path / "a.zip", target, other)
    assert fingerprints(target) == fingerprints(either_world.engine)
    with sessions_of(target)() as session:
        assert read_tallies(session, either_world.round) != find_drift(session) == []
    assert contents(other) == contents(home)
    second = take(target, other, tmp_path / "b.zip", may_be_faulty=True)
    assert second.members == first.members, "the two databases write a row in two ways"
    assert len(first.files) == 2
    with sessions_of(target).begin() as session:
        number = session.scalar(select(func.max(Unit.id)))
        assert build_unit(session, name="新单位").id == (number or 0) + 1


@pytest.fixture
def filled(world: World, tmp_path: Path) -> World:
    """Give the small house with rows and files; its files in `tmp_path / "source"`."""
    fill(world, tmp_path / "source")
    return world


@pytest.fixture
def taken(filled: World, tmp_path: Path) -> Path:
    """Give a backup of `filled`."""
    take(filled.engine, tmp_path / "source", tmp_path / "taken.zip", may_be_faulty=True)
    return tmp_path / "taken.zip"


def _rungs(engine: Engine) -> list[tuple[Any, ...]]:
    one = Escalation
    columns = (one.measure_id, one.waits_for, one.deadline_version, one.rung, one.fate)
    with sessions_of(engine)() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(*columns))]


@pytest.mark.parametrize("into", ["new_sqlite", pytest.param("new_postgres", marks=pytest.mark.postgres)])
def test_backup_when_restored_while_the_sweep_runs_there_is_restored_whole(
    filled: World, taken: Path, tmp_path: Path, into: str, request: pytest.FixtureRequest
):
    world = filled.at(date(2025, 6, 30))
    target: Engine = request.getfixturevalue(into)
    upgrade(target)
    over = Event()

    def sweep() -> None:
        while not over.is_set():
            with suppress(OperationalError):  # SQLite has one writer
                sweep_deadlines(sessions_of(target), moment=world.moment, calendar=world.calendar)

    with ThreadPoolExecutor(1) as pool:
        swept = pool.submit(sweep)
        try:
            restore(taken, target, tmp_path / "elsewhere")
        finally:
            over.set()
        swept.result(120)
    with sessions_of(target)() as session:
        assert audit_record(session).broken == []
    sweep_deadlines(sessions_of(target), moment=world.moment, calendar=world.calendar)
    sweep_deadlines(world.sessions, moment=world.moment, calendar=world.calendar)
    assert _rungs(target) == _rungs(world.engine)


def test_snapshot_when_others_commit_meanwhile_shows_one_instant(either_world: World):
    either_world.in_progress()
    with snapshot(either_world.engine) as connection:
        tables = {table.name: table for table in tables_of(connection)}
        before = len(list(lines_of(connection, tables["progress_report"])))
        either_world.act("wang", report_progress, "1-01", percent=40, text="一半")
        after = len(list(lines_of(connection, tables["progress_report"])))
    assert before == after == 0


def test_backup_when_others_add_evidence_meanwhile_holds_the_file_of_every_row(
    either_world: World, tmp_path: Path, new_sqlite: Engine
):
    home, stop, added = tmp_path / "home", Event(), 0
    either_world.in_progress()

    def write() -> None:
        nonlocal added
        while not stop.is_set():
            add_evidence(either_world, home, "1-01", f"{added}.pdf", f"paper {added}".encode())
            added += 1

    writer = Thread(target=write)
    writer.start()
    try:
        before = written = 0
        while written < before + 3:  # at least three were committed while the backup was taken
            before = added
            take(either_world.engine, home, tmp_path / "a.zip")
            written = added
    finally:
        stop.set()
        writer.join()
    restore(tmp_path / "a.zip", new_sqlite, tmp_path / "other")
    with sessions_of(new_sqlite)() as session:
        digests = session.scalars(select(Evidence.sha256)).all()
    assert before <= len(digests) <= written
    for digest in digests:
        kept = tmp_path / "other" / "evidence" / str(digest)[:2] / str(digest)
        assert sha256(kept.read_bytes()).hexdigest() == digest


# What is wrong with the files


def test_backup_when_evidence_is_missing_or_changed_is_refused_unless_told(duban: Line, house: World, tmp_path: Path):
    house.in_progress()
    for name in ("kept", "lost", "spoiled"):
        add_evidence(house, duban.home, "1-01", name, name.encode())
    paths = {
        name: duban.home / "evidence" / digest[:2] / digest
        for name, digest in ((name, sha256(name.encode()).hexdigest()) for name in ("lost", "spoiled"))
    }
    paths["lost"].unlink()
    paths["spoiled"].write_bytes(b"something else")
    out = tmp_path / "a.zip"
    said = duban("backup", "--out", out)
    assert (said.status, said.out, said.err.count("\n")) == (1, "", 1)
    assert paths["lost"].name in said.err
    assert list(tmp_path.glob("*.zip*")) + list(tmp_path.glob(".*")) == []
    said = duban("backup", "--out", out, "--allow-faulty", "--json")
    assert sorted(name.rpartition("/")[2] for name in said.json["faulty"]) == sorted(p.name for p in paths.values())
    other = tmp_path / "other"
    restored = duban("restore", out, home=str(other))
    assert restored.status == 0, restored.err
    assert "missing or damaged when it was taken" in restored.out
    assert (other / "evidence" / paths["spoiled"].parent.name / paths["spoiled"].name).exists()


@contextmanager
def spoiled(file: Path, change: Callable[[bytearray], None]) -> Iterator[Path]:
    content = bytearray(file.read_bytes())
    change(content)
    other = file.with_name("spoiled.zip")
    other.write_bytes(content)
    yield other
    other.unlink()


def test_archive_when_any_byte_is_changed_is_refused_or_still_means_the_same(tmp_path: Path):
    table = Table(name="unit", columns=("id", "name"), binary=(), rows=30)
    with writing_archive(tmp_path / "a.zip") as new:
        new.add_lines(table.member, (f'[{number},"单位{number}"]' for number in range(30)))
        new.add_file("documents/整改/agenda.docx", BytesIO(bytes(range(256))))
        whole = new.close(made_at="", revision="1", database="sqlite", tables=(table,), faulty=())
    content = (tmp_path / "a.zip").read_bytes()
    refused, spoiled_file = 0, tmp_path / "b.zip"
    for place in range(len(content)):
        for change in (0xFF, 1, 8):
            spoiled_file.write_bytes(content[:place] + bytes([content[place] ^ change]) + content[place + 1 :])
            try:
                with open_archive(spoiled_file) as archive:
                    archive.check()
                    assert archive.manifest == whole
            except InputRefused:
                refused += 1
    assert refused > 2 * len(content)


def test_archive_when_cut_anywhere_is_refused(taken: Path):
    size = taken.stat().st_size
    for length in (0, 1, 100, size // 3, size // 2, size - 1000, size - 1):

        def cut(content: bytearray, length: int = length) -> None:
            del content[length:]

        with spoiled(taken, cut) as file, pytest.raises(InputRefused), open_archive(file):
            pass


def rewritten(file: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """Return a copy whose manifest and members `change` has worked on; sizes and hashes are made to fit."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    change(manifest, members)
    manifest["members"] = {
        name: {"size": len(content), "sha256": sha256(content).hexdigest()} for name, content in members.items()
    }
    other = file.with_name("rewritten.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in {**members, "manifest.json": json.dumps(manifest).encode()}.items():
            archive.writestr(name, content)
    return other


def _newer_format(manifest: dict[str, Any], _members: dict[str, bytes]) -> None:
    manifest["format"] = 2


def _newer_revision(manifest: dict[str, Any], _members: dict[str, bytes]) -> None:
    manifest["revision"] = "9999"


def _row_less(_manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    members["tables/person.jsonl"] = members["tables/person.jsonl"].partition(b"\n")[2]


def _column_less(manifest: dict[str, Any], _members: dict[str, bytes]) -> None:
    next(table for table in manifest["tables"] if table["name"] == "unit")["columns"].pop()


def _unknown_state(_manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    members["tables/measure.jsonl"] = members["tables/measure.jsonl"].replace(b"submitted", b"forgotten")


def _lost_person(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    first, _, rest = members["tables/unit.jsonl"].partition(b"\n")
    members["tables/unit.jsonl"] = rest
    next(table for table in manifest["tables"] if table["name"] == "unit")["rows"] -= 1
    assert first


def _no_evidence(_manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    del members[next(name for name in members if name.startswith("evidence/"))]


def _named(name: str) -> Callable[[dict[str, Any], dict[str, bytes]], None]:
    def change(_manifest: dict[str, Any], members: dict[str, bytes]) -> None:
        members[name] = b"evil"

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_newer_format, "newer Duban"),
        (_newer_revision, "newer Duban"),
        (_row_less, "rows"),
        (_column_less, "its tables are not those"),
        (_unknown_state, "cannot be stored"),
        (_lost_person, "contradict"),
        (_no_evidence, "lacks a file"),
        (_named("../x"), "../x"),
        (_named("evidence/../../x"), "../../x"),
        (_named("/tmp/x"), "/tmp/x"),  # noqa: S108 - a path that must be refused
        (_named("documents/a/../../../x"), "../../../x"),
        (_named("documents/..\\x"), "x"),
        (_named("duban.db"), "duban.db"),
        (_named("evidence/ab/short"), "short"),
    ],
)
def test_restore_when_the_archive_is_not_one_of_ours_changes_nothing(
    duban: Line, taken: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None], told: str
):
    file = rewritten(taken, change)
    said = duban("restore", file)
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1), said.err
    assert told in said.err
    assert "unforeseen" not in said.err
    assert contents(duban.home) == {}
    assert not (duban.home / "duban.db").exists()


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"PK\x05\x06" + bytes(18)])
def test_restore_when_the_file_is_something_else_is_told_in_one_line(duban: Line, tmp_path: Path, content: bytes):
    (tmp_path / "a.zip").write_bytes(content)
    said = duban("restore", tmp_path / "a.zip")
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    assert "no backup of Duban" in said.err


# Where it is restored


def test_restore_when_the_database_is_in_use_is_refused_and_changes_nothing(duban: Line, house: World, taken: Path):
    house.measure()
    before = fingerprints(house.engine)
    said = duban("restore", taken)
    assert (said.status, said.out, said.err.count("\n")) == (1, "", 1)
    assert "in use" in said.err
    assert fingerprints(house.engine) == before
    assert contents(duban.home) == {}


def test_restore_when_the_tables_are_there_and_empty_fills_them(filled: World, taken: Path, new_sqlite: Engine):
    upgrade(new_sqlite)
    restore(taken, new_sqlite, taken.with_name("other"))
    assert fingerprints(new_sqlite) == fingerprints(filled.engine)


def test_restore_when_a_file_of_another_content_is_there_leaves_it(duban: Line, taken: Path):
    own = duban.home / "config" / "round.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("# mine\n", encoding="utf-8")
    said = duban("restore", taken)
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    assert "round.yaml" in said.err
    assert contents(duban.home) == {"config/round.yaml": b"# mine\n"}


def test_restore_when_done_twice_over_its_own_files_is_whole(duban: Line, taken: Path):
    assert duban("restore", taken).status == 0
    (duban.home / "duban.db").unlink()
    assert duban("restore", taken).status == 0


def test_check_when_asked_reads_and_makes_nothing(duban: Line, taken: Path):
    said = duban("restore", taken, "--check")
    assert said.status == 0
    assert "is whole" in said.out
    assert not duban.home.exists()
    with spoiled(taken, lambda content: content.__setitem__(len(content) // 2, content[len(content) // 2] ^ 1)) as file:
        assert duban("restore", file, "--check").status == 2


def test_backup_when_of_an_earlier_revision_is_restored_and_brought_up_to_date(tmp_path: Path, new_sqlite: Engine):
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - heavy

    first = ScriptDirectory.from_config(migrations_config()).get_base()
    old = open_database(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(old, revision=str(first))
    with old.begin() as connection:
        connection.execute(text("INSERT INTO unit (name, kind) VALUES ('一处', :kind)"), {"kind": UnitKind.SUBORDINATE})
    take(old, tmp_path, tmp_path / "a.zip")
    old.dispose()
    restore(tmp_path / "a.zip", new_sqlite, tmp_path / "other")
    with sessions_of(new_sqlite)() as session:
        assert session.scalar(select(Unit.name)) == "一处"
        assert session.scalars(select(ProgressReport)).all() == []
    head = ScriptDirectory.from_config(migrations_config()).get_current_head()
    with new_sqlite.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == head
        assert {table.name for table in tables_of(connection)} == set(Base.metadata.tables) - {Tally.__tablename__}


def test_restore_when_the_database_is_of_another_revision_is_refused(taken: Path, tmp_path: Path, new_sqlite: Engine):
    upgrade(new_sqlite)
    with new_sqlite.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(NotReady, match="0000"):
        restore(taken, new_sqlite, tmp_path / "other")


# What the machine refuses


def _no_large_file() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))


def _no_special_rights() -> None:
    """Take from root, too, the right to write where nobody may (PR_CAPBSET_DROP of CAP_DAC_OVERRIDE)."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


def run(before: Callable[[], None], home: Path, *words: str) -> tuple[int, str]:
    """Run the command in a process of its own; return its status and its one line on stderr."""
    done = subprocess.run(
        [sys.executable, "-c", "from cli.main import run; run()", *words],
        cwd=ROOT,
        env={**os.environ, "DUBAN_HOME": str(home), "DUBAN_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=before,
    )
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert "unforeseen" not in done.stderr
    return done.returncode, done.stderr


def test_backup_when_the_disk_is_full_leaves_the_earlier_one_and_no_half_file(
    duban: Line, house: World, tmp_path: Path
):
    house.in_progress()
    add_evidence(house, duban.home, "1-01", "large.pdf", os.urandom(100_000))
    out = tmp_path / "backups" / "a.zip"
    out.parent.mkdir()
    out.write_bytes(b"the earlier one")
    status, told = run(_no_large_file, duban.home, "backup", "--out", str(out))
    assert status == 1
    assert "so large" in told
    assert contents(out.parent) == {"a.zip": b"the earlier one"}


def test_restore_when_the_disk_is_full_leaves_nothing(taken: Path, tmp_path: Path):
    new = tmp_path / "new"
    status, told = run(_no_large_file, new, "restore", str(taken))
    assert status == 1
    assert "disk" in told or "so large" in told
    assert [path for path in new.rglob("*") if path.is_file() and path.parent.name != "logs"] == []


def test_backup_when_the_folder_is_read_only_is_told_in_one_line(duban: Line, house: World, tmp_path: Path):
    house.measure()
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o555)
    status, told = run(_no_special_rights, duban.home, "backup", "--out", str(shut / "a.zip"))
    assert status == 1
    assert "does not allow" in told
    assert contents(shut) == {}


def test_restore_when_the_folder_is_read_only_is_told_in_one_line(taken: Path, tmp_path: Path):
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o555)
    status, told = run(_no_special_rights, shut, "restore", str(taken))
    assert status == 1
    assert "cannot be opened" in told
    assert list(shut.iterdir()) == []


def test_archive_when_its_lines_are_long_never_holds_many_of_them(tmp_path: Path):
    lines = (f'["{number:0300000}"]' for number in range(200))
    tracemalloc.start()
    try:
        with writing_archive(tmp_path / "backup.zip") as archive:
            assert archive.add_lines("tables/report.jsonl", lines) == 200
            archive.close(made_at="", revision="", database="", tables=(), faulty=())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000, "of 60 million bytes"
