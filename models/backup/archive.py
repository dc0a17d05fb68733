"""The archive of a backup: a .zip whose members are all named, with size and SHA-256, in its manifest.

It is written under a temporary name, synced and renamed: a file of the wanted name is always whole.
"""

from __future__ import annotations

import errno
import json
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.text import N_, Text
from engine.whole_file import new_file, settle

FORMAT = 1  #: of the archive; a newer one is refused
MANIFEST = "manifest.json"
BLOCK = 1 << 20
_LARGEST_MANIFEST = 1 << 28  #: bytes; a hundred for each of two million files
#: What the library raises for an archive that was spoiled.
_SPOILED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, ValueError, struct.error)
_QUICK = 1  #: tables shrink to a tenth at the quickest level already
_TABLE = re.compile(r"tables/[a-z][a-z0-9_]*\.jsonl")
_EVIDENCE = re.compile(r"evidence/[0-9a-f]{2}/[0-9a-f]{64}")
_FILE = re.compile(r"(?:documents|config)(?:/(?!\.{1,2}(?:/|$))[^/\\\x00-\x1f]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of the archive, as the manifest tells it."""

    sha256: str
    size: int  #: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table in the archive."""

    name: str
    columns: tuple[str, ...]
    binary: tuple[str, ...]  #: those of the columns that hold bytes; they are written as hexadecimal digits
    rows: int

    @classmethod
    def read(cls, plain: dict[str, Any]) -> Table:
        """Return the table that the manifest tells."""
        return cls(**{**plain, "columns": tuple(plain["columns"]), "binary": tuple(plain["binary"])})

    @property
    def member(self) -> str:
        """The name of its member."""
        return f"tables/{self.name}.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an archive holds."""

    made_at: str  #: ISO 8601, UTC
    revision: str  #: of the schema
    database: str  #: sqlite or postgresql: where it was taken; it can be restored into either
    tables: tuple[Table, ...]  #: each after those that it refers to
    faulty: tuple[str, ...]  #: files that the record names, and that were not there or not what was recorded
    members: dict[str, Member]

    @property
    def files(self) -> list[str]:
        """The names of all members that are files of DUBAN_HOME."""
        return [name for name in self.members if not name.startswith("tables/")]

    @property
    def rows(self) -> int:
        """How many rows all tables have together."""
        return sum(table.rows for table in self.tables)


class NewArchive:
    """An archive being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, Member] = {}

    def add_lines(self, name: str, lines: Iterator[str]) -> int:
        """Add a member of text lines; return how many there were."""
        digest, size, count = sha256(), 0, 0
        info = _info(name, zipfile.ZIP_DEFLATED)
        with self._archive.open(info, "w", force_zip64=True) as member:
            for block in _blocks(lines):
                content = "".join(f"{line}\n" for line in block).encode()
                member.write(content)
                digest.update(content)
                size += len(content)
                count += len(block)
        self.members[name] = Member(sha256=digest.hexdigest(), size=size)
        return count

    def add_file(self, name: str, source: IO[bytes]) -> Member:
        """Add a file as it is; return what was read.  Documents and pictures do not shrink."""
        digest, size = sha256(), 0
        with self._archive.open(_info(name, zipfile.ZIP_STORED), "w", force_zip64=True) as member:
            while block := source.read(BLOCK):
                member.write(block)
                digest.update(block)
                size += len(block)
        self.members[name] = Member(sha256=digest.hexdigest(), size=size)
        return self.members[name]

    def close(self, **told: Any) -> Manifest:
        """Add the manifest, the last of all."""
        manifest = Manifest(members=self.members, **told)
        content = json.dumps({"format": FORMAT, **asdict(manifest)}, ensure_ascii=False, indent=1)
        with self._archive.open(_info(MANIFEST, zipfile.ZIP_DEFLATED), "w") as member:
            member.write(content.encode())
        return manifest


def _info(name: str, kind: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = kind
    info._compresslevel = _QUICK  # type: ignore[attr-defined]  # noqa: SLF001 - public from Python 3.13 on
    info.external_attr = 0o600 << 16
    return info


def _blocks(lines: Iterator[str]) -> Iterator[list[str]]:
    """Yield lines together that are worth writing at once, and not too many to hold."""
    block: list[str] = []
    size = 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size >= BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block


@contextmanager
def writing_archive(out: Path) -> Iterator[NewArchive]:
    """Give a new archive; it stands under its name once it is whole and synced, or not at all."""
    with new_file(out.parent, out.name, is_private=True) as unfinished:
        with zipfile.ZipFile(unfinished, "w") as archive:
            yield NewArchive(archive)
        settle(unfinished, out)


class Archive:
    """An archive that was opened: its manifest can be read, its members be checked."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._archive = archive
        self.manifest = self._read_manifest()
        self._compare_names()

    def check(self) -> None:
        """Read every member, and compare it with the manifest.  Raises InputRefused."""
        for name in self.manifest.members:
            for _ in self.blocks(name):
                pass

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a member; raises InputRefused at the end when they are not those that were written."""
        told, digest, size = self.manifest.members[name], sha256(), 0
        with self._reading(name), self._archive.open(name) as member:
            while size <= told.size and (block := member.read(BLOCK)):
                digest.update(block)
                size += len(block)
                yield block
        if (size, digest.hexdigest()) != (told.size, told.sha256):
            raise self.refuse(N_("damaged: {name} is not what was written", name=name))

    def lines(self, table: Table) -> Iterator[list[Any]]:
        """Yield the rows of a table.  Raises InputRefused when they are not those that were written."""
        rest, count = b"", 0
        for block in self.blocks(table.member):
            *whole, rest = (rest + block).split(b"\n")
            count += len(whole)
            for line in whole:
                yield self._row(line, table)
        if rest or count != table.rows:
            raise self.refuse(
                N_("damaged: {name} has {count} rows, not {wanted}", name=table.member, count=count, wanted=table.rows)
            )

    def _row(self, line: bytes, table: Table) -> list[Any]:
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, list) or len(row) != len(table.columns):
            raise self.refuse(N_("damaged: {name} is not what was written", name=table.member))
        return row

    def refuse(self, message: Text) -> InputRefused:
        """Return the refusal of this archive."""
        return InputRefused((Fault(place=Place(file=str(self.path)), value=None, message=message),))

    @contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        """Tell what a spoiled archive makes the library raise."""
        try:
            yield
        except OSError as error:
            if error.errno not in {None, errno.EINVAL}:  # the disk fails, not the archive
                raise
            raise self.refuse(N_("damaged: {name} cannot be read", name=name)) from None
        except (*_SPOILED, RuntimeError, KeyError):
            raise self.refuse(N_("damaged: {name} cannot be read", name=name)) from None

    def _read_manifest(self) -> Manifest:
        if MANIFEST not in self._archive.namelist():
            raise self.refuse(N_("this is no backup of Duban"))
        with self._reading(MANIFEST):
            if self._archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
                raise self.refuse(N_("this is no backup of Duban"))
            content = self._archive.read(MANIFEST)
        try:
            plain = json.loads(content)
            version = plain.pop("format")
            if version != FORMAT:
                raise self.refuse(N_("made by a newer Duban: format {number}", number=version))
            tables = tuple(Table.read(one) for one in plain.pop("tables"))
            members = {name: Member(**one) for name, one in plain.pop("members").items()}
            return Manifest(tables=tables, members=members, faulty=tuple(plain.pop("faulty")), **plain)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise self.refuse(N_("this is no backup of Duban")) from None

    def _compare_names(self) -> None:
        """Refuse a member that the manifest does not tell, that is missing, or that lies outside of the folders."""
        held = self._archive.namelist()
        strange = next((name for name in held if name != MANIFEST and not is_member_name(name)), None)
        if strange is not None:
            raise self.refuse(N_("a member that no backup has: {name}", name=strange))
        wanted = {*self.manifest.members, MANIFEST}
        if sorted(held) != sorted(wanted) or {table.member for table in self.manifest.tables} != {
            name for name in wanted if name.startswith("tables/")
        }:
            odd = sorted(wanted.symmetric_difference(held)) or sorted(held)
            raise self.refuse(N_("damaged: the manifest and the members differ: {name}", name=odd[0]))


def is_member_name(name: str) -> bool:
    """Say whether a backup may hold a member of this name: it leads to one of our folders, and nowhere else."""
    return any(form.fullmatch(name) for form in (_TABLE, _EVIDENCE, _FILE))


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a backup.  Raises InputRefused for a file that is none, or that is cut."""
    try:
        opened = zipfile.ZipFile(path)
    except _SPOILED:
        message = N_("this is no backup of Duban, or its end is cut off")
        raise InputRefused((Fault(place=Place(file=str(path)), value=None, message=message),)) from None
    with opened:
        yield Archive(path, opened)
