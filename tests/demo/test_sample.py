"""The sample holds what the demo promises: the figures of a notice, every one reached by a playable course."""

import re
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import holidays
import pytest

from demo.sample import Course, CourseKind, SampleMeasure, load_sample, notice_text, write_sample_ledger
from engine.rules.choose_verifier import Candidate, choose_verifier
from engine.rules.vocabulary import Level, MeasureClass, Role, UnitKind
from engine.rules.work_record import Hand, Span
from engine.rules.working_days import DayRow, WorkingCalendar
from intake.workbook.read_workbook import read_ledger
from tests.factories import build_work

SAMPLE = load_sample()
MEASURES = tuple(SAMPLE.measures())
REAL_NOTICE = Path(__file__).parents[3] / "shared" / "data" / "000_86f4339dc22fa576.txt"
#: What the form of such a notice itself dictates: the line of totals that the demo ends on.
SET_PHRASES = ("截至2025年9月10日巡视反馈的46项问题已完成整改32项提出整改措施160条已经完成142条",)


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    china = holidays.country_holidays("CN", years=[2024, 2025, 2026])
    days = (date(2025, 1, 1) + timedelta(days=offset) for offset in range(365))
    return WorkingCalendar.from_rows(DayRow(day, china.is_working_day(day), None, "official") for day in days)


def _steps(course: Course) -> dict[str, date]:
    names = ("accepts_on", "asks_on", "first_submits_on", "returned_on", "submits_on")
    return {name: day for name in names if (day := getattr(course, name))}


def _by_code(measures: tuple[SampleMeasure, ...]) -> list[object]:
    return [pytest.param(measure, id=measure.code) for measure in measures]


def test_units_when_counted_are_one_committee_eight_extended_nine_subordinate_and_departments():
    kinds = Counter(unit.kind for unit in SAMPLE.units)
    assert kinds == {
        UnitKind.COMMITTEE: 1,
        UnitKind.EXTENDED: 8,
        UnitKind.SUBORDINATE: 9,
        UnitKind.DEPARTMENT: 8,
    }


def test_findings_when_counted_are_what_the_notice_declares():
    counts = Counter(finding.level for finding in SAMPLE.findings())
    declared = SAMPLE.declared
    assert counts == {Level.ASPECT: 5, Level.PROBLEM: 14, Level.ITEM: 46}
    assert (declared.aspects, declared.problems, declared.items) == (5, 14, 46)
    assert len(MEASURES) == declared.measures == 160


def test_open_measures_when_counted_leave_the_declared_totals():
    open_codes = [measure.code for measure in MEASURES if measure.is_open]
    assert len(open_codes) == 18
    assert len({code.partition("-")[0] for code in open_codes}) == 14
    assert SAMPLE.declared.measures_done == 160 - 18
    assert SAMPLE.declared.items_done == 46 - 14


def test_classes_and_courses_when_counted_have_sensible_shares():
    classes = Counter(measure.measure_class for measure in MEASURES)
    courses = Counter(measure.course.kind for measure in MEASURES)
    assert classes == {MeasureClass.AT_ONCE: 36, MeasureClass.STAGED: 104, MeasureClass.CONTINUOUS: 20}
    assert courses[CourseKind.ON_TIME] == 84
    assert courses[CourseKind.LATE] == 25
    assert courses[CourseKind.RETURNED_ONCE] == 10
    assert courses[CourseKind.EXTENDED] == courses[CourseKind.LATE_ACCEPT] == 8
    assert courses[CourseKind.ESCALATED] == 4
    assert courses[CourseKind.EXTENSION_REFUSED] == 3
    assert set(courses) == set(CourseKind)


def test_names_when_used_are_known():
    units = {unit.name for unit in SAMPLE.units}
    unit_of = {person.name: person.unit for person in SAMPLE.people}
    assert {person.unit for person in SAMPLE.people} == units
    assert {unit.parent for unit in SAMPLE.units} - units == {None}
    for measure in MEASURES:
        assert unit_of[measure.owner] == measure.unit
        assert measure.lead in unit_of
        assert set(measure.co_units) <= units - {measure.unit}


def test_people_when_listed_are_distinct_and_hold_every_role():
    people = SAMPLE.people
    assert 70 <= len(people) <= 80
    assert len({person.name for person in people}) == len({person.code for person in people}) == len(people)
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+@duban\.example", person.email) for person in people)
    assert Counter(person.unit for person in SAMPLE.holders(Role.UNIT_HEAD)) == {unit.name: 1 for unit in SAMPLE.units}
    assert len(SAMPLE.holders(Role.LEADING_GROUP)) == 5
    assert len(SAMPLE.holders(Role.COORDINATOR)) == len(SAMPLE.holders(Role.SUPERVISOR)) == 2
    assert len(SAMPLE.holders(Role.AUDITOR)) == 1
    verifiers = SAMPLE.holders(Role.VERIFIER)
    assert len(verifiers) == len({person.unit for person in verifiers}) == 6
    assert len({measure.lead for measure in MEASURES}) == 5


