"""What people of the crowd do: each opens pages, reads, and sends the forms that stand on them, as a browser would."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

import httpx

from tests.crowd.office import PASSWORD, ROUND, Cast

TIMEOUT = 60  #: seconds until an answer counts as none
PATIENCE = 120  #: seconds that a kind of change may let everybody wait for it
SEEN, SENT, LATE, TOO_SOON = 200, 303, 409, 429
FORM = re.compile(r'<form[^>]*action="(?P<action>[^"]+)"[^>]*>(?P<inside>.*?)</form>', re.DOTALL)
FIELD = re.compile(r'<(?:input|button)[^>]*?type="hidden"[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"')
QUESTION = re.compile(r'name="(answer-[^"]+)"')
CHOICE = re.compile(r'name="codes" value="([^"]+)"')
OPEN = re.compile(r'href="(/rounds/[^"]+/verification/\d+)"')
SOON = re.compile(r"in (\d+) seconds")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class Done:
    """A change that was answered with yes."""

    kind: str  #: accept, report, evidence, opinion, submit, verdict
    code: str  #: of the measure; "" where the change names none
    mark: str = ""  #: a text that nobody else has sent


@dataclass(slots=True)
class Seen:
    """What the crowd went through."""

    done: list[Done] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)  #: every mark, answered or not
    seconds: dict[str, list[float]] = field(default_factory=dict)  #: by what was asked for
    answers: Counter[int] = field(default_factory=Counter)  #: by status
    faults: list[str] = field(default_factory=list)
    faster: int = 0  #: changes that were refused because somebody else was faster


class Somebody:
    """One person with a browser."""

    def __init__(self, code: str, address: str, seen: Seen, dice: Random) -> None:
        self.code, self.seen, self.dice = code, seen, dice
        self.client = httpx.AsyncClient(
            base_url=address, timeout=TIMEOUT, headers={"Origin": address}, follow_redirects=False
        )
        self.marks = 0

    async def sign_in(self) -> None:
        """Sign in with name and password; wait when told to."""
        while True:
            answer = await self._ask("sign in", "POST", "/sign-in", data={"who": self.code, "password": PASSWORD})
            if answer is None or answer.status_code == SENT:
                return
            if answer.status_code != TOO_SOON:
                self._blame("sign in", answer)
                return
            await asyncio.sleep(1)

    async def get(self, what: str, path: str, **query: str) -> str:
        """Return a page; "" when it did not come."""
        answer = await self._ask(what, "GET", path, params=query)
        if answer is None:
            return ""
        if answer.status_code != SEEN:
            self._blame(what, answer)
            return ""
        return answer.text

    async def send(self, what: str, page: str, action: str, *, files: Any = None, **fields: str | list[str]) -> bool:
        """Send the form of `page` that leads to `action`; return whether the answer was yes."""
        hidden = form_of(page, action)
        if hidden is None:
            return False
        answer = await self._ask(what, "POST", action, data={**hidden, **fields}, files=files)
        if answer is None:
            return False
        if answer.status_code == LATE:
            self.seen.faster += 1
            return False
        if answer.status_code != SENT:
            self._blame(what, answer)
            return False
        return True

    def mark(self) -> str:
        """Return a text of this person's that nobody has used."""
        self.marks += 1
        mark = f"{self.code}第{self.marks}条"
        self.seen.sent.add(mark)
        return mark

    def keep(self, kind: str, code: str, mark: str = "") -> None:
        """Remember a change that was answered with yes."""
        self.seen.done.append(Done(kind, code, mark))

    async def _ask(self, what: str, method: str, path: str, **more: Any) -> httpx.Response | None:
        begin = time.perf_counter()
        try:
            answer = await self.client.request(method, path, **more)
        except httpx.HTTPError as error:
            self.seen.faults.append(f"{self.code}: {what} {path}: {type(error).__name__} {error}")
            return None
        self.seen.seconds.setdefault(what, []).append(time.perf_counter() - begin)
        self.seen.answers[answer.status_code] += 1
        return answer

    def _blame(self, what: str, answer: httpx.Response) -> None:
        told = re.sub(r"<[^>]+>|\s+", " ", answer.text.partition("<main")[2])[:200]
        self.seen.faults.append(f"{self.code}: {what} {answer.url.path}: {answer.status_code} {told}")


def form_of(page: str, action: str) -> dict[str, str] | None:
    """Return the hidden fields of the form that leads to `action`; None when there is none."""
    for form in FORM.finditer(page):
        if form["action"] == action:
            return dict(FIELD.findall(form["inside"]))
    return None


# What each of them does at a turn


