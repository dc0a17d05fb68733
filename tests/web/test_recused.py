"""Who is recused (回避) from a line of the agenda is seen before it is decided, and stands in everything afterwards."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from documents.kinds import KINDS
from documents.papers.asked import Asked
from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.reassign_measure import reassign_measure
from engine.actions.submit_measure import submit_measure
from engine.reads.meetings import read_meetings
from engine.rules.moment import day_end
from engine.rules.vocabulary import Role
from engine.rules.work_record import Hand, Side
from models import RoleGrant, Round, Verification
from tests.factories import ZONE
from tests.web.house import Premises, plant_findings

DAY = date(2025, 9, 10)
WHY = "赵书记（自2025年3月3日起任其责任领导）"


@pytest.fixture
def published(either_premises: Premises) -> Premises:
    """Give a September meeting with one verified measure, which a member of the leading group leads."""
    world = either_premises.world
    world.verified("1-01", finding_id=plant_findings(world)["1.1"], lead="zhao")
    world.at(DAY)
    visitor = either_premises.visitor("lin")
    visitor.post(f"/rounds/{either_premises.round}/meetings", held_on=DAY.isoformat())
    visitor.post(f"/rounds/{either_premises.round}/meetings/2025-09/publish")
    return either_premises


def test_member_when_they_led_what_is_decided_then_recused_on_page_paper_and_in_lists(
    published: Premises, tmp_path: Path
):
    world, there = published.world, f"/rounds/{published.round}/meetings/2025-09"
    visitor, decided = published.visitor("lin"), {"kind": "close", "measure": "1-01", "text": "同意销号"}
    assert f"回避：{WHY}" in visitor.get(there, show="live").words, "before anything is decided"
    refused = visitor.post(f"{there}/decide", **decided)
    assert refused.status == 403
    assert f"领导小组成员均须回避，此项不能议定：{WHY}" in refused.words
    with world.sessions.begin() as session:
        session.add(RoleGrant(person_id=world.people["jian"], role=Role.LEADING_GROUP))
    assert visitor.post(f"{there}/decide", **decided).status == 200
    for tab in ("agenda", "live", "minutes"):
        page = visitor.get(there, show=tab)
        assert page.words.count(f"回避：{WHY}") == 1, tab
    with world.sessions() as session:
        (one,) = read_meetings(session, world.round)[0].decisions[0].recused
        assert (one.person, one.is_member, one.hand, one.side) == ("赵书记", True, Hand.LED, Side.SELF)
        asked = Asked(until=day_end(DAY, ZONE), calendar=world.calendar, period="2025-09")
        KINDS["minutes"].write(tmp_path / "minutes.txt", session, session.get_one(Round, world.round), asked)
    assert f"回避：{WHY}" in (tmp_path / "minutes.txt").read_text(encoding="utf-8")


def test_verifier_when_they_worked_on_it_before_then_named_and_not_to_be_chosen(premises: Premises):
    world = premises.world
    world.measure("1-01", owner="wu", finding_id=plant_findings(world)["1.1"])
    world.act("lin", reassign_measure, "1-01", owner="wang", reason="调岗")
    world.act("wang", accept_measure, "1-01")
    world.act("wang", attach_evidence, "1-01", name="验收单")
    world.act("wang", submit_measure, "1-01")
    with world.sessions() as session:
        number = session.scalars(select(Verification.id)).one()
    visitor, why = premises.visitor("lin"), "自2025年3月3日起任其责任人"
    page = visitor.get(f"/rounds/{premises.round}/verification/{number}")
    assert f"回避：吴核验（{why}）" in page.words
    assert page.tree.xpath("//select[@id='verifier']/option[@disabled]/@value") == ["wu"]
    asked = visitor.post(f"/rounds/{premises.round}/verification/start", codes="1-01", verifier="wu")
    assert asked.status == 403
    assert f"吴核验不得核验此项整改措施：{why}" in asked.words
    own = premises.visitor("wu").get(f"/rounds/{premises.round}/measures/1-01")
    assert own.words.count(f"吴核验不得核验此项整改措施：{why}") == 1
