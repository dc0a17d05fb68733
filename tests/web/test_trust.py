"""Trust on the pages: asked for, confirmed by a second person, with the password anew; and a house with one alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine.actions.set_password import use_link
from engine.rules.vocabulary import Role
from models import Person, RoleGrant
from tests.web.house import Premises, Visitor, english
from tests.world import World

GOOD = "correct horse battery"
BANNER = "单人授权模式"


def holds(world: World, code: str, role: Role) -> bool:
    query = select(RoleGrant.id).join(Person, Person.id == RoleGrant.person_id)
    with world.sessions() as session:
        return session.scalar(query.where(Person.code == code, RoleGrant.role == role)) is not None


def test_role_when_given_on_the_page_then_a_second_person_confirms_it_at_my_work(either_premises: Premises):
    world, lin, jian = either_premises.world, either_premises.visitor("lin"), either_premises.visitor("jian")
    asked = lin.post("/people/sun/roles", role="verifier")
    assert "已提出申请：授予孙经办“核验人”角色" in asked.words
    assert not holds(world, "sun", Role.VERIFIER)
    own = lin.get("/people")
    assert "待确认的授权" in own.words
    (withdraw,) = own.tree.xpath("//form[starts-with(@action, '/people/trust/')]/@action")
    assert withdraw.endswith("/withdraw")  # and nothing to confirm it with
    confirm = withdraw.removesuffix("/withdraw") + "/confirm"
    assert "待确认的授权" not in either_premises.visitor("wang").get("/people").words
    waiting = jian.get("/work")
    assert "待我确认的授权" in waiting.words
    done = jian.post(confirm, **waiting.form(confirm))
    assert (done.status, done.path) == (200, "/work")
    assert "已确认并生效" in done.words
    assert holds(world, "sun", Role.VERIFIER)
    assert lin.post(confirm).status == 409


def test_request_when_refused_or_withdrawn_on_the_page_then_it_says_so(premises: Premises):
    lin, jian = premises.visitor("lin"), premises.visitor("jian")
    lin.post("/people/sun/roles", role="verifier")
    assert lin.post("/people/trust/1/refuse", reason="x").status == 403
    assert "已驳回" in jian.post("/people/trust/1/refuse", reason="未经研究").words
    assert "未经研究" in lin.get("/people").words
    lin.post("/people/sun/roles", role="verifier")
    assert "已撤回" in lin.post("/people/trust/2/withdraw").words
    assert jian.post("/people/trust/999/confirm").status == 404


def test_way_in_of_who_holds_trust_when_saved_then_waits_and_the_rest_is_saved(premises: Premises):
    lin = premises.visitor("lin")
    form = lin.get("/people/jian").form("/people/jian")
    page = lin.post("/people/jian", **form | {"email": "lin@evil.example", "name": "简书记"})
    assert "已提出申请：变更简纪检的电子邮箱" in page.words
    assert page.form("/people/jian")["email"] == ""
    assert page.form("/people/jian")["name"] == "简书记"


def test_link_of_who_holds_trust_when_confirmed_then_made(premises: Premises):
    with premises.world.sessions.begin() as session:
        session.execute(update(Person).values(came_in_at=premises.world.moment.at))
    lin = premises.visitor("lin")
    asked = lin.post("/people/jian/invite")
    assert asked.tree.xpath("//p[@id='link']") == []
    assert "已提出申请" in asked.words
    premises.visitor("zhao").post("/people/trust/1/confirm")
    assert lin.post("/people/jian/invite").tree.xpath("//p[@id='link']/text()")


def let_in(premises: Premises, code: str) -> Visitor:
    """Return the browser of somebody who has a password, and gave it an hour ago."""
    world = premises.world
    from engine.actions.invite_person import make_link  # noqa: PLC0415 - a link without a second person's word

    with world.sessions.begin() as session:
        secret = make_link(session, world.people[code], world.moment, valid_for=timedelta(days=1))
    visitor = Visitor(premises.app, use_link(world.sessions, secret, GOOD, moment=world.moment))
    world.at(world.today, hour=10)
    return visitor


def test_guarded_act_when_the_password_was_given_an_hour_ago_then_asked_anew_and_goes_on(either_premises: Premises):
    world, lin = either_premises.world, let_in(either_premises, "lin")
    asked = lin.post("/people/sun/roles", role="verifier", unit="一处")
    assert asked.status == 403
    assert "请再次输入密码" in asked.words
    carried = asked.form("/account/prove")
    assert (carried["prove_to"], carried["role"]) == ("/people/sun/roles", "verifier")
    wrong = lin.post("/account/prove", **carried | {"proof": "wrong password"})
    assert wrong.status == 403
    assert wrong.form("/account/prove")["role"] == "verifier"
    done = lin.post("/account/prove", **carried | {"proof": GOOD})
    assert (done.status, done.path) == (200, "/people/sun")
    assert "已提出申请" in done.words
    assert "已提出申请" in lin.post("/people/tang/roles", role="verifier").words, "for a quarter of an hour"
    world.moment = type(world.moment)(on=world.today, at=world.moment.at + timedelta(minutes=16))
    assert "请再次输入密码" in lin.post("/people/qian/roles", role="verifier").words


@pytest.mark.parametrize("to", ["https://elsewhere.example/", "//elsewhere.example"])
def test_password_when_given_anew_then_it_never_leads_elsewhere(premises: Premises, to: str):
    lin = let_in(premises, "lin")
    answer = lin.client.post(
        "/account/prove",
        data={"csrf": lin.get("/account").form("/account/language")["csrf"], "prove_to": to, "proof": GOOD},
        headers={"Origin": "http://testserver"},
        follow_redirects=False,
    )
    assert answer.headers["location"] == "/work"


def test_house_with_one_trusted_person_says_so_on_every_page_until_there_are_two(premises: Premises):
    lin = premises.visitor("lin")
    assert BANNER not in lin.get("/work").words
    with premises.world.sessions.begin() as session:
        for grant in session.scalars(select(RoleGrant).where(RoleGrant.role != Role.COORDINATOR)):
            session.delete(grant)
    for path in ("/work", "/people", "/account", "/rounds"):
        assert BANNER in lin.get(path).words
        assert BANNER in premises.visitor("wang").get(path).words
    with english(lin):
        assert "Only one person holds trust here" in lin.get("/work").words
    lin.post("/people/sun/roles", role="verifier")
    assert BANNER not in lin.get("/work").words
