"""Each form is carried out once, however often it is sent: a second click gets the answer of the first.

The token of a form is its key.  It is taken in the transaction of what the form does (`SignedVisit.desk`), and what was
answered is kept beside it for a day; a form that was refused may be sent again.  Of those that come at the same time
to this process one works and the others wait; those of other processes wait for the database.
"""

from __future__ import annotations

import json
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock

import anyio
from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.actions.desk import one_request
from engine.actions.keep_answer import (
    UNANSWERED,
    Answered,
    Keyed,
    answer_key,
    free_key,
    look_up_key,
    take_key,
)
from engine.rules.moment import Moment
from engine.rules.refusal import Conflict
from engine.rules.text import N_
from models.database import Sessions, reading
from web.csrf import FIELD, SAFE
from web.told import COOKIE

log = logging.getLogger(__name__)

TURN = "turn"  #: a script that sends several times with one token numbers what it sends in this field
SEE_OTHER, OK, REFUSED = 303, 200, 400
LOOK_EVERY, PATIENCE = 0.02, 30.0  #: seconds
ANSWER_WITHIN = 3.0  #: seconds that the answer of another process is waited for
MOST_PAGES, LARGEST_PAGE = 50, 1_000_000  #: answers that are pages, kept in memory; bytes of one


class SentBefore(Exception):  # noqa: N818 - not an error: the first answer is given again
    """The form was sent before, and carried out."""


@dataclass(slots=True)
class Turn:
    """One request that sends a form."""

    asked: Keyed
    moment: Moment
    is_taken: bool = False  #: its key, by this request
    is_known: bool = False  #: it was carried out before


@dataclass(slots=True)
class Turns:
    """The forms that are under way in this process, and the newest answers that are pages of their own.

    Such a page shows a secret once: it is kept nowhere but here.
    """

    sessions: Sessions
    _under_way: set[tuple[int, str]] = field(default_factory=set)
    _pages: OrderedDict[tuple[int, str], tuple[Headers, bytes]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    async def begin(self, asked: Keyed) -> None:
        """Wait until nobody else is at work on the same form.  Raises Conflict when that takes too long."""
        until = time.monotonic() + PATIENCE
        while not self._enter(asked):
            if time.monotonic() > until:
                raise Conflict(N_("the same request is still under way; ask again in a moment"))
            await anyio.sleep(LOOK_EVERY)

    def end(self, asked: Keyed) -> None:
        """Let the next one in."""
        with self._lock:
            self._under_way.discard((asked.person, asked.key))

    def look_up(self, asked: Keyed) -> Answered | None:
        """Return what was answered to this form; see `look_up_key`."""
        with reading(self.sessions) as session:
            return look_up_key(session, asked)

    def keep(self, turn: Turn, answer: _Heard) -> None:
        """Keep what was answered; a form that was refused is free to be sent again."""
        try:
            with one_request(self.sessions) as session:
                if answer.status == SEE_OTHER:
                    if not turn.is_taken:
                        take_key(session, turn.asked, turn.moment)
                    answer_key(session, turn.asked, answer.told())
                elif turn.is_taken and answer.status >= REFUSED:
                    free_key(session, turn.asked)
                elif turn.is_taken and answer_key(session, turn.asked, answer.told()):
                    self._keep_page(turn.asked, answer)
        except (SQLAlchemyError, Conflict) as error:  # the change is made, and its key with it
            log.warning("the answer to a form was not kept", extra={"error": type(error).__name__})

    def page(self, asked: Keyed) -> Response | None:
        """Return the page that was the answer, where it is still known."""
        with self._lock:
            found = self._pages.get((asked.person, asked.key))
        if found is None:
            return None
        return Response(found[1], OK, headers=dict(found[0]))

    def _enter(self, asked: Keyed) -> bool:
        with self._lock:
            is_free = (asked.person, asked.key) not in self._under_way
            self._under_way.add((asked.person, asked.key))
        return is_free

    def _keep_page(self, asked: Keyed, answer: _Heard) -> None:
        with self._lock:
            self._pages[asked.person, asked.key] = (answer.headers, bytes(answer.body))
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)


