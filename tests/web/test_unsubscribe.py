"""No more reminders by mail: from the header of a mail, as a real server takes it, to what still comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from threading import Barrier, Thread
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select, update

from engine.actions.choose_reminders import choose_reminders
from engine.actions.shut_out import shut_out
from engine.reads.inbox import read_inbox
from flows.deliver import deliver
from models import Delivery, Event, Person, RemindersOff, Sending
from tests.notifications.test_smtp import Office, serving
from tests.web.house import Premises, Visitor
from tests.world import World

ADDRESS = "https://duban.office.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def office() -> Office:
    return Office()


@contextmanager
def mailing(
    world: World,
    home: Path,
    office: Office,
    *,
    address: str = ADDRESS,
    channels: tuple[str, ...] = ("inbox", "smtp"),
) -> Iterator[Premises]:
    """Give a house that sends to a real mail server; its people of unit one have addresses."""
    with world.sessions.begin() as session:
        for code in ("wang", "sun", "li"):
            session.execute(update(Person).where(Person.code == code).values(email=f"{code}@office.example"))
    with serving(office) as port:
        yield Premises(
            world,
            home,
            address=address,
            channels=channels,
            smtp_host="127.0.0.1",
            smtp_port=port,
            smtp_security="none",
            smtp_from="duban@office.example",
        )


@pytest.fixture
def premises(world: World, tmp_path: Path, office: Office) -> Iterator[Premises]:
    with mailing(world, tmp_path, office) as found:
        yield found


def mails(premises: Premises, office: Office, *, to: str = "wang") -> list[EmailMessage]:
    """Return what a run of now sends to somebody, as the server took it."""
    office.taken.clear()
    deliver(premises.house, premises.world.moment, batch=f"test {premises.world.moment.at}")
    return [mail for mail in office.taken if f"{to}@" in str(mail["To"])]


def reminded(premises: Premises, office: Office) -> EmailMessage:
    """Return the mail that reminds wang of a measure that is due in a month."""
    premises.world.in_progress("1-01", due=date(2025, 4, 30))
    mails(premises, office)  # what the story said until now
    premises.world.fast_forward(date(2025, 3, 19))
    (mail,) = mails(premises, office)
    return mail


def path_in(mail: EmailMessage) -> str:
    found = re.fullmatch(r"<(\S+)>", str(mail["List-Unsubscribe"]))
    assert found is not None
    return urlsplit(found[1]).path


def press(visitor: Visitor, path: str) -> tuple[int, str]:
    """Press a mail program's button: no cookie, no page that it comes from; return status and where it ended."""
    answer = visitor.client.post(path, data=ONE_CLICK, follow_redirects=False)
    return answer.status_code, answer.url.path


def choices(world: World) -> list[tuple[str, dict[str, object]]]:
    with world.sessions() as session:
        rows = session.execute(select(Event.kind, Event.data).where(Event.kind.startswith("account:reminders")))
        return [(kind, data) for kind, data in rows.tuples()]


def test_reminder_when_sent_carries_both_headers_and_says_so_at_its_foot(premises: Premises, office: Office):
    mail = reminded(premises, office)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = path_in(mail)
    assert re.fullmatch(r"/unsubscribe/\d+\.[\w-]{43}", path)
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert f"{ADDRESS}{path}" in part.get_content()
        assert "不再接收此类邮件提醒" in part.get_content()
    with premises.world.sessions() as session:  # whoever could read it there could use it
        assert [body for body in session.scalars(select(Delivery.body)) if body and "unsubscribe" in body] == []


def test_mail_when_it_says_what_is_mandatory_carries_neither(premises: Premises, office: Office):
    world = premises.world
    world.measure("1-01")
    world.fast_forward(date(2025, 3, 7))  # the acceptance is late
    mails(premises, office)
    assert sorted(str(mail["To"]) for mail in office.taken) == [
        "李处长 <li@office.example>",
        "王经办 <wang@office.example>",
    ]
    for mail in office.taken:
        assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (None, None)
        assert "unsubscribe" not in "".join(part.get_content() for part in mail.walk() if not part.is_multipart())


def test_header_for_one_click_needs_an_encrypted_way(world: World, tmp_path: Path, office: Office):
    with mailing(world, tmp_path, office, address="http://duban.office.example") as premises:
        mail = reminded(premises, office)
    assert str(mail["List-Unsubscribe"]).startswith("<http://duban.office.example/unsubscribe/")
    assert mail["List-Unsubscribe-Post"] is None


def test_link_when_looked_at_changes_nothing_and_when_pressed_ends_reminders(premises: Premises, office: Office):
    world, path = premises.world, path_in(reminded(premises, office))
    visitor = premises.visitor()
    for _ in range(3):
        page = visitor.get(path)
        assert (page.status, "王经办" in page.words, len(page.tree.xpath("//form//button"))) == (200, True, 1)
    assert choices(world) == []
    for _ in range(2):  # mail programs try again
        assert press(premises.visitor(), path) == (200, path)
    assert choices(world) == [("account:reminders:off", {"person": "wang", "how": "link"})]
    assert visitor.get("/work").path == "/sign-in"  # nobody is signed in by it
    page = visitor.get(path)
    assert "不再发送邮件" in page.words
    assert "汇总后以邮件发送" in visitor.post(path, by_mail="true").words
    assert [kind for kind, _ in choices(world)] == ["account:reminders:off", "account:reminders:on"]


