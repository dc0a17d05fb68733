"""Robots in group chats, against servers that speak as the real ones do."""

import logging
import socket
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from engine.actions.group_posts import begin_post, claim_post, owe_posts
from engine.reads.inbox import read_failures
from engine.rules.backoff import CLAIM_TIMEOUT
from engine.rules.group_posts import Trouble
from engine.rules.moment import Moment
from engine.rules.text import N_
from models import GroupPost, Sending, Unit
from notifications.group_delivery import PostReport, deliver_posts
from notifications.robots import Refused, Robot
from notifications.robots.dingtalk import DingtalkRobot
from notifications.robots.feishu import FeishuRobot
from notifications.robots.post import post, speak
from notifications.robots.wecom import WecomRobot
from tests.notifications.group_chat import KEY, NOW, SIGNED_WITH, GroupChats, chatting
from tests.outbox_rows import fates, later
from tests.world import World

CHANNELS = ("wecom", "dingtalk", "feishu")
TITLE, TEXT = "督办：2025年9月3日整改进度", "**逾期** 2项"


@pytest.fixture(scope="module")
def _server() -> Iterator[GroupChats]:
    with chatting() as server:
        yield server


@pytest.fixture
def chats(_server: GroupChats) -> GroupChats:
    _server.taken, _server.calls, _server.may_take, _server.way = [], 0, 20, None
    return _server


def _robot(chats: GroupChats, channel: str, *, key: str = KEY, secret: str = SIGNED_WITH) -> Robot:
    address = chats.address(channel, key=key)
    match channel:
        case "wecom":
            return WecomRobot(address)
        case "dingtalk":
            return DingtalkRobot(address, secret)
        case _:
            return FeishuRobot(address, secret)


@pytest.mark.parametrize("channel", CHANNELS)
def test_post_when_all_is_right_is_taken(chats: GroupChats, channel: str):
    assert post(_robot(chats, channel), TITLE, TEXT, at=NOW) is None
    assert chats.taken == [(channel, TEXT)]


