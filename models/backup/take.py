"""Takes a backup while others go on writing: first the tables, as they were at one instant, then every file they name.

A file is there before the row that names it is committed, and is never changed: so what is added meanwhile is not in
the backup, and nothing that is in it lacks its file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select, text

from engine.rules.refusal import NotReady
from engine.rules.text import N_
from models.backup.archive import Manifest, NewArchive, Table, is_member_name, writing_archive
from models.backup.tables import binary_columns, lines_of, tables_of
from models.progress import Evidence
from models.run import Document

NAMED = 5  #: faulty files that a refusal names


def take_backup(
    engine: Engine, out: Path, *, home: Path, config_folder: Path, at: datetime, may_be_faulty: bool = False
) -> Manifest:
    """Write a backup to `out`, whole or not at all; return what it holds.

    Raises NotReady when a file that the record names is missing or is not what was recorded, unless it `may_be_faulty`.
    """
    with writing_archive(out) as archive:
        with snapshot(engine) as connection:
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
            tables = tuple(_add_tables(archive, connection))
            evidence = [found for found in connection.scalars(select(Evidence.sha256).distinct()) if found]
            documents = list(connection.scalars(select(Document.path).distinct()))
        faulty = [
            *_add_evidence(archive, home, sorted(evidence)),
            *(path for path in sorted(documents) if not _add_file(archive, path, home / path)),
        ]
        if faulty and not may_be_faulty:
            raise NotReady(
                N_(
                    "{count} files that are on record are missing or damaged, such as {names}; "
                    "--allow-faulty backs up the rest",
                    count=len(faulty),
                    names=tuple(faulty[:NAMED]),
                )
            )
        for path in sorted(config_folder.glob("*.yaml")):
            _add_file(archive, f"config/{path.name}", path)
        return archive.close(
            made_at=at.isoformat(),
            revision=str(revision),
            database=engine.dialect.name,
            tables=tables,
            faulty=tuple(faulty),
        )


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one instant, keeps nobody from writing, and writes nothing itself."""
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    else:
        options = {"reads_only": True}
    with engine.connect().execution_options(**options) as connection:
        yield connection


def evidence_name(digest: str) -> str:
    """Return where the evidence of this SHA-256 lies, in DUBAN_HOME and in the archive."""
    return f"evidence/{digest[:2]}/{digest}"


def _add_tables(archive: NewArchive, connection: Connection) -> Iterator[Table]:
    for table in tables_of(connection):
        rows = archive.add_lines(f"tables/{table.name}.jsonl", lines_of(connection, table))
        yield Table(name=table.name, columns=tuple(table.columns.keys()), binary=binary_columns(table), rows=rows)


def _add_evidence(archive: NewArchive, home: Path, digests: list[str]) -> Iterator[str]:
    """Add evidence; yield the names of what is missing, or is not what was recorded."""
    for digest in digests:
        name = evidence_name(digest)
        if not _add_file(archive, name, home / name) or archive.members[name].sha256 != digest:
            yield name


def _add_file(archive: NewArchive, name: str, source: Path) -> bool:
    """Add a file; say whether it was there."""
    if not is_member_name(name):
        return False
    try:
        opened = source.open("rb")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return False
    with opened:
        archive.add_file(name, opened)
    return True
