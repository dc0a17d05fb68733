"""Sign-in with an OpenID provider: a real one, over HTTP; and whatever could be forged on the way is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey, RSAKey
from sqlalchemy import select, update

from engine.rules.refusal import NotAllowed
from models import Person, SignIn
from tests.web.house import ORIGIN, Page, Premises, Visitor
from tests.world import World
from web.openid import NEEDED, Errand, Provider

SERVER = Path(__file__).with_name("openid_server.py")
BACK = "/sign-in/provider/back"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Give the address of a provider."""
    with subprocess.Popen([sys.executable, str(SERVER)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        yield process.stdout.readline().decode().strip()
        process.terminate()


@pytest.fixture
def open_house(world: World, tmp_path: Path, issuer: str) -> Callable[..., Premises]:
    """Return what opens the house with this provider; its day is today, as the provider's is."""
    now = datetime.now(UTC)  # noqa: TID251 - the provider's own tokens are of today
    world.moment = type(world.moment)(at=now, on=now.date())

    def opened(**settings: Any) -> Premises:
        ours = {"oidc_issuer": issuer, "oidc_client_id": "duban", "oidc_client_secret": "a secret of both"}
        return Premises(world, tmp_path, **{**ours, **settings})

    return opened


def leave(visitor: Visitor, path: str = "/account") -> str:
    """Go to the provider; return the address to which it was."""
    answer = visitor.client.get("/sign-in/provider", params={"next": path}, follow_redirects=False)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def at_provider(address: str, sub: str | None) -> str:
    """Let somebody in at the provider, or refuse; return the address that it leads back to."""
    given = {"action": "deny"} if sub is None else {"sub": sub}
    answer = httpx.post(address, data=given, trust_env=False)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"]).removeprefix(ORIGIN)


def come_back(visitor: Visitor, path: str) -> Page:
    return visitor.get(path)


def test_whoever_the_provider_names_is_let_in_and_led_on(open_house: Callable[..., Premises]):
    premises = open_house()
    visitor = premises.visitor()
    assert "使用单位统一身份登录" in visitor.get("/sign-in").words
    address = leave(visitor)
    asked = parse_qs(urlsplit(address).query)
    assert asked["redirect_uri"] == [f"{ORIGIN}{BACK}"]
    assert asked["code_challenge_method"] == ["S256"]
    forged = visitor.client.get("/sign-in/provider", headers={"Host": "elsewhere.example"}, follow_redirects=False)
    assert parse_qs(urlsplit(forged.headers["location"]).query)["redirect_uri"] == asked["redirect_uri"]
    address = leave(visitor)
    page = come_back(visitor, at_provider(address, "1001"))
    assert (page.path, "王经办" in page.words) == ("/account", True)
    with premises.world.sessions() as session:
        assert session.execute(select(SignIn.how, SignIn.person_id)).one() == (
            "provider",
            premises.world.people["wang"],
        )


def test_whoever_is_unknown_here_is_refused_readably_and_gets_no_account(open_house: Callable[..., Premises]):
    premises = open_house()
    visitor = premises.visitor()
    page = come_back(visitor, at_provider(leave(visitor), "1002"))
    assert (page.status, "本系统没有账号stranger" in page.words) == (403, True)
    assert visitor.get("/account").path == "/sign-in"
    with premises.world.sessions() as session:
        assert session.scalars(select(Person.id).where(Person.code == "stranger")).all() == []


@pytest.mark.parametrize(("sub", "status"), [("1001", 200), ("1002", 403)])
def test_address_counts_only_where_the_provider_has_verified_it(
    open_house: Callable[..., Premises], sub: str, status: int
):
    premises = open_house(oidc_claim="email")
    with premises.world.sessions.begin() as session:
        for code in ("wang", "sun"):
            session.execute(update(Person).where(Person.code == code).values(email=f"{code}@office.example"))
    visitor = premises.visitor()
    assert come_back(visitor, at_provider(leave(visitor), sub)).status == status


def test_whoever_is_refused_there_is_told_so(open_house: Callable[..., Premises]):
    visitor = open_house().visitor()
    address = leave(visitor)
    (state,) = parse_qs(urlsplit(address).query)["state"]
    page = come_back(visitor, f"{at_provider(address, None)}&state={state}")  # this provider forgets it then
    assert (page.status, "统一身份认证未通过" in page.words) == (403, True)


def test_answer_that_was_not_asked_for_in_this_browser_is_refused(open_house: Callable[..., Premises]):
    premises = open_house()
    mine, yours = premises.visitor(), premises.visitor()
    answer = at_provider(leave(mine), "1001")
    assert come_back(yours, answer).status == 403  # nothing was begun there
    leave(yours)
    assert come_back(yours, answer).status == 403  # something else was begun there
    for wrong in ("?code=x", f"{urlsplit(answer).path}?code=x&state=", answer.replace("state=", "state=x")):
        assert come_back(mine, wrong if wrong.startswith("/") else BACK + wrong).status == 403
    assert come_back(mine, answer).path == "/account"
    assert come_back(mine, answer).status == 403  # and once only


def test_errand_that_is_another_ones_does_not_fit_the_code(open_house: Callable[..., Premises]):
    """The code of one errand with the cookie of another: neither verifier nor nonce fit."""
    premises = open_house()
    visitor = premises.visitor()
    code = parse_qs(urlsplit(at_provider(leave(visitor), "1001")).query)["code"][0]
    state = parse_qs(urlsplit(leave(visitor)).query)["state"][0]
    page = come_back(visitor, f"{BACK}?code={code}&state={state}")
    assert (page.status, "无法核实" in page.words) == (403, True)


@pytest.mark.parametrize("kept", ["", "x", "bm90IGpzb24=", "WzEsMl0=", "WzEsMiwzLDRd"])
def test_cookie_when_made_up_is_refused(open_house: Callable[..., Premises], kept: str):
    visitor = open_house().visitor()
    visitor.client.cookies.set("duban_provider", kept)
    assert come_back(visitor, f"{BACK}?code=x&state=").status == 403


def test_provider_when_it_does_not_answer_or_is_no_provider_is_told_so(
    open_house: Callable[..., Premises], issuer: str
):
    for elsewhere in ("http://localhost:9", f"{issuer}/nothing/here"):
        page = open_house(oidc_issuer=elsewhere).visitor().get("/sign-in/provider")
        assert (page.status, "没有应答" in page.words) == (409, True)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (dict.fromkeys(NEEDED, "https://elsewhere.example"), "自称https://elsewhere.example"),
        ({name: "https://login.example" for name in NEEDED if name != "jwks_uri"}, "没有应答"),
        ([], "没有应答"),
    ],
)
def test_provider_when_it_says_it_is_another_or_says_too_little_is_refused(
    open_house: Callable[..., Premises], monkeypatch: pytest.MonkeyPatch, said: Any, told: str
):
    monkeypatch.setattr(Provider, "_ask", lambda *_: said)
    page = open_house(oidc_issuer="https://login.example").visitor().get("/sign-in/provider")
    assert (page.status, told in page.words) == (409, True)


