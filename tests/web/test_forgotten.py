"""Who has forgotten their password gets a link by mail, or a coordinator hears of it; nobody learns who is known."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from datetime import timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine.rules.passwords import PATIENCE
from engine.rules.text import Text
from models import AccountLink, Person
from notifications.senders import SendFailed
from notifications.senders.eml import EmlSender
from tests.web.house import ORIGIN, Premises
from tests.world import World

ADDRESS = "https://duban.office.example"
GOOD = "correct horse battery"


@pytest.fixture
def open_house(world: World, tmp_path: Path) -> Callable[..., Premises]:
    """Return what opens the house; wang has an e-mail address, sun has none."""
    with world.sessions.begin() as session:
        session.execute(update(Person).where(Person.code == "wang").values(email="wang@office.example"))

    def opened(**settings: Any) -> Premises:
        return Premises(world, tmp_path, **{"address": ADDRESS, **settings})

    return opened


def mails(premises: Premises) -> list[Any]:
    found = sorted((premises.house.home / "outbox").rglob("*.eml"))
    return [email.message_from_bytes(path.read_bytes(), policy=default) for path in found]


def links(premises: Premises) -> int | None:
    with premises.world.sessions() as session:
        return session.scalar(select(func.count()).select_from(AccountLink))


def test_link_when_asked_for_comes_by_mail_and_sets_a_password(open_house: Callable[..., Premises]):
    premises = open_house()
    assert "忘记密码" in premises.visitor().get("/sign-in").words
    page = premises.visitor().post("/forgotten", who=" wang@office.example ")
    assert (page.path, "60分钟" in page.words) == ("/sign-in", True)
    (mail,) = mails(premises)
    assert mail["To"] == "王经办 <wang@office.example>"
    assert "设置密码" in mail["Subject"]
    bodies = [part.get_content() for part in mail.iter_parts()]
    assert all("wang" in body and "60分钟" in body for body in bodies)
    (path,) = {found for body in bodies for found in re.findall(rf"{ADDRESS}(/link/[\w-]+)", body)}
    visitor = premises.visitor()
    assert visitor.post(path, password=GOOD, again=GOOD).path == "/work"
    assert premises.visitor().get(path).status == 404


def test_answer_is_the_same_whoever_is_asked_for(open_house: Callable[..., Premises]):
    premises, told = open_house(), set()
    for who in ("wang", "wang@office.example", "sun", "nobody", "王经办"):
        answer = premises.visitor().client.post("/forgotten", data={"who": who}, follow_redirects=False)
        told.add((answer.status_code, str(sorted(answer.headers.multi_items()))))
    assert len(told) == 1
    assert links(premises) == 1  # one person's, once; by name nobody is found: names are several people's
    premises.world.at(premises.world.today + timedelta(days=1))
    premises.visitor().post("/forgotten", who="wang@office.example")
    assert links(premises) == 2


def test_link_leads_where_the_settings_say_and_not_where_a_browser_says(open_house: Callable[..., Premises]):
    premises = open_house()
    headers = {
        "Host": "elsewhere.example",
        "X-Forwarded-Host": "elsewhere.example",
        "Origin": "http://elsewhere.example",
    }
    premises.visitor().client.post("/forgotten", data={"who": "wang"}, headers=headers)
    (mail,) = mails(premises)
    assert "elsewhere" not in mail.as_string()
    assert all("elsewhere" not in part.get_content() for part in mail.iter_parts())


@pytest.mark.parametrize(
    ("who", "settings"),
    [("sun", {}), ("wang", {"address": None}), ("wang", {"channels": ("inbox",)})],
    ids=["without an address", "with nowhere to lead to", "with no channel that leads out"],
)
def test_person_whom_no_mail_reaches_is_told_of_to_the_coordinators(
    open_house: Callable[..., Premises], who: str, settings: dict[str, Any]
):
    premises = open_house(**settings)
    assert premises.visitor().post("/forgotten", who=who).path == "/sign-in"
    assert [(line.to, line.kind, line.data["code"]) for line in premises.world.said()] == [("lin", "link_wanted", who)]
    assert (links(premises), mails(premises)) == (0, [])


def test_link_when_the_mail_was_not_taken_is_left_to_the_coordinators(
    open_house: Callable[..., Premises], monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise SendFailed(Text("the disk is full"), retry=True)

    monkeypatch.setattr(EmlSender, "send", refuse)
    premises = open_house()
    assert premises.visitor().post("/forgotten", who="wang").path == "/sign-in"
    assert {line.kind for line in premises.world.said(to="lin")} == {"link_wanted"}


def test_asking_again_and_again_is_told_to_wait(open_house: Callable[..., Premises]):
    premises = open_house()
    for who in ("wang", "nobody"):
        visitor = premises.visitor()
        for _ in range(PATIENCE["ask"].free):
            assert visitor.post("/forgotten", who=who).path == "/sign-in"
        page = visitor.post("/forgotten", who=who)
        assert (page.status, page.path, "秒后再试" in page.words) == (429, "/forgotten", True)
        assert int(page.answer.headers["retry-after"]) > 0
    assert links(premises) == 1, "a second click within a minute sends no second mail"
    premises.world.at(premises.world.today + timedelta(days=1))
    premises.visitor().post("/forgotten", who="wang")
    assert links(premises) == 2


def test_asking_for_nobody_is_refused(open_house: Callable[..., Premises]):
    page = open_house().visitor().post("/forgotten", who="  ")
    assert (page.status, "请填写账号或邮箱" in page.words) == (422, True)


def test_link_stands_in_no_table(open_house: Callable[..., Premises]):
    premises = open_house(language="en")
    premises.visitor().post("/forgotten", who="wang")
    (mail,) = mails(premises)
    body = next(iter(mail.iter_parts())).get_content()
    (secret,) = set(re.findall(rf"{ADDRESS}/link/([\w-]+)", body))
    assert "Dear 王经办" in body
    with premises.world.engine.connect() as connection:
        kept = "\n".join(connection.connection.driver_connection.iterdump())
    assert "account_link" in kept
    assert secret not in kept
    assert ORIGIN not in body
