"""The way in: links, passwords, failures that make one wait, sign-ins that end; nobody learns who has an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from engine.actions import check_password as checking
from engine.actions.api_tokens import Scope, make_token
from engine.actions.invite_person import invite_person
from engine.reads.sign_ins import IDLE, LONGEST, digest_of
from engine.rules.moment import Moment
from engine.rules.refusal import NotAllowed
from models import Account, AccountLink, ApiToken, Event, SignIn
from tests.web.house import Premises, Visitor
from tests.world import World
from web.visit import SIGN_IN

GOOD, OTHER = "correct horse battery", "another long sentence"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let hashes cost little: how much they cost is no matter of these tests."""
    checking._nobody.cache_clear()
    monkeypatch.setattr(checking, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield
    checking._nobody.cache_clear()


def later(premises: Premises, span: timedelta) -> None:
    """Let time pass."""
    moment = premises.world.moment
    at = moment.at + span
    premises.world.moment = Moment(at=at, on=at.date())


def invited(premises: Premises, code: str = "wang") -> str:
    """Return the secret of a link for a person."""
    return premises.world.act("lin", invite_person, code, zone="Asia/Shanghai")


def with_password(premises: Premises, code: str = "wang") -> Visitor:
    """Return a browser in which a person has just set a password."""
    visitor = premises.visitor()
    page = visitor.post(f"/link/{invited(premises, code)}", password=GOOD, again=GOOD)
    assert page.path == "/work"
    visitor.secret = visitor.client.cookies.get(SIGN_IN)
    return visitor


def test_link_when_used_sets_a_password_and_lets_in(either_premises: Premises):
    visitor = either_premises.visitor()
    secret = invited(either_premises)
    assert "王经办" in visitor.get(f"/link/{secret}").words
    visitor.post(f"/link/{secret}", password=GOOD, again=GOOD)
    assert "王经办" in visitor.get("/account").words
    newcomer = either_premises.visitor()
    assert newcomer.post("/sign-in", who="wang", password=GOOD, next="/account").path == "/account"


def test_link_when_used_expired_or_replaced_is_no_longer_good(premises: Premises):
    first, second = invited(premises), invited(premises)
    premises.visitor().post(f"/link/{second}", password=GOOD, again=GOOD)
    for secret in (first, second, "made up"):
        page = premises.visitor().post(f"/link/{secret}", password=OTHER, again=OTHER)
        assert (page.status, "请向联络员索取新链接" in page.words) == (404, True)
    third = invited(premises)
    later(premises, timedelta(days=7, seconds=1))
    assert premises.visitor().get(f"/link/{third}").status == 404


@pytest.mark.parametrize("who", ["wang", "王经办", " wang "])
def test_sign_in_by_name_or_code_lets_in(premises: Premises, who: str):
    with_password(premises)
    visitor = premises.visitor()
    assert visitor.post("/sign-in", who=who, password=GOOD).path == "/work"
    cookie = next(one for one in visitor.client.cookies.jar if one.name == SIGN_IN)
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"


def test_sign_in_with_a_wrong_name_or_password_tells_the_same(premises: Premises):
    with_password(premises)
    told = set()
    for who, password in (("wang", OTHER), ("sun", GOOD), ("nobody", GOOD), ("", "")):
        page = premises.visitor().post("/sign-in", who=who, password=password)
        assert page.status == 403
        told.add(page.words.replace(who, "") if who else page.words)
    assert len(told) == 1


def test_sign_in_leads_to_no_other_site(premises: Premises):
    with_password(premises)
    page = premises.visitor().post("/sign-in", who="wang", password=GOOD, next="//elsewhere.example/x")
    assert page.path == "/work"


def test_failures_when_there_are_many_make_one_wait_and_then_no_longer(either_premises: Premises):
    with_password(either_premises)
    visitor = either_premises.visitor()
    statuses = [visitor.post("/sign-in", who="wang", password=OTHER).status for _ in range(7)]
    assert statuses == [403] * 5 + [429] * 2
    answer = visitor.client.post("/sign-in", data={"who": "wang", "password": GOOD})
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
    later(either_premises, timedelta(seconds=3))
    assert visitor.post("/sign-in", who="wang", password=GOOD).path == "/work"


@pytest.mark.parametrize("password", ["short", "1234567890", "aaaaaaaaaaaa", "wang12345678", "王经办1234567890"])
def test_password_when_easily_guessed_is_refused_and_the_link_stays_good(premises: Premises, password: str):
    secret, visitor = invited(premises), premises.visitor()
    assert visitor.post(f"/link/{secret}", password=password, again=password).status == 409
    assert visitor.post(f"/link/{secret}", password=GOOD, again=OTHER).status == 409
    assert visitor.post(f"/link/{secret}", password=GOOD, again=GOOD).path == "/work"


def test_sign_in_when_long_unused_or_old_has_ended(premises: Premises):
    visitor = with_password(premises)
    later(premises, IDLE - timedelta(minutes=1))
    assert visitor.get("/account").path == "/account"  # and this counts as use
    later(premises, IDLE - timedelta(minutes=1))
    assert visitor.get("/account").path == "/account"
    later(premises, IDLE + timedelta(minutes=1))
    assert visitor.get("/account").path == "/sign-in"
    fresh = with_password(premises, "sun")
    for _ in range(int(LONGEST / timedelta(hours=8)) + 1):
        later(premises, timedelta(hours=8))
        ended = fresh.get("/account").path == "/sign-in"
    assert ended


def test_sign_in_when_it_is_anew_ends_the_former_one_of_this_browser(premises: Premises):
    visitor = with_password(premises)
    former = visitor.secret
    assert visitor.post("/sign-in", who="wang", password=GOOD).path == "/work"
    assert Visitor(premises.app, former).get("/account").path == "/sign-in"
    assert visitor.get("/account").path == "/account"


@pytest.mark.parametrize(
    ("address", "host", "is_secure"),
    [
        ("https://duban.office.example", "duban.office.example", True),
        ("https://duban.office.example", "testserver", False),  # on the machine itself
        ("http://duban.office.example", "duban.office.example", False),
        (None, "testserver", False),
    ],
)
def test_cookie_is_for_encrypted_ways_where_people_come_by_one(
    world: World, tmp_path: Path, address: str | None, host: str, *, is_secure: bool
):
    premises = Premises(world, tmp_path, address=address)
    secret = invited(premises)
    answer = premises.visitor().client.post(
        f"/link/{secret}",
        data={"password": GOOD, "again": GOOD},
        headers={"Host": host, "Origin": f"https://{host}"},
        follow_redirects=False,
    )
    assert answer.status_code == 303
    (cookie,) = answer.headers.get_list("set-cookie")
    assert ("; secure" in cookie.lower()) is is_secure
    assert {"httponly", "samesite=lax", "path=/"} <= set(cookie.lower().split("; "))


def test_sign_out_when_asked_ends_this_browser_alone(premises: Premises):
    here, there = with_password(premises), premises.visitor("wang")
    assert here.post("/sign-out").path == "/sign-in"
    assert here.get("/account").path == "/sign-in"
    assert there.get("/account").path == "/account"


def test_password_when_changed_signs_out_everywhere_else(premises: Premises):
    here = with_password(premises)
    there = premises.visitor("wang")
    assert here.post("/account/password", old=OTHER, password=OTHER, again=OTHER).status == 403
    assert here.post("/account/password", old=GOOD, password=OTHER, again=OTHER).path == "/account"
    assert here.get("/account").path == "/account"
    assert there.get("/account").path == "/sign-in"
    assert premises.visitor().post("/sign-in", who="wang", password=GOOD).status == 403


def test_password_when_the_present_one_is_guessed_at_must_wait(premises: Premises):
    here = with_password(premises)
    for _ in range(5):
        assert here.post("/account/password", old=OTHER, password=OTHER, again=OTHER).status == 403
    page = here.post("/account/password", old=GOOD, password=OTHER, again=OTHER)
    assert (page.status, "秒后再试" in page.words, "操作过于频繁" in page.words) == (429, True, True)
    assert int(page.answer.headers["retry-after"]) > 0


def test_language_when_chosen_on_the_account_goes_with_its_person(premises: Premises):
    visitor = premises.visitor("wang")
    visitor.post("/language", language="zh_CN", back="/account")
    assert "Sign out" in visitor.post("/account/language", language="en").words
    assert "Sign out" in premises.visitor("wang").get("/account").words
    assert visitor.post("/account/language", language="fr").status == 409
    assert "退出" in visitor.post("/account/language", language="").words


def test_person_when_shut_out_is_led_to_the_way_in(premises: Premises):
    wang, lin = with_password(premises), premises.visitor("lin")
    assert "停用登录" in lin.get("/people/wang").words
    assert "停用登录" not in lin.get("/people/lin").words
    assert lin.post("/people/wang/shut-out").path == "/people/wang"
    assert wang.get("/account").path == "/sign-in"
    assert premises.visitor().post("/sign-in", who="wang", password=GOOD).status == 403
    assert lin.post("/people/lin/shut-out").status == 403


def test_browser_of_somebody_else_cannot_be_signed_out(premises: Premises):
    victim, thief = premises.visitor("wang"), premises.visitor("sun")
    with premises.world.sessions() as session:
        number = session.scalars(select(SignIn.id).order_by(SignIn.id)).first()
    thief.post("/account/browsers", sign_in=str(number))
    assert victim.get("/account").path == "/account"


def test_token_when_made_is_shown_once_and_ends_when_revoked(premises: Premises):
    visitor = premises.visitor("wang")
    shown = visitor.post("/account/tokens", name="报表", scope="read", days="30")
    (secret,) = shown.tree.xpath("//input[@id='new-token']/@value")
    again = visitor.get("/account")
    assert secret not in again.text
    assert "报表" in again.words
    with premises.world.sessions() as session:
        token = session.scalars(select(ApiToken)).one()
        assert (token.digest, token.scope) == (digest_of(secret), "read")
    assert premises.visitor("sun").post(f"/account/tokens/{token.id}/revoke").status == 404
    visitor.post(f"/account/tokens/{token.id}/revoke")
    assert "已撤销" in visitor.get("/account").words


def test_invitation_is_for_coordinators_alone(premises: Premises):
    for code in ("wang", "li", "zhao", "jian", "zhou"):
        with pytest.raises(NotAllowed):
            premises.world.act(code, invite_person, "sun", zone="Asia/Shanghai")


def test_record_tells_of_links_and_passwords_but_no_secret(premises: Premises):
    secret = invited(premises)
    premises.visitor().post(f"/link/{secret}", password=GOOD, again=GOOD)
    token = premises.world.act("wang", make_token, name="x", scope=Scope.ACT, days=1)
    with premises.world.sessions() as session:
        events = session.execute(select(Event.kind, Event.data).where(Event.kind.startswith("account:"))).all()
        kept = [str(row) for row in session.scalars(select(Account.password_hash))]
        digests = [*session.scalars(select(AccountLink.digest)), *session.scalars(select(ApiToken.digest))]
    assert [kind for kind, _ in events] == ["account:link:make", "account:password:set", "account:token:make"]
    for held in (secret, token, GOOD):
        assert held not in str(events)
        assert held not in str(kept)
        assert held.encode() not in digests
