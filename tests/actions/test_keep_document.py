"""A printed document is kept by the hash of its bytes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from engine.actions.keep_document import keep_document
from models import Document
from tests.group_meetings import APRIL, rows_of
from tests.world import World

PATH = Path("documents/r1/2025-04/agenda.docx")


def keep(world: World, home: Path, content: bytes, *, path: Path = PATH, version: int = 1) -> Document:
    (home / path).parent.mkdir(parents=True, exist_ok=True)
    (home / path).write_bytes(content)
    with world.sessions.begin() as session:
        return keep_document(
            session,
            home,
            path,
            round_id=world.round,
            kind="agenda",
            period="2025-04",
            version=version,
            moment=world.moment,
        )


def hash_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def test_document_when_printed_then_its_place_and_the_hash_of_its_bytes(either_world: World, tmp_path: Path):
    keep(either_world.at(APRIL), tmp_path, b"agenda")
    (kept,) = rows_of(either_world, Document)
    assert (kept.path, kept.sha256) == ("documents/r1/2025-04/agenda.docx", hash_of(b"agenda"))
    assert (kept.kind, kept.period, kept.version, kept.as_of) == ("agenda", "2025-04", 1, APRIL)


def test_document_when_printed_again_after_a_crash_then_the_newer_bytes_count(either_world: World, tmp_path: Path):
    keep(either_world, tmp_path, b"half")
    keep(either_world, tmp_path, b"whole")
    assert [kept.sha256 for kept in rows_of(either_world, Document)] == [hash_of(b"whole")]


def test_document_when_it_has_another_form_or_version_then_both_are_kept(either_world: World, tmp_path: Path):
    keep(either_world, tmp_path, b"one")
    keep(either_world, tmp_path, b"page", path=PATH.with_suffix(".html"))
    keep(either_world, tmp_path, b"two", path=PATH.with_name("agenda-v2.docx"), version=2)
    kept = [(one.version, one.sha256) for one in rows_of(either_world, Document)]
    assert kept == [(1, hash_of(b"one")), (1, hash_of(b"page")), (2, hash_of(b"two"))]


def test_document_when_the_file_is_not_there_then_nothing_is_recorded(either_world: World, tmp_path: Path):
    with pytest.raises(FileNotFoundError), either_world.sessions.begin() as session:
        keep_document(
            session,
            tmp_path,
            PATH,
            round_id=either_world.round,
            kind="agenda",
            period="2025-04",
            version=1,
            moment=either_world.moment,
        )
    assert rows_of(either_world, Document) == []
