"""Chats of the long tail through Apprise, against a server on this machine that takes its JSON."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from config.settings import Settings
from engine.actions.group_posts import owe_posts
from engine.rules.group_posts import Trouble
from models import GroupPost, Sending
from notifications.group_delivery import PostReport, deliver_posts
from notifications.robots.apprise_chat import LONGEST, AppriseChat, chats_at
from tests.local_server import Answering, LocalServer, listening
from tests.outbox_rows import fates, later
from tests.world import World

#: Apprise looks for a module of the standard library that newer Pythons have no more.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

KEY = "b1946ac9-secret-key"
TITLE, TEXT = "督办：2025年9月3日整改进度", "**逾期** 2项\n- 一处"


class Chats(LocalServer):
    """Takes posts under any path; `way` says for a path what is answered instead: a status, or "drip"."""

    def __init__(self) -> None:
        super().__init__(_Answering)
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.calls = 0
        self.way: dict[str, Any] = {}

    def address(self, path: str = KEY) -> str:
        return f"json://127.0.0.1:{self.server_port}/{path}?format=markdown"


class _Answering(Answering):
    server: Chats

    def do_POST(self) -> None:  # noqa: N802 - a name of the standard library
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.strip("/").partition("?")[0]
        way = self.server.way.get(path, 200)
        self.server.calls += 1
        with suppress(OSError):
            if way == "drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                while not self.server.may_end.wait(0.02):
                    self.wfile.write(b" ")
                return
            if way == 200:
                self.server.taken.append((path, said))
            self.send_response(way)
            self.end_headers()


@pytest.fixture
def chats() -> Iterator[Chats]:
    with listening(Chats()) as server:
        yield server


def test_post_when_taken_arrives_with_title_and_markdown(chats: Chats):
    chat = AppriseChat("apprise-json", chats.address())
    assert chat.send(TITLE, TEXT) is None
    ((path, said),) = chats.taken
    assert (path, said["title"], said["message"]) == (KEY, TITLE, TEXT)


@pytest.mark.parametrize("status", [500, 404, 302])
def test_post_when_apprise_says_no_is_tried_again(chats: Chats, status: int):
    chats.way = {KEY: status}
    refused = AppriseChat("apprise-json", chats.address()).send(TITLE, TEXT)
    assert refused is not None
    assert refused.trouble is Trouble.LATER
    assert chats.taken == []


def test_post_when_the_answer_only_drips_ends_in_time(chats: Chats):
    chats.way = {KEY: "drip"}
    refused = AppriseChat("apprise-json", chats.address()).send(TITLE, TEXT, within=0.3)
    assert refused is not None
    assert refused.trouble is Trouble.LATER


@pytest.mark.parametrize("address", ["nowhere://x/y", "slack://", "tgram://x", "json://"])
def test_post_when_apprise_knows_no_such_address_is_given_up(address: str):
    refused = AppriseChat("apprise-x", address).send(TITLE, TEXT)
    assert refused is not None
    assert refused.trouble is Trouble.FOR_GOOD


def test_text_is_as_long_as_the_service_takes_it():
    discord, json_ = chats_at(["discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "json://127.0.0.1"])
    assert discord.most_bytes < 2000
    assert json_.most_bytes <= LONGEST


def test_chats_of_one_service_are_told_apart():
    found = chats_at(["slack://a", "SLACK://b", "json://c", "slack://d"])
    assert [chat.channel for chat in found] == ["apprise-slack", "apprise-slack-2", "apprise-json", "apprise-slack-3"]
    assert [chat.channel for chat in chats_at(["json://a", "jsons://b"])] == ["apprise-json", "apprise-jsons"]


@pytest.mark.parametrize("way", [200, 500, None])
def test_post_whatever_comes_of_it_tells_its_address_nowhere(
    chats: Chats, caplog: pytest.LogCaptureFixture, way: int | None
):
    caplog.set_level(logging.DEBUG)
    chats.way = {KEY: way}
    address = chats.address() if way else f"json://127.0.0.1:1/{KEY}"
    refused = AppriseChat("apprise-json", address).send(TITLE, TEXT)
    assert (refused is None) is (way == 200)
    assert KEY not in str(refused and refused.error) + caplog.text
    assert AppriseChat("apprise-x", f"nowhere://{KEY}/{KEY}").send(TITLE, TEXT) is not None
    assert KEY not in caplog.text


def test_setting_when_it_names_no_service_is_refused_without_telling_it():
    with pytest.raises(ValidationError) as refused:
        Settings(apprise_urls=f"slack://a/b/c {KEY}")
    assert KEY not in str(refused.value)
    assert Settings(apprise_urls="slack://a/b/c\n json://d").apprise_addresses == ("slack://a/b/c", "json://d")
    assert KEY not in repr(Settings(apprise_urls=f"json://{KEY}"))


def _deliver(world: World, chats: list[AppriseChat], **after: int) -> PostReport:
    moment = later(world.moment, **after) if after else world.moment
    return deliver_posts(
        world.sessions,
        {chat.channel: chat for chat in chats},
        moment=moment,
        calendar=world.calendar,
        language="zh_CN",
        address="https://duban.example",
        now=lambda: moment.at,
    )


@pytest.fixture
def late(world: World) -> World:
    world.measure("1-01", due=date(2025, 8, 20), text="不外传的措施内容")
    return world.at(date(2025, 9, 3))


def _states(world: World) -> list[tuple[str, Sending, int]]:
    with world.sessions() as session:
        rows = session.query(GroupPost).order_by(GroupPost.id)
        return [(row.channel, row.state, row.attempts) for row in rows]


def test_summary_when_one_chat_fails_is_tried_again_there_alone(late: World, chats: Chats):
    both = chats_at([chats.address("one"), chats.address("two")])
    chats.way = {"two": 503}
    with late.sessions.begin() as session:
        owe_posts(session, [chat.channel for chat in both], late.moment)
    report = _deliver(late, both)
    assert (report.sent, report.retry, report.failed) == (1, 1, 0)
    assert _states(late) == [("apprise-json", Sending.SENT, 1), ("apprise-json-2", Sending.PENDING, 1)]
    chats.way = {}
    assert _deliver(late, both, minutes=5).sent == 1
    assert [path for path, _ in chats.taken] == ["one", "two"]
    text = chats.taken[0][1]["message"]
    assert ("逾期1项" in text, "不外传" in text) == (True, False)


def test_address_when_apprise_knows_none_such_is_told_to_the_coordinator(late: World):
    chat = chats_at([f"nowhere://{KEY}"])
    with late.sessions.begin() as session:
        owe_posts(session, [chat[0].channel], late.moment)
    assert _deliver(late, chat).failed == 1
    assert fates(late) == [("delivery_failed", "pending", None)]
    with late.sessions() as session:
        assert KEY not in str(session.query(GroupPost).one().last_error)


def test_library_is_loaded_only_when_there_is_something_to_post():
    asked = (
        "import sys; from flows.house import House; from notifications.robots.apprise_chat import chats_at; "
        "found = chats_at(['json://127.0.0.1']); print('apprise' in sys.modules); found[0].most_bytes; "
        "print('apprise' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert told == ["False", "True"]
