"""My work shows tasks, papers and meetings with their days; "seen" holds their ladder for a while, once a step."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from engine.rules.vocabulary import OtherWait, Slip
from models import Event
from tests.group_meetings import APRIL, decide, draw_up
from tests.web.house import Premises

TASK = OtherWait.MEETING_TASK


def test_owner_when_a_task_is_late_sees_its_day_and_may_hold_the_ladder(either_premises: Premises):
    premises, world = either_premises, either_premises.world
    draw_up(world.at(APRIL))
    decide(world, "task", None, owner="wang", due=date(2025, 4, 18), text="起草专题报告")
    world.fast_forward(date(2025, 4, 24))
    owner = premises.visitor("wang")
    shown = owner.get("/work")
    for told in ("起草专题报告", "逾期4个工作日", "时限2025年4月18日；下次提醒2025年4月25日"):
        assert told in shown.words
    seen = f"/rounds/{premises.round}/seen"
    assert premises.visitor("tang").post(seen, code="2025-04/1").status == 403, "nobody reminds tang of it"
    told = owner.post(seen, **shown.form(seen))
    assert "已记录知悉，2025年4月28日再次提醒" in told.words
    with world.sessions() as session:
        query = select(func.count()).where(Event.kind == "matter:timer:acknowledge")
        assert session.scalar(query) == 1
    world.fast_forward(date(2025, 4, 30))
    assert world.heard("wang", TASK)[-1] == (date(2025, 4, 28), Slip.RED), "held for three working days"


def test_coordinator_when_a_meeting_is_not_recorded_finds_it_in_the_work(premises: Premises):
    world = premises.world
    draw_up(world.at(date(2025, 4, 8)), APRIL)
    world.fast_forward(date(2025, 4, 14))
    shown = premises.visitor("lin").get("/work")
    assert "待记录的会议" in shown.words
    assert "2025-04会议" in shown.words