@pytest.mark.parametrize("channel", CHANNELS)
def test_post_when_as_long_as_allowed_is_taken(chats: GroupChats, channel: str):
    robot = _robot(chats, channel)
    assert post(robot, TITLE, "督" * (robot.most_bytes // 3), at=NOW) is None


@pytest.mark.parametrize("channel", CHANNELS)
def test_post_when_there_were_too_many_is_busy_although_http_says_200(chats: GroupChats, channel: str):
    chats.may_take = 1
    robot = _robot(chats, channel)
    assert post(robot, TITLE, TEXT, at=NOW) is None
    refused = post(robot, TITLE, TEXT, at=NOW)
    assert refused is not None
    assert refused.trouble is Trouble.BUSY


@pytest.mark.parametrize("channel", CHANNELS)
def test_post_when_the_robot_is_gone_is_given_up(chats: GroupChats, channel: str):
    refused = post(_robot(chats, channel, key="of another"), TITLE, TEXT, at=NOW)
    assert refused is not None
    assert refused.trouble is Trouble.FOR_GOOD


@pytest.mark.parametrize(("channel", "code"), [("dingtalk", 310000), ("feishu", 19021)])
@pytest.mark.parametrize("fault", ["secret", "clock"])
def test_post_when_the_signature_is_wrong_is_given_up_and_told_why(
    chats: GroupChats, channel: str, code: int, fault: str
):
    robot = _robot(chats, channel, secret="another" if fault == "secret" else SIGNED_WITH)
    at = NOW - timedelta(hours=2) if fault == "clock" else NOW
    refused = post(robot, TITLE, TEXT, at=at)
    assert refused is not None
    assert (refused.trouble, str(code) in str(refused.error)) == (Trouble.FOR_GOOD, True)


@pytest.mark.parametrize(
    ("channel", "answer", "trouble"),
    [
        ("wecom", {"errcode": -1, "errmsg": "system busy"}, Trouble.LATER),
        ("wecom", {"errcode": 45033}, Trouble.BUSY),
        ("dingtalk", {"errcode": 410100}, Trouble.BUSY),
        ("dingtalk", {"errcode": 430104}, Trouble.FOR_GOOD),
        ("feishu", {"code": 99991400, "msg": "request trigger frequency limit"}, Trouble.BUSY),
        ("feishu", {"code": 19024, "msg": "Key Words Not Found"}, Trouble.FOR_GOOD),
        ("feishu", {"StatusCode": 0, "StatusMessage": "success"}, None),
        ("feishu", {"code": ["?"]}, Trouble.LATER),
        ("wecom", {"errcode": False}, Trouble.LATER),
        ("wecom", {"errcode": 123456}, Trouble.LATER),
        ("wecom", {}, Trouble.LATER),
        ("wecom", 429, Trouble.BUSY),
        ("wecom", 502, Trouble.LATER),
        ("wecom", 404, Trouble.FOR_GOOD),
        ("wecom", 302, Trouble.FOR_GOOD),
        ("wecom", 200, Trouble.LATER),
    ],
)
def test_post_when_answered_otherwise_is_judged(chats: GroupChats, channel: str, answer: Any, trouble: Trouble | None):
    chats.way = answer
    refused = post(_robot(chats, channel), TITLE, TEXT, at=NOW)
    assert (refused.trouble if refused else None) is trouble


def test_post_when_the_answer_only_drips_ends_in_time(chats: GroupChats):
    chats.way = "drip"
    refused = post(_robot(chats, "wecom"), TITLE, TEXT, at=NOW, within=0.2)
    assert refused is not None
    assert refused.trouble is Trouble.LATER


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/send?key=", "http://[/send?key=", "https://127.0.0.1:1/?key="])
def test_post_whatever_goes_wrong_tells_its_address_nowhere(address: str, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    refused = post(WecomRobot(f"{address}{KEY}"), TITLE, TEXT, at=NOW)
    assert refused is not None
    assert refused.trouble is Trouble.LATER
    assert KEY not in str(refused.error) + caplog.text


def test_post_when_taken_tells_its_address_in_no_log(chats: GroupChats, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    for channel in CHANNELS:
        post(_robot(chats, channel), TITLE, TEXT, at=NOW)
    assert len(chats.taken) == 3
    assert KEY not in caplog.text
    assert SIGNED_WITH not in caplog.text


LATE = date(2025, 9, 3)


@pytest.fixture
def late(world: World) -> World:
    """Give a house in which two measures are overdue and one is near."""
    for code, due in (("1-01", date(2025, 8, 20)), ("1-02", date(2025, 8, 29)), ("1-03", date(2025, 9, 5))):
        world.measure(code, due=due, text="不外传的措施内容")
    return world.at(LATE)


def _deliver(
    world: World, robots: dict[str, Robot], moment: Moment | None = None, poster: Callable[..., Refused | None] = speak
) -> PostReport:
    return deliver_posts(
        world.sessions,
        robots,
        moment=moment or world.moment,
        calendar=world.calendar,
        language="zh_CN",
        address="https://duban.example",
        now=lambda: (moment or world.moment).at,
        poster=poster,
    )


def _owe(world: World, *channels: str) -> None:
    with world.sessions.begin() as session:
        owe_posts(session, channels, world.moment)


def _posts(world: World) -> list[GroupPost]:
    with world.sessions() as session:
        return list(session.query(GroupPost).order_by(GroupPost.id))


def test_summary_when_posted_tells_figures_and_names_and_nothing_more(late: World, chats: GroupChats):
    robots = {channel: _robot(chats, channel) for channel in CHANNELS}
    _owe(late, *CHANNELS)
    _owe(late, *CHANNELS)
    assert _deliver(late, robots).sent == 3
    assert _deliver(late, robots).sent == 0
    assert [channel for channel, _ in chats.taken] == list(CHANNELS)
    text = chats.taken[0][1]
    assert "逾期2项" in text
    assert "一处 逾期2项" in text
    assert "1. 1-01 一处 王经办，逾期10个工作日" in text
    assert "(https://duban.example)" in text
    assert "不外传" not in text
    assert {row.body for row in _posts(late)} == {text}


def test_summary_when_nothing_is_late_or_it_is_no_working_day_is_not_posted(world: World, chats: GroupChats):
    world.measure("1-01", due=date(2025, 12, 1))
    world.at(LATE)
    _owe(world, "wecom")
    world.measure("1-02", due=date(2025, 9, 1))
    assert _deliver(world.at(date(2025, 9, 6)), {"wecom": _robot(chats, "wecom")}).sent == 0
    _owe(world, "wecom")
    assert _deliver(world, {"wecom": _robot(chats, "wecom")}).sent == 0
    assert (chats.calls, {row.state for row in _posts(world)}) == (0, {Sending.CANCELLED})


def test_robot_when_busy_is_left_alone_as_long_as_it_wants(late: World, chats: GroupChats):
    chats.may_take = 0
    robots = {"dingtalk": _robot(chats, "dingtalk")}
    _owe(late, "dingtalk")
    assert _deliver(late, robots).retry == 1
    assert _deliver(late, robots, later(late.moment, minutes=9)) == PostReport()
    chats.may_take = 20
    assert _deliver(late, robots, later(late.moment, minutes=10)).sent == 1


def test_robot_when_it_refuses_for_good_is_told_to_the_coordinator_and_the_others_go_on(late: World, chats: GroupChats):
    robots = {"dingtalk": _robot(chats, "dingtalk", secret=KEY), "feishu": _robot(chats, "feishu")}
    _owe(late, "dingtalk", "feishu")
    report = _deliver(late, robots)
    assert (report.sent, report.failed, report.retry) == (1, 1, 0)
    assert fates(late) == [("delivery_failed", "pending", None)]
    assert [row.last_error and "310000" in row.last_error for row in _posts(late)] == [True, None]
    with late.sessions() as session:
        assert read_failures(session) == ()


def test_robot_when_the_process_dies_in_between_is_called_again_after_the_claim(late: World, chats: GroupChats):
    robots = {"wecom": _robot(chats, "wecom")}
    _owe(late, "wecom")
    with late.sessions.begin() as session:
        assert claim_post(session, robots, late.moment) is not None
    assert _deliver(late, robots).sent == 0
    again = Moment(at=late.moment.at + CLAIM_TIMEOUT, on=late.today)
    assert _deliver(late, robots, again).sent == 1


@pytest.mark.parametrize(("is_perhaps_sent", "state"), [(True, Sending.PERHAPS), (False, Sending.CANCELLED)])
def test_summary_when_it_may_have_been_posted_and_a_new_day_has_come_is_perhaps_sent(
    late: World,
    chats: GroupChats,
    is_perhaps_sent: bool,  # noqa: FBT001
    state: Sending,
):
    def unsure(*_: object, **__: object) -> Refused:
        return Refused(trouble=Trouble.LATER, error=N_("to do"), is_perhaps_sent=is_perhaps_sent)

    robots = {"wecom": _robot(chats, "wecom")}
    _owe(late, "wecom")
    assert _deliver(late, robots, poster=unsure).retry == 1
    late.at(date(2025, 9, 4))
    assert _deliver(late, robots).sent == 0
    (row,) = _posts(late)
    assert (row.state, row.body is not None) == (state, is_perhaps_sent)


def test_summary_when_another_process_has_taken_over_the_claim_is_not_posted(late: World, chats: GroupChats):
    robots = {"wecom": _robot(chats, "wecom")}
    _owe(late, "wecom")
    with late.sessions.begin() as session:
        slow = claim_post(session, robots, late.moment)
    again = Moment(at=late.moment.at + CLAIM_TIMEOUT, on=late.today)
    assert _deliver(late, robots, again).sent == 1
    assert slow is not None
    with late.sessions.begin() as session:
        assert not begin_post(session, slow, "x", again.at)
    assert len(chats.taken) == 1


@pytest.mark.parametrize(("way", "is_perhaps_sent"), [("silent", True), ("down", False)])
def test_post_when_there_is_no_answer_is_perhaps_sent_unless_nobody_was_there(
    way: str,
    is_perhaps_sent: bool,  # noqa: FBT001
):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        if way == "down":
            server.close()
        refused = post(WecomRobot(f"http://127.0.0.1:{port}/?key={KEY}"), TITLE, TEXT, at=NOW, within=0.2)
    assert refused is not None
    assert refused.is_perhaps_sent is is_perhaps_sent


def test_summary_when_a_new_day_has_come_is_called_off(late: World, chats: GroupChats):
    robots = {"wecom": _robot(chats, "wecom")}
    _owe(late, "wecom")
    late.at(date(2025, 9, 4))
    assert _deliver(late, robots).sent == 0
    assert [row.state for row in _posts(late)] == [Sending.CANCELLED]


def test_summary_when_much_is_late_fits_into_wecom(world: World, chats: GroupChats):
    for number in range(12):
        world.measure(f"1-{number:02}", due=date(2025, 8, 20))
    with world.sessions.begin() as session:
        for unit in session.query(Unit):
            unit.name = f"{unit.name}（{'某' * 180}）"
    world.at(LATE)
    _owe(world, "wecom")
    assert _deliver(world, {"wecom": _robot(chats, "wecom")}).sent == 1
    assert "其余请在督办系统中查看" in chats.taken[0][1]
