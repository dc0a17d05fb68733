"""Restores a backup into an empty installation: all of it, or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path

import psycopg
from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy import Table as SqlTable
from sqlalchemy.exc import DataError, IntegrityError

from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.whole_file import new_file, settle
from models.backup.archive import Archive
from models.backup.tables import count_on, lines_of, put_rows, tables_of
from models.backup.take import evidence_name
from models.progress import Evidence
from models.schema import knows_revision, upgrade


def restore_backup(engine: Engine, archive: Archive, *, home: Path, config_folder: Path) -> None:
    """Restore `archive` into an empty database and its files into `home`, and bring the schema to the newest revision.

    Raises InputRefused for a damaged archive and for files that are there with other content; NotReady for a database
    that is in use, or of another revision.
    """
    archive.check()
    if not knows_revision(archive.manifest.revision):
        raise archive.refuse(N_("made by a newer Duban: schema {revision}", revision=archive.manifest.revision))
    targets = {name: _target(name, home, config_folder) for name in archive.manifest.files}
    _refuse_others(archive, targets)
    with _gone_if_it_fails(engine):
        if not inspect(engine).has_table("alembic_version"):
            upgrade(engine, revision=archive.manifest.revision)
        with _files_placed(archive, targets), _in_order(archive), engine.begin() as connection:
            _restore_tables(connection, archive)
        upgrade(engine)


def _target(name: str, home: Path, config_folder: Path) -> Path:
    folder, _, rest = name.partition("/")
    return config_folder / rest if folder == "config" else home / name


def _refuse_others(archive: Archive, targets: dict[str, Path]) -> None:
    """Refuse to write over a file that somebody else made."""
    for name, target in targets.items():
        if not os.path.lexists(target):
            continue
        with target.open("rb") as there:
            if file_digest(there, "sha256").hexdigest() != archive.manifest.members[name].sha256:
                message = N_("this file is there already, with other content; move it away first")
                raise InputRefused((Fault(place=Place(file=str(target)), value=None, message=message),))


@contextmanager
def _gone_if_it_fails(engine: Engine) -> Iterator[None]:
    """Remove a SQLite file that was not there before, when nothing comes of it."""
    name = engine.url.database or ""
    made_here = engine.dialect.name == "sqlite" and not Path(name).exists()
    try:
        yield
    except BaseException:
        engine.dispose()
        if made_here:
            for ending in ("", "-wal", "-shm", "-journal"):
                Path(name + ending).unlink(missing_ok=True)
        raise


@contextmanager
def _files_placed(archive: Archive, targets: dict[str, Path]) -> Iterator[None]:
    """Put the files where they belong; take them away again when the rest fails."""
    made: list[Path] = []
    try:
        for name, target in targets.items():
            if not target.exists():
                _make_folder(target.parent, made)
                made.append(target)
                _write(target, archive.blocks(name))
        yield
    except BaseException:
        for path in reversed(made):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)
        raise


def _make_folder(folder: Path, made: list[Path]) -> None:
    if not folder.exists():
        _make_folder(folder.parent, made)
        folder.mkdir()
        made.append(folder)


def _write(target: Path, blocks: Iterator[bytes]) -> None:
    with new_file(target.parent, target.name) as unfinished:
        for block in blocks:
            unfinished.write(block)
        settle(unfinished, target)


@contextmanager
def _in_order(archive: Archive) -> Iterator[None]:
    """Tell what SQLite finds at the very end: rows that refer to nothing."""
    try:
        yield
    except IntegrityError as error:
        raise archive.refuse(N_("its rows contradict each other: {problem}", problem=_first_line(error))) from None


def _restore_tables(connection: Connection, archive: Archive) -> None:
    """Fill the tables, and compare what came of it with what was written."""
    manifest = archive.manifest
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision != manifest.revision:
        told = N_(
            "the database is of revision {revision}, the backup of {other}; restore into a database that is new",
            revision=revision,
            other=manifest.revision,
        )
        raise NotReady(told)
    there = {table.name: table for table in tables_of(connection)}
    if {table.name: sorted(table.columns) for table in manifest.tables} != {
        name: sorted(table.columns.keys()) for name, table in there.items()
    }:
        raise archive.refuse(N_("its tables are not those of revision {revision}", revision=manifest.revision))
    _let_nobody_else_in(connection, list(there.values()))
    for table in manifest.tables:
        try:
            put_rows(connection, there[table.name], table.columns, archive.lines(table))
        except (psycopg.DataError, psycopg.IntegrityError, DataError, IntegrityError, TypeError, ValueError) as error:
            told = N_("its rows of {name} cannot be stored: {problem}", name=table.name, problem=_first_line(error))
            raise archive.refuse(told) from None
    count_on(connection, there.values())
    for table in manifest.tables:
        if _digest(connection, there[table.name]) != manifest.members[table.member].sha256:
            raise archive.refuse(N_("its rows of {name} do not come back as they were", name=table.name))
    held = {*manifest.files, *manifest.faulty}
    for digest in connection.scalars(select(Evidence.sha256).distinct()):
        if digest and evidence_name(digest) not in held:
            raise archive.refuse(N_("it lacks a file: {name}", name=evidence_name(digest)))


def _let_nobody_else_in(connection: Connection, tables: list[SqlTable]) -> None:
    """Refuse a database that holds anything; let nobody write into it until the end."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(connection.dialect.identifier_preparer.quote(table.name) for table in tables)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN EXCLUSIVE MODE")
        connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
    else:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")  # a unit may stand before the one that it belongs to
    if any(connection.execute(select(table).limit(1)).first() is not None for table in tables):
        raise NotReady(
            N_("the database is in use already; a backup is restored into a new one, on which duban init was not run")
        )


def _digest(connection: Connection, table: SqlTable) -> str:
    digest = sha256()
    for line in lines_of(connection, table):
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).partition("\n")[0]