def test_link_when_a_mail_site_s_page_presses_it_works_all_the_same(premises: Premises, office: Office):
    path = path_in(reminded(premises, office))
    headers = {"Origin": "https://webmail.office.example", "Sec-Fetch-Site": "cross-site"}
    answer = premises.visitor().client.post(path, data=ONE_CLICK, headers=headers)
    assert answer.status_code == 200
    assert len(choices(premises.world)) == 1
    elsewhere = premises.visitor("wang").client.post("/account/reminders", data=ONE_CLICK, headers=headers)
    assert elsewhere.status_code == 403  # where a cookie counts


@pytest.mark.parametrize(
    "forged", ["x", "1." + "A" * 43, "999999999999999999." + "A" * 43, "0" * 40 + "." + "A" * 43, "1.accept"]
)
def test_link_when_it_is_none_of_ours_changes_nothing(premises: Premises, office: Office, forged: str):
    reminded(premises, office)
    for answer in (premises.visitor().get(f"/unsubscribe/{forged}"), premises.visitor().post(f"/unsubscribe/{forged}")):
        assert (answer.status, "已失效" in answer.words) == (404, True)
    assert choices(premises.world) == []


def test_link_when_it_is_somebody_else_s_signature_or_its_person_was_shut_out_changes_nothing(
    premises: Premises, office: Office
):
    world, path = premises.world, path_in(reminded(premises, office))
    number, _, signature = path.rpartition("/")[2].partition(".")
    others = f"/unsubscribe/{world.people['lin']}.{signature}"
    assert number != str(world.people["lin"])
    assert press(premises.visitor(), others)[0] == 404
    world.act("lin", shut_out, "wang")
    assert press(premises.visitor(), path)[0] == 404
    assert choices(world) == []


def test_reminders_when_off_stay_in_the_inbox_and_what_is_mandatory_still_comes(premises: Premises, office: Office):
    """From the reminder a month before to the leader's slip, day by day: only the reminders come no more by mail."""
    world = premises.world
    press(premises.visitor(), path_in(reminded(premises, office)))
    world.in_progress("1-02", due=date(2025, 5, 12))
    world.fast_forward(date(2025, 3, 20))  # reminders of the month's reports
    assert mails(premises, office) == []
    with world.sessions() as session:
        newest = read_inbox(session, "wang", limit=1)[0]
        aside = session.execute(
            select(Delivery.channel, Delivery.attempts).where(Delivery.state == Sending.CANCELLED)
        ).tuples()
        assert list(aside) == [("smtp", 0)]
    assert (newest.on, "填报" in newest.text) == (world.today, True)
    for day, slip in (
        (date(2025, 3, 26), "黄色督办单"),
        (date(2025, 4, 22), "蓝色督办单"),
        (date(2025, 5, 6), "红色督办单"),
    ):
        world.fast_forward(day)
        mail = mails(premises, office)[-1]
        part = mail.get_body(("plain",))
        assert part is not None
        assert slip in f"{mail['Subject']}{part.get_content()}"
        assert mail["List-Unsubscribe"] is None


def test_reminders_of_others_come_as_before(premises: Premises, office: Office):
    world = premises.world
    world.act("wang", choose_reminders, by_mail=False)
    world.act("wang", choose_reminders, by_mail=False)
    world.measure("1-01", owner="sun")
    world.fast_forward(date(2025, 3, 5))  # the day before it should be accepted
    (mail,) = mails(premises, office, to="sun")
    assert mail["List-Unsubscribe"] is not None
    assert choices(world) == [("account:reminders:off", {"person": "wang", "how": "page"})]


def test_reminders_when_off_are_mailed_all_the_same_where_there_is_no_inbox(
    world: World, tmp_path: Path, office: Office
):
    with mailing(world, tmp_path, office, channels=("smtp",)) as premises:
        world.act("wang", choose_reminders, by_mail=False)
        mail = reminded(premises, office)
        assert mail["List-Unsubscribe"] is None
        assert "邮件提醒" not in premises.visitor("wang").get("/account").words


def test_account_shows_the_choice_and_changes_it(premises: Premises):
    visitor = premises.visitor("wang")
    page = visitor.get("/account")
    assert "汇总后以邮件发送" in page.words
    assert "督办单、逾期事项" in page.words
    after = visitor.post("/account/reminders", **page.form("/account/reminders"))
    assert (after.path, "不再发送邮件" in after.words) == ("/account", True)
    after = visitor.post("/account/reminders", **after.form("/account/reminders"))
    assert "汇总后以邮件发送" in after.words
    assert [kind for kind, _ in choices(premises.world)] == ["account:reminders:off", "account:reminders:on"]
    with premises.world.sessions() as session:
        assert session.scalar(select(func.count(RemindersOff.id))) == 0


def test_choice_when_made_many_times_at_once_is_stored_and_recorded_once(either_world: World):
    world, count = either_world, 6
    start = Barrier(count)

    def choose() -> None:
        start.wait()
        world.act("wang", choose_reminders, by_mail=False)

    threads = [Thread(target=choose) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.sessions() as session:
        assert session.scalar(select(func.count(RemindersOff.id))) == 1
    assert len(choices(world)) == 1
