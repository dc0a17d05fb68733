"""Every page and form under requests that no browser sends: whatever comes is answered, and never with a trace.

The routes are the application's own, so that a new one is tried as well; what they take is filled now with what they
expect, now with something odd.  The requests reach the application as a server hands them on, byte by byte, and are
the same in every run.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_from_bytes, unquote

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.group_meetings import draw_up
from tests.web.house import ORIGIN, Premises, plant_findings, routes_of
from web.app import PAGES
from web.csrf import FIELD, token_for
from web.health import health_routes
from web.visit import LANGUAGE, SIGN_IN

pytestmark = pytest.mark.slow

SEED = 20250903
#: Requests for each route and database; DUBAN_EXAMPLES=1200 makes a hundred of each.
EACH = max(int(os.environ.get("DUBAN_EXAMPLES", "50")) // 12, 1)
USUAL_TO_ODD = 4  #: so many fields hold something usual for one that is odd
SERVER_ERROR, TELLS_MONITORS = 500, 503
ODD: tuple[bytes, ...] = (
    b"",
    b"0",
    b"-1",
    b"1" + b"0" * 20,
    b"-1" + b"0" * 20,
    b"9" * 5000,
    b"2147483648",
    b"9223372036854775808",
    b"1e400",
    b"NaN",
    b"+5",
    b" 7 ",
    b"1_0",
    "١٢".encode(),
    "²".encode(),
    b"true",
    b"a\x00b",
    b"\x00",
    b"\x01\x1b\x7f",
    b"a\r\nSet-Cookie: x=y",
    b"\xff\xfe",
    b"\xed\xb2\x80",
    b"\xf0\x9f\x98",
    "\u202e\u2028\ufeff\ufdd0".encode(),
    "督办".encode() * 20000,
    b"..%2f..%2fetc/passwd",
    b"'; DROP TABLE person; --",
    b"<script>alert(1)</script>",
    b"{{7*7}}%(x)s{x}%s",
    b"[]",
    b'{"a":',
    b"0000-01-01",
    b"0001-01-01",
    b"9999-12-31",
    b"10000-01-01",
    b"2025-02-30",
    b"0001-01",
    b"9999-12",
    b"2025-13",
    b"2025-09-03T00:00",
)
#: What a field or a place in a path expects, by its name; several are tried.
USUAL: dict[str, tuple[str, ...]] = {
    "code": ("1-01", "1-02", "wang"),
    "codes": ("1-01",),
    "measure": ("1-02", ""),
    "period": ("2025-03",),
    "person": ("wang", "sun"),
    "number": ("1", "2"),
    "name": ("ladder", "schedule"),
    "held_on": ("2025-03-20",),
    "owner": ("sun",),
    "substitute": ("sun",),
    "unit": ("一处",),
    "kind": ("task", "close", "department", "report", "minutes", "talk"),
    "text": ("说明",),
    "reason": ("理由",),
    "what": ("set", "withdraw", "save", "try", "notice"),
    "how": ("cancel", "defer"),
    "act": ("save", "pass", "return"),
    "ruling": ("approve", "refuse"),
    "role": ("verifier",),
    "percent": ("50",),
    "show": ("draft", "live", "minutes", "tasks"),
    "confirmed": ("yes", ""),
    "key": ("measure:1",),
    "way": ("up", "top"),
    "scope": ("read",),
    "version": ("1", "2"),
    "about": ("wang",),
}
DAYS = ("day", "until", "due", "new_due", "first_day", "last_day", "on", "issued_on", "decided_on", "feedback_on")
HEADERS = ("referer", "accept-language", "if-none-match", "if-modified-since", "range", "user-agent", "x-forwarded-for")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as a server hands it on."""

    method: str
    path: bytes  #: percent-encoded
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


def values(name: str) -> st.SearchStrategy[bytes]:
    """Give what is usual for a field, or something odd."""
    usual = USUAL.get(name, ("2025-03-20",) if name in DAYS else ("1", "x"))
    often = [one.encode() for one in usual] * (USUAL_TO_ODD * len(ODD) // len(usual))
    return st.sampled_from([*often, *ODD])


def pairs(names: tuple[str, ...]) -> st.SearchStrategy[list[tuple[bytes, bytes]]]:
    """Give fields: some of those that are known, some twice, some that nobody asks for."""
    if not names:
        return st.just([])
    known = st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name.encode()), values(name)))
    unknown = st.tuples(st.sampled_from(ODD[:20]), st.sampled_from(ODD))
    every = st.tuples(*(st.tuples(st.just(name.encode()), values(name)) for name in names)).map(list)
    return st.one_of(every, every, st.lists(st.one_of(known, known, unknown), max_size=len(names) + 2))


