"""Links in mails: looked at by scanners, used once, with the rights of that moment; every way of refusing."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from datetime import date, timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine.actions.mail_keys import keys_of
from engine.actions.set_absence import set_absence
from engine.actions.shut_out import shut_out
from engine.reads.inbox import read_inbox
from engine.rules.mail_links import VALID_FOR, Deed, MailLink, sign_link
from engine.rules.moment import Moment
from engine.rules.vocabulary import State
from flows.deliver import deliver
from models import Delivery, Event, Extension, MailLinkUse, Measure, Person
from tests.web.house import Premises
from tests.world import World

ADDRESS = "https://duban.office.example"


@pytest.fixture
def premises(world: World, tmp_path: Path) -> Premises:
    """Give a house whose owner wang has an e-mail address."""
    with world.sessions.begin() as session:
        session.execute(update(Person).where(Person.code == "wang").values(email="wang@office.example"))
    return Premises(world, tmp_path, address=ADDRESS)


def paths(premises: Premises, *, to: str = "wang") -> dict[str, str]:
    """Return the paths of the links in somebody's newest mail, by deed; the same in text and HTML."""
    deliver(premises.house, premises.world.moment, batch=f"test {premises.world.moment.at}")
    newest = max((premises.house.home / "outbox").rglob(f"{to}-*.eml"), key=lambda path: path.stat().st_mtime_ns)
    mail: Any = email.message_from_bytes(newest.read_bytes(), policy=default)
    text, markup = (
        re.findall(rf"{ADDRESS}(/mail/[\w.-]+)", mail.get_body((kind,)).get_content()) for kind in ("plain", "html")
    )
    assert text == markup
    return {path.split(".")[2]: path for path in text}


def events(world: World) -> int:
    with world.sessions() as session:
        return session.scalar(select(func.count(Event.id))) or 0


@pytest.fixture
def to_accept(premises: Premises) -> str:
    """Give the link with which wang accepts a measure."""
    premises.world.measure("1-01")
    premises.world.fast_forward(date(2025, 3, 6))
    found = paths(premises)
    assert set(found) == {"accept"}
    return found["accept"]


def test_link_when_looked_at_does_nothing_and_when_pressed_acts_once(premises: Premises, to_accept: str):
    world, visitor = premises.world, premises.visitor()
    before = events(world)
    for _ in range(2):
        page = visitor.get(to_accept)
        assert (page.status, "1-01" in page.words, "王经办" in page.words) == (200, True, True)
        assert len(page.tree.xpath("//form//button")) == 1
    assert (events(world), world.get("1-01").state) == (before, State.ASSIGNED)
    assert "记录在案" in visitor.post(to_accept).words
    assert world.get("1-01").state is State.IN_PROGRESS
    again = visitor.post(to_accept)
    assert (again.status, "只能使用一次" in again.words) == (409, True)
    assert visitor.get(to_accept).status == 409
    assert events(world) == before + 1


def test_link_when_used_signs_nobody_in(premises: Premises, to_accept: str):
    visitor = premises.visitor()
    visitor.post(to_accept)
    assert visitor.get("/work").path == "/sign-in"


def test_link_when_message_is_kept_is_not_in_it(premises: Premises, to_accept: str):
    assert to_accept
    with premises.world.sessions() as session:
        assert [body for body in session.scalars(select(Delivery.body)) if body and "/mail/" in body] == []
        assert "/mail/" not in read_inbox(session, "wang", limit=1)[0].text


def _later(moment: Moment, span: timedelta) -> Moment:
    return Moment(at=moment.at + span, on=(moment.at + span).date())


def test_link_when_expired_is_refused(premises: Premises, to_accept: str):
    sent = premises.world.moment
    premises.world.moment = _later(sent, VALID_FOR - timedelta(seconds=1))
    assert premises.visitor().get(to_accept).status == 200
    premises.world.moment = _later(sent, VALID_FOR)
    for answer in (premises.visitor().get(to_accept), premises.visitor().post(to_accept)):
        assert (answer.status, "已过期" in answer.words) == (404, True)
    assert premises.world.get("1-01").state is State.ASSIGNED