def test_every_unit_when_looked_up_owns_measures():
    assert {measure.unit for measure in MEASURES} == {unit.name for unit in SAMPLE.units}


def test_texts_when_compared_are_distinct_and_say_enough():
    assert len({measure.text for measure in MEASURES}) == len(MEASURES)
    assert all(25 <= len(measure.text) <= 80 for measure in MEASURES)
    findings = [finding.text for finding in SAMPLE.findings()]
    assert len(set(findings)) == len(findings)


def test_codes_when_read_tell_the_place_in_the_tree():
    for finding in SAMPLE.findings():
        assert [child.code for child in finding.children] == [
            f"{finding.code}.{place}" for place in range(1, len(finding.children) + 1)
        ]
        assert [measure.code for measure in finding.measures] == [
            f"{finding.code}-{place:02d}" for place in range(1, len(finding.measures) + 1)
        ]
        assert bool(finding.measures) == (finding.level is Level.ITEM)


def test_due_dates_when_checked_are_working_days_of_the_year(calendar: WorkingCalendar):
    dues = [measure.due for measure in MEASURES if measure.due]
    assert all(calendar.is_working(due) for due in dues)
    assert min(dues) == date(2025, 3, 20)
    assert max(dues) == date(2025, 12, 31)
    assert any(due.weekday() == 6 for due in dues), "a make-up Sunday is among them"
    assert all(measure.due or measure.measure_class is MeasureClass.CONTINUOUS for measure in MEASURES)


@pytest.mark.parametrize("measure", _by_code(MEASURES))
def test_course_when_played_happens_on_working_days_in_order(measure: SampleMeasure, calendar: WorkingCalendar):
    steps = _steps(measure.course)
    assert all(calendar.is_working(day) for day in steps.values())
    assert all(earlier < later for earlier, later in pairwise(steps.values()))
    assert SAMPLE.ledger_on < steps["accepts_on"]
    assert max(steps.values()) < SAMPLE.ends_on
    waited = calendar.between(SAMPLE.ledger_on, steps["accepts_on"])
    assert (waited > 3) == (measure.course.kind is CourseKind.LATE_ACCEPT)


@pytest.mark.parametrize("measure", _by_code(tuple(measure for measure in MEASURES if not measure.is_open)))
def test_course_when_it_ends_closed_leaves_time_to_verify_and_close(measure: SampleMeasure, calendar: WorkingCalendar):
    course = measure.course
    assert course.submits_on is not None
    assert calendar.between(course.submits_on, SAMPLE.ends_on) >= 8
    deadline = course.asks_for if course.kind is CourseKind.EXTENDED else measure.due
    late = max(0, calendar.between(deadline, course.submits_on)) if deadline else 0
    assert late == course.days_late
    match course.kind:
        case CourseKind.LATE | CourseKind.EXTENSION_REFUSED:
            assert 1 <= late <= 10
        case CourseKind.ESCALATED:
            assert late > 10
        case _:
            assert late == 0


@pytest.mark.parametrize("measure", _by_code(tuple(measure for measure in MEASURES if measure.is_open)))
def test_course_when_it_stays_open_is_what_it_is_called(measure: SampleMeasure, calendar: WorkingCalendar):
    course, due, end = measure.course, measure.due, SAMPLE.ends_on
    match course.kind:
        case CourseKind.OPEN_OVERDUE:
            assert due is not None
            assert course.submits_on is None
            assert calendar.between(due, end) == course.days_late > 0
        case CourseKind.OPEN_SUBMITTED:
            assert due is not None
            assert course.submits_on is not None
            assert max(0, calendar.between(due, course.submits_on)) == course.days_late
            assert calendar.between(course.submits_on, end) <= 5
        case CourseKind.OPEN_EXTENDED:
            assert course.asks_for is not None
            assert course.asks_for > end
        case CourseKind.OPEN_RETURNED:
            assert course.returned_on is not None
            assert course.submits_on is None
        case CourseKind.OPEN_CONTINUOUS:
            assert measure.measure_class is MeasureClass.CONTINUOUS
        case kind:
            assert kind is CourseKind.OPEN_NOT_DUE
            assert due is not None
            assert due > end


