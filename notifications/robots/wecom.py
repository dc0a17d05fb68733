"""The group robot of WeCom (企业微信群机器人): whoever knows its address may post, 20 times a minute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from notifications.robots import Codes, Refused, Request

#: 45009 too many posts, 45033 too many at a time; 93000 no such robot, or gone from the group, 93008 it may not post,
#: 40008 and 40035 wrong form, 40058 too long or empty, 44004 empty, 45002 too long, 60020 our address is not let in.
CODES = Codes(
    busy=frozenset({45009, 45033}),
    for_good=frozenset({93000, 93008, 40008, 40035, 40058, 44004, 45002, 60020}),
)


class WecomRobot:
    """Writes Markdown as WeCom has it."""

    channel = "wecom"
    most_bytes = 4096
    rest = timedelta(minutes=1)

    def __init__(self, address: str) -> None:
        self._address = address

    def request(self, title: str, text: str, *, at: datetime) -> Request:  # noqa: ARG002 - as every robot
        """Return a post; its text is its title, too."""
        return Request(address=self._address, body={"msgtype": "markdown", "markdown": {"content": text}})

    def judge(self, answer: Mapping[str, Any]) -> Refused | None:
        """Read errcode."""
        return CODES.judge(answer.get("errcode"))
