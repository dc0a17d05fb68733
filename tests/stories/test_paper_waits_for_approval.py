"""A paper that waits for approval climbs its ladder; returned, it is asked of the office; decided, it is silent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.actions.approve_paper import approve_paper
from engine.actions.draw_up_paper import Printed, draw_up_paper
from engine.actions.return_paper import return_paper
from engine.actions.submit_paper import submit_paper
from engine.rules.agenda import Section
from engine.rules.vocabulary import OtherWait, Role, Slip
from models import RoleGrant
from tests.group_meetings import MAY, draw_up, lines_in, printed
from tests.world import World

MONDAY = date(2025, 4, 14)
APPROVAL, RETURN = OtherWait.PAPER_APPROVAL, OtherWait.PAPER_RETURN


def file_of(version: int, mark: str) -> Printed:
    return Printed(path=Path(f"documents/{version}-{mark}.docx"), sha256="ab" * 32, layout=1, template=None)


@pytest.fixture
def submitted(either_world: World) -> tuple[World, int]:
    """Give a notice that lin has drawn up and submitted on a Monday, and its number."""
    paper = either_world.at(MONDAY).act(
        "lin",
        draw_up_paper,
        kind="notice",
        period="2025-04",
        options={},
        until=either_world.moment,
        print_draft=lambda _, version: file_of(version, "draft"),
    )
    either_world.act("lin", submit_paper, paper.draft_id)
    return either_world, paper.draft_id


def test_paper_when_nobody_signs_then_it_climbs_to_the_group_and_its_agenda(submitted: tuple[World, int]):
    world, number = submitted
    world.fast_forward(MAY)
    assert world.heard("zhao", APPROVAL) == [
        (date(2025, 4, 17), Slip.BLUE),
        (date(2025, 4, 18), Slip.YELLOW),
        (date(2025, 4, 22), Slip.RED),
        (date(2025, 4, 30), Slip.GROUP),
    ]
    assert world.heard("lin", APPROVAL) == [(date(2025, 4, 22), Slip.RED), (date(2025, 4, 30), Slip.GROUP)]
    draw_up(world)
    (line,) = lines_in(printed(world, MAY), Section.ESCALATED)
    assert str(line.ask) == "approve the paper, or return it with a reason"

    world.act("zhao", approve_paper, number, print_final=lambda paper, _: file_of(paper.version, "final"))
    world.fast_forward(date(2025, 6, 30))
    assert len(world.heard("zhao", APPROVAL)) == 4, "approved: silent"


def test_paper_when_returned_then_the_office_is_asked_until_it_submits_again(submitted: tuple[World, int]):
    world, number = submitted
    world.fast_forward(date(2025, 4, 17))
    world.act("zhao", return_paper, number, reason="数字有误")
    world.fast_forward(date(2025, 4, 27))
    assert world.heard("lin", RETURN) == [(date(2025, 4, 22), Slip.REMINDER), (date(2025, 4, 23), Slip.YELLOW)]
    assert world.heard("zhao", APPROVAL) == [(date(2025, 4, 17), Slip.BLUE)]

    world.act("lin", submit_paper, number)
    world.fast_forward(date(2025, 4, 30))
    assert world.heard("zhao", APPROVAL)[1:] == [(date(2025, 4, 30), Slip.BLUE)], "a fresh ladder"
    assert len(world.heard("lin", RETURN)) == 2


def test_paper_when_only_its_hands_may_sign_then_the_coordinator_hears_that_nobody_can(submitted: tuple[World, int]):
    world, _ = submitted
    with world.sessions.begin() as session:
        session.query(RoleGrant).filter_by(role=Role.LEADING_GROUP).update({"person_id": world.people["lin"]})
    world.fast_forward(date(2025, 4, 17))
    assert [(line.to, line.kind) for line in world.said() if line.waits_for is APPROVAL and line.on > MONDAY] == [
        ("lin", "empty_rung")
    ]
