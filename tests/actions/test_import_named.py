"""Names that rows tell and nobody has, numbers that are derived or lost, and the round a ledger goes into."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from engine.rules.plan import InputRefused, MeasurePlan, RoundPlan
from engine.rules.refusal import NotReady
from engine.rules.vocabulary import State, UnitKind
from models import Measure, Person, Unit
from models.database import Sessions
from tests.plans import ledger, measure, notice, place, store

LATER = date(2025, 3, 10)


def bare(*measures: MeasurePlan) -> RoundPlan:
    """Return a ledger without sheets for units and people."""
    return ledger(*measures, units=(), people=())


def row(sessions: Sessions, code: str) -> tuple[str | None, str | None, str | None, State]:
    """Return unit, owner and leader of a measure by name, and its state."""
    with sessions() as session:
        one = session.scalars(select(Measure).where(Measure.code == code)).one()
        unit = session.get(Unit, one.unit_id) if one.unit_id else None
        people = [session.get(Person, number) if number else None for number in (one.owner_id, one.lead_id)]
        owner, lead = (person.name if person else None for person in people)
        return unit.name if unit else None, owner, lead, one.state


def test_names_when_nobody_has_them_then_the_rest_is_stored_and_they_are_proposed(sessions: Sessions):
    told = bare(
        measure("1-1", unit="规划处", co_units=("财务处",), owner="张伟", lead="王建国"),
        measure("1-2", unit="局规划处", owner="张伟", lead=None, state=State.IN_PROGRESS, place=place(4)),
        measure("1-3", owner="李明", lead=None, state=State.CLOSED),
    )
    report = store(sessions, told)
    assert report.proposal is not None
    assert [one.name for one in report.proposal.units] == ["规划处", "财务处", "局规划处", "本单位"]
    assert [(one.name, one.unit) for one in report.proposal.people] == [
        ("张伟", "规划处"),
        ("王建国", "本单位"),
        ("李明", "规划处"),
    ]
    assert ("规划处", "局规划处") in report.proposal.alike
    assert row(sessions, "1-1") == (None, None, None, State.ASSIGNED)
    assert row(sessions, "1-2")[3] is State.ASSIGNED
    assert row(sessions, "1-3")[3] is State.CLOSED
    kept = "\n".join(map(str, report.kept))
    assert "张伟" in kept
    assert "1 measures begin as to be assigned" in kept


def test_names_when_accepted_then_created_and_a_second_time_nothing_is_proposed(sessions: Sessions):
    told = bare(measure("1-1", state=State.IN_PROGRESS), measure("1-2", unit=None, owner=None, lead="王建国"))
    told = replace(told, organisation="云溪镇")
    store(sessions, told)
    report = store(sessions, told, LATER, create=None)
    assert row(sessions, "1-1") == ("规划处", "张伟", "王建国", State.IN_PROGRESS)
    with sessions() as session:
        units = dict(session.execute(select(Unit.name, Unit.kind)).tuples().all())
    assert units == {"规划处": UnitKind.DEPARTMENT, "云溪镇": UnitKind.COMMITTEE}
    assert (report.units, report.people) == (2, 2)
    again = store(sessions, told, LATER)
    assert (again.proposal, again.unchanged) == (None, 2)


def test_names_when_some_are_accepted_then_only_those_are_created(sessions: Sessions):
    report = store(sessions, bare(measure("1-1", lead=None)), create=("规划处",))
    assert row(sessions, "1-1")[:2] == ("规划处", None)
    assert "张伟" in str(report.kept[0])


def test_names_when_a_sheet_lists_them_all_then_one_that_is_missing_is_a_fault(sessions: Sessions):
    with pytest.raises(InputRefused):
        store(sessions, ledger(measure("1-1", owner="张维")), create=None)


def derived(code: str | None, text: str, **more: object) -> MeasurePlan:
    plain = {"code_told": False, "unit": None, "owner": None, "lead": None} | more
    return measure(code, text=text, **plain)


def test_number_when_derived_then_the_measure_on_record_is_known_by_its_text(sessions: Sessions):
    store(sessions, notice("修订制度", "召开会议"))
    report = store(sessions, bare(derived("1-01", "召开 会议"), derived("1-02", "修订制度"), derived(None, "新的一条")))
    assert (report.created, report.unchanged + report.updated) == (1, 2)
    assert [one.text for one in report.new] == ["新的一条"]
    again = store(sessions, bare(derived("1-01", "召开会议"), derived("1-02", "修订制度"), derived(None, "新的一条")))
    assert again.created == 0


def test_number_when_lost_then_known_by_text_or_refused_and_never_new(sessions: Sessions):
    store(sessions, ledger(measure("1-01", text="建厂"), measure("1-02", text="改管网")))
    lost = [derived("1月1日", "建厂", code_lost=True), derived("1月2日", "改管网", code_lost=True)]
    assert store(sessions, bare(*lost)).created == 0
    with pytest.raises(InputRefused) as refused:
        store(sessions, bare(*lost, derived("1月3日", "另一条", code_lost=True, place=place(9))))
    (fault,) = refused.value.faults
    assert (fault.place.row, fault.place.column, fault.value) == (9, "序号", "1月3日")


def test_number_that_looks_lost_when_it_is_on_record_then_it_is_that_measure(sessions: Sessions):
    store(sessions, ledger(measure("2025-01-02")))
    report = store(sessions, bare(derived("2025-01-02", "改了说法", code_lost=True)))
    assert (report.created, report.updated) == (0, 1)


def test_rows_when_new_or_gone_since_the_last_import_then_they_are_listed(sessions: Sessions):
    store(sessions, ledger(measure("1-1"), measure("1-2")))
    report = store(sessions, ledger(measure("1-2"), measure("1-3")))
    assert [one.code for one in report.new] == ["1-3"]
    assert [(one.code, one.text) for one in report.absent] == [("1-1", "修订制度1-1")]
    plain = report.as_json()
    assert (plain["new"], plain["absent"]) == (
        [{"code": "1-3", "text": "修订制度1-3"}],
        [{"code": "1-1", "text": "修订制度1-1"}],
    )


def strange(*codes: str) -> RoundPlan:
    """Return a ledger of another inspection."""
    rows = tuple(measure(code, text=f"另一件{code}") for code in codes)
    told = ledger(*rows)
    (aspect,) = told.findings
    problem = replace(aspect.children[0], text="别的问题", children=(), measures=rows)
    return replace(told, findings=(replace(aspect, text="别的方面", children=(problem,)),))


def test_round_when_no_row_is_on_record_then_it_is_asked_for(sessions: Sessions):
    store(sessions, ledger(measure("1-1")))
    with pytest.raises(NotReady, match="no row of this ledger is on record in round 2025-03"):
        store(sessions, strange("1", "2"), LATER)
    assert store(sessions, strange("1", "2"), LATER, round="2025-03").created == 2
    assert store(sessions, strange("7"), LATER, round="other").round == "other"


def test_round_when_at_an_end_then_new_rows_ask_for_another(sessions: Sessions):
    done = [measure(f"1-{number}", state=State.CLOSED) for number in (1, 2)]
    store(sessions, ledger(*done))
    assert store(sessions, ledger(*done), LATER).unchanged == 2
    with pytest.raises(NotReady, match="at an end"):
        store(sessions, ledger(*done, measure("1-3")), LATER)
