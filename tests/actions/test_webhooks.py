"""Webhooks: coordinators look after them; what failed is called again, given up, told, and taken up again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from config.settings import Settings
from engine.actions.manage_webhooks import MOST, add_webhook, drop_webhook, switch_webhook
from engine.actions.record_calls import record_call_failed, record_passed
from engine.reads.webhooks import read_webhooks, read_webhooks_to_call
from engine.rules.backoff import MAX_ATTEMPTS
from engine.rules.moment import Moment
from engine.rules.refusal import NotAllowed, NotFound, NotReady
from engine.rules.webhooks import check_address, check_patterns
from models import Event
from models.database import reading
from tests.world import World

ADDRESS = "https://oa.example/hooks/duban"


def add(world: World, *kinds: str, url: str = ADDRESS) -> int:
    webhook, _ = world.act("lin", add_webhook, url=url, kinds=kinds)
    return webhook.id


def test_webhook_when_a_coordinator_adds_it_begins_with_what_happens_next(either_world: World):
    world = either_world
    world.measure("1-01")
    with world.sessions() as session:
        before = session.scalars(select(Event.id).order_by(Event.id.desc()).limit(1)).first()
    webhook, secret = world.act("lin", add_webhook, url=ADDRESS, kinds=("measure:*",))
    assert secret.startswith("whsec_")
    with reading(world.sessions) as session:
        (line,) = read_webhooks(session)
    assert (line.url, line.kinds, line.is_active, line.last_event) == (ADDRESS, ("measure:*",), True, before or 0)
    assert not hasattr(line, "secret")
    world.act("lin", drop_webhook, webhook.id)
    with reading(world.sessions) as session:
        assert read_webhooks(session) == ()


def test_webhook_when_anybody_else_asks_is_refused(world: World):
    number = add(world)
    for who in ("wang", "zhao", "jian", "li"):
        with pytest.raises(NotAllowed):
            world.act(who, add_webhook, url=ADDRESS)
        with pytest.raises(NotAllowed):
            world.act(who, switch_webhook, number, active=False)
        with pytest.raises(NotAllowed):
            world.act(who, drop_webhook, number)
    with pytest.raises(NotFound):
        world.act("lin", drop_webhook, 999)


def test_webhook_when_there_are_the_most_is_refused(world: World):
    for _ in range(MOST):
        add(world)
    with pytest.raises(NotReady, match="which is the most"):
        add(world)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "oa.example/hooks",
        "ftp://oa.example/",
        "file:///etc/passwd",
        "http:///nowhere",
        "http://user:word@oa.example/",
        "http://oa.example/#part",
        "http://oa.example:0/",
        "http://oa.example:99999/",
        "http://oa.example/\r\nHost: other",
        "http://oa.example\\@other.example/",
        "http://督办.example/",
        "http://[::1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/",
        "http://127.0.0.1/",
        "http://127.9.9.9:8765/api/v1/me",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/latest/meta-data",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:7f00:1::]/",
        "http://0.0.0.0/",
        "http://0/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://a.localhost/",
        "http://oa.example/" + "a" * 2000,
    ],
)
def test_address_when_it_cannot_or_must_not_be_called_is_refused(address: str):
    with pytest.raises(NotReady):
        check_address(address)


@pytest.mark.parametrize("address", ["http://10.1.2.3/", "http://192.168.0.9:8080/", "http://[fd12::7]/", "http://oa/"])
def test_address_when_it_is_of_the_office_is_taken(address: str):
    assert check_address(address) == address


def test_address_of_the_machine_itself_when_the_setting_allows_it_is_taken():
    allowed = Settings(webhook_networks=("127.0.0.0/8",)).called_networks
    for address in ("http://127.0.0.1:9/", "http://localhost:9/"):
        assert check_address(address, allowed) == address
    with pytest.raises(NotReady):
        check_address("http://169.254.169.254/", allowed)


@pytest.mark.parametrize(
    "pattern", ["", "Measure:*", "measure:*:close", "measure:", "*:close", "a b", "%", "measure:_%"]
)
def test_pattern_when_it_is_no_kind_of_event_is_refused(pattern: str):
    with pytest.raises(NotReady):
        check_patterns((pattern,))


def test_call_when_it_fails_again_and_again_is_given_up_told_and_taken_up_where_it_stopped(either_world: World):
    world = either_world
    number = add(world)
    moment, given_up, waits = world.moment, False, []
    for _ in range(MAX_ATTEMPTS):
        with world.sessions.begin() as session:
            given_up = record_call_failed(session, number, moment, error="the answer was 503", status=503)
        with reading(world.sessions) as session:
            (line,) = read_webhooks(session)
        waits.append(line.next_try_at - moment.at)
        moment = Moment(at=max(line.next_try_at, moment.at), on=moment.on)
    assert given_up
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30)]
    assert (line.is_active, line.gave_up_at, line.attempts) == (False, moment.at, MAX_ATTEMPTS)
    (said,) = world.said(kind="delivery_failed")
    assert (said.to, said.data) == ("lin", {"person": ADDRESS, "channel": "webhook", "error": "the answer was 503"})
    with reading(world.sessions) as session:
        assert read_webhooks_to_call(session, moment) == ()
    world.act("lin", switch_webhook, number, active=True)
    with reading(world.sessions) as session:
        (again,) = read_webhooks_to_call(session, moment)
    assert again.passed == line.last_event


def test_call_when_the_address_is_gone_for_good_is_given_up_at_once(world: World):
    number = add(world)
    with world.sessions.begin() as session:
        assert record_call_failed(session, number, world.moment, error="the answer was 410", status=410)


def test_call_when_it_is_heard_forgets_the_failures_and_never_steps_back(either_world: World):
    world = either_world
    number = add(world)
    with world.sessions.begin() as session:
        assert not record_call_failed(session, number, world.moment, error="slow", status=None)
    with world.sessions.begin() as session:
        assert record_passed(session, number, 100, world.moment, was_sent=True)
        assert not record_passed(session, number, 99, world.moment, was_sent=True)
    with reading(world.sessions) as session:
        (line,) = read_webhooks(session)
    assert (line.last_event, line.attempts, line.last_error) == (100, 0, None)
    world.act("lin", switch_webhook, number, active=False)
    with world.sessions.begin() as session:
        assert not record_passed(session, number, 101, world.moment, was_sent=True), "paused: no further call"