def test_house_without_provider_has_no_such_page(premises: Premises):
    visitor = premises.visitor()
    assert "统一身份" not in visitor.get("/sign-in").words
    assert [visitor.get(path).status for path in ("/sign-in/provider", BACK)] == [404, 404]


def test_house_when_its_address_is_set_is_named_so_to_the_provider(open_house: Callable[..., Premises]):
    visitor = open_house(address="https://duban.office.example/").visitor()
    asked = parse_qs(urlsplit(leave(visitor)).query)
    assert asked["redirect_uri"] == [f"https://duban.office.example{BACK}"]


# What a token must be, signed here with keys of our own

NOW = datetime(2030, 1, 7, 12, tzinfo=UTC)
KEY, OTHER_KEY = RSAKey.generate_key(2048, auto_kid=True), RSAKey.generate_key(2048, auto_kid=True)
ERRAND = Errand("state", "nonce", "verifier", "/work")
CLAIMS = {
    "iss": "https://login.example",
    "sub": "1",
    "aud": "duban",
    "exp": int((NOW + timedelta(minutes=5)).timestamp()),
    "nonce": "nonce",
}


def judged(claims: dict[str, Any], *, key: Any = KEY, algorithm: str = "RS256") -> dict[str, Any]:
    return judged_token(jwt.encode({"alg": algorithm}, claims, key, algorithms=[algorithm]))


def judged_token(token: str) -> dict[str, Any]:
    ours = {"client_id": "duban", "client_secret": "a secret of both", "claim": "sub"}
    provider = Provider(issuer="https://login.example", **ours)
    provider.__dict__["_described"] = {"issuer": "https://login.example"}  # what it would say
    return provider.judge(token, KeySet([KEY]), errand=ERRAND, now=NOW)


def test_token_when_in_order_tells_its_claims():
    assert judged(CLAIMS) == CLAIMS
    assert judged(CLAIMS | {"aud": ["other", "duban"], "azp": "duban"})["sub"] == "1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"aud": ["duban", "another"], "azp": "another"},
        {"nonce": "another"},
        {"exp": int((NOW - timedelta(minutes=5)).timestamp())},
        {"nbf": int((NOW + timedelta(minutes=5)).timestamp())},
        *({name: None} for name in CLAIMS),
    ],
)
def test_token_when_it_claims_something_else_is_refused(wrong: dict[str, Any]):
    claims = {name: value for name, value in (CLAIMS | wrong).items() if value is not None}
    with pytest.raises((JoseError, NotAllowed)):
        judged(claims)


def test_token_when_signed_by_somebody_else_is_refused():
    with pytest.raises(JoseError):
        judged(CLAIMS, key=OTHER_KEY)


def test_token_when_signed_with_what_both_know_or_not_at_all_is_refused():
    with pytest.raises(JoseError):
        judged(CLAIMS, key=OctKey.import_key("a secret of both, long enough for it"), algorithm="HS256")
    unsigned = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, CLAIMS)]
    with pytest.raises(JoseError):
        judged_token(f"{'.'.join(unsigned)}.")
