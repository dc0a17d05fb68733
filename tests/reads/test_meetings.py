"""The list of meetings: each with its newest agenda and what was decided, as it was recorded."""

from __future__ import annotations

from datetime import date

from engine.reads.meetings import DecisionLine, MeetingLine, read_meetings
from models import Meeting
from models.database import reading
from tests.factories import build_round
from tests.group_meetings import APRIL, JUNE, MAY, decide, draw_up, statements
from tests.world import World


def meetings(world: World) -> list[MeetingLine]:
    with reading(world.sessions) as session:
        return read_meetings(session, world.round)


def test_meetings_when_there_was_none_then_none(world: World):
    assert meetings(world) == []


def test_meetings_when_held_then_the_oldest_first_with_agenda_and_decisions(either_world: World):
    world = either_world
    world.verified()
    draw_up(world.at(date(2025, 4, 8)), APRIL)
    draw_up(world.at(APRIL), again=True)
    decide(world, "close", text="同意销号")
    decide(world, "task", None, text="推进会", owner="qian", due=MAY)
    draw_up(world.at(MAY))
    assert meetings(world) == [
        MeetingLine(
            period="2025-04",
            held_on=APRIL,
            agenda_version=2,
            agenda_as_of=APRIL,
            decisions=(
                DecisionLine(number=1, kind="close", measure="1-01", text="同意销号", owner=None, due=None),
                DecisionLine(number=2, kind="task", measure=None, text="推进会", owner="钱副局长", due=MAY),
            ),
        ),
        MeetingLine(period="2025-05", held_on=MAY, agenda_version=1, agenda_as_of=MAY, decisions=()),
    ]


def test_meetings_when_no_agenda_was_frozen_then_listed_without(world: World):
    with world.sessions.begin() as session:
        session.add(
            Meeting(
                round_id=world.round, body="leading_group", period="2025-06", held_on=JUNE, created_at=world.moment.at
            )
        )
    (one,) = meetings(world)
    assert (one.agenda_version, one.agenda_as_of, one.decisions) == (None, None, ())


def test_meetings_when_of_another_round_then_left_out(world: World):
    with world.sessions.begin() as session:
        other = build_round(session).id
    draw_up(world, APRIL, round_id=other)
    assert meetings(world) == []


def test_meetings_when_there_are_many_then_four_statements(either_world: World):
    world = either_world
    for month in range(1, 9):
        draw_up(world.at(date(2026, month, 12)))
        for _ in range(3):
            decide(world, "task", None)
    with statements(world.engine) as found:
        assert len(meetings(world)) == 8
    assert sum(found.values()) - found["BEGIN"] == 4
