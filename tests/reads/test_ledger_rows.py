"""A round as the ledger holds it: units, people, and one row a measure, in a constant number of statements."""

from __future__ import annotations

from datetime import date

import pytest

from engine.actions.attach_evidence import attach_evidence
from engine.actions.report_progress import report_progress
from engine.reads.ledger_rows import MeasureRow, PersonLine, RoundLedger, read_people_lines, read_round_ledger
from engine.rules.vocabulary import Level, MeasureClass, Role, State, UnitKind
from models import CoUnit, RoleGrant, Round
from models.database import reading
from tests.factories import build_finding, build_person, build_round, build_unit
from tests.group_meetings import statements
from tests.world import World


def ledger(world: World) -> RoundLedger:
    with reading(world.sessions) as session:
        return read_round_ledger(session, world.round, world.moment)


@pytest.fixture
def tree(either_world: World) -> tuple[World, dict[str, int]]:
    """Give a house with one finding of each level."""
    world = either_world
    with world.sessions.begin() as session:
        round_ = session.get_one(Round, world.round)
        aspect = build_finding(session, round_, level=Level.ASPECT, code="1", text="方面")
        problem = build_finding(session, round_, level=Level.PROBLEM, code="1.1", text="问题", parent_id=aspect.id)
        item = build_finding(session, round_, code="1.1.1", text="事项", parent_id=problem.id)
        numbers = {"aspect": aspect.id, "problem": problem.id, "item": item.id}
    return world, numbers


def test_row_when_a_measure_has_everything_then_every_column(tree: tuple[World, dict[str, int]]):
    world, finding = tree
    world.in_progress("1-01", finding_id=finding["item"], measure_class=MeasureClass.AT_ONCE, text="完善制度")
    for text in ("起草", "印发"):
        world.act("wang", report_progress, "1-01", percent=50, text=text)
    for name in ("制度.pdf", "签到表.pdf"):
        world.act("wang", attach_evidence, "1-01", name=name)
    with world.sessions.begin() as session:
        for unit in ("审计处", "二处"):
            session.add(CoUnit(measure_id=world.get("1-01").id, unit_id=world.units[unit]))
    assert ledger(world).rows == (
        MeasureRow(
            code="1-01",
            aspect="方面",
            problem="问题",
            item="事项",
            text="完善制度",
            measure_class=MeasureClass.AT_ONCE,
            lead="钱副局长",
            unit="一处",
            co_units=("二处", "审计处"),
            owner="王经办",
            original_due=date(2025, 9, 3),
            due=date(2025, 9, 3),
            handed_in_on=None,
            closed_on=None,
            progress="印发",
            state=State.IN_PROGRESS,
            evidence=("制度.pdf", "签到表.pdf"),
        ),
    )


def test_row_when_little_is_known_then_what_is_missing_is_empty(tree: tuple[World, dict[str, int]]):
    world, finding = tree
    world.measure("1-01", finding_id=finding["problem"], owner=None, lead=None, unit_id=None, due=None)
    (row,) = ledger(world).rows
    assert (row.item, row.lead, row.unit, row.owner, row.due, row.progress) == (None,) * 6
    assert (row.co_units, row.evidence) == ((), ())


def test_row_when_it_hangs_right_below_an_aspect_then_the_aspect_is_its_problem(tree: tuple[World, dict[str, int]]):
    world, finding = tree
    world.measure("1-01", finding_id=finding["aspect"])
    (row,) = ledger(world).rows
    assert (row.aspect, row.problem, row.item) == ("方面", "方面", None)


def test_rows_when_read_then_in_the_order_of_the_ledger_and_of_this_round_alone(tree: tuple[World, dict[str, int]]):
    world, finding = tree
    for position, code in enumerate(["c", "a", "b"]):
        world.measure(code, finding_id=finding["item"], position=position)
    with world.sessions.begin() as session:
        other = build_round(session).id
    assert [row.code for row in ledger(world).rows] == ["c", "a", "b"]
    with reading(world.sessions) as session:
        assert read_round_ledger(session, other, world.moment).rows == ()


def test_owner_when_two_have_one_name_then_the_code_tells_them_apart(tree: tuple[World, dict[str, int]]):
    world, finding = tree
    with world.sessions.begin() as session:
        namesake = build_person(session, code="wang2", name="王经办", unit_id=world.units["二处"])
        build_person(session, code="孙经办", name="别人", unit_id=world.units["二处"])  # a code that is another's name
        world.people["wang2"] = namesake.id
    for code, owner in (("1-01", "wang"), ("1-02", "wang2"), ("1-03", "sun"), ("1-04", "tang")):
        world.measure(code, finding_id=finding["item"], owner=owner)
    assert [row.owner for row in ledger(world).rows] == ["wang", "wang2", "sun", "唐科员"]


def test_units_and_people_when_read_then_with_what_stands_above_them_and_their_roles(world: World):
    with world.sessions.begin() as session:
        below = build_unit(session, name="三处一科", kind=UnitKind.DEPARTMENT, parent_id=world.units["二处"])
        build_person(session, Role.VERIFIER, Role.COORDINATOR, code="bao", name="包", unit_id=below.id, email="b@x.cn")
    found = ledger(world)
    assert found.units[0] == ("局党委", UnitKind.COMMITTEE, None)
    assert found.units[-1] == ("三处一科", UnitKind.DEPARTMENT, "二处")
    assert found.people[-1] == PersonLine(
        name="包",
        code="bao",
        unit="三处一科",
        roles=(Role.VERIFIER, Role.COORDINATOR),
        email="b@x.cn",
        language=None,
    )
    assert [person.unit for person in found.people] == ["局党委"] * 4 + ["一处"] * 3 + ["二处"] * 3 + [
        "审计处",
        "三处一科",
    ]


def test_person_when_a_role_is_granted_for_several_units_then_named_once(world: World):
    with world.sessions.begin() as session:
        session.add(RoleGrant(person_id=world.people["li"], role=Role.UNIT_HEAD, unit_id=world.units["二处"]))
    with reading(world.sessions) as session:
        assert [one.roles for one in read_people_lines(session) if one.code == "li"] == [(Role.UNIT_HEAD,)]


def test_ledger_when_the_round_is_large_then_as_many_statements(tree: tuple[World, dict[str, int]]):
    world, finding = tree
    world.in_progress("0-00", finding_id=finding["item"])
    with statements(world.engine) as short:
        ledger(world)
    for number in range(6):
        world.in_progress(f"1-0{number}", finding_id=finding["item"])
        world.act("wang", report_progress, f"1-0{number}", percent=10, text="起草")
        world.act("wang", attach_evidence, f"1-0{number}", name="制度.pdf")
    with statements(world.engine) as long:
        assert len(ledger(world).rows) == 7
    assert long == short


@pytest.mark.parametrize(("level", "item"), [(Level.ITEM, "独立事项"), (Level.PROBLEM, None)])
def test_row_when_its_finding_has_nothing_above_it_then_that_finding_is_the_highest(
    either_world: World, level: Level, item: str | None
):
    with either_world.sessions.begin() as session:
        round_ = session.get_one(Round, either_world.round)
        alone = build_finding(session, round_, level=level, code="9", text="独立事项").id
    either_world.measure("9-01", finding_id=alone)
    (row,) = ledger(either_world).rows
    assert (row.aspect, row.problem, row.item) == ("独立事项", "独立事项", item)
