"""The group robot of Feishu (飞书自定义机器人): 100 posts a minute, each signed in its body where it has a secret."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from engine.rules.text import N_
from notifications.robots import Codes, Refused, Request

#: 11232 and 11233 too many posts, 99991400 too many calls, 230020 too many in this group; 9499, 19002 and 10003 wrong
#: form, 19001 no such robot, 19005 robots are not let in there.
CODES = Codes(
    busy=frozenset({11232, 11233, 99991400, 230020}),
    for_good=frozenset({9499, 10003, 19001, 19002, 19005}),
    told={
        19021: N_("the group robot finds the signature wrong (19021): look at its secret, and at this machine's clock"),
        19022: N_("the group robot does not let this machine's address in (19022)"),
        19024: N_("the group robot wants a keyword that is not in the text (19024)"),
    },
)


class FeishuRobot:
    """Writes a card with Markdown, and signs its body."""

    channel = "feishu"
    most_bytes = 18_000  # of the 20 KB of a whole request
    rest = timedelta(minutes=1)

    def __init__(self, address: str, secret: str | None = None) -> None:
        self._address = address
        self._secret = secret

    def request(self, title: str, text: str, *, at: datetime) -> Request:
        """Return a post, signed for the hour around `at`."""
        body: dict[str, Any] = {
            "msg_type": "interactive",
            "card": {
                "config": {"wide_screen_mode": True},
                "header": {"title": {"tag": "plain_text", "content": title}, "template": "blue"},
                "elements": [{"tag": "markdown", "content": text}],
            },
        }
        if self._secret is not None:
            timestamp = int(at.timestamp())
            body |= {"timestamp": str(timestamp), "sign": signature(self._secret, timestamp)}
        return Request(address=self._address, body=body)

    def judge(self, answer: Mapping[str, Any]) -> Refused | None:
        """Read code, or StatusCode where an older robot answers."""
        return CODES.judge(answer.get("code", answer.get("StatusCode")))


def signature(secret: str, timestamp: int) -> str:
    """Return what proves that we know the secret at `timestamp`, in seconds: the key is what is signed elsewhere.

    >>> signature("SEC1", 1599360473)
    '0hLYmfoUxI4qR6gxrHZUwT+7HcMcncQkWF5gKyZReuU='
    """
    key = f"{timestamp}\n{secret}".encode()
    return b64encode(hmac.new(key, b"", sha256).digest()).decode()
