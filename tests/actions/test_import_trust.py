"""A ledger gives no trust by itself, and changes no address of who holds it, once two people hold trust."""

from __future__ import annotations

from sqlalchemy import select

from engine.actions.decide_trust import refuse_request
from engine.actions.desk import Desk
from engine.rules.moment import Moment
from engine.rules.trust import TrustState
from engine.rules.vocabulary import Role
from models import Notification, Person, RoleGrant, TrustRequest
from models.database import Sessions
from tests.factories import FEEDBACK, at
from tests.plans import PEOPLE, ledger, person, store
from tests.world import real_calendar

MORE = (
    person("zhangw", "张伟", "规划处", Role.SUPERVISOR, Role.UNIT_HEAD),
    person("wangjg", "王建国", "局党委", Role.LEADING_GROUP, email="lin@evil.example"),
    person("feng", "冯工", "财务处", Role.VERIFIER),
)


def trusted(sessions: Sessions) -> set[tuple[str, Role]]:
    query = select(Person.code, RoleGrant.role).join(Person, Person.id == RoleGrant.person_id)
    with sessions() as session:
        return set(session.execute(query.where(RoleGrant.role != Role.UNIT_HEAD)).tuples())


def states(sessions: Sessions) -> list[TrustState]:
    with sessions() as session:
        return list(session.scalars(select(TrustRequest.state).order_by(TrustRequest.id)))


def number(sessions: Sessions, code: str) -> int:
    with sessions() as session:
        return session.scalars(select(Person.id).where(Person.code == code)).one()


def told(sessions: Sessions, kind: str) -> set[str]:
    query = select(Person.code).join(Notification, Notification.person_id == Person.id)
    with sessions() as session:
        return set(session.scalars(query.where(Notification.kind == kind)))


def test_import_when_nobody_holds_trust_yet_then_it_names_the_first(sessions: Sessions):
    store(sessions, ledger(people=(*PEOPLE, *MORE[2:])))
    assert trusted(sessions) == {
        ("wangjg", Role.LEADING_GROUP),
        ("zhaozq", Role.COORDINATOR),
        ("feng", Role.VERIFIER),
    }
    assert states(sessions) == []


def test_import_when_two_hold_trust_then_what_gives_it_waits_and_the_rest_is_stored(sessions: Sessions):
    store(sessions, ledger())
    before = trusted(sessions)
    report = store(sessions, ledger(people=MORE), actor=number(sessions, "zhaozq"))
    assert trusted(sessions) == before
    assert sorted(str(one) for one in report.kept) == [
        "feng: 冯工 gets the role verifier: this waits for a second person who holds trust",
        (
            "wangjg: of 王建国 is changed: the e-mail from empty to lin@evil.example: this waits for a second "
            "person who holds trust"
        ),
        "zhangw: 张伟 gets the role supervisor: this waits for a second person who holds trust",
    ]
    with sessions() as session:
        assert session.scalars(select(Person.email).where(Person.code == "wangjg")).one() is None
        heads = select(Person.code).join(RoleGrant).where(RoleGrant.role == Role.UNIT_HEAD).order_by(Person.code)
        assert session.scalars(heads).all() == ["lihm", "zhangw"]
    assert states(sessions) == [TrustState.WAITING] * 3
    assert told(sessions, "trust_asked") == {"wangjg", "zhangw", "feng"}, "but for who imports"


def test_import_when_the_same_again_then_nothing_is_asked_twice_nor_after_a_refusal(sessions: Sessions):
    store(sessions, ledger())
    store(sessions, ledger(people=MORE[:1]), actor=number(sessions, "zhaozq"))
    (again,) = store(sessions, ledger(people=MORE[:1]), actor=number(sessions, "zhaozq")).kept
    assert "waits for a second person already" in str(again)
    moment: Moment = at(FEEDBACK)
    with sessions.begin() as session:
        desk = Desk(session=session, moment=moment, calendar=real_calendar(), person="wangjg")
        refuse_request(desk, session.scalars(select(TrustRequest.id)).one(), reason="未经研究")
    (refused,) = store(sessions, ledger(people=MORE[:1]), actor=number(sessions, "zhaozq")).kept
    assert "was refused" in str(refused)
    assert states(sessions) == [TrustState.REFUSED]


def test_import_when_it_names_who_imports_then_gives_them_nothing(sessions: Sessions):
    store(sessions, ledger())
    own = (person("zhaozq", "赵志强", "财务处", Role.COORDINATOR, Role.AUDITOR, Role.UNIT_HEAD),)
    report = store(sessions, ledger(people=own), actor=number(sessions, "zhaozq"))
    assert {str(one).partition(":")[2].strip() for one in report.kept} == {
        "nobody gives themselves the role auditor",
        "nobody gives themselves the role unit head",
    }
    assert ("zhaozq", Role.AUDITOR) not in trusted(sessions)


def test_import_when_one_holds_trust_then_it_takes_effect_and_is_told(sessions: Sessions):
    store(sessions, ledger(people=tuple(one for one in PEOPLE if one.code != "wangjg")))
    report = store(sessions, ledger(people=MORE[2:]), actor=number(sessions, "zhaozq"))
    assert ("feng", Role.VERIFIER) in trusted(sessions)
    assert report.kept == []
    assert states(sessions) == [TrustState.ALONE]
    assert told(sessions, "trust_decided") == {"feng"}
