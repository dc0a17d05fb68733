"""People, roles, units and absences changed by hand: who may, what the record tells, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.actions.edit_person import add_person, edit_person
from engine.actions.edit_unit import add_unit, edit_unit
from engine.actions.end_absence import end_absence
from engine.actions.grant_role import grant_role, revoke_role
from engine.actions.set_absence import set_absence
from engine.reads.audit import audit_record
from engine.reads.ledger_rows import read_people_lines, read_round_ledger
from engine.rules.refusal import Conflict, NotAllowed, NotFound, NotReady, WrongState
from engine.rules.vocabulary import Role, UnitKind
from models import Absence, Event, Person, RoleGrant, Unit
from tests.world import World

PERSON: dict[str, Any] = {
    "code": "feng",
    "name": "冯工",
    "unit": "一处",
    "email": "feng@example.cn",
    "language": "zh_CN",
}


def house_events(world: World) -> list[Event]:
    with world.sessions() as session:
        return list(session.scalars(select(Event).where(Event.measure_id.is_(None)).order_by(Event.seq)))


def grants(world: World, code: str) -> set[tuple[Role, str | None]]:
    query = (
        select(RoleGrant.role, Unit.name)
        .outerjoin(Unit, Unit.id == RoleGrant.unit_id)
        .join(Person, Person.id == RoleGrant.person_id)
    )
    with world.sessions() as session:
        return set(session.execute(query.where(Person.code == code)).tuples())


def is_whole(world: World) -> bool:
    with world.sessions() as session:
        return not audit_record(session).broken


def test_person_when_added_by_a_coordinator_then_on_record_and_told(either_world: World):
    world = either_world
    world.act("lin", add_person, **PERSON)
    world.act("lin", grant_role, "feng", Role.AUDITOR)
    with world.sessions() as session:
        line = next(one for one in read_people_lines(session) if one.code == "feng")
    assert (line.name, line.unit, line.email, line.roles) == ("冯工", "一处", "feng@example.cn", (Role.AUDITOR,))
    created, granted = house_events(world)
    assert (created.kind, created.actor_id, created.data) == (
        "person:record:create",
        world.people["lin"],
        {"person": "feng"},
    )
    assert list(granted.changed.values()) == [{str(line_id(world, "feng")): {"roles": [[], ["auditor"]]}}]
    assert is_whole(world)


def line_id(world: World, code: str) -> int:
    with world.sessions() as session:
        return session.scalars(select(Person.id).where(Person.code == code)).one()


def test_house_when_changed_by_anybody_else_then_refused_and_nothing_happens(either_world: World):
    world = either_world
    for stranger in ("wang", "li", "zhao", "jian", "zhou"):
        for action, args, given in (
            (add_person, (), PERSON),
            (edit_person, ("sun",), PERSON),
            (grant_role, (stranger, Role.COORDINATOR), {}),
            (revoke_role, ("lin", Role.COORDINATOR), {}),
            (add_unit, (), {"name": "新处", "kind": UnitKind.DEPARTMENT}),
            (edit_unit, ("一处",), {"name": "新处", "kind": UnitKind.DEPARTMENT, "parent": None}),
        ):
            with pytest.raises(NotAllowed):
                world.act(stranger, action, *args, **given)  # type: ignore[operator]
    assert house_events(world) == []


@pytest.mark.parametrize(
    ("wrong", "refusal", "message"),
    [
        ({"code": "wang"}, Conflict, "somebody else's"),
        ({"code": "冯 工"}, NotReady, "no spaces"),
        ({"code": " "}, NotReady, "one line of text"),
        ({"name": "冯\n工"}, NotReady, "one line of text"),
        ({"name": "冯" * 201}, NotReady, "at most 200"),
        ({"unit": "没有"}, NotFound, "no unit"),
        ({"email": "feng"}, NotReady, "no e-mail address"),
        ({"language": "fr"}, NotReady, "not known"),
    ],
)
def test_person_when_a_field_is_wrong_then_refused(world: World, wrong: dict[str, str], refusal: type, message: str):
    with pytest.raises(refusal, match=message):
        world.act("lin", add_person, **PERSON | wrong)
    assert house_events(world) == []


def test_person_when_moved_then_heads_the_former_unit_no_longer_and_past_days_are_told_as_they_were(
    either_world: World,
):
    world = either_world
    world.act("lin", grant_role, "li", Role.UNIT_HEAD, unit="审计处")
    before = world.moment
    world.at(world.today + timedelta(days=1))
    moved = PERSON | {"code": "lihm", "name": "李红梅", "unit": "二处", "email": None}
    world.act("lin", edit_person, "li", **moved)
    assert grants(world, "lihm") == {(Role.UNIT_HEAD, "审计处")}, "another unit that was given by hand stands"
    with world.sessions() as session:
        now = {one.code: one for one in read_round_ledger(session, world.round, world.moment).people}
        then = {one.code: one for one in read_round_ledger(session, world.round, before).people}
    assert (now["lihm"].name, now["lihm"].unit) == ("李红梅", "二处")
    assert (then["li"].name, then["li"].unit, then["li"].roles) == ("李处长", "一处", (Role.UNIT_HEAD,))
    assert "li" not in now
    assert is_whole(world)


def test_person_when_nothing_differs_then_nothing_is_recorded(world: World):
    same = {"code": "sun", "name": "孙经办", "unit": "一处", "email": " ", "language": ""}
    world.act("lin", edit_person, "sun", **same)
    assert house_events(world) == []


def test_role_when_it_is_the_last_coordinators_then_it_stays(either_world: World):
    world = either_world
    with pytest.raises(Conflict, match="林联络 is the last coordinator"):
        world.act("lin", revoke_role, "lin", Role.COORDINATOR)
    world.act("lin", grant_role, "sun", Role.COORDINATOR)
    world.confirm_trust()
    world.act("lin", revoke_role, "lin", Role.COORDINATOR)
    with pytest.raises(Conflict, match="last coordinator"):
        world.act("sun", revoke_role, "sun", Role.COORDINATOR)
    assert grants(world, "lin") == set()
    assert grants(world, "sun") == {(Role.COORDINATOR, None)}


def test_role_when_given_twice_or_taken_from_who_has_none_then_refused(world: World):
    world.act("lin", grant_role, "li", Role.UNIT_HEAD, unit="二处")
    with pytest.raises(Conflict, match="already"):
        world.act("lin", grant_role, "li", Role.UNIT_HEAD)
    with pytest.raises(NotFound, match="does not have"):
        world.act("lin", revoke_role, "sun", Role.UNIT_HEAD)
    with pytest.raises(NotReady, match="follows from each measure"):
        world.act("lin", grant_role, "sun", Role.OWNER)
    world.act("lin", revoke_role, "li", Role.UNIT_HEAD)
    assert grants(world, "li") == {(Role.UNIT_HEAD, "二处")}
    assert [event.data["grant"][1:] for event in house_events(world)] == [
        ["unit_head", world.units["二处"]],
        ["unit_head", world.units["一处"]],
    ]


def test_unit_when_moved_below_itself_then_refused(either_world: World):
    world = either_world
    world.act("lin", add_unit, name="一科", kind=UnitKind.DEPARTMENT, parent="一处")
    for above in ("一科", "一处"):
        with pytest.raises(Conflict, match="一处 cannot lie below itself"):
            world.act("lin", edit_unit, "一处", name="一处", kind=UnitKind.DEPARTMENT, parent=above)
    with pytest.raises(Conflict, match="already"):
        world.act("lin", edit_unit, "一科", name="二处", kind=UnitKind.DEPARTMENT, parent="一处")
    world.act("lin", edit_unit, "一科", name="综合科", kind=UnitKind.DEPARTMENT, parent="局党委")
    with world.sessions() as session:
        unit = session.scalars(select(Unit).where(Unit.name == "综合科")).one()
        assert unit.parent_id == world.units["局党委"]
    assert [event.kind for event in house_events(world)] == ["unit:record:create", "unit:record:update"]
    assert is_whole(world)


def absence(world: World, first: date, last: date) -> int:
    given = {"person": "wang", "substitute": "sun", "first_day": first, "last_day": last}
    return world.act("lin", set_absence, **given).id


def test_absence_when_ended_then_today_is_its_last_day_and_one_to_come_never_was(either_world: World):
    world = either_world
    today = world.today
    running = absence(world, today - timedelta(days=2), today + timedelta(days=9))
    coming = absence(world, today + timedelta(days=20), today + timedelta(days=30))
    with pytest.raises(NotAllowed):
        world.act("sun", end_absence, running)
    world.act("wang", end_absence, running)
    world.act("lin", end_absence, coming)
    with world.sessions() as session:
        (left,) = session.scalars(select(Absence))
    assert (left.id, left.first_day, left.last_day) == (running, today - timedelta(days=2), today)
    with pytest.raises(WrongState):
        world.act("wang", end_absence, running)
    with pytest.raises(NotFound):
        world.act("wang", end_absence, coming)
    assert [one.data["last_day"] for one in house_events(world) if one.kind == "person:absence:end"] == [
        today.isoformat(),
        None,
    ]
