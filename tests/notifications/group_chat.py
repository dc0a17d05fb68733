"""The servers of WeCom, DingTalk and Feishu, as their documents describe them: 200 to everything, the code in the body.

They check the form, the length, the signature and the clock, and want to be left alone after too many posts.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.local_server import Answering, LocalServer, listening

KEY = "b1946ac9-secret-key"
SIGNED_WITH = "SECd41d8cd98f00b204"
NOW = datetime(2025, 9, 3, 1, tzinfo=UTC)
CLOCKS_MAY_DIFFER = 3600  #: seconds
MOST = {"wecom": 4096, "dingtalk": 20_000, "feishu": 20_000}
TOO_MANY = {
    "wecom": {"errcode": 45009, "errmsg": "api freq out of limit"},
    "dingtalk": {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"},
    "feishu": {"code": 11232, "msg": "frequency limited psm[lark.oapi.app_platform_runtime]", "data": {}},
}


class GroupChats(LocalServer):
    """All three under paths of their own."""

    def __init__(self) -> None:
        super().__init__(_Answering)
        self.taken: list[tuple[str, str]] = []  #: (channel, text)
        self.calls = 0
        self.may_take = 20  #: posts, before it wants to be left alone
        self.now = NOW.timestamp()
        self.way: Any = None  #: an HTTP status or an answer of its own instead; "drip"

    def address(self, channel: str, *, key: str = KEY) -> str:
        """Where a robot is called."""
        path = {
            "wecom": f"/cgi-bin/webhook/send?key={key}",
            "dingtalk": f"/robot/send?access_token={key}",
            "feishu": f"/open-apis/bot/v2/hook/{key}",
        }[channel]
        return f"{self.root}{path}"

    def answer(self, channel: str, target: str, body: dict[str, Any], size: int) -> dict[str, Any]:
        """Return what the real one would."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        refused, text = getattr(self, f"_{channel}")(target, query, body, size)
        if refused is None and len(self.taken) >= self.may_take:
            refused = TOO_MANY[channel]
        if refused is None:
            self.taken.append((channel, text))
        return refused or ({"code": 0, "msg": "success"} if channel == "feishu" else {"errcode": 0, "errmsg": "ok"})

    def _wecom(self, _: str, query: dict[str, str], body: dict[str, Any], __: int) -> Any:
        if query.get("key") != KEY:
            return {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1], more info"}, ""
        if body.get("msgtype") != "markdown":
            return {"errcode": 40008, "errmsg": "invalid message type"}, ""
        text = body["markdown"]["content"]
        is_long = len(text.encode()) > MOST["wecom"]
        return ({"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"} if is_long else None), text

    def _dingtalk(self, _: str, query: dict[str, str], body: dict[str, Any], size: int) -> Any:
        if query.get("access_token") != KEY:
            return {"errcode": 300005, "errmsg": "token is not exist"}, ""
        signed = f"{query.get('timestamp')}\n{SIGNED_WITH}".encode()
        wanted = b64encode(hmac.new(SIGNED_WITH.encode(), signed, sha256).digest()).decode()
        if query.get("sign") != wanted or abs(int(query["timestamp"]) / 1000 - self.now) > CLOCKS_MAY_DIFFER:
            return {"errcode": 310000, "errmsg": "sign not match, more: [https://ding-doc.dingtalk.com]"}, ""
        if size > MOST["dingtalk"] or not body["markdown"]["title"]:
            return {"errcode": 40035, "errmsg": "缺少参数 title"}, ""
        return None, body["markdown"]["text"]

    def _feishu(self, target: str, _: dict[str, str], body: dict[str, Any], size: int) -> Any:
        if not target.endswith(KEY):
            return {"code": 19001, "msg": "param invalid: incoming webhook access token invalid", "data": {}}, ""
        key = f"{body.get('timestamp')}\n{SIGNED_WITH}".encode()
        wanted = b64encode(hmac.new(key, b"", sha256).digest()).decode()
        if body.get("sign") != wanted or abs(int(body["timestamp"]) - self.now) > CLOCKS_MAY_DIFFER:
            return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}, ""
        if size > MOST["feishu"]:
            return {"code": 9499, "msg": "Bad Request", "data": {}}, ""
        return None, body["card"]["elements"][0]["content"]


class _Answering(Answering):
    server: GroupChats

    def do_POST(self) -> None:  # noqa: N802 - a name of the standard library
        raw, way = self.rfile.read(int(self.headers["Content-Length"])), self.server.way
        self.server.calls += 1
        channel = next(name for name, mark in _MARKS.items() if mark in self.path)
        said = way if isinstance(way, dict) else None
        if said is None and way is None:
            said = self.server.answer(channel, self.path, json.loads(raw), len(raw))
        with suppress(OSError):
            if way == "drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                while not self.server.may_end.wait(0.02):
                    self.wfile.write(b" ")
                return
            self.send_response(way if isinstance(way, int) else 200)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode() if said is not None else b"<html>nginx</html>")


_MARKS = {"wecom": "/cgi-bin/", "dingtalk": "/robot/", "feishu": "/open-apis/"}


def chatting() -> AbstractContextManager[GroupChats]:
    """Give the servers, which are there meanwhile."""
    return listening(GroupChats())
