"""What a notice names beside its measures is stored where it is on record, and else left open and told."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from engine.rules.plan import MeasurePlan, RoundPlan
from engine.rules.vocabulary import State, WaitsFor
from models import Measure, Timer
from models.database import Sessions
from tests.plans import ledger, measure, notice, place, store, tree


def _notice(*, unit: str | None, lead: str | None, owner: str | None, state: State | None) -> RoundPlan:
    """Return a notice that names these beside its only measure."""
    told = MeasurePlan(
        code=None,
        text="清退",
        unit=unit,
        lead=lead,
        owner=owner,
        state=state,
        due=date(2025, 6, 30),
        place=place(sheet=None),
    )
    return notice(findings=(tree(told),))


def _stored(sessions: Sessions) -> Measure:
    with sessions() as session:
        return session.scalars(select(Measure).order_by(Measure.id.desc())).first()  # type: ignore[return-value]


def test_notice_when_it_names_who_is_on_record_gives_them_the_measure(sessions: Sessions):
    store(sessions, ledger(measure("1-1")))
    plan = _notice(unit="财务处", lead="王建国", owner="张伟", state=State.IN_PROGRESS)
    report = store(sessions, plan, round="新")
    stored = _stored(sessions)
    assert (report.kept, stored.state, stored.due) == ([], State.IN_PROGRESS, date(2025, 6, 30))
    assert None not in {stored.unit_id, stored.lead_id, stored.owner_id}


def test_notice_when_it_names_who_is_not_on_record_leaves_that_open_and_says_so(sessions: Sessions):
    plan = _notice(unit="建管科", lead="周某", owner="吴某", state=State.IN_PROGRESS)
    report = store(sessions, plan)
    stored = _stored(sessions)
    assert (stored.unit_id, stored.lead_id, stored.owner_id, stored.state) == (None, None, None, State.ASSIGNED)
    assert [str(one) for one in report.kept] == [
        "not on record, or not one alone, and so left open: 吴某, 周某, 建管科",
        "1 measures begin as to be assigned: their state needs an owner, and none is known (rows 3)",
    ]


def test_notice_when_it_tells_a_measure_done_stores_it_closed_and_waits_for_nobody_to_take_it(sessions: Sessions):
    report = store(sessions, _notice(unit=None, lead=None, owner=None, state=State.CLOSED))
    assert (_stored(sessions).state, report.to_be_assigned, report.kept) == (State.CLOSED, 0, [])
    with sessions() as session:
        assert WaitsFor.ASSIGNMENT not in set(session.scalars(select(Timer.waits_for)))
