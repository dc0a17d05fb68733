"""An agenda is announced once to everybody in the leading group, and anew when there is another."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from engine.actions.freeze_agenda import meeting_of, set_day
from engine.actions.invite_group import announce_agenda
from engine.rules.vocabulary import Role, Slip
from models import Notification, Said
from tests.factories import build_person, build_round
from tests.group_meetings import APRIL, rows_of
from tests.world import World

PATH = Path("documents/r1/2025-04/agenda.docx")


def announce(world: World, *, held_on: date = APRIL, version: int = 1, round_id: int | None = None) -> None:
    with world.sessions.begin() as session:
        meeting = meeting_of(session, round_id or world.round, held_on, world.moment)
        set_day(session, meeting, held_on, world.moment)
        announce_agenda(session, meeting, version=version, documents=[PATH], moment=world.moment)


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
    assert {key: value for key, value in world.said(to="zhao")[0].data.items() if key != "invitation"} == {
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
    told = [(line.data["meeting"], line.data["held_on"]) for line in world.said(to="zhao", kind="meeting")]
    assert told == [
        ("巡察整改", "2025-04-10"),
        ("巡察整改", "2025-04-10"),
        ("巡察整改", "2025-04-14"),
        ("另一轮", "2025-04-10"),
    ]
