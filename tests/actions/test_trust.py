"""Trust is never taken alone: roles, ways in, links and substitutes wait for a second person who holds trust."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.actions.api_tokens import Scope, make_token
from engine.actions.ask_link import ask_link
from engine.actions.decide_trust import confirm_request, refuse_request, withdraw_request
from engine.actions.desk import find_actor
from engine.actions.edit_person import edit_person
from engine.actions.end_absence import end_absence
from engine.actions.grant_role import grant_role, revoke_role
from engine.actions.invite_person import ask_to_invite, invite_person
from engine.actions.judge_verification import pass_verification
from engine.actions.open_sign_in import open_sign_in
from engine.actions.set_absence import set_absence
from engine.actions.set_password import use_link
from engine.actions.shut_out import shut_out
from engine.actions.tell_lapsed import tell_lapsed
from engine.reads.audit import audit_record
from engine.reads.people_names import find_signing_in
from engine.reads.trust import read_requests, read_requests_for, runs_with_one
from engine.rules.refusal import Conflict, FourEyes, NotAllowed, NotFound, NotReady, Refusal, Unproved, WrongState
from engine.rules.trust import LINK_WITHIN, TRUSTED, VALID_FOR, TrustState
from engine.rules.vocabulary import Role
from models import Event, Person, RoleGrant, TrustRequest
from tests.factories import ZONE
from tests.world import World

GOOD = "correct horse battery"
JIAN: dict[str, Any] = {"code": "jian", "name": "简纪检", "unit": "局党委", "email": None, "language": None}


def roles(world: World, code: str) -> set[Role]:
    query = select(RoleGrant.role).join(Person, Person.id == RoleGrant.person_id).where(Person.code == code)
    with world.sessions() as session:
        return set(session.scalars(query))


def borrowed(world: World, code: str) -> set[Role]:
    with world.desk(code) as desk:
        return {role for role, _ in find_actor(desk).borrowed}


def newest(world: World) -> TrustRequest:
    with world.sessions() as session:
        return session.scalars(select(TrustRequest).order_by(TrustRequest.id.desc()).limit(1)).one()


def told(world: World, kind: str) -> set[str]:
    return {line.to for line in world.said(kind=kind)}


def everybody_came_in(world: World) -> None:
    with world.sessions.begin() as session:
        session.execute(update(Person).values(came_in_at=world.moment.at))


def alone(world: World) -> World:
    """Leave the house with one trusted person: lin."""
    with world.sessions.begin() as session:
        for grant in session.scalars(select(RoleGrant).where(RoleGrant.role.in_(TRUSTED))):
            if grant.person_id != world.people["lin"]:
                session.delete(grant)
    return world


@pytest.mark.parametrize("role", sorted(TRUSTED - {Role.COORDINATOR}))
def test_role_when_it_is_trusted_then_a_second_person_gives_it(either_world: World, role: Role):
    world = either_world
    asked = world.act("lin", grant_role, "sun", role)
    assert asked is not None
    assert roles(world, "sun") == set()
    assert told(world, "trust_asked") == {"zhao", "jian", "zhou", "wu", "sun"}
    assert [one.data["is_asked"] for one in world.said(to="sun")] == [False]
    for person, refusal in (("lin", FourEyes), ("sun", NotAllowed), ("tang", NotAllowed)):
        with pytest.raises(refusal):
            world.act(person, confirm_request, asked.id)
    world.act("wu", confirm_request, asked.id)
    assert roles(world, "sun") == {role}
    assert told(world, "trust_decided") == {"lin", "zhao", "jian", "zhou", "sun"}
    with pytest.raises(WrongState, match="waits no longer: confirmed"):
        world.act("zhou", confirm_request, asked.id)
    with world.sessions() as session:
        kinds = list(session.scalars(select(Event.kind).where(Event.measure_id.is_(None)).order_by(Event.seq)))
        assert not audit_record(session).broken
    assert kinds == ["trust:request:ask", "person:role:grant", "trust:request:confirm"]


def test_role_when_nobody_else_knows_then_a_coordinator_gives_themselves_nothing(either_world: World):
    for role in (*TRUSTED, Role.AUDITOR, Role.UNIT_HEAD):
        with pytest.raises((FourEyes, Conflict)):
            either_world.act("lin", grant_role, "lin", role)
    assert roles(either_world, "lin") == {Role.COORDINATOR}


def test_role_when_it_gives_no_trust_then_given_at_once(world: World):
    assert world.act("lin", grant_role, "sun", Role.AUDITOR) is None
    assert roles(world, "sun") == {Role.AUDITOR}


def test_request_when_whoever_gains_holds_trust_already_then_they_do_not_confirm_it(world: World):
    asked = world.act("lin", grant_role, "wu", Role.SUPERVISOR)
    assert asked is not None
    with pytest.raises(FourEyes, match="whoever it concerns"):
        world.act("wu", confirm_request, asked.id)


def test_request_when_refused_withdrawn_or_late_then_nothing_changes(world: World):
    first = world.act("lin", grant_role, "sun", Role.VERIFIER)
    assert first is not None
    with pytest.raises(Conflict, match="asked for already"):
        world.act("lin", grant_role, "sun", Role.VERIFIER)
    with pytest.raises(NotReady, match="a reason"):
        world.act("jian", refuse_request, first.id, reason=" ")
    world.act("jian", refuse_request, first.id, reason="未经研究")
    assert [line.data["reason"] for line in world.said(to="lin", kind="trust_decided")] == ["未经研究"]
    second = world.act("lin", grant_role, "sun", Role.VERIFIER)
    assert second is not None
    with pytest.raises(NotAllowed, match="by whoever asked"):
        world.act("jian", withdraw_request, second.id)
    world.act("lin", withdraw_request, second.id)
    third = world.act("lin", grant_role, "sun", Role.VERIFIER)
    assert third is not None
    world.at(world.today + VALID_FOR)
    with pytest.raises(WrongState, match="not answered in time"):
        world.act("jian", confirm_request, third.id)
    with pytest.raises(NotFound):
        world.act("jian", confirm_request, 999)
    assert roles(world, "sun") == set()
    with world.sessions() as session:
        lines = read_requests(session, world.moment, reader=world.people["jian"], coordinates=False)
    assert [(one.number, one.state, one.is_lapsed) for one in lines] == [
        (third.id, TrustState.WAITING, True),
        (second.id, TrustState.WITHDRAWN, False),
        (first.id, TrustState.REFUSED, False),
    ]


@pytest.mark.parametrize("how", ["role", "shut_out"])
def test_request_when_whoever_asked_lost_the_right_then_it_cannot_be_confirmed(either_world: World, how: str):
    world = either_world
    made = world.act("lin", grant_role, "tang", Role.COORDINATOR)
    assert made is not None
    world.act("zhao", confirm_request, made.id)
    asked = world.act("tang", grant_role, "sun", Role.SUPERVISOR)
    assert asked is not None
    if how == "role":
        world.act("lin", revoke_role, "tang", Role.COORDINATOR)
    else:
        world.act("lin", shut_out, "tang")
    with pytest.raises(Conflict, match="may not ask for it any more"):
        world.act("jian", confirm_request, asked.id)
    assert roles(world, "sun") == set()


def test_role_when_taken_then_at_once_but_the_last_two_stay(either_world: World):
    world = either_world
    for code, role in (("zhou", Role.VERIFIER), ("wu", Role.VERIFIER), ("zhao", Role.LEADING_GROUP)):
        world.act("lin", revoke_role, code, role)
    with pytest.raises(Conflict, match="one of the last two"):
        world.act("lin", revoke_role, "jian", Role.SUPERVISOR)
    asked = world.act("lin", grant_role, "sun", Role.VERIFIER)
    assert asked is not None, "whoever takes trust from all others does not act alone"


def test_way_in_when_it_is_of_who_holds_trust_then_changed_by_two_and_told_at_both_addresses(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        session.execute(update(Person).where(Person.code == "jian").values(email="jian@old.example.cn"))
    for changed in ({"email": "lin@evil.example"}, {"email": None}, {"email": "jian@old.example.cn", "code": "jian2"}):
        with world.desk("lin") as desk:
            person, waits = edit_person(desk, "jian", **JIAN | {"name": "简书记"} | changed)
            assert (person.code, person.email, person.name) == ("jian", "jian@old.example.cn", "简书记")
            assert waits is not None
        world.act("zhao", refuse_request, waits.id, reason="未核实")
    world.act("lin", edit_person, "jian", **JIAN | {"email": "jian@new.example.cn"})
    with pytest.raises(FourEyes, match="whoever it concerns"):
        world.act("jian", confirm_request, newest(world).id)
    world.act("zhao", confirm_request, newest(world).id)
    with world.sessions() as session:
        assert session.get_one(Person, world.people["jian"]).email == "jian@new.example.cn"
    assert [line.data.get("former") for line in world.said(to="jian", kind="trust_decided")][-2:] == [
        None,
        "jian@old.example.cn",
    ]


def test_way_in_when_changed_between_asking_and_confirming_then_asked_anew(world: World):
    world.act("lin", edit_person, "jian", **JIAN | {"email": "jian@new.example.cn"})
    with world.sessions.begin() as session:
        session.execute(update(Person).where(Person.code == "jian").values(email="other@example.cn"))
    with pytest.raises(Conflict, match="changed meanwhile"):
        world.act("zhao", confirm_request, newest(world).id)


def test_way_in_when_trust_is_still_to_be_confirmed_then_guarded_already(world: World):
    everybody_came_in(world)
    world.act("lin", grant_role, "sun", Role.SUPERVISOR)
    _, waits = world.act(
        "lin", edit_person, "sun", code="sun", name="孙经办", unit="一处", email="lin@example.cn", language=None
    )
    assert waits is not None
    assert world.act("lin", ask_to_invite, "sun") is not None


def test_link_when_it_is_of_who_holds_trust_then_made_once_within_a_day_of_the_word(either_world: World):
    world = either_world
    everybody_came_in(world)
    with pytest.raises(NotReady, match="second person"):
        world.act("lin", invite_person, "jian", zone=ZONE)
    asked = world.act("lin", ask_to_invite, "jian")
    assert asked is not None
    world.act("zhao", confirm_request, asked.id)
    assert world.act("lin", ask_to_invite, "jian") is None
    assert world.act("lin", invite_person, "jian", zone=ZONE)
    assert newest(world).state is TrustState.USED
    with pytest.raises(NotReady):
        world.act("lin", invite_person, "jian", zone=ZONE)
    again = world.act("lin", ask_to_invite, "jian")
    assert again is not None
    world.act("zhao", confirm_request, again.id)
    world.at(world.today + LINK_WITHIN, hour=10)
    assert world.act("lin", ask_to_invite, "jian") is not None


def test_link_when_the_house_is_being_set_up_then_two_come_in_and_no_more_alone(world: World):
    for code in ("lin", "jian"):
        assert world.act("lin", ask_to_invite, code) is None or code == "lin"
        secret = world.act("lin", invite_person, code, zone=ZONE)
        use_link(world.sessions, secret, GOOD, moment=world.moment)
    assert world.act("lin", ask_to_invite, "zhao") is not None
    assert world.act("lin", ask_to_invite, "wang") is None, "who holds no trust is invited as ever"


def test_link_when_made_before_the_trust_then_it_opens_nothing_afterwards(either_world: World):
    world = either_world
    secret = world.act("lin", invite_person, "sun", zone=ZONE)
    asked = world.act("lin", grant_role, "sun", Role.SUPERVISOR)
    assert asked is not None
    world.act("zhao", confirm_request, asked.id)
    with pytest.raises(NotFound):
        use_link(world.sessions, secret, GOOD, moment=world.moment)


def away(world: World, person: str, substitute: str, *, by: str = "lin", days: int = 9) -> int:
    given = {"person": person, "substitute": substitute}
    return world.act(by, set_absence, **given, first_day=world.today, last_day=world.today + timedelta(days=days)).id


def test_substitute_when_nobody_has_confirmed_then_receives_but_holds_no_trust(either_world: World):
    world = either_world
    world.submitted(verifier="wu")
    away(world, "wu", "tang")
    away(world, "zhao", "qian", by="zhao")
    assert borrowed(world, "tang") == borrowed(world, "qian") == set()
    with pytest.raises(NotAllowed):
        world.act("tang", pass_verification, "1-01")
    with world.sessions() as session:
        first, second = session.scalars(select(TrustRequest).order_by(TrustRequest.id))
    with pytest.raises(FourEyes):
        world.act("lin", confirm_request, first.id)
    world.act("wu", confirm_request, first.id)
    assert borrowed(world, "tang") == {Role.VERIFIER}
    world.act("lin", confirm_request, second.id)
    assert borrowed(world, "qian") == {Role.LEADING_GROUP}
    world.act("tang", pass_verification, "1-01")


def test_substitute_when_through_a_chain_then_each_link_needs_its_word(either_world: World):
    world = either_world
    away(world, "jian", "tang", by="jian")
    world.act("zhao", confirm_request, newest(world).id)
    away(world, "tang", "sun", by="tang")
    assert borrowed(world, "sun") == set()
    with pytest.raises(FourEyes, match="substitute of 唐科员"):
        away(world, "tang", "lin")
    world.act("zhou", confirm_request, newest(world).id)
    assert borrowed(world, "sun") == {Role.SUPERVISOR}


def test_substitute_when_the_chain_was_there_before_the_trust_then_it_waits_too(either_world: World):
    world = either_world
    away(world, "tang", "sun", by="tang")
    away(world, "jian", "tang", by="jian")
    assert newest(world).data["substitute"] == "唐科员"
    world.act("zhao", confirm_request, newest(world).id)
    assert borrowed(world, "sun") == set()
    assert newest(world).data["substitute"] == "孙经办", "it is asked for by itself"


def test_substitute_when_the_role_came_after_the_absence_then_holds_no_trust_by_it(either_world: World):
    world = either_world
    away(world, "sun", "lin")
    asked = world.act("lin", grant_role, "sun", Role.SUPERVISOR)
    assert asked is not None
    world.act("zhao", confirm_request, asked.id)
    assert roles(world, "sun") == {Role.SUPERVISOR}
    assert borrowed(world, "lin") == set()
    with world.sessions() as session:
        waiting = read_requests_for(session, world.moment, world.people["zhao"])
    assert waiting == (), "nobody is asked to give trust to whoever asked for it"


def test_substitute_when_the_absence_ended_before_the_word_then_it_is_too_late(world: World):
    number = away(world, "jian", "tang", by="jian")
    world.act("jian", end_absence, number)
    world.at(world.today + timedelta(days=1))
    with pytest.raises(Conflict, match="over"):
        world.act("zhao", confirm_request, newest(world).id)


def test_substitute_of_a_coordinator_when_confirmed_may_ask_but_never_confirms(world: World):
    away(world, "lin", "tang", by="lin")
    world.act("zhao", confirm_request, newest(world).id)
    assert world.act("tang", grant_role, "sun", Role.AUDITOR) is None
    asked = world.act("zhou", set_absence, person="zhou", substitute="sun", first_day=world.today, last_day=world.today)
    assert not asked.lends_trust
    with pytest.raises(NotAllowed, match="who holds one of the trusted roles"):
        world.act("tang", confirm_request, newest(world).id)


def test_house_with_one_trusted_person_acts_alone_and_tells_it(either_world: World):
    world = alone(either_world)
    with world.sessions() as session:
        assert runs_with_one(session)
    with pytest.raises(FourEyes):
        world.act("lin", grant_role, "lin", Role.VERIFIER)
    assert world.act("lin", grant_role, "sun", Role.VERIFIER) is None
    assert roles(world, "sun") == {Role.VERIFIER}
    assert [(line.to, line.data["how"]) for line in world.said(kind="trust_decided")] == [("sun", "alone")]
    with world.sessions() as session:
        assert not runs_with_one(session)
        assert session.scalars(select(Event.kind).where(Event.kind.startswith("trust:"))).all() == [
            "trust:request:alone"
        ]
    assert world.act("lin", grant_role, "tang", Role.VERIFIER) is not None


GUARDED: list[Callable[[Any], object]] = [
    lambda desk: grant_role(desk, "sun", Role.VERIFIER),
    lambda desk: edit_person(desk, "jian", **JIAN | {"email": "jian@example.cn"}),
    lambda desk: ask_to_invite(desk, "jian"),
    lambda desk: set_absence(
        desk, person="jian", substitute="tang", first_day=date(2025, 3, 3), last_day=date(2025, 3, 4)
    ),
    lambda desk: make_token(desk, name="脚本", scope=Scope.ACT, days=9),
]


@pytest.mark.parametrize("do", GUARDED)
def test_guarded_act_when_the_password_was_not_given_of_late_then_asked_for_it(
    world: World, do: Callable[[Any], object]
):
    everybody_came_in(world)
    with pytest.raises(Unproved), world.desk("lin") as desk:
        do(replace(desk, is_proved=False))
    with world.desk("lin") as desk:
        do(replace(desk, is_proved=True))


def test_confirming_when_the_password_was_not_given_of_late_then_asked_for_it(world: World):
    asked = world.act("lin", grant_role, "sun", Role.VERIFIER)
    assert asked is not None
    with pytest.raises(Unproved), world.desk("jian") as desk:
        confirm_request(replace(desk, is_proved=False), asked.id)
    assert roles(world, "sun") == set()


def test_shut_out_person_when_they_come_by_the_provider_or_ask_for_a_link_then_they_stay_out(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        open_sign_in(session, world.people["sun"], world.moment, how="provider")
        session.execute(update(Person).where(Person.code == "sun").values(email="sun@example.cn"))
    world.act("lin", shut_out, "sun")
    with world.sessions() as session:
        assert find_signing_in(session, "sun") is find_signing_in(session, "sun@example.cn") is None
    asked = {"who": "sun", "moment": world.moment, "by_mail": True, "tell_coordinator": False}
    assert ask_link(world.sessions, **asked) is None
    world.act("lin", invite_person, "sun", zone=ZONE)
    with world.sessions() as session:
        assert find_signing_in(session, "sun") == world.people["sun"]


def test_request_when_two_confirm_at_once_then_it_takes_effect_once(either_world: World):
    world = either_world
    asked = world.act("lin", grant_role, "sun", Role.VERIFIER)
    assert asked is not None
    world.act("jian", confirm_request, asked.id)
    with pytest.raises(Refusal):
        world.act("zhao", confirm_request, asked.id)
    with world.sessions() as session:
        assert len(session.scalars(select(RoleGrant).where(RoleGrant.person_id == world.people["sun"])).all()) == 1


def test_request_when_it_lapsed_then_whoever_asked_hears_it_once(either_world: World):
    world = either_world
    world.act("lin", grant_role, "sun", Role.VERIFIER)
    world.act("jian", set_absence, person="jian", substitute="tang", first_day=world.today, last_day=world.today)

    def lapse() -> list[tuple[str, str]]:
        with world.sessions.begin() as session:
            tell_lapsed(session, world.moment)
        return [(line.to, line.data["how"]) for line in world.said(kind="trust_decided")]

    assert lapse() == []
    world.at(world.today + VALID_FOR + timedelta(days=1))
    assert sorted(lapse()) == [("jian", "lapsed"), ("lin", "lapsed")]
    assert len(lapse()) == 2, "said already"
    with world.sessions() as session:
        lines = read_requests(session, world.moment, reader=world.people["lin"], coordinates=True)
    assert [one.confirmers for one in lines] == [(), ()], "it waits for nobody any more"


@pytest.mark.parametrize(
    ("person", "role", "readers"),
    [("zhou", Role.VERIFIER, {"zhou", "zhao", "jian", "wu"}), ("li", Role.UNIT_HEAD, {"li"})],
)
def test_role_when_it_is_taken_away_then_told_as_a_grant_is(
    either_world: World, person: str, role: Role, readers: set[str]
):
    either_world.act("lin", revoke_role, person, role)
    assert told(either_world, "role_taken") == readers
