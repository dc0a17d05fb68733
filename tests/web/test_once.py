"""A form that is sent several times is carried out once, and every sender gets the same answer."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date
from threading import Barrier
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from engine.rules.record_words import OPINION
from engine.rules.text import Text
from models import ApiToken, Decision, Event, Evidence, KeptAnswer
from tests.group_meetings import draw_up
from tests.web.house import ORIGIN, Page, Premises, Visitor
from web.app import create_app
from web.csrf import FIELD, token_for
from web.listen import listening
from web.once import MOST_PAGES, SEE_OTHER
from web.visit import SIGN_IN

TIMES = 8


def count(premises: Premises, model: Any) -> int:
    with premises.world.sessions() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def opinions(premises: Premises) -> int:
    with premises.world.sessions() as session:
        return session.scalar(select(func.count()).where(Event.kind == OPINION)) or 0


def root(premises: Premises, code: str = "1-01") -> str:
    return f"/rounds/{premises.round}/measures/{code}"


def send(visitor: Visitor, path: str, fields: dict[str, str], **more: Any) -> httpx.Response:
    """Send a form as it is; follow nowhere."""
    return visitor.client.post(path, data=fields, headers={"Origin": ORIGIN}, follow_redirects=False, **more)


def told(answer: httpx.Response) -> tuple[int, str | None, str | None]:
    """Return what an answer says: its status, where it leads, and what is told there."""
    return answer.status_code, answer.headers.get("location"), answer.headers.get("set-cookie")


@contextmanager
def served(premises: Premises, count: int) -> Iterator[list[str]]:
    """Serve a house by several servers, each of which knows nothing of the others; give their addresses."""
    with ExitStack() as stack:
        addresses: list[str] = []

        def say(text: Text) -> None:
            if "monitors" not in text.msgid:
                addresses.append(str(text.params["address"]))

        for _ in range(count):
            stack.enter_context(listening(premises.house, say))
        yield addresses


def at_once(addresses: list[str], secret: str, path: str, fields: dict[str, str], files: Any = None) -> set[Any]:
    """Send one form many times at the same moment, to each server in turn; return the different answers."""
    together = Barrier(TIMES)
    for address in addresses:  # the first request to a route builds what it takes: not several at once
        assert httpx.post(f"{address}{path}", headers={"Origin": address}, trust_env=False).status_code == SEE_OTHER

    def press(number: int) -> tuple[int, str | None, str | None]:
        address = addresses[number % len(addresses)]
        with httpx.Client(base_url=address, cookies={SIGN_IN: secret}, timeout=60, trust_env=False) as client:
            sent = None if files is None else {name: (one[0], io.BytesIO(one[1])) for name, one in files.items()}
            together.wait(30)
            return told(client.post(path, data=fields, files=sent, headers={"Origin": address}))

    with ThreadPoolExecutor(TIMES) as pool:
        return set(pool.map(press, range(TIMES)))


def test_form_when_sent_again_gets_the_first_answer_and_changes_nothing(either_premises: Premises):
    premises = either_premises
    premises.world.in_progress("1-01")
    owner, path = premises.visitor("wang"), f"{root(premises)}/opinion"
    fields = owner.get(root(premises)).form(path) | {"text": "建议提前验收"}
    first = send(owner, path, fields)
    assert first.status_code == SEE_OTHER
    assert [told(send(owner, path, fields)) for _ in range(3)] == [told(first)] * 3
    assert opinions(premises) == 1
    other = send(owner, path, fields | {"text": "再说一句"})
    assert (other.status_code, opinions(premises)) == (409, 1)
    assert "已经提交过" in Page(other).words
    again = owner.get(root(premises)).form(path) | {"text": "再说一句"}
    assert (send(owner, path, again).status_code, opinions(premises)) == (SEE_OTHER, 2)


def test_form_when_refused_may_be_sent_again(either_premises: Premises):
    premises = either_premises
    premises.world.in_progress("1-01")
    owner, path = premises.visitor("wang"), f"{root(premises)}/submit"
    token = {FIELD: token_for(owner.secret or "")}
    assert send(owner, path, token).status_code == 409
    assert count(premises, KeptAnswer) == 0
    owner.post(f"{root(premises)}/evidence", reference="会议纪要〔2025〕3号")
    assert [send(owner, path, token).status_code for _ in range(2)] == [SEE_OTHER] * 2


def test_key_when_another_has_it_is_theirs_alone(premises: Premises):
    premises.world.in_progress("1-01")
    premises.world.in_progress("1-02")
    owner = premises.visitor("wang")
    fields = {FIELD: token_for(owner.secret or ""), "text": "同意"}
    assert send(owner, f"{root(premises)}/opinion", fields).status_code == SEE_OTHER
    assert send(premises.visitor("sun"), f"{root(premises)}/opinion", fields).status_code == 403
    assert send(owner, f"{root(premises, '1-02')}/opinion", fields).status_code == 409
    assert opinions(premises) == 1


def test_secret_when_its_form_is_sent_again_is_the_same_one_while_it_is_remembered(premises: Premises):
    visitor = premises.visitor("wang")
    fields = {FIELD: token_for(visitor.secret or ""), "name": "报表程序"}
    first, second = (Page(send(visitor, "/account/tokens", fields)) for _ in range(2))
    assert (first.status, second.text) == (200, first.text)
    for number in range(MOST_PAGES):
        send(visitor, "/account/tokens", {FIELD: token_for(visitor.secret or ""), "name": f"程序{number}"})
    with premises.world.sessions() as session:
        kept = "".join(session.scalars(select(KeptAnswer.body)))
    assert not any(value in kept for value in first.tree.xpath("//input[@readonly]/@value"))
    third = Page(visitor.client.post("/account/tokens", data=fields, headers={"Origin": ORIGIN}))
    assert "重复提交，只办理了一次" in third.words
    assert count(premises, ApiToken) == 1 + MOST_PAGES


def test_preview_when_looked_at_twice_is_shown_twice(premises: Premises):
    visitor = premises.visitor("lin")
    fields = {
        FIELD: token_for(visitor.secret or ""),
        "what": "own",
        "day": "2025-10-09",
        "working": "off",
        "note": "停电",
    }
    assert [send(visitor, "/policies/calendar", fields).status_code for _ in range(2)] == [200, 200]
    done = fields | {"confirmed": "yes", FIELD: token_for(visitor.secret or "")}
    first, second = (send(visitor, "/policies/calendar", done) for _ in range(2))
    assert told(second) == told(first)


def test_script_when_it_sends_several_times_numbers_them(premises: Premises):
    premises.world.in_progress("1-01")
    visitor, path = premises.visitor("wang"), f"{root(premises)}/opinion"
    fields = {FIELD: token_for(visitor.secret or "")}
    for number in ("1", "2", "2"):
        assert send(visitor, path, fields | {"text": f"第{number}次", "turn": number}).status_code == SEE_OTHER
    assert opinions(premises) == 2


@pytest.mark.slow
def test_forms_when_sent_by_many_at_once_are_carried_out_once_and_all_get_the_same_answer(either_premises: Premises):
    premises, world = either_premises, either_premises.world
    world.in_progress("1-01")
    draw_up(world)
    wang, lin = premises.secret_of("wang"), premises.secret_of("lin")
    with served(premises, 2) as addresses:
        for secret, path, fields, files in (
            (wang, f"{root(premises)}/report", {"percent": "40", "text": "已起草"}, None),
            (wang, f"{root(premises)}/evidence", {}, {"files": ("现场.pdf", b"%PDF-1.7 photo")}),
            (
                lin,
                f"/rounds/{premises.round}/meetings/{world.today:%Y-%m}/decide",
                {"kind": "task", "text": "月底前报送方案", "owner": "wang", "due": str(date(2025, 9, 30))},
                None,
            ),
        ):
            token = {FIELD: token_for(secret)}
            (answer,) = at_once(addresses, secret, path, fields | token, files)
            assert (answer[0], answer[2] is not None) == (SEE_OTHER, True)
    assert (count(premises, Evidence), count(premises, Decision)) == (1, 1)
    assert len(world.said(kind="decision_task")) == 1
    assert world.get("1-01").percent == 40


def test_form_when_its_answer_was_lost_leads_back_and_says_so(premises: Premises):
    premises.world.in_progress("1-01")
    visitor, path = premises.visitor("wang"), f"{root(premises)}/opinion"
    fields = {FIELD: token_for(visitor.secret or ""), "text": "同意"}
    send(visitor, path, fields)
    with premises.world.sessions.begin() as session:  # the process ended between the change and its answer
        session.scalars(select(KeptAnswer)).one().status = 0
    elsewhere = Visitor(create_app(premises.house), visitor.secret)
    headers = {"Origin": ORIGIN, "Referer": f"{ORIGIN}{root(premises)}"}
    page = Page(elsewhere.client.post(path, data=fields, headers=headers))
    assert (page.path, opinions(premises)) == (root(premises), 1)
    assert "重复提交，只办理了一次" in page.words
