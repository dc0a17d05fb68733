"""The group robot of DingTalk (钉钉自定义机器人): 20 posts a minute, each signed where it has a signing secret."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from engine.rules.text import N_
from notifications.robots import Codes, Refused, Request

#: 130101 more than 20 posts in a minute, 410100 the same of newer robots, 90018 too many calls; 300001, 300005, 400101
#: no such token, 400102 off, 400105, 40035 wrong form, 400106 no such robot, 400013 the group is gone, 430101 to
#: 430104 stopped by the censor.
CODES = Codes(
    busy=frozenset({130101, 410100, 90018}),
    for_good=frozenset({300001, 300005, 400101, 400102, 400105, 400106, 400013, 40035, 430101, 430102, 430103, 430104}),
    told={
        310000: N_("the group robot lets Duban not in (310000): look at its signing secret, keyword and addresses"),
    },
)


class DingtalkRobot:
    """Writes Markdown as DingTalk has it, and signs the address."""

    channel = "dingtalk"
    most_bytes = 18_000  # of the 20000 of a whole message
    rest = timedelta(minutes=10)  # it shuts out for that long

    def __init__(self, address: str, secret: str | None = None) -> None:
        self._address = address
        self._secret = secret

    def request(self, title: str, text: str, *, at: datetime) -> Request:
        """Return a post, signed for the hour around `at`."""
        body = {"msgtype": "markdown", "markdown": {"title": title, "text": text}}
        if self._secret is None:
            return Request(address=self._address, body=body)
        timestamp = int(at.timestamp() * 1000)
        parts = urlsplit(self._address)
        signed = [*parse_qsl(parts.query), ("timestamp", timestamp), ("sign", signature(self._secret, timestamp))]
        return Request(address=urlunsplit(parts._replace(query=urlencode(signed))), body=body)

    def judge(self, answer: Mapping[str, Any]) -> Refused | None:
        """Read errcode."""
        return CODES.judge(answer.get("errcode"))


def signature(secret: str, timestamp: int) -> str:
    """Return what proves that we know the secret at `timestamp`, in milliseconds.

    >>> signature("SEC1", 1577262236757)
    'ITVtMhBxlMWAso4YOWiyBDr7oDB8KSVHGqHA5hI1Ros='
    """
    signed = f"{timestamp}\n{secret}".encode()
    return b64encode(hmac.new(secret.encode(), signed, sha256).digest()).decode()