async def own(me: Somebody, codes: tuple[str, ...]) -> None:
    """Look at one's work and the ledger, and push one measure on: accept, report, prove, hand in."""
    work = await me.get("my work", "/work")
    if not work or me.dice.random() < 0.2:
        await me.get("ledger", f"/rounds/{ROUND}/ledger", **me.dice.choice(NARROWED))
        return
    code = me.dice.choice(codes)
    root = f"/rounds/{ROUND}/measures/{code}"
    page = await me.get("measure", root)
    if form_of(page, f"{root}/accept") is not None:
        if await me.send("accept", page, f"{root}/accept"):
            me.keep("accept", code)
        return
    step = me.dice.random()
    if step < 0.4 and form_of(page, f"{root}/report") is not None:
        mark, percent = me.mark(), str(me.dice.randrange(100))
        if await me.send("report", page, f"{root}/report", percent=percent, text=mark):
            me.keep("report", code, mark)
    elif step < 0.6 and form_of(page, f"{root}/evidence") is not None:
        mark = me.mark()
        file = (f"{mark}.pdf", PDF + mark.encode(), "application/pdf")
        if await me.send("evidence", page, f"{root}/evidence", files={"files": file}, reference=""):
            me.keep("evidence", code, f"{mark}.pdf")
    elif step < 0.8 and form_of(page, f"{root}/submit") is not None:
        if await me.send("hand in", page, f"{root}/submit"):
            me.keep("submit", code)
    else:
        await say(me, page, code)


async def say(me: Somebody, page: str, code: str) -> None:
    """Say something about a measure."""
    mark = me.mark()
    if await me.send("opinion", page, f"/rounds/{ROUND}/measures/{code}/opinion", text=mark):
        me.keep("opinion", code, mark)


async def head(me: Somebody) -> None:
    """Look at what is one's unit's, and say something about it."""
    await me.get("my work", "/work")
    await me.get("ledger", f"/rounds/{ROUND}/ledger", **me.dice.choice(NARROWED))


async def verify(me: Somebody) -> None:
    """Take the first of one's queue, answer its questions, and judge."""
    queue = await me.get("queue", f"/rounds/{ROUND}/verification", queue="mine")
    waiting = OPEN.findall(queue)
    if not waiting:
        return
    path = me.dice.choice(waiting)
    page = await me.get("verification", path)
    answers = dict.fromkeys(QUESTION.findall(page), "yes")
    if answers and await me.send("verdict", page, path, act="pass", reason="", **answers):
        me.keep("verdict", path.rpartition("/")[2])


async def coordinate(me: Somebody) -> None:
    """Ask for verifications, and look around."""
    root = f"/rounds/{ROUND}/verification"
    queue = await me.get("queue", root)
    chosen = CHOICE.findall(queue)[:3]
    if chosen:
        await me.send("ask to verify", queue, f"{root}/start", codes=chosen, verifier="")
    await me.get("ledger", f"/rounds/{ROUND}/ledger", **me.dice.choice(NARROWED))
    if me.dice.random() < 0.3:
        await me.get("delivery", "/delivery")


async def lead(me: Somebody) -> None:
    """Look at the board and at the ledger."""
    await me.get("board", f"/rounds/{ROUND}/board")
    await me.get("ledger", f"/rounds/{ROUND}/ledger", **me.dice.choice(NARROWED))


NARROWED: tuple[dict[str, str], ...] = (
    {},
    {"state": "overdue"},
    {"state": "in_progress"},
    {"q": "制度"},
    {"unit": "1处"},
    {"light": "yellow"},
    {"sort": "due"},
)
Turn = Callable[[Somebody], Awaitable[None]]


def turns_of(cast: Cast) -> Iterator[tuple[str, Turn]]:
    """Yield everybody with what they do at a turn."""
    for code, codes in cast.owners.items():
        yield code, partial(own, codes=codes)
    groups: Mapping[tuple[str, ...], Turn] = {
        cast.heads: head,
        cast.verifiers: verify,
        cast.coordinators: coordinate,
        cast.leaders: lead,
    }
    for people, turn in groups.items():
        for code in people:
            yield code, turn


async def let_in(
    cast: Cast,
    address: str,
    *,
    seconds: float = 0,
    kinds: frozenset[str] = frozenset(),
    pause: float = 0,
    seed: int = 1,
    told: Callable[[Seen], None] = lambda _: None,
) -> Seen:
    """Let everybody sign in and work for `seconds`, and until each of `kinds` was done.

    Between two turns of a person are `pause` seconds on average; nobody waits longer than PATIENCE for a kind.
    """
    seen, end = Seen(), time.monotonic() + seconds
    patience = end + PATIENCE

    def is_over() -> bool:
        now = time.monotonic()
        return now >= end and (now >= patience or kinds <= {one.kind for one in seen.done})

    async def work(number: int, code: str, turn: Turn) -> None:
        me = Somebody(code, address, seen, Random(f"{seed}{code}"))  # noqa: S311 - a game, not a secret
        async with me.client:
            await asyncio.sleep(pause * number / cast.count)
            await me.sign_in()
            while not is_over():
                await turn(me)
                told(seen)
                await asyncio.sleep(me.dice.uniform(0, 2 * pause))

    await asyncio.gather(*(work(number, *one) for number, one in enumerate(turns_of(cast))))
    return seen
