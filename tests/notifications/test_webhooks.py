"""Webhooks against a real server that refuses, is slow, drips and cuts the line."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import trustme
from sqlalchemy import Engine, text

from engine.actions.accept_measure import accept_measure
from engine.actions.manage_webhooks import add_webhook, switch_webhook
from engine.actions.record_outcome import record_outcome
from engine.actions.report_progress import report_progress
from engine.now import read_clock
from engine.reads.webhooks import WebhookLine, read_webhooks
from engine.rules.moment import Moment
from engine.rules.vocabulary import OutcomeKind
from engine.rules.webhooks import sign
from models.database import reading
from models.places import alone
from notifications.call import Answer, call, is_our_own
from notifications.webhooks import CallReport, deliver_webhooks
from tests.notifications.receiver import Receiver, receiving
from tests.world import World

HERE = (ip_network("127.0.0.0/8"),)  #: the receiver's network, which only a setting lets be called
QUICK = partial(call, within=0.3, allowed=HERE)
GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "receive-webhooks.md"
NOWHERE = "http://127.0.0.1:1/"  #: nobody listens there


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


def hook(world: World, url: str, *kinds: str) -> str:
    """Add a webhook; return its secret."""
    return world.act("lin", add_webhook, url=url, kinds=kinds, allowed=HERE)[1]


def deliver(world: World, *, after: timedelta = timedelta(0), seconds: float = 60) -> CallReport:
    moment = Moment(at=world.moment.at + after, on=world.today)
    return deliver_webhooks(
        world.engine,
        world.sessions,
        moment=moment,
        language="en",
        now=lambda: moment.at,
        caller=QUICK,
        wait=lambda _seconds: None,
        seconds=seconds,
    )


def line(world: World) -> WebhookLine:
    with reading(world.sessions) as session:
        return read_webhooks(session)[0]


def test_webhook_when_something_happens_hears_of_it_in_order_signed_and_once(either_world: World, receiver: Receiver):
    world = either_world
    world.measure("1-01", text="修订考勤办法")
    secret = hook(world, receiver.address, "measure:*")
    world.act("wang", accept_measure, "1-01")
    world.act("wang", report_progress, "1-01", percent=30, text="已起草")
    assert deliver(world) == CallReport(sent=2)
    first, second = receiver.heard
    assert [one.told["type"] for one in receiver.heard] == ["measure:state:accept", "measure:progress:report"]
    assert first.path == "/hooks/duban"
    assert all(one.is_signed_with(secret) for one in receiver.heard)
    assert not first.is_signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert int(first.headers["webhook-timestamp"]) == int(world.moment.at.timestamp())
    told = second.told["data"]
    assert second.headers["webhook-id"] == f"evt_{told['id']}"
    assert (told["measure"], told["actor"], told["data"]["text"]) == ("1-01", "wang", "已起草")
    assert (first.told["data"]["from_state"], first.told["data"]["to_state"]) == ("assigned", "in_progress")
    assert deliver(world) == CallReport(), "nothing new"


def test_webhook_when_it_refuses_is_called_again_with_the_same_id_and_the_rest_waits(world: World, receiver: Receiver):
    world.measure("1-01")
    hook(world, receiver.address, "measure:*")
    world.act("wang", accept_measure, "1-01")
    world.act("wang", report_progress, "1-01", percent=30, text="已起草")
    receiver.status = 503
    assert deliver(world) == CallReport(failed=1)
    assert (line(world).attempts, line(world).last_error) == (1, "the answer was 503")
    assert deliver(world) == CallReport(), "not before a minute has passed"
    receiver.status = 200
    assert deliver(world, after=timedelta(minutes=1)) == CallReport(sent=2)
    ids = [one.headers["webhook-id"] for one in receiver.heard]
    assert ids[0] == ids[1] != ids[2]
    assert (line(world).attempts, line(world).last_error) == (0, None)


@pytest.mark.parametrize(
    ("way", "error"),
    [
        ("wait", "did not answer within 10 seconds"),
        ("drip", "did not answer within 10 seconds"),
        ("cut", "could not be called"),
        ("redirect", "redirects are not followed"),
    ],
)
def test_webhook_when_the_receiver_misbehaves_is_a_failure_that_ends_in_time(
    world: World, receiver: Receiver, way: str, error: str
):
    world.measure("1-01")
    hook(world, receiver.address)
    receiver.way = way
    assert deliver(world) == CallReport(failed=1)
    assert error in (line(world).last_error or "")
    assert len(receiver.heard) == 1, "nobody followed it anywhere"


def test_webhook_when_another_is_dead_is_called_all_the_same(world: World, receiver: Receiver):
    hook(world, NOWHERE)
    hook(world, receiver.address, "measure:*")
    world.measure("1-01")
    world.act("wang", accept_measure, "1-01")
    report = deliver(world)
    assert (report.sent, report.failed) == (1, 1)
    assert "could not be called: " in (line(world).last_error or "")


def test_webhook_when_the_time_of_a_run_is_over_goes_on_in_the_next(world: World, receiver: Receiver):
    hook(world, receiver.address)
    assert deliver(world, seconds=5) == CallReport(), "one call may take ten seconds"
    assert receiver.heard == []
    assert deliver(world).sent == 1


def test_webhook_when_paused_meanwhile_is_not_called_on(world: World, receiver: Receiver):
    world.measure("1-01")
    hook(world, receiver.address)
    world.act("wang", accept_measure, "1-01")
    heard: list[str] = []

    def pause(address: str, _body: bytes, _headers: Mapping[str, str]) -> Answer:
        heard.append(address)
        world.act("lin", switch_webhook, line(world).id, active=False)
        return Answer(status=200)

    report = deliver_webhooks(
        world.engine, world.sessions, moment=world.moment, language="en", now=lambda: world.moment.at, caller=pause
    )
    assert (len(heard), report.sent) == (1, 1)
    world.act("lin", switch_webhook, line(world).id, active=True)
    deliver(world)
    kinds = [one.told["type"] for one in receiver.heard]
    assert "measure:state:accept" in kinds, "taken up where it stopped"


def test_webhook_when_something_restricted_happens_hears_nothing_of_it(world: World, receiver: Receiver):
    hook(world, receiver.address)
    assert deliver(world).sent == 1  # of the webhook itself
    world.act("jian", record_outcome, person="wang", kind=OutcomeKind.TALK, decided_on=world.today, text="谈话提醒")
    assert deliver(world) == CallReport()
    assert len(receiver.heard) == 1


def test_webhooks_when_another_process_calls_them_are_left_to_it(world: World, receiver: Receiver):
    hook(world, receiver.address)
    with alone(world.engine, "webhooks", wait_seconds=0):
        assert deliver(world) == CallReport()
    assert deliver(world).sent == 1


@pytest.mark.parametrize(
    "numeric",
    ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1%1", "fd00:ec2::254", "0.1.2.3", "ff02::1"],
)
def test_call_when_a_name_leads_to_the_machine_itself_is_not_made(receiver: Receiver, numeric: str):
    address = f"http://oa.example:{receiver.server_port}/"
    answer = call(address, b"{}", {}, resolver=lambda *_: [numeric])
    assert "belongs to the machine itself" in str(answer.error)
    assert receiver.heard == []


def test_call_when_a_name_leads_to_an_address_of_this_machine_in_the_offices_network_is_not_made():
    answer = call("http://oa.example/", b"", {}, resolver=lambda *_: ["10.0.0.7"], is_own=lambda one: one == "10.0.0.7")
    assert "belongs to the machine itself" in str(answer.error)
    assert (is_our_own("127.0.0.1"), is_our_own("203.0.113.7")) == (True, False)


def test_call_when_a_name_leads_elsewhere_at_each_look_calls_what_was_judged(receiver: Receiver):
    asked: list[str] = []

    def turning(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    headers = {"Content-Type": "application/json"}
    answer = call(f"http://oa.example:{receiver.server_port}/", b"{}", headers, resolver=turning, allowed=HERE)
    assert (answer.status, asked) == (204, ["oa.example"])
    assert receiver.heard[0].headers["host"] == f"oa.example:{receiver.server_port}"
    again = call(f"http://oa.example:{receiver.server_port}/", b"{}", headers, resolver=turning, allowed=HERE)
    assert "belongs to the machine itself" in str(again.error), "judged at each call"


def test_call_when_one_of_a_names_addresses_is_the_machine_itself_calls_another(receiver: Receiver):
    found = ["169.254.169.254", "127.0.0.1"]
    answer = call(f"http://oa.example:{receiver.server_port}/", b"{}", {}, resolver=lambda *_: found, allowed=HERE)
    assert answer.status == 204


def test_call_when_encrypted_wants_a_certificate_for_the_name_and_not_for_what_it_leads_to(
    monkeypatch: pytest.MonkeyPatch,
):
    authority = trustme.CA()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setattr("notifications.call._trusting", lambda: trusting)
    statuses = []
    for name in ("oa.example", "127.0.0.1"):
        with receiving() as server:
            theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            authority.issue_cert(name).configure_cert(theirs)
            server.socket = theirs.wrap_socket(server.socket, server_side=True)
            address = f"https://oa.example:{server.server_port}/"
            answer = call(address, b"{}", {}, resolver=lambda *_: ["127.0.0.1"], allowed=HERE)
            statuses.append((answer.status, "certificate" in str(answer.error)))
    assert statuses == [(204, False), (None, True)]


@pytest.mark.postgres
def test_place_when_its_connection_is_lost_is_no_longer_held(postgres_database: Engine):
    with alone(postgres_database, "webhooks", wait_seconds=0) as place:
        assert place.is_held()
        with postgres_database.connect() as other:
            lock = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            other.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({lock}) AS held"))  # noqa: S608 - our own words
        assert not place.is_held()
        assert not place.is_held(), "a new connection has not what the old one held"


def test_signature_when_the_body_or_the_time_differs_differs():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of the standard's own example
    base = sign(secret, message="evt_1", timestamp=1, body=b"a")
    assert base != sign(secret, message="evt_1", timestamp=2, body=b"a")
    assert base != sign(secret, message="evt_1", timestamp=1, body=b"b")
    assert base != sign(secret, message="evt_2", timestamp=1, body=b"a")


def test_guide_when_its_example_is_run_accepts_what_is_sent_and_nothing_else(world: World, receiver: Receiver):
    secret = hook(world, receiver.address)
    moment = Moment(at=read_clock("Asia/Shanghai").at, on=world.today)
    deliver_webhooks(world.engine, world.sessions, moment=moment, language="en", now=lambda: moment.at, caller=QUICK)
    (heard,) = receiver.heard
    code = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)[0]
    found: dict[str, Any] = {}
    exec(code, found)  # noqa: S102 - the guide's own words
    is_from_duban = found["is_from_duban"]
    assert is_from_duban(secret, heard.headers, heard.body)
    assert not is_from_duban(secret, heard.headers, heard.body + b" ")
    assert not is_from_duban(secret, heard.headers | {"webhook-timestamp": "1"}, heard.body)
    assert not is_from_duban(sign_key(secret), heard.headers, heard.body)


def sign_key(secret: str) -> str:
    return secret[:-8] + "AAAAAAA="