@pytest.mark.parametrize("measure", _by_code(MEASURES))
def test_extension_when_asked_for_is_in_time_and_reasoned(measure: SampleMeasure, calendar: WorkingCalendar):
    course = measure.course
    if course.asks_on is None:
        return
    assert measure.due is not None
    assert course.asks_for is not None
    assert calendar.between(course.asks_on, measure.due) >= 3, "decided before the due date"
    assert calendar.is_working(course.asks_for)
    assert course.asks_for > measure.due
    assert course.reason
    assert bool(course.answer) == (course.kind is CourseKind.EXTENSION_REFUSED)


def test_verifier_when_chosen_is_never_of_the_responsible_unit():
    number = {unit.name: place for place, unit in enumerate(SAMPLE.units)}
    person = {one.name: place for place, one in enumerate(SAMPLE.people)}
    candidates = [
        Candidate(person=person[one.name], unit=number[one.unit], absent=False, open_count=0)
        for one in SAMPLE.holders(Role.VERIFIER)
    ]
    for measure in MEASURES:
        span = {"first": date(2025, 3, 3), "last": date(2025, 3, 3)}
        work = build_work(
            hands=(
                Span(whose=person[measure.owner], hand=Hand.OWNED, **span),
                Span(whose=person[measure.lead], hand=Hand.LED, **span),
            ),
            units=(Span(whose=number[measure.unit], **span),),
        )
        # With any one of them absent there is still another.
        for away in candidates:
            present = [one for one in candidates if one is not away]
            chosen = choose_verifier(present, work)
            assert chosen is not None
            assert SAMPLE.people[chosen].unit != measure.unit


def test_lead_when_asked_to_decide_an_extension_is_never_the_owner():
    assert all(measure.lead != measure.owner for measure in MEASURES)


def test_ledger_when_written_and_read_back_is_the_sample(tmp_path: Path):
    write_sample_ledger(tmp_path / "ledger.xlsx")
    reading = read_ledger(tmp_path / "ledger.xlsx")
    plan = reading.plan
    assert not reading.notes
    assert [(one.name, one.kind, one.parent) for one in plan.units] == [
        (one.name, one.kind, one.parent) for one in SAMPLE.units
    ]
    assert [(one.code, one.name, one.unit, set(one.roles), one.email) for one in plan.people] == [
        (one.code, one.name, one.unit, set(one.roles), one.email) for one in SAMPLE.people
    ]
    assert [plan.count(level) for level in Level] == [5, 14, 46]
    read = [(one.code, one.text, one.measure_class, one.unit, one.owner, one.due) for one in plan.measures()]
    assert read == [(one.code, one.text, one.measure_class, one.unit, one.owner, one.due) for one in MEASURES]
    assert [(one.lead, one.co_units) for one in plan.measures()] == [(one.lead, one.co_units) for one in MEASURES]
    assert {one.state for one in plan.measures()} == {None}


def test_notice_when_read_declares_the_totals():
    text = notice_text()
    assert 8_000 <= len(text) <= 12_000
    assert "截至2025年9月10日，巡视反馈的46项问题已完成整改32项；提出整改措施160条，已经完成142条" in text
    for phrase in ("2024年10月15日至12月18日", "2025年3月3日", "5个方面14个问题", "23项", "10项"):
        assert phrase in text
    assert len(re.findall("针对“[^”]+”的问题", text)) == 14
    assert len(re.findall("关于“[^”]+”问题的整改", text)) == 5
    for unit in SAMPLE.units:
        if unit.kind is UnitKind.EXTENDED:
            assert unit.name in text


def test_notice_when_compared_with_the_sample_names_the_same_findings():
    text = notice_text()
    for finding in SAMPLE.findings():
        if finding.level is not Level.ITEM:
            assert f"“{finding.text}”" in text


def test_sample_when_compared_with_a_published_notice_copies_nothing():
    if not REAL_NOTICE.exists():
        pytest.skip("the published notice is not part of the repository")
    real = _han(REAL_NOTICE.read_text(encoding="utf-8"))
    ours = [finding.text for finding in SAMPLE.findings()] + [measure.text for measure in MEASURES]
    for text in (*ours, *notice_text().splitlines()):
        plain = _han(text)
        for phrase in SET_PHRASES:
            plain = plain.replace(phrase, "#")
        runs = {plain[start : start + 12] for start in range(len(plain) - 11)}
        assert not [run for run in runs if run in real], text


def _han(text: str) -> str:
    return re.sub(r"[^\u4e00-\u9fff0-9]", "", text)
