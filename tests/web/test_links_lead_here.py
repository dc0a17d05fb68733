"""Links that one person makes and another opens never lead where a request's Host says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request

from tests.web.house import ORIGIN, Premises, Visitor
from tests.world import World
from web.csrf import FIELD, token_for
from web.visit import arrived_at

ELSEWHERE = {
    "Host": "elsewhere.example",
    "Origin": "http://elsewhere.example",
    "X-Forwarded-Host": "elsewhere.example",
    "Forwarded": "host=elsewhere.example",
}
OURS = "https://duban.office.example"


def post(visitor: Visitor, path: str) -> str:
    """Send a form as a browser would to which we are `elsewhere.example`."""
    assert visitor.secret is not None
    answer = visitor.client.post(path, data={FIELD: token_for(visitor.secret)}, headers=ELSEWHERE)
    assert answer.status_code == 200, answer.text
    return answer.text


def invitation(premises: Premises) -> str:
    return post(premises.visitor("lin"), "/people/sun/invite")


def calendar(premises: Premises) -> str:
    return post(premises.visitor("wang"), "/account/calendar")


def entries(premises: Premises) -> str:
    wang = premises.visitor("wang")
    shown = wang.post("/account/calendar").tree.xpath("//input[@id='calendar-address']/@value")[0]
    return wang.client.get(urlsplit(shown).path, headers=ELSEWHERE).text


@pytest.mark.parametrize("address", [None, OURS])
@pytest.mark.parametrize("told", [invitation, calendar, entries])
def test_link_when_the_request_names_another_host_leads_here(
    world: World, tmp_path: Path, told: Callable[[Premises], str], address: str | None
):
    world.in_progress("1-01")
    text = told(Premises(world, tmp_path, address=address))
    assert ("elsewhere.example" in text, (address or ORIGIN) in text) == (False, True)
    if told is not entries:
        assert ("请系统管理员" in text) is (address is None), "whoever runs Duban has to say how people reach it"


@pytest.mark.parametrize(
    ("server", "host", "wanted"),
    [
        (("10.0.0.7", 8765), "elsewhere.example", "http://10.0.0.7:8765"),
        (("10.0.0.7", 80), "localhost", "http://10.0.0.7"),
        (("fd12::7", 8765), "duban", "http://[fd12::7]:8765"),
        (("127.0.0.1", 8765), "localhost:9000", "http://localhost:9000"),
        (("127.0.0.1", 8765), "localhost.elsewhere.example", "http://127.0.0.1:8765"),
        (("127.0.0.1", 8765), "elsewhere.example@localhost", "http://127.0.0.1:8765"),
        (None, "elsewhere.example", None),
    ],
)
def test_address_when_no_setting_says_it_is_where_the_connection_arrived(
    server: tuple[str, int] | None, host: str, wanted: str | None
):
    headers = [(b"host", host.encode())]
    scope = {"type": "http", "scheme": "http", "server": server, "path": "/", "query_string": b"", "headers": headers}
    assert arrived_at(Request(scope)) == wanted
