"""Calls a robot once, and says what came of it.  Its address is a secret: it gets into no log and no error.

Must not be called inside a transaction.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

import httpx

from engine.rules.group_posts import Trouble
from engine.rules.text import N_, Text
from notifications.robots import Refused, Robot
from notifications.robots.apprise_chat import AppriseChat

WITHIN = 10.0  #: seconds that the other side may keep silent
MOST_BYTES = 64_000  #: of an answer that are read
TOO_MANY = 429
OWN_TROUBLE = 500  #: and above: the other side's own
#: The conversation ended before anything was said.
NOT_THERE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)
Chat: TypeAlias = Robot | AppriseChat


def speak(chat: Chat, title: str, text: str, *, at: datetime) -> Refused | None:
    """Post to a chat in its own way; return None when it was taken, else why not.  Raises nothing."""
    if isinstance(chat, AppriseChat):
        return chat.send(title, text)
    return post(chat, title, text, at=at)


def post(robot: Robot, title: str, text: str, *, at: datetime, within: float = WITHIN) -> Refused | None:
    """Post `text`; return None when the robot took it, else why not.  Raises nothing."""
    try:
        request = robot.request(title, text, at=at)
        with (
            httpx.Client(timeout=within, follow_redirects=False) as client,
            client.stream("POST", request.address, json=dict(request.body)) as answer,
        ):
            return _judged(robot, answer.status_code, _read(answer, within))
    except httpx.TimeoutException as error:
        told = N_("the group robot did not answer within {seconds} seconds", seconds=int(within))
        return _later(told, is_perhaps_sent=not isinstance(error, NOT_THERE))
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError, ValueError) as error:
        told = N_("the group robot could not be called: {problem}", problem=type(error).__name__)
        return _later(
            told, is_perhaps_sent=isinstance(error, httpx.TransportError) and not isinstance(error, NOT_THERE)
        )


def _read(answer: httpx.Response, within: float) -> bytes:
    """Return the answer's beginning; one that only drips ends as one that never came."""
    ends, content = time.monotonic() + within, b""
    for piece in answer.iter_bytes():
        content += piece
        if time.monotonic() > ends:
            raise httpx.ReadTimeout("it drips")
        if len(content) > MOST_BYTES:
            break
    return content


def _judged(robot: Robot, status: int, content: bytes) -> Refused | None:
    """Return what an answer means: its own code where it has one, else that of HTTP."""
    said = _object(content)
    if said:
        refused = robot.judge(said)
        if refused is not None or status < httpx.codes.BAD_REQUEST:
            return refused
    told = N_("the group robot's server answered {status}", status=status)
    if status == TOO_MANY:
        return Refused(trouble=Trouble.BUSY, error=told)
    is_ours = httpx.codes.MULTIPLE_CHOICES <= status < OWN_TROUBLE
    return Refused(trouble=Trouble.FOR_GOOD if is_ours else Trouble.LATER, error=told)


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(content)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _later(told: Text, *, is_perhaps_sent: bool) -> Refused:
    return Refused(trouble=Trouble.LATER, error=told, is_perhaps_sent=is_perhaps_sent)


def _names_no_address(record: logging.LogRecord) -> bool:
    """Keep what httpx tells of each call, its whole address, out of every log."""
    return record.levelno > logging.INFO


logging.getLogger("httpx").addFilter(_names_no_address)