async def begin_turn(request: Request, person: int, key: str, form: FormData, moment: Moment) -> None:
    """Let one request of each form work at a time.  Raises SentBefore, AnotherRequest, Conflict."""
    turns: Turns = request.app.state.turns
    number = form.get(TURN)
    name = f"form {key} {number if isinstance(number, str) else ''}"[:200]
    asked = Keyed(person=person, key=name, fingerprint=_digest(request.url.path, form))
    await turns.begin(asked)
    turn = request.state.turn = Turn(asked, moment)
    if await run_in_threadpool(turns.look_up, asked) is not None:
        turn.is_known = True
        raise SentBefore


def take_turn(request: Request, session: Session) -> None:
    """Take the form's key in the transaction of what it does.  Raises SentBefore when another process has, or had."""
    turn: Turn | None = getattr(request.state, "turn", None)
    if turn is None or turn.is_taken:
        return
    turn.is_taken = take_key(session, turn.asked, turn.moment)
    if not turn.is_taken:
        look_up_key(session, turn.asked)
        turn.is_known = True
        raise SentBefore


async def answer_again(request: Request) -> Response | None:
    """Return what was answered to a form that was sent before; None where that is not known."""
    turns: Turns = request.app.state.turns
    asked: Keyed = request.state.turn.asked
    until = time.monotonic() + ANSWER_WITHIN
    while True:
        known = await run_in_threadpool(turns.look_up, asked)
        if known is None or known.status != UNANSWERED or time.monotonic() > until:
            break
        await anyio.sleep(LOOK_EVERY)
    if known is None or known.status != SEE_OTHER:
        return turns.page(asked)
    told = json.loads(known.body)
    answer = RedirectResponse(told["path"], SEE_OTHER)
    for cookie in told["cookies"]:
        answer.headers.append("set-cookie", cookie)
    return answer


class Once:
    """Keeps what was answered to forms, and lets the next of the same form in."""

    def __init__(self, app: ASGIApp, *, turns: Turns) -> None:
        self._app = app
        self._turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and listen to the answer of what sends a form."""
        if scope["type"] != "http" or scope["method"] in SAFE:
            await self._app(scope, receive, send)
            return
        state, heard = scope.setdefault("state", {}), _Heard()

        async def listening(message: Message) -> None:
            turn: Turn | None = state.get("turn")
            heard.hear(message, is_kept=turn is not None and turn.is_taken)
            await send(message)

        try:
            await self._app(scope, receive, listening)
        finally:
            turn: Turn | None = state.get("turn")
            if turn is not None:
                try:
                    if not turn.is_known:
                        await run_in_threadpool(self._turns.keep, turn, heard)
                finally:
                    self._turns.end(turn.asked)


@dataclass(slots=True)
class _Heard:
    """An answer on its way out."""

    status: int = 500
    headers: Headers = field(default_factory=Headers)
    body: bytearray = field(default_factory=bytearray)

    def hear(self, message: Message, *, is_kept: bool) -> None:
        """Take in a part of it."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], Headers(raw=message["headers"])
        elif is_kept and self.status == OK and len(self.body) < LARGEST_PAGE:
            self.body += message.get("body", b"")

    def told(self) -> Answered:
        """Return what of it is stored: where it leads, and what is told there."""
        cookies = [one for one in self.headers.getlist("set-cookie") if one.startswith(f"{COOKIE}=")]
        told = {"path": self.headers.get("location", ""), "cookies": cookies}
        return Answered(status=self.status, etag=None, body=json.dumps(told))


def _digest(path: str, form: FormData) -> bytes:
    """Return the SHA-256 of what a form says; of files their names and sizes."""
    said = [
        (name, (value.filename, value.size) if isinstance(value, UploadFile) else value)
        for name, value in form.multi_items()
        if name != FIELD
    ]
    return sha256(json.dumps([path, said]).encode()).digest()
