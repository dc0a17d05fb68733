"""A notice or a ledger is read in, and read in again: matched by code, all or nothing, never against the record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select

from engine.actions.accept_measure import accept_measure
from engine.actions.desk import Desk
from engine.actions.import_round import import_round
from engine.rules.plan import Declared, Fault, InputRefused
from engine.rules.refusal import NotReady
from engine.rules.vocabulary import Level, MeasureClass, State, WaitsFor
from models import (
    CoUnit,
    Event,
    Evidence,
    Finding,
    Measure,
    Notification,
    Person,
    ProgressReport,
    Round,
    Timer,
    Unit,
    Verification,
)
from models.database import Sessions
from tests.factories import FEEDBACK, at
from tests.fingerprints import fingerprints
from tests.plans import DUE, ground, ledger, measure, notice, person, place, store, store_all, tree, unit
from tests.world import real_calendar

LATER = date(2025, 3, 10)


def get(sessions: Sessions, code: str = "1-1") -> Measure:
    with sessions() as session:
        return session.scalars(select(Measure).where(Measure.code == code)).one()


def codes(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(Measure.code).order_by(Measure.position)))


def timers(sessions: Sessions, code: str = "1-1") -> dict[WaitsFor, Timer]:
    query = select(Timer).join(Measure, Measure.id == Timer.measure_id).where(Measure.code == code)
    with sessions() as session:
        return {timer.waits_for: timer for timer in session.scalars(query)}


def person_id(sessions: Sessions, code: str) -> int:
    with sessions() as session:
        return session.scalars(select(Person.id).where(Person.code == code)).one()


def accept(sessions: Sessions, code: str = "1-1", who: str = "zhangw", day: date = FEEDBACK) -> None:
    with sessions.begin() as session:
        accept_measure(Desk(session=session, moment=at(day), calendar=real_calendar(), person=who), code)


def faults(sessions: Sessions, *args: object, **kwargs: object) -> tuple[Fault, ...]:
    with pytest.raises(InputRefused) as refused:
        store(sessions, *args, **kwargs)  # type: ignore[arg-type]
    return refused.value.faults


def all_but_events(engine: Engine) -> Mapping[str, str]:
    found = fingerprints(engine)
    del found["event"]
    return found


# A first import


def test_import_when_it_is_the_first_then_a_round_with_findings_measures_timers_and_counts(sessions: Sessions):
    report = store(sessions, ledger(measure("1-1"), measure("1-2", owner=None, measure_class=MeasureClass.AT_ONCE)))
    assert (report.aspects, report.problems, report.items, report.measures) == (1, 1, 1, 2)
    assert (report.units, report.people) == (3, 4)
    assert (report.created, report.updated, report.unchanged, report.to_be_assigned) == (2, 0, 0, 1)
    with sessions() as session:
        round_ = session.scalars(select(Round)).one()
        assert (round_.code, round_.feedback_on, round_.concentrated_end) == ("2025-03", FEEDBACK, date(2025, 9, 3))
        assert [(one.level, one.code) for one in session.scalars(select(Finding).order_by(Finding.position))] == [
            (Level.ASPECT, "1"),
            (Level.PROBLEM, "1.1"),
            (Level.ITEM, "1.1.1"),
        ]
        kinds = list(session.scalars(select(Event.kind).order_by(Event.id)))
        assert kinds == ["measure:import:create", "measure:import:create", "round:import:create"]
    assert codes(sessions) == ["1-1", "1-2"]
    assert set(timers(sessions)) == {WaitsFor.ACCEPTANCE, WaitsFor.DUE_DATE}
    assert set(timers(sessions, "1-2")) == {WaitsFor.ASSIGNMENT, WaitsFor.DUE_DATE}


def test_import_when_rows_tell_of_work_done_then_it_begins_there(sessions: Sessions):
    told = ledger(
        measure("1-1", state=State.IN_PROGRESS, progress="已完成初稿", co_units=("财务处",), evidence=("规划.docx",)),
        measure("1-2", state=State.SUBMITTED, evidence=("纪要.pdf",)),
        measure("1-3", state=State.CLOSED),
        measure("1-4", due=None, measure_class=MeasureClass.CONTINUOUS),
        measure("1-5", due=None),
        measure("1-6", unit=None),
    )
    store(sessions, told)
    first = get(sessions)
    assert (first.state, first.accepted_on, first.reported_on) == (State.IN_PROGRESS, FEEDBACK, FEEDBACK)
    second = get(sessions, "1-2")
    with sessions() as session:
        (report,) = session.scalars(select(ProgressReport))
        assert (report.measure_id, report.text, report.on) == (first.id, "已完成初稿", FEEDBACK)
        assert session.scalars(select(CoUnit.measure_id)).all() == [first.id]
        assert set(session.scalars(select(Evidence.name))) == {"规划.docx", "纪要.pdf"}
        (asked,) = session.scalars(select(Verification))
        assert (asked.measure_id, asked.verdict) == (second.id, None)
    assert set(timers(sessions, "1-2")) == {WaitsFor.VERIFICATION}
    closed = get(sessions, "1-3")
    assert (closed.percent, closed.closed_on, timers(sessions, "1-3")) == (100, FEEDBACK, {})
    assert get(sessions, "1-4").due is None
    assert get(sessions, "1-5").due == date(2025, 9, 3), "the round's own deadline"
    assert get(sessions, "1-6").unit_id == get(sessions).unit_id, "the owner's unit"


# The same again


def test_import_when_the_same_plan_comes_again_then_nothing_changes_but_the_record_of_it(
    sessions: Sessions, database: Engine
):
    plan = ledger(
        measure("1-1", state=State.IN_PROGRESS, progress="已完成初稿", co_units=("财务处",), evidence=("规划.docx",)),
        measure("1-2", due=None, measure_class=MeasureClass.CONTINUOUS),
        measure("1-3", due=None),
        measure("1-4", owner=None, unit=None, lead=None),
        measure("1-5", state=State.SUBMITTED),
    )
    store(sessions, plan)
    before = all_but_events(database)
    report = store(sessions, plan, LATER)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 5)
    assert report.changes == []
    assert report.kept == []
    assert all_but_events(database) == before
    with sessions() as session:
        last = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
        assert (last.kind, last.on) == ("round:import:update", LATER)
        assert last.data == {"source": "ledger", "created": 0, "updated": 0, "unchanged": 5}


def test_import_when_the_same_notice_comes_again_then_nothing_changes(sessions: Sessions, database: Engine):
    plan = notice("修订规划", "召开评审会", declared=Declared(items=1, measures=2, as_of=LATER))
    store(sessions, plan)
    before = all_but_events(database)
    report = store(sessions, plan, LATER)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 2)
    assert all_but_events(database) == before


# Brought up to date


def test_import_when_some_rows_changed_and_some_are_new_then_each_is_counted_and_every_change_told(sessions: Sessions):
    store(sessions, ledger(measure("1-1"), measure("1-2"), measure("1-3")))
    report = store(
        sessions,
        ledger(measure("1-1"), measure("1-2", text="重写制度", lead="李红梅"), measure("1-3"), measure("1-4")),
        LATER,
    )
    assert (report.created, report.updated, report.unchanged) == (1, 1, 2)
    assert [(one.code, one.field, one.before, one.after) for one in report.changes] == [
        ("1-2", "text", "修订制度1-2", "重写制度"),
        ("1-2", "lead", "王建国", "李红梅"),
    ]
    with sessions() as session:
        (event,) = session.scalars(select(Event).where(Event.kind == "measure:import:update"))
        assert event.data == {"text": ["修订制度1-2", "重写制度"], "lead": ["王建国", "李红梅"]}
    assert get(sessions, "1-4").position == 4


def test_import_when_the_rows_come_in_another_order_then_they_are_matched_by_their_code(
    sessions: Sessions, database: Engine
):
    store(sessions, ledger(measure("1-1"), measure("1-2")))
    before = all_but_events(database)
    report = store(sessions, ledger(measure("1-2"), measure("1-1")), LATER)
    assert report.unchanged == 2
    assert all_but_events(database) == before


def test_import_when_rows_are_missing_then_their_measures_stand(sessions: Sessions, database: Engine):
    store(sessions, ledger(measure("1-1"), measure("1-2")))
    before = all_but_events(database)
    report = store(sessions, ledger(measure("1-2")), LATER)
    assert (report.measures, report.unchanged) == (1, 1)
    assert all_but_events(database) == before


def test_import_when_cells_are_empty_then_they_change_nothing(sessions: Sessions, database: Engine):
    full = measure(
        "1-1", unit="财务处", progress="已完成初稿", co_units=("规划处",), measure_class=MeasureClass.AT_ONCE
    )
    store(sessions, ledger(full))
    before = all_but_events(database)
    bare = measure("1-1", unit=None, owner=None, lead=None, due=None)
    assert store(sessions, ledger(bare), LATER).unchanged == 1
    with_owner = measure("1-1", unit=None)
    assert store(sessions, ledger(with_owner), LATER).unchanged == 1, "the owner's unit is not what the file says"
    assert all_but_events(database) == before


def test_import_when_another_owner_is_told_before_acceptance_then_the_wait_begins_anew(sessions: Sessions):
    store(sessions, ledger(measure("1-1")))
    assert timers(sessions)[WaitsFor.ACCEPTANCE].deadline == date(2025, 3, 6)
    report = store(sessions, ledger(measure("1-1", owner="lihm")), LATER)
    assert report.updated == 1
    assert get(sessions).owner_id == person_id(sessions, "lihm")
    assert timers(sessions)[WaitsFor.ACCEPTANCE].deadline == date(2025, 3, 13)


def test_import_when_an_owner_is_told_at_last_then_nothing_is_left_to_be_assigned(sessions: Sessions):
    assert store(sessions, ledger(measure("1-1", owner=None))).to_be_assigned == 1
    assert store(sessions, ledger(measure("1-1")), LATER).to_be_assigned == 0
    assert set(timers(sessions)) == {WaitsFor.ACCEPTANCE, WaitsFor.DUE_DATE}


def told(sessions: Sessions) -> list[tuple[str, str, object]]:
    """Return what was written to the outbox: to whom, what, and by or to whom."""
    query = select(Person.code, Notification.kind, Notification.data).join(Person, Person.id == Notification.person_id)
    with sessions() as session:
        rows = session.execute(query.order_by(Notification.id)).all()
    return [(code, kind, data.get("by") or data.get("to")) for code, kind, data in rows]


def test_import_when_owners_are_named_then_each_hears_of_it_once(sessions: Sessions):
    plan = ledger(measure("1-1"), measure("1-2"), measure("1-3", state=State.IN_PROGRESS))
    store(sessions, plan)
    assert told(sessions) == [("zhangw", "assigned", None)] * 2, "who is at work already has nothing to accept"
    store(sessions, plan, LATER)
    assert len(told(sessions)) == 2, "the same file again tells nobody anything"


def test_import_when_a_notice_leaves_measures_to_nobody_then_the_ledger_tells_the_owners(sessions: Sessions):
    store(sessions, notice("修订制度1-1"))
    assert told(sessions) == []
    code = codes(sessions)[0]
    store(sessions, ledger(measure(code, owner=None, unit=None)))
    assert told(sessions) == [], "still to be assigned"
    store(sessions, ledger(measure(code)), actor=person_id(sessions, "zhaozq"))
    assert told(sessions) == [("zhangw", "assigned", "赵志强")]


def test_import_when_an_owner_is_replaced_before_acceptance_then_both_hear_of_it(sessions: Sessions):
    store(sessions, ledger(measure("1-1")))
    store(sessions, ledger(measure("1-1", owner="李红梅")), LATER)
    assert told(sessions)[1:] == [("lihm", "assigned", None), ("zhangw", "reassigned_away", "李红梅")]


def test_import_when_another_due_date_is_told_before_acceptance_then_it_is_taken_with_a_fresh_ladder(
    sessions: Sessions,
):
    store(sessions, ledger(measure("1-1")))
    report = store(sessions, ledger(measure("1-1", due=date(2025, 10, 31))), LATER)
    assert [(one.field, one.before, one.after) for one in report.changes] == [("due", "2025-09-03", "2025-10-31")]
    row = get(sessions)
    assert (row.due, row.original_due, row.deadline_version) == (date(2025, 10, 31), date(2025, 10, 31), 2)
    assert timers(sessions)[WaitsFor.DUE_DATE].deadline == date(2025, 10, 31)


def test_import_when_a_measure_becomes_continuous_before_acceptance_then_its_due_date_goes(sessions: Sessions):
    store(sessions, ledger(measure("1-1")))
    store(sessions, ledger(measure("1-1", due=None, measure_class=MeasureClass.CONTINUOUS)), LATER)
    assert (get(sessions).due, set(timers(sessions))) == (None, {WaitsFor.ACCEPTANCE})


def test_import_when_progress_is_told_then_it_is_a_report_once(sessions: Sessions):
    store(sessions, ledger(measure("1-1", progress="已完成初稿", state=State.IN_PROGRESS)))
    for day in (LATER, LATER + timedelta(days=1)):
        store(sessions, ledger(measure("1-1", progress="已送审", state=State.IN_PROGRESS)), day)
    with sessions() as session:
        reports = session.scalars(select(ProgressReport).order_by(ProgressReport.id)).all()
    assert [(one.text, one.on) for one in reports] == [("已完成初稿", FEEDBACK), ("已送审", LATER)]
    assert get(sessions).reported_on == LATER


def test_import_when_a_unit_helps_now_then_it_is_added_and_no_other_is_taken_away(sessions: Sessions):
    store(sessions, ledger(measure("1-1", co_units=("财务处",))))
    report = store(sessions, ledger(measure("1-1", co_units=("局党委",))), LATER)
    assert [(one.field, one.before, one.after) for one in report.changes] == [("co_unit", None, "局党委")]
    with sessions() as session:
        names = set(session.scalars(select(Unit.name).join(CoUnit, CoUnit.unit_id == Unit.id)))
    assert names == {"财务处", "局党委"}


# What has moved on stands


def test_import_when_the_measure_is_accepted_then_owner_unit_due_and_state_stand_and_it_is_said(
    sessions: Sessions, database: Engine
):
    store(sessions, ledger(measure("1-1")))
    accept(sessions)
    before = all_but_events(database)
    stale = measure("1-1", owner="lihm", unit="财务处", due=date(2025, 12, 31), state=State.ASSIGNED)
    report = store(sessions, ledger(stale), LATER)
    assert (report.updated, report.unchanged, report.changes) == (0, 1, [])
    act = "but that changes only by its own action"
    assert [str(text) for text in report.kept] == [
        f"1-1: the owner stays 张伟; the file says 李红梅, {act}",
        f"1-1: the responsible unit stays 规划处; the file says 财务处, {act}",
        f"1-1: the due date stays 2025-09-03; the file says 2025-12-31, {act}",
        f"1-1: the state stays in progress; the file says assigned, {act}",
    ]
    assert all_but_events(database) == before


def test_import_when_the_accepted_measure_is_told_with_its_owner_alone_then_nothing_is_said_of_its_unit(
    sessions: Sessions,
):
    store(sessions, ledger(measure("1-1", unit="财务处")))
    accept(sessions)
    assert store(sessions, ledger(measure("1-1", unit=None)), LATER).kept == []


@pytest.mark.parametrize("state", list(State))
def test_import_when_nobody_has_owned_the_measure_then_the_record_begins_with_the_ledgers_state(
    sessions: Sessions, state: State
):
    """A notice knows no owners and no states; the office that fills the ledger in may be half way through."""
    store(sessions, ledger(measure("1-1", owner=None)))
    report = store(sessions, ledger(measure("1-1", state=state, evidence=("纪要.pdf",))), LATER)
    found = get(sessions)
    assert (found.state, report.kept) == (state, [])
    assert found.accepted_on == (None if state in {State.ASSIGNED, State.CANCELLED} else LATER)
    assert (found.closed_on == LATER) == (state is State.CLOSED)
    with sessions() as session:
        assert session.scalars(select(Evidence.name)).all() == ["纪要.pdf"]
        assert len(session.scalars(select(Verification)).all()) == (state is State.SUBMITTED)
        told = session.scalars(select(Event.to_state).where(Event.to_state.is_not(None)).order_by(Event.id)).all()
    assert told[-1] is state
    again = store(sessions, ledger(measure("1-1", state=state, evidence=("纪要.pdf",))), LATER)
    assert (again.updated, again.unchanged, again.kept) == (0, 1, [])


def test_import_when_a_ledger_names_evidence_of_a_measure_under_way_then_it_stays_out_and_it_is_said(
    sessions: Sessions,
):
    store(sessions, ledger(measure("1-1", evidence=("纪要.pdf",))))
    report = store(sessions, ledger(measure("1-1", evidence=("纪要.pdf", "照片.jpg"))), LATER)
    with sessions() as session:
        assert session.scalars(select(Evidence.name)).all() == ["纪要.pdf"]
    (kept,) = report.kept
    assert "照片.jpg" in str(kept)
    assert "纪要.pdf" not in str(kept)


def test_import_when_the_file_says_closed_then_only_a_decision_closes(sessions: Sessions):
    store(sessions, ledger(measure("1-1")))
    report = store(sessions, ledger(measure("1-1", state=State.CLOSED)), LATER)
    assert get(sessions).state is State.ASSIGNED
    assert [str(text) for text in report.kept] == [
        "1-1: the state stays assigned; the file says closed, but that changes only by its own action"
    ]


def test_import_when_the_due_date_was_extended_then_the_file_with_the_first_date_is_not_told_off(sessions: Sessions):
    store(sessions, ledger(measure("1-1")))
    accept(sessions)
    with sessions.begin() as session:
        row = session.scalars(select(Measure)).one()
        row.due, row.deadline_version = date(2025, 11, 28), 2
    report = store(sessions, ledger(measure("1-1", due=DUE)), LATER)
    assert report.kept == []
    assert get(sessions).due == date(2025, 11, 28)


# A notice and a ledger together


def test_import_when_a_notice_comes_over_a_running_round_then_nobodys_work_is_touched(
    sessions: Sessions, database: Engine
):
    store(sessions, notice("修订规划", "召开评审会"))
    first, second = codes(sessions)
    rows = (measure(first, text="修订规划"), measure(second, text="召开评审会"))
    report = store(sessions, ledger(*rows), LATER)
    assert (report.updated, report.created) == (2, 0)
    accept(sessions, first, day=LATER)
    before = all_but_events(database)
    later = store(sessions, notice("修订规划", "召开评审会"), date(2025, 3, 20))
    assert (later.created, later.updated, later.unchanged, later.kept) == (0, 0, 2, [])
    assert all_but_events(database) == before


def test_import_when_a_longer_notice_comes_over_a_running_round_then_only_the_new_is_added(sessions: Sessions):
    store(sessions, notice("修订规划"))
    (first,) = codes(sessions)
    store(sessions, ledger(measure(first, text="修订规划")), LATER)
    accept(sessions, first, day=LATER)
    report = store(sessions, notice("修订规划(二稿)", "召开评审会"), date(2025, 3, 20))
    assert (report.created, report.updated, report.to_be_assigned) == (1, 1, 1)
    row = get(sessions, first)
    assert (row.text, row.state, row.due) == ("修订规划(二稿)", State.IN_PROGRESS, DUE)


def test_import_when_a_notice_tells_more_of_the_round_then_the_round_is_brought_up_to_date(sessions: Sessions):
    store(sessions, ledger(measure("1-1")), round="2025-xs")
    plan = notice("修订规划", inspecting_body="第五巡视组", declared=Declared(measures=160, as_of=LATER))
    report = store(sessions, plan, LATER, round="2025-xs")
    with sessions() as session:
        round_ = session.scalars(select(Round)).one()
        assert (round_.code, round_.title, round_.inspecting_body) == ("2025-xs", plan.title, "第五巡视组")
        assert round_.declared["measures"] == 160
    assert report.as_json()["differences"] == ["measures: the text declares 160, 1 were read"]


def test_import_when_two_items_read_the_same_then_their_measures_have_codes_of_their_own(sessions: Sessions):
    twice = notice("甲").findings + notice("乙").findings
    report = store(sessions, notice(findings=twice))
    assert report.created == 2
    assert len(set(codes(sessions))) == 2
    assert store(sessions, notice(findings=twice), LATER).unchanged == 2


# Which round


def test_import_when_a_notice_is_of_another_inspection_then_it_is_another_round(sessions: Sessions):
    store(sessions, notice("甲"))
    store(sessions, notice("甲", organisation="另一局党委"))
    store(sessions, notice("甲", feedback_on=date(2026, 3, 2)), feedback_on=None)
    with sessions() as session:
        assert list(session.scalars(select(Round.code).order_by(Round.id))) == ["2025-03", "2025-03-2", "2026-03"]


def test_import_when_a_ledger_names_no_round_then_it_goes_into_the_newest(sessions: Sessions):
    store(sessions, notice("甲"))
    store(sessions, notice("甲", organisation="另一局党委"))
    assert store(sessions, ledger(measure("1-1"))).round == "2025-03-2"
    assert store(sessions, ledger(measure("1-1")), round="2025-03").round == "2025-03"


def test_import_when_no_day_of_the_feedback_is_known_then_it_is_asked_for(sessions: Sessions, database: Engine):
    before = fingerprints(database)
    with pytest.raises(NotReady, match="day of the feedback"):
        store(sessions, ledger(measure("1-1")), feedback_on=None)
    (fault,) = faults(sessions, notice("甲", feedback_on=None), feedback_on=None)
    assert "feedback" in str(fault.message)
    assert fingerprints(database) == before


# All or nothing


def test_import_when_names_are_unknown_then_every_fault_with_its_place_and_nothing_is_stored(
    sessions: Sessions, database: Engine
):
    store(sessions, ledger(measure("1-1")))
    before = fingerprints(database)
    found = faults(
        sessions,
        ledger(
            measure("1-1", text="改了"),
            measure("1-2", owner="钱无人", place=place(4)),
            measure("1-3", lead="孙无人", unit="无此处", co_units=("财务处", "无彼处"), place=place(5)),
            measure("1-4", owner=None, state=State.IN_PROGRESS, place=place(6)),
            units=(unit("新处", "无上级"),),
            people=(person("new", "新人", "无所属"),),
        ),
        LATER,
    )
    nobody = "this person is not in the sheet 人员 and not on record"
    nowhere = "the unit is not in the sheet 单位 and not on record"
    assert [(one.place.sheet, one.place.row, one.place.column, one.value, str(one.message)) for one in found] == [
        ("单位", 3, None, "无上级", "the unit above is not in the sheet and not on record"),
        ("人员", 3, None, "无所属", nowhere),
        ("台账", 4, "责任人", "钱无人", nobody),
        ("台账", 5, "责任单位", "无此处", nowhere),
        ("台账", 5, "配合单位", "无彼处", nowhere),
        ("台账", 5, "责任领导", "孙无人", nobody),
        ("台账", 6, "责任人", None, "a measure in this state needs an owner"),
    ]
    assert fingerprints(database) == before


def test_import_when_a_later_file_of_the_same_command_is_refused_then_the_earlier_is_taken_back(
    sessions: Sessions, database: Engine
):
    before = fingerprints(database)
    with pytest.raises(InputRefused), sessions.begin() as session:
        store_all(session, [notice("甲"), ledger(measure("1-1", owner="钱无人"))])
    assert fingerprints(database) == before


def test_import_when_it_is_a_dry_run_then_the_report_is_full_and_nothing_is_left(sessions: Sessions, database: Engine):
    store(sessions, ledger(measure("1-1")))
    before = fingerprints(database)
    with sessions() as session, session.begin() as transaction:
        report = import_round(session, ledger(measure("1-1", text="改了"), measure("1-2")), ground(LATER))
        transaction.rollback()
    assert (report.created, report.updated, [one.after for one in report.changes]) == (1, 1, ["改了"])
    assert fingerprints(database) == before


def test_import_when_findings_are_known_then_new_ones_are_numbered_after_them(sessions: Sessions):
    store(sessions, ledger(measure("1-1")))
    more = (tree(measure("1-1")), tree(measure("1-2"), item="项目推进缓慢"))
    store(sessions, ledger(findings=more), LATER)
    with sessions() as session:
        found = [(one.code, one.text) for one in session.scalars(select(Finding).order_by(Finding.position))]
    assert found[2:] == [("1.1.1", "规划未及时修订"), ("1.1.2", "项目推进缓慢")]


def findings(sessions: Sessions) -> list[tuple[str, str]]:
    with sessions() as session:
        return [(one.code, one.text) for one in session.scalars(select(Finding).order_by(Finding.position))]


def test_import_when_a_findings_text_is_corrected_then_it_is_the_same_finding_and_the_change_is_told(
    sessions: Sessions,
):
    store(sessions, ledger(measure("1-1"), measure("1-2")))
    corrected = tree(measure("1-1"), measure("1-2"), problem="规划严重滞后", item="规划没有及时修订")
    report = store(sessions, ledger(findings=(corrected,)), LATER)
    assert findings(sessions)[1:] == [("1.1", "规划严重滞后"), ("1.1.1", "规划没有及时修订")]
    assert [(one.code, one.field, one.before, one.after) for one in report.changes] == [
        ("1.1", "problem", "规划滞后", "规划严重滞后"),
        ("1.1.1", "item", "规划未及时修订", "规划没有及时修订"),
    ]


def test_import_when_a_measure_stands_under_another_finding_then_it_moves_there(sessions: Sessions):
    store(sessions, ledger(measure("1-1"), measure("1-2")))
    split = (tree(measure("1-1")), tree(measure("1-2"), item="项目推进缓慢"))
    report = store(sessions, ledger(findings=split), LATER)
    assert [(one.code, one.field, one.before, one.after) for one in report.changes] == [
        ("1-2", "item", "规划未及时修订", "项目推进缓慢")
    ]
    first, second = get(sessions, "1-1"), get(sessions, "1-2")
    with sessions() as session:
        texts = [session.get_one(Finding, one.finding_id).text for one in (first, second)]
    assert texts == ["规划未及时修订", "项目推进缓慢"]
