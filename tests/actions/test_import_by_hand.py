"""An import that comes after a change by hand leaves that alone, and says so; the rest is as the file says."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine.actions.desk import Desk
from engine.actions.edit_person import add_person, edit_person
from engine.actions.edit_unit import edit_unit
from engine.actions.grant_role import grant_role, revoke_role
from engine.rules.import_report import Change
from engine.rules.vocabulary import Role, UnitKind
from models import Measure, Person, RoleGrant, Unit
from models.database import Sessions
from tests.factories import FEEDBACK, at
from tests.plans import PEOPLE, UNITS, ledger, measure, person, store, unit
from tests.world import real_calendar


def act(sessions: Sessions, action: Any, *args: Any, **given: Any) -> None:
    with sessions.begin() as session:
        desk = Desk(session=session, moment=at(FEEDBACK), calendar=real_calendar(), person="zhaozq")
        action(desk, *args, **given)


def heads(sessions: Sessions) -> set[tuple[str, str]]:
    query = select(Person.code, Unit.name).join(RoleGrant, RoleGrant.person_id == Person.id)
    with sessions() as session:
        heads = query.join(Unit, Unit.id == RoleGrant.unit_id).where(RoleGrant.role == Role.UNIT_HEAD)
        return set(session.execute(heads).tuples())


def test_head_when_an_import_moves_them_then_the_former_unit_is_theirs_no_longer(sessions: Sessions):
    store(sessions, ledger())
    moved = person("lihm", "李红梅", "财务处", Role.UNIT_HEAD)
    report = store(sessions, ledger(people=(moved,)))
    assert heads(sessions) == {("lihm", "财务处")}
    assert report.changes == [
        Change(code="lihm", field="unit", before="规划处", after="财务处"),
        Change(code="lihm", field="head_of", before="规划处", after=None),
        Change(code="lihm", field="head_of", before=None, after="财务处"),
    ]
    assert report.kept == []


def test_people_when_set_by_hand_then_the_next_import_leaves_them_alone_and_says_so(sessions: Sessions):
    store(sessions, ledger(measure("1-1")))
    by_hand = {"code": "zhangw", "name": "张玮", "unit": "财务处", "email": "z@example.cn", "language": None}
    act(sessions, edit_person, "zhangw", **by_hand)
    act(sessions, revoke_role, "lihm", Role.UNIT_HEAD)
    file = (*PEOPLE[:2], person("zhangw", "张伟", email="old@example.cn", language="en"), PEOPLE[3])
    report = store(sessions, ledger(measure("1-1", text="新的措施"), people=file))
    assert [str(one) for one in report.kept] == [
        "zhangw: the name stays 张玮; the file says 张伟, but it was set by hand",
        "zhangw: the unit stays 财务处; the file says 规划处, but it was set by hand",
        "zhangw: the e-mail stays z@example.cn; the file says old@example.cn, but it was set by hand",
        "lihm: the role unit head was taken away by hand; the file still names it, and it stays away",
    ]
    assert [(one.code, one.field) for one in report.changes] == [("zhangw", "language"), ("1-1", "text")]
    assert heads(sessions) == set()
    with sessions() as session:
        owner = session.scalars(select(Person).join(Measure, Measure.owner_id == Person.id)).one()
    assert (owner.name, owner.language) == ("张玮", "en"), "the file's name for the owner still leads to them"
    act(sessions, grant_role, "lihm", Role.UNIT_HEAD)
    again = store(sessions, ledger(people=PEOPLE))
    assert [str(one)[:6] for one in again.kept] == ["zhangw", "zhangw"], "given again by hand: nothing to keep"


def test_people_when_the_file_agrees_with_what_was_set_by_hand_then_nothing_is_said(sessions: Sessions):
    store(sessions, ledger())
    by_hand = {"code": "zhangw", "name": "张伟", "unit": "财务处", "email": None, "language": None}
    act(sessions, edit_person, "zhangw", **by_hand)
    report = store(sessions, ledger(people=(person("zhangw", "张伟", "财务处"),)))
    assert (report.kept, report.changes) == ([], [])


def test_people_when_the_sign_in_name_was_changed_by_hand_then_the_former_still_finds_them(sessions: Sessions):
    store(sessions, ledger())
    by_hand = {"code": "zhang.wei", "name": "张伟", "unit": "规划处", "email": None, "language": None}
    act(sessions, edit_person, "zhangw", **by_hand)
    store(sessions, ledger(measure("1-1", owner="zhangw")))
    with sessions() as session:
        codes = list(session.scalars(select(Person.code).where(Person.name == "张伟")))
        owner = session.scalars(select(Person.code).join(Measure, Measure.owner_id == Person.id)).one()
    assert (codes, owner) == (["zhang.wei"], "zhang.wei")


def test_units_when_renamed_and_moved_by_hand_then_the_former_name_still_finds_them(sessions: Sessions):
    store(sessions, ledger())
    act(sessions, edit_unit, "规划处", name="规划发展处", kind=UnitKind.SUBORDINATE, parent="财务处")
    report = store(sessions, ledger(measure("1-1", unit="规划处"), units=UNITS))
    assert [str(one) for one in report.kept] == [
        "规划处: the kind stays subordinate unit; the file says department, but it was set by hand",
        "规划处: the unit above stays 财务处; the file says 局党委, but it was set by hand",
    ]
    with sessions() as session:
        assert sorted(session.scalars(select(Unit.name))) == sorted(["局党委", "规划发展处", "财务处"])
        assert session.scalars(select(Unit.name).join(Measure, Measure.unit_id == Unit.id)).one() == "规划发展处"


def test_person_when_added_by_hand_then_a_file_gives_roles_but_changes_nothing_else(sessions: Sessions):
    store(sessions, ledger())
    act(sessions, add_person, code="feng", name="冯工", unit="规划处")
    report = store(sessions, ledger(people=(person("feng", "冯工", "财务处", Role.AUDITOR),)))
    assert [str(one)[:19] for one in report.kept] == ["feng: the unit stay"]
    assert report.changes == [Change(code="feng", field="role", before=None, after="auditor")]


@pytest.mark.parametrize("kind", [UnitKind.SUBORDINATE, UnitKind.DEPARTMENT])
def test_unit_when_nobody_touched_it_by_hand_then_the_file_counts(sessions: Sessions, kind: UnitKind):
    store(sessions, ledger())
    report = store(sessions, ledger(units=(unit("财务处", "局党委", kind=kind),)))
    changes = [Change(code="财务处", field="kind", before="department", after="subordinate")]
    assert report.changes == (changes if kind is UnitKind.SUBORDINATE else [])
