"""Units and people come in with a ledger: created, brought up to date, never taken away."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.rules.plan import InputRefused
from engine.rules.vocabulary import Role, UnitKind
from models import Measure, Person, RoleGrant, Unit
from models.database import Sessions
from tests.plans import PEOPLE, UNITS, ledger, measure, person, store, unit


def units(sessions: Sessions) -> dict[str, tuple[UnitKind, str | None]]:
    with sessions() as session:
        rows = list(session.scalars(select(Unit)))
    names = {row.id: row.name for row in rows}
    return {row.name: (row.kind, names.get(row.parent_id)) for row in rows}


def people(sessions: Sessions) -> dict[str, tuple[str, str, str | None, str | None]]:
    query = select(Person, Unit.name).join(Unit, Unit.id == Person.unit_id)
    with sessions() as session:
        return {row.code: (row.name, home, row.email, row.language) for row, home in session.execute(query)}


def grants(sessions: Sessions) -> set[tuple[str, Role, str | None]]:
    query = (
        select(Person.code, RoleGrant.role, Unit.name)
        .join(Person, Person.id == RoleGrant.person_id)
        .outerjoin(Unit, Unit.id == RoleGrant.unit_id)
    )
    with sessions() as session:
        return set(session.execute(query).tuples().all())


def test_people_when_they_are_new_then_units_people_and_roles_stand_and_a_head_heads_the_own_unit(sessions: Sessions):
    store(sessions, ledger())
    assert units(sessions) == {
        "局党委": (UnitKind.COMMITTEE, None),
        "规划处": (UnitKind.DEPARTMENT, "局党委"),
        "财务处": (UnitKind.DEPARTMENT, "局党委"),
    }
    assert people(sessions)["lihm"] == ("李红梅", "规划处", None, None)
    assert grants(sessions) == {
        ("wangjg", Role.LEADING_GROUP, None),
        ("lihm", Role.UNIT_HEAD, "规划处"),
        ("zhaozq", Role.COORDINATOR, None),
    }


def test_people_when_a_unit_is_named_before_its_parent_then_the_order_does_not_matter(sessions: Sessions):
    store(sessions, ledger(units=tuple(reversed(UNITS))))
    assert units(sessions)["规划处"] == (UnitKind.DEPARTMENT, "局党委")


def test_people_when_the_sheet_says_otherwise_now_then_it_is_taken_and_empty_cells_change_nothing(sessions: Sessions):
    store(sessions, ledger(people=(person("zhangw", "张伟", email="z@example.cn", language="en"),)))
    store(sessions, ledger(people=(person("zhangw", "张大伟", "财务处"),), units=(unit("财务处", None),)))
    assert people(sessions) == {"zhangw": ("张大伟", "财务处", "z@example.cn", "en")}
    assert units(sessions)["财务处"] == (UnitKind.DEPARTMENT, "局党委"), "an empty cell takes no parent away"


def test_people_when_the_sheet_grants_the_same_again_then_once_and_what_it_leaves_out_stands(sessions: Sessions):
    store(sessions, ledger())
    before = grants(sessions)
    store(sessions, ledger())
    store(sessions, ledger(people=(person("lihm", "李红梅", "规划处", Role.AUDITOR),)))
    assert grants(sessions) == before | {("lihm", Role.AUDITOR, None)}


def test_people_when_somebody_has_left_the_sheet_then_person_roles_and_measures_stand(sessions: Sessions):
    store(sessions, ledger(measure("1-1")))
    before = people(sessions), grants(sessions)
    left = tuple(one for one in PEOPLE if one.code not in {"zhangw", "lihm"})
    report = store(sessions, ledger(measure("1-1"), people=left))
    assert report.unchanged == 1, "who is on record is found, though not in the sheet"
    assert (people(sessions), grants(sessions)) == before


def test_people_when_an_owner_is_neither_in_the_sheet_nor_on_record_then_it_is_refused_by_name(sessions: Sessions):
    left = tuple(one for one in PEOPLE if one.code != "zhangw")
    with pytest.raises(InputRefused) as refused:
        store(sessions, ledger(measure("1-1"), people=left))
    (fault,) = refused.value.faults
    assert (fault.place.column, fault.value) == ("责任人", "张伟")
    assert str(fault.message) == "this person is not in the sheet 人员 and not on record"
    assert people(sessions) == {}


def test_people_when_two_have_one_name_then_the_code_tells_them_apart(sessions: Sessions):
    twins = (*PEOPLE, person("zhangw2", "张伟", "财务处"))
    with pytest.raises(InputRefused) as refused:
        store(sessions, ledger(measure("1-1", owner="张伟"), people=twins))
    (fault,) = refused.value.faults
    assert str(fault.message) == "several people have this name; write the person's code"
    store(sessions, ledger(measure("1-1", owner="zhangw2", unit=None), people=twins))
    with sessions() as session:
        row = session.execute(
            select(Person.code, Unit.name)
            .join(Measure, Measure.owner_id == Person.id)
            .join(Unit, Unit.id == Measure.unit_id)
        ).one()
    assert tuple(row) == ("zhangw2", "财务处")


def test_people_when_a_name_is_somebody_elses_code_then_the_code_goes_first(sessions: Sessions):
    store(sessions, ledger(measure("1-1", owner="张伟"), people=(*PEOPLE, person("张伟", "同名者"))))
    with sessions() as session:
        owner = session.scalars(select(Person.name).join(Measure, Measure.owner_id == Person.id)).one()
    assert owner == "同名者"