@pytest.mark.parametrize(
    "forge",
    [
        lambda path: path[:-1] + ("A" if path[-1] != "A" else "B"),
        lambda path: path.replace(".accept.", ".done."),
        lambda path: re.sub(r"/mail/\d+", "/mail/1", path),
        lambda path: re.sub(r"\.(\d+)\.([\w-]{43})$", r".9999999999.\2", path),
        lambda path: re.sub(r"(/mail/\d+)\.\d+", r"\1.999", path),
        lambda path: path.rsplit(".", 1)[0],
        lambda _: "/mail/x",
        lambda _: "/mail/9999999999999999999999.1.accept.1.1." + "A" * 43,
        lambda path: path.replace("accept", "close"),
    ],
)
def test_link_when_forged_is_refused(premises: Premises, to_accept: str, forge: Callable[[str], str]):
    forged = forge(to_accept)
    assert forged != to_accept
    for answer in (premises.visitor().get(forged), premises.visitor().post(forged)):
        assert answer.status == 404
    assert premises.world.get("1-01").state is State.ASSIGNED


def test_link_when_its_person_may_no_longer_is_refused_and_not_used_up(premises: Premises, to_accept: str):
    world = premises.world
    with world.sessions.begin() as session:
        session.execute(update(Measure).values(owner_id=world.people["tang"]))
    answer = premises.visitor().post(to_accept)
    assert answer.status in {403, 404}
    with world.sessions.begin() as session:
        assert session.scalar(select(func.count(MailLinkUse.id))) == 0
        session.execute(update(Measure).values(owner_id=world.people["wang"]))
    assert premises.visitor().post(to_accept).status == 200


def test_link_when_its_person_was_shut_out_is_refused(premises: Premises, to_accept: str):
    premises.world.act("lin", shut_out, "wang")
    assert premises.visitor().get(to_accept).status == 404
    assert premises.visitor().post(to_accept).status == 404


def test_link_when_asked_for_by_another_site_is_refused(premises: Premises, to_accept: str):
    answer = premises.visitor().client.post(to_accept, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert premises.world.get("1-01").state is State.ASSIGNED


def test_links_for_the_due_date_ask_for_an_extension_or_hold_the_ladder(premises: Premises):
    world = premises.world
    for code in ("1-01", "1-02"):
        world.in_progress(code, due=date(2025, 4, 30))
    world.fast_forward(date(2025, 4, 21))
    deliver(premises.house, world.moment, batch="due")
    with world.sessions.begin() as session:
        key = keys_of(session, [world.people["wang"]], world.moment)[world.people["wang"]]
    until = int((world.moment.at + VALID_FOR).timestamp())

    def path(code: str, deed: Deed) -> str:
        link = MailLink(person=world.people["wang"], measure=world.get(code).id, deed=deed, message=1, until=until)
        return f"/mail/{sign_link(link, key)}"

    extend, visitor = path("1-01", Deed.EXTEND), premises.visitor()
    assert visitor.get(extend).tree.xpath("//input[@name='new_due']")
    assert visitor.post(extend, new_due="soon", reason="x").status == 422
    assert visitor.post(extend, reason="x").status == 409
    assert visitor.post(extend, new_due="2025-05-30", reason=" ").status == 409
    assert visitor.post(extend, new_due="2025-05-30", reason="招标流标").status == 200
    assert visitor.post(path("1-02", Deed.DONE)).status == 200
    with world.sessions() as session:
        assert session.scalars(select(Extension.new_due)).all() == [date(2025, 5, 30)]
        kinds = session.scalars(select(Event.kind).where(Event.actor_id == world.people["wang"])).all()
    assert kinds[-2:] == ["measure:extension:request", "measure:timer:acknowledge"]


def test_link_in_the_mail_of_a_substitute_acts_in_their_name(premises: Premises):
    world = premises.world
    with world.sessions.begin() as session:
        session.execute(update(Person).where(Person.code == "sun").values(email="sun@office.example"))
    world.measure("1-01")
    day = date(2025, 3, 6)
    world.act("lin", set_absence, person="wang", substitute="sun", first_day=day, last_day=day)
    world.fast_forward(day)
    path = paths(premises, to="sun")["accept"]
    assert "孙经办" in premises.visitor().get(path).words
    assert premises.visitor().post(path).status == 200
    with world.sessions() as session:
        newest = session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert newest is not None
    assert newest.actor_id == world.people["sun"]
