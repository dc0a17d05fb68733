"""The inbox holds what arrived, as it was sent; the failures hold what did not arrive yet, or never will."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.reads.inbox import DeliveryFailure, InboxEntry, read_failures, read_inbox, read_perhaps_sent
from models import Delivery, Digest, GroupPost, Sending
from models.database import reading
from tests.group_meetings import statements
from tests.world import World


def send(world: World, to: str, subject: str, *, hours: int = 0, **overrides: object) -> int:
    """Store one delivery of a digest of its own, arrived in the inbox, and return the digest."""
    at = world.moment.at + timedelta(hours=hours)
    with world.sessions.begin() as session:
        digest = Digest(batch=subject, person_id=world.people[to], on=world.today, created_at=at)
        session.add(digest)
        session.flush()
        plain = {
            "digest_id": digest.id,
            "channel": "inbox",
            "state": Sending.SENT,
            "message_id": subject,
            "attempts": 1,
            "next_try_at": at,
            "last_error": None,
            "subject": subject,
            "body": f"{subject}的正文",
            "sent_at": at,
        }
        session.add(Delivery(**plain | overrides))
        return digest.id


def inbox(world: World, person: str, *, limit: int = 9) -> list[str]:
    with reading(world.sessions) as session:
        return [entry.subject for entry in read_inbox(session, person, limit=limit)]


def failures(world: World) -> tuple[DeliveryFailure, ...]:
    with reading(world.sessions) as session:
        return read_failures(session)


def test_inbox_when_messages_arrived_then_the_newest_first_and_no_more_than_asked_for(either_world: World):
    world = either_world
    for subject, hours in (("二", 2), ("一", 1), ("三", 3), ("同时", 3)):
        send(world, "wang", subject, hours=hours)
    send(world, "sun", "别人的")
    assert inbox(world, "wang") == ["同时", "三", "二", "一"]
    assert inbox(world, "wang", limit=2) == ["同时", "三"]
    assert inbox(world, "sun") == ["别人的"]
    assert inbox(world, "nemo") == []


def test_inbox_when_read_then_as_it_was_sent(either_world: World):
    world = either_world
    number = send(world.at(date(2025, 4, 10)), "wang", "提醒")
    with reading(world.sessions) as session:
        assert read_inbox(session, "wang", limit=1) == (
            InboxEntry(digest=number, on=date(2025, 4, 10), sent_at=world.moment.at, subject="提醒", text="提醒的正文"),
        )


@pytest.mark.parametrize(
    "overrides",
    [
        {"channel": "eml"},
        *({"state": state, "sent_at": None} for state in Sending if state is not Sending.SENT),
    ],
)
def test_inbox_when_it_went_elsewhere_or_nowhere_then_not_there(world: World, overrides: dict[str, object]):
    send(world, "wang", "提醒", **overrides)
    assert inbox(world, "wang") == []


def test_inbox_when_a_mail_was_perhaps_sent_and_the_inbox_called_off_then_what_it_said_is_there(either_world: World):
    world = either_world
    digest = send(world, "wang", "提醒", state=Sending.CANCELLED, body=None, sent_at=None)
    send(world, "wang", "已在收件箱", hours=1)
    with world.sessions.begin() as session:
        mail = {"subject": "提醒", "body": "提醒的正文", "perhaps_at": world.moment.at, "state": Sending.PERHAPS}
        rest = {"channel": "smtp", "message_id": "m", "attempts": 1, "next_try_at": world.moment.at}
        session.add(Delivery(digest_id=digest, **mail, **rest))
        later = world.moment.at + timedelta(hours=1)
        posted = {"state": Sending.PERHAPS, "attempts": 1, "next_try_at": later, "perhaps_at": later}
        session.add(GroupPost(channel="wecom", on=world.today, **posted))
    with reading(world.sessions) as session:
        found = [(one.text, one.is_perhaps_sent) for one in read_inbox(session, "wang", limit=9)]
        (post, perhaps) = read_perhaps_sent(session, limit=9)
    assert found == [("已在收件箱的正文", False), ("提醒的正文", True)]
    assert (post.code, post.channel) == (None, "wecom")
    assert (perhaps.code, perhaps.channel, perhaps.subject) == ("wang", "smtp", "提醒")
    assert failures(world) == ()


def test_failures_when_some_are_given_up_then_these_first_and_each_the_newest_first(either_world: World):
    world = either_world
    waiting = {"channel": "eml", "sent_at": None, "last_error": "连接被拒绝"}
    digests = [
        send(world, "wang", "再试一", **waiting, state=Sending.PENDING),
        send(world, "sun", "放弃一", **waiting, state=Sending.FAILED, attempts=5),
        send(world, "wang", "再试二", **waiting, state=Sending.SENDING, attempts=2),
        send(world, "li", "放弃二", **waiting, state=Sending.FAILED),
    ]
    found = failures(world)
    assert [one.digest for one in found] == [digests[3], digests[1], digests[2], digests[0]]
    assert [one.next_try_at for one in found] == [None, None, world.moment.at, world.moment.at]
    assert found[1] == DeliveryFailure(
        digest=digests[1],
        on=world.today,
        person="孙经办",
        code="sun",
        channel="eml",
        attempts=5,
        error="连接被拒绝",
        next_try_at=None,
        is_perhaps_sent=False,
    )


@pytest.mark.parametrize(
    "overrides",
    [
        {"state": Sending.SENT, "last_error": "第一次没有成功"},  # it arrived in the end
        {"state": Sending.CANCELLED, "last_error": "连接被拒绝"},
        {"state": Sending.PENDING, "last_error": None},  # not tried yet
    ],
)
def test_failures_when_nothing_is_wrong_any_more_or_yet_then_none(world: World, overrides: dict[str, object]):
    send(world, "wang", "提醒", **overrides)
    assert failures(world) == ()


def test_inbox_and_failures_when_there_are_many_then_one_statement_each(world: World):
    for number in range(6):
        send(world, "wang", f"到{number}")
        send(world, "wang", f"未到{number}", state=Sending.FAILED, last_error="x")
    with statements(world.engine) as found:
        assert len(inbox(world, "wang")) == len(failures(world)) == 6
    assert sum(found.values()) - found["BEGIN"] == 2
