"""Whatever several browsers send at the same moment over HTTP, it happens once, and the others are told so.

`DUBAN_RACES` says how often each race is run (2); `make races` runs each 34 times: 204 on each database.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from engine.actions.attach_evidence import attach_evidence
from engine.actions.invite_person import invite_person
from engine.actions.request_extension import request_extension
from engine.reads.audit import audit_record
from models import Account, CalendarFeed, Event, Extension, Verification
from models.database import reading
from tests.web.house import Premises
from tests.web.test_once import root, served
from web.visit import SIGN_IN

pytestmark = pytest.mark.slow

RACES = int(os.environ.get("DUBAN_RACES", "2"))
TABS = 4
PASSWORDS = [f"第{number}句容易记住的话很安全" for number in range(TABS)]
SEE_OTHER, TAKEN = 303, 409

#: One browser's try: its sign-in, the path, the form.
Try = tuple[str | None, str, dict[str, str]]


def race(addresses: Sequence[str], tries: Sequence[Try]) -> list[httpx.Response]:
    """Send all tries at the same moment, to the servers in turn; return their answers, in order."""
    together = Barrier(len(tries))
    for address in addresses:  # the first request to a route builds what it takes: not several at once
        for path in {path for _, path, _ in tries}:
            httpx.post(f"{address}{path}", headers={"Origin": address}, trust_env=False)

    def send(number: int) -> httpx.Response:
        (secret, path, fields), address = tries[number], addresses[number % len(addresses)]
        cookies = {SIGN_IN: secret} if secret else None
        with httpx.Client(base_url=address, cookies=cookies, timeout=60, trust_env=False) as client:
            together.wait(30)
            return client.post(path, data=fields, headers={"Origin": address})

    with ThreadPoolExecutor(len(tries)) as pool:
        return list(pool.map(send, range(len(tries))))


def tabs(premises: Premises, who: str, page: str, path: str, *fields: dict[str, Any]) -> list[Try]:
    """Open the page once for each of `fields`; return what each tab would send."""
    visitor = premises.visitor(who)
    return [(visitor.secret, path, visitor.get(page).form(path) | one) for one in fields]


def accept(premises: Premises, code: str) -> list[Try]:
    premises.world.measure(code)
    return tabs(premises, "wang", root(premises, code), f"{root(premises, code)}/accept", *[{}] * TABS)


def submit(premises: Premises, code: str) -> list[Try]:
    premises.world.in_progress(code)
    premises.world.act("wang", attach_evidence, code, name="纪要.pdf", sha256="ab" * 32)
    return tabs(premises, "wang", root(premises, code), f"{root(premises, code)}/submit", *[{}] * TABS)


def judge(premises: Premises, code: str) -> list[Try]:
    premises.world.submitted(code, verifier="wu")
    with reading(premises.world.sessions) as session:
        path = f"/rounds/{premises.round}/verification/{session.scalar(select(func.max(Verification.id)))}"
    verdicts = ({"act": "pass"}, {"act": "return", "reason": "缺少记录"}) * (TABS // 2)
    return tabs(premises, "wu", path, path, *({"reason": "", **one} for one in verdicts))


def decide(premises: Premises, code: str) -> list[Try]:
    premises.world.in_progress(code)
    premises.world.act("wang", request_extension, code, new_due=date(2025, 10, 31), reason="招标流标")
    path = f"{root(premises, code)}/extension/decide"
    words = ({"ruling": "approve"}, {"ruling": "refuse", "reason": "不同意"}) * (TABS // 2)
    return tabs(premises, "qian", root(premises, code), path, *words)


def happened(premises: Premises, code: str, *kinds: str) -> int:
    with reading(premises.world.sessions) as session:
        one = premises.world.get(code).id
        found = select(func.count()).where(Event.measure_id == one, Event.kind.in_(kinds))
        return session.scalar(found) or 0


def decided(premises: Premises, code: str, *_kinds: str) -> int:
    with reading(premises.world.sessions) as session:
        one = premises.world.get(code).id
        found = select(func.count()).where(Extension.measure_id == one, Extension.decided_at.is_not(None))
        return session.scalar(found) or 0


@pytest.mark.parametrize(
    ("begin", "count", "kinds"),
    [
        (accept, happened, ("measure:state:accept",)),
        (submit, happened, ("measure:state:submit",)),
        (judge, happened, ("measure:state:pass", "measure:state:return")),
        (decide, decided, ()),
    ],
)
def test_step_when_several_tabs_take_it_at_once_is_taken_once(
    begin: Callable[[Premises, str], list[Try]], count: Any, kinds: tuple[str, ...], either_premises: Premises
):
    with served(either_premises, 2) as addresses:
        for number in range(RACES):
            code = f"1-{number + 10}"
            answers = race(addresses, begin(either_premises, code))
            assert Counter(one.status_code for one in answers) == {SEE_OTHER: 1, TAKEN: TABS - 1}
            assert count(either_premises, code, *kinds) == 1
    with reading(either_premises.world.sessions) as session:
        assert audit_record(session).broken == []


def test_link_to_set_a_password_when_used_at_once_works_for_one(either_premises: Premises):
    premises, world = either_premises, either_premises.world
    with served(premises, 2) as addresses:
        for number in range(RACES):
            secret = world.act("lin", invite_person, "wang", zone="Asia/Shanghai")
            forms = [{"password": one, "again": one} for one in PASSWORDS]
            answers = race(addresses, [(None, f"/link/{secret}", one) for one in forms])
            winners = [place for place, one in enumerate(answers) if one.status_code == SEE_OTHER]
            assert len(winners) == 1, (number, [one.status_code for one in answers])
            kept = {"who": "wang", "password": PASSWORDS[winners[0]]}  # others would shut the door after a few rounds
            assert race(addresses, [(None, "/sign-in", kept)])[0].status_code == SEE_OTHER
            assert httpx.get(f"{addresses[0]}/link/{secret}", trust_env=False).status_code == 404
    with reading(world.sessions) as session:
        assert session.scalar(select(func.count()).where(Account.person_id == world.people["wang"])) == 1


def test_calendar_when_its_address_is_made_anew_at_once_has_one(either_premises: Premises):
    premises = either_premises
    with served(premises, 2) as addresses:
        for _ in range(RACES):
            answers = race(addresses, tabs(premises, "wang", "/account/calendar", "/account/calendar", *[{}] * TABS))
            assert {one.status_code for one in answers} <= {200, SEE_OTHER, TAKEN}
            with reading(premises.world.sessions) as session:
                feeds = session.scalar(select(func.count()).select_from(CalendarFeed))
            assert feeds == 1