def fields_of(dependant: Dependant, kind: str) -> list[Any]:
    """Return what a route takes, with what its dependencies take."""
    own = list(getattr(dependant, kind))
    return own + [field for one in dependant.dependencies for field in fields_of(one, kind)]


def encoded(fields: list[tuple[bytes, bytes]]) -> bytes:
    return b"&".join(b"=".join(quote_from_bytes(part).encode() for part in field) for field in fields)


def parted(fields: list[tuple[bytes, bytes]], as_files: frozenset[bytes]) -> bytes:
    """Return fields as parts of a multipart body; those `as_files` as files."""
    parts = []
    for name, value in fields:
        plain = name.replace(b"\r\n", b"").replace(b'"', b"")[:200]
        what = b'; filename="' + value[:30].replace(b"\r\n", b"").replace(b'"', b"") + b'"' if name in as_files else b""
        parts.append(b'--edge\r\nContent-Disposition: form-data; name="' + plain + b'"' + what + b"\r\n\r\n" + value)
    return b"\r\n".join([*parts, b"--edge--\r\n"])


@st.composite
def bodies(draw: st.DrawFn, names: tuple[str, ...], files: frozenset[str], token: str) -> tuple[bytes, bytes]:
    """Give a body and its type: mostly a form with its token, as one kind of form or the other, or broken."""
    fields = draw(pairs(names))
    fields.insert(0, (FIELD.encode(), draw(st.sampled_from([token.encode()] * 19 + [ODD[3]]))))
    kind = draw(st.sampled_from(["plain"] * 8 + ["parts"] * 8 + ["cut", "json", "odd", "none"]))
    if kind == "plain":
        return encoded(fields), b"application/x-www-form-urlencoded"
    if kind == "json":
        return json.dumps({"csrf": token, "x": [1] * 9}).encode(), b"application/json"
    if kind == "none":
        return b"", b""
    swapped = draw(st.booleans())
    as_files = frozenset(one.encode() for one in (set(names) - files if swapped else files))
    body = parted(fields, as_files)
    if kind == "cut":
        return body[: len(body) // 2], b"multipart/form-data; boundary=edge"
    if kind == "odd":
        return body, draw(
            st.sampled_from([b"multipart/form-data", b"multipart/form-data; boundary=", b"\xff/\xfe", b";;"])
        )
    return body, b"multipart/form-data; boundary=edge"


@st.composite
def requests(draw: st.DrawFn, route: APIRoute, method: str, round_: str, secret: str) -> Asked:
    """Give a request to a route."""
    given = {"round": st.sampled_from([round_.encode()] * USUAL_TO_ODD * len(ODD) + list(ODD))}
    path = route.path.encode()
    for name in re.findall(r"\{(\w+)\}", route.path):
        value = draw(given.get(name, values(name)))[:3000]
        path = path.replace(b"{" + name.encode() + b"}", quote_from_bytes(value, safe=b"").encode())
    query = encoded(draw(pairs(tuple(one.alias for one in fields_of(route.dependant, "query_params")))))
    names = tuple(one.alias for one in fields_of(route.dependant, "body_params")) or (
        "act",
        "reason",
        "version",
        "answer-1",
        "note-1",
    )
    files = frozenset(
        one.alias for one in fields_of(route.dependant, "body_params") if "Upload" in repr(one.field_info.annotation)
    )
    body, kind = draw(bodies(names, files, token_for(secret))) if method == "POST" else (b"", b"")
    told = base64.urlsafe_b64encode(draw(st.sampled_from([b'{"msgid":"{x}","params":{}}', b"[]", b"3", b"\xff"])))
    cookies = [
        SIGN_IN.encode() + b"=" + draw(st.sampled_from([secret.encode()] * 40 + [ODD[3], b"\xff\xfe", b"a\x00"])),
        LANGUAGE.encode() + b"=" + draw(st.sampled_from([b"en", b"zh_CN", b"../x", b"\xff"])),
        *draw(st.sampled_from([[], [b"duban_told=" + told], [b"duban_told=\xff"], [b";;=;"]])),
    ]
    headers = [(b"host", b"testserver"), (b"cookie", b"; ".join(cookies)), (b"origin", ORIGIN.encode())]
    if kind:
        headers.append((b"content-type", kind))
    if method == "POST":
        headers.append((b"content-length", str(len(body)).encode()))
    more = draw(st.lists(st.tuples(st.sampled_from(HEADERS), st.sampled_from(ODD)), max_size=2))
    headers.extend((name.encode(), value[:3000].replace(b"\r\n", b"")) for name, value in more)
    return Asked(method=method, path=path, query=query, headers=tuple(headers), body=body)


async def ask(app: Any, asked: Asked) -> tuple[int, bytes]:
    """Hand a request to the application, as uvicorn does; return the status and the body."""
    path = unquote(asked.path.decode("ascii"))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": "http",
        "path": path,
        "raw_path": asked.path,
        "root_path": "",
        "query_string": asked.query,
        "headers": list(asked.headers),
        "client": ("127.0.0.1", 50000),
        "server": ("testserver", 80),
    }
    told: dict[str, Any] = {"status": 0, "body": b""}
    is_given = False

    async def receive() -> Mapping[str, Any]:
        nonlocal is_given
        if is_given:
            return {"type": "http.disconnect"}
        is_given = True
        return {"type": "http.request", "body": asked.body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            told["status"] = message["status"]
            for name, value in message["headers"]:  # h11 refuses to send anything else
                assert b"\n" not in name + value
                assert b"\x00" not in name + value
        else:
            told["body"] += message.get("body", b"")

    await app(scope, receive, send)
    return told["status"], told["body"]


@pytest.fixture
def busy(either_premises: Premises) -> Premises:
    """Give a house with something of everything."""
    world = either_premises.world
    problem = plant_findings(world)["1.1"]
    for number in (1, 2):
        world.in_progress(f"1-0{number}", finding_id=problem, due=world.today.replace(month=9))
    world.submitted("1-03", finding_id=problem, verifier="wu")
    draw_up(world)
    visitor = either_premises.visitor("lin")
    visitor.post(f"/rounds/{either_premises.round}/documents/papers", kind="report")
    return either_premises


def every_route(premises: Premises) -> Iterator[tuple[str, APIRoute]]:
    for route in routes_of((*PAGES, health_routes(premises.house))):
        for method in sorted(route.methods - {"HEAD"}):
            yield method, route


@pytest.mark.filterwarnings("ignore:Exception ignored in.*SpooledTemporaryFile")  # of a cut body: collected later
@pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile")
def test_pages_and_forms_when_anything_is_sent_answer_without_a_trace(busy: Premises):
    failed: dict[str, str] = {}
    answers: Counter[int] = Counter()
    with asyncio.Runner() as runner:
        for place, (method, route) in enumerate(every_route(busy)):
            secret = busy.secret_of(("lin", "zhao", "wu", "wang")[place % 4] if method == "GET" else "lin")
            for told in fuzz(runner, busy, requests(route, method, busy.round, secret), answers):
                failed.setdefault(f"{method} {route.path}", told)
    assert failed == {}
    assert answers[200] + answers[303] > answers.total() / 4, (
        answers
    )  # else it is the door that is tried, not the house


def test_addresses_when_their_parts_are_no_such_thing_say_that_nothing_is_there(busy: Premises):
    cookie = (b"cookie", f"{SIGN_IN}={busy.secret_of('lin')}".encode())
    headers = ((b"host", b"testserver"), (b"origin", ORIGIN.encode()), (b"content-length", b"0"), cookie)
    with asyncio.Runner() as runner:
        for method, route in every_route(busy):
            names = re.findall(r"\{(\w+)\}", route.path)
            for value in (10**20, -1, "%00", "%FF") if names else ():
                path = re.sub(r"\{\w+\}", str(value), route.path)
                status, _ = runner.run(
                    ask(busy.app, Asked(method=method, path=path.encode(), query=b"", headers=headers, body=b""))
                )
                assert status in {303, 403, 404}, (method, path, status)


def fuzz(
    runner: asyncio.Runner, premises: Premises, wanted: st.SearchStrategy[Asked], answers: Counter[int]
) -> list[str]:
    """Try requests of one kind, and count their answers; return those that failed."""
    failed: list[str] = []

    @seed(SEED)
    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(asked=wanted)
    def try_it(asked: Asked) -> None:
        try:
            status, body = runner.run(ask(premises.app, asked))
        except Exception as error:  # noqa: BLE001 - whatever comes out of it is what is looked for
            failed.append(f"{error!r:.300} {asked!r:.600}")
            return
        answers[status] += 1
        is_told = asked.path == b"/healthz" and status == TELLS_MONITORS  # a form shut out somebody who owns open work
        if (status >= SERVER_ERROR and not is_told) or status == 0 or b"Traceback" in body:
            failed.append(f"{status} {asked!r:.600}")

    try_it()
    return failed
