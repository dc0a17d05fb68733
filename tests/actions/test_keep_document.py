"""A printed document is kept by the hash of its bytes; its meeting is announced once to everybody in the group."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from engine.actions.keep_document import announce_meeting, keep_document
from engine.rules.vocabulary import Role, Slip
from models import Document, Notification, Round, Said
from tests.factories import build_person, build_round
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


def announce(world: World, *, held_on: date = APRIL, version: int = 1, round_id: int | None = None) -> None:
    with world.sessions.begin() as session:
        round_ = session.get_one(Round, round_id or world.round)
        announce_meeting(session, round_, held_on=held_on, version=version, documents=[PATH], moment=world.moment)


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


def test_meeting_when_announced_then_every_member_of_the_group_hears_once(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        build_person(session, Role.LEADING_GROUP, Role.COORDINATOR, code="sun2", unit_id=world.units["局党委"])
    announce(world)
    announce(world)  # the run was cut short and taken up again
    assert [(line.to, line.role, line.slip) for line in world.said(kind="meeting")] == [
        ("zhao", Role.LEADING_GROUP, Slip.REMINDER),
        ("sun2", Role.LEADING_GROUP, Slip.REMINDER),
    ]
    assert world.said(to="zhao")[0].data == {
        "meeting": "巡察整改",
        "held_on": "2025-04-10",
        "documents": ["documents/r1/2025-04/agenda.docx"],
    }
    assert {row.state for row in rows_of(world, Notification)} == {Said.PENDING}


def test_meeting_when_there_is_a_new_version_or_day_or_round_then_announced_anew(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        other = build_round(session, title="另一轮").id
    announce(world)
    announce(world, version=2)
    announce(world, held_on=date(2025, 4, 14), version=2)
    announce(world, round_id=other)
    told = [(line.data["meeting"], line.data["held_on"]) for line in world.said(to="zhao")]
    assert told == [
        ("巡察整改", "2025-04-10"),
        ("巡察整改", "2025-04-10"),
        ("巡察整改", "2025-04-14"),
        ("另一轮", "2025-04-10"),
    ]
