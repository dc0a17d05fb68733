"""Each mail goes out once: two real processes before a slow server, claims that run out, senders that are killed."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from engine.actions.accept_measure import accept_measure
from engine.now import read_clock
from engine.rules.backoff import CLAIM_TIMEOUT
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.text import N_
from models import Measure, Person, Sending
from notifications.delivery import deliver_outbox
from notifications.hand_over import FRESH_FOR, DeliveryReport
from notifications.senders import Mail, Sender, SendFailed
from notifications.senders.inbox import InboxSender
from tests.factories import build_person
from tests.notifications.test_smtp import Office, serving
from tests.outbox_rows import deliveries, fates, say_to
from tests.world import World

ROOT = Path(__file__).parents[2]
MAILS = 100


class Slow(Office):
    """Takes each mail, and needs a while for it; or never answers, and says that it has one."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
        self.has_mail = Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        self.has_mail.set()
        await asyncio.sleep(self.seconds)
        return answer


def sending(world: World, port: int, moment: datetime) -> subprocess.Popen[str]:
    """Begin a delivery in a process of its own, of a run whose moment is long past."""
    url = world.engine.url.render_as_string(hide_password=False)
    words = [sys.executable, "-m", "tests.notifications.sending_process", url, str(port), moment.isoformat()]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def done(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Return what a process has reported."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)  # type: ignore[no-any-return]


@pytest.mark.slow
def test_mails_when_two_processes_send_for_a_run_that_began_long_ago_arrive_once(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        unit = world.units["一处"]
        for number in range(MAILS):
            code = f"p{number}"
            one = build_person(session, code=code, name=f"人{number}", unit_id=unit, email=f"{code}@example.cn")
            world.people[code] = one.id
    say_to(world, *(f"p{number}" for number in range(MAILS)))
    office = Slow(0.02)
    began = read_clock("Asia/Shanghai").at - timedelta(hours=3)
    with serving(office) as port:
        reports = [done(one) for one in [sending(world, port, began) for _ in range(2)]]
    assert set(Counter(str(mail["Message-ID"]) for mail in office.taken).values()) == {1}
    assert len(office.taken) == MAILS
    assert sum(report["sent"] for report in reports) == 2 * MAILS, "each in the inbox and by mail"
    assert {(row.state, row.attempts) for row in deliveries(world)} == {(Sending.SENT, 1)}


@pytest.mark.slow
def test_mail_when_its_sender_is_killed_before_the_answer_and_the_matter_is_settled_is_perhaps_sent(
    either_world: World,
):
    world = either_world
    world.measure()
    with world.sessions.begin() as session:
        session.get_one(Person, world.people["wang"]).email = "wang@example.cn"
    timer = next(iter(world.timers("1-01").values()))
    say_to(
        world,
        "wang",
        measure="1-01",
        kind=Notice.ASSIGNED.value,
        waits_for=timer.waits_for,
        deadline_version=timer.deadline_version,
        data={"by": "林联络"},
    )
    office = Slow(600)
    with serving(office) as port:
        process = sending(world, port, world.moment.at)
        assert office.has_mail.wait(60)
        process.kill()
        process.communicate()
    assert len(office.taken) == 1
    world.act("wang", accept_measure, "1-01")
    after = Moment(at=read_clock("Asia/Shanghai").at + CLAIM_TIMEOUT, on=world.today)
    late = Taking()
    assert deliver(world, late, now=lambda: after.at).cancelled == 0
    assert late.taken == []
    assert {row.channel: row.state for row in deliveries(world)} == {"inbox": Sending.SENT, "smtp": Sending.PERHAPS}
    (mail,) = [row for row in deliveries(world) if row.channel == "smtp"]
    assert (mail.subject, mail.attempts) == (str(office.taken[0]["Subject"]), 1)
    assert "1-01" in (mail.body or "")


class Taking:
    """A channel that keeps what it took; `meanwhile` is done while it has a mail."""

    channel = "smtp"

    def __init__(self, meanwhile: Callable[[Mail], object] = lambda _: None) -> None:
        self.taken: list[Mail] = []
        self.meanwhile = meanwhile

    def send(self, mail: Mail) -> None:
        self.taken.append(mail)
        self.meanwhile(mail)

    def close(self) -> None:
        pass


def deliver(
    world: World, sender: Sender, *, now: Callable[[], datetime], inbox: bool = True, batch: str = "daily"
) -> DeliveryReport:
    senders: dict[str, Sender] = {"inbox": InboxSender()} if inbox else {}
    return deliver_outbox(
        world.sessions,
        moment=world.moment,
        now=now,
        batch=batch,
        senders={**senders, sender.channel: sender},
        calendar=world.calendar,
        digests_per_day=9,
        language="en",
    )


def test_claims_when_they_run_out_under_a_slow_sender_are_sent_by_one_of_two(either_world: World):
    world = either_world
    people = ("wang", "li", "zhou", "lin", "sun")
    say_to(world, *people)
    clock = [world.moment.at]
    quick = Taking()

    def stall(_: Mail) -> None:
        clock[0] += CLAIM_TIMEOUT + timedelta(minutes=1)
        if len(slow.taken) == 1:
            deliver(world, quick, now=lambda: clock[0], inbox=False, batch="another")

    slow = Taking(stall)
    report = deliver(world, slow, now=lambda: clock[0], inbox=False)
    got = Counter(mail.to_code for mail in (*slow.taken, *quick.taken))
    assert {code: count for code, count in got.items() if count > 1} == {slow.taken[0].to_code: 2}, (
        "the one that no one answered for half an hour, under the same Message-ID"
    )
    assert set(got) == set(people)
    assert (len(slow.taken), report.sent) == (1, 1), "the rest of its claims was lost, and not sent"
    assert {row.state for row in deliveries(world)} == {Sending.SENT}


def test_claims_when_a_sender_is_slow_are_given_back_and_looked_at_again(either_world: World):
    world = either_world
    for code, owner in (("1-01", "wang"), ("1-02", "sun"), ("1-03", "tang")):
        world.measure(code, owner=owner)
        say_to(world, owner, measure=code, kind=Notice.ASSIGNED.value)
    clock = [world.moment.at]

    def settle(_: Mail) -> None:
        clock[0] += FRESH_FOR + timedelta(seconds=1)
        give(world, "1-02", "wang")

    slow = Taking(settle)
    assert deliver(world, slow, now=lambda: clock[0], inbox=False).cancelled == 1
    assert sorted(mail.to_code for mail in slow.taken) == ["tang", "wang"]
    assert {(row.state, row.attempts) for row in deliveries(world)} == {(Sending.SENT, 1), (Sending.CANCELLED, 0)}


def give(world: World, code: str, person: str) -> None:
    """Let somebody else have a measure, without a word."""
    with world.sessions.begin() as session:
        session.scalars(select(Measure).where(Measure.code == code)).one().owner_id = world.people[person]


@pytest.mark.parametrize(("is_perhaps_sent", "state"), [(True, Sending.PERHAPS), (False, Sending.CANCELLED)])
def test_mail_when_the_conversation_broke_and_the_matter_is_settled_is_perhaps_sent_if_the_server_had_it(
    either_world: World,
    is_perhaps_sent: bool,  # noqa: FBT001
    state: Sending,
):
    world = either_world
    world.measure()
    say_to(world, "wang", measure="1-01", kind=Notice.ASSIGNED.value)

    def broken(_: Mail) -> None:
        raise SendFailed(N_("to do"), retry=True, is_perhaps_sent=is_perhaps_sent)

    assert deliver(world, Taking(broken), now=lambda: world.moment.at, inbox=False).retry == 1
    give(world, "1-01", "sun")
    report = deliver(world, Taking(), now=lambda: world.moment.at + timedelta(hours=1), inbox=False)
    (row,) = deliveries(world)
    assert (row.state, report.cancelled, report.sent) == (state, int(not is_perhaps_sent), 0)
    assert (row.body is not None, row.perhaps_at is not None) == (is_perhaps_sent, is_perhaps_sent)
    assert fates(world, "1-01") == [("assigned", state.value, "reassigned")]


def test_mail_when_an_attempt_that_may_have_gone_out_is_followed_by_a_refusal_stays_perhaps_sent(world: World):
    world.measure()
    say_to(world, "wang", measure="1-01", kind=Notice.ASSIGNED.value)

    def refuse(_: Mail) -> None:
        raise SendFailed(N_("to do"), retry=True, is_perhaps_sent=not minutes)

    for minutes in (0, 5):
        present = world.moment.at + timedelta(minutes=minutes)
        deliver(world, Taking(refuse), now=lambda present=present: present, inbox=False)  # type: ignore[misc]
    give(world, "1-01", "sun")
    deliver(world, Taking(), now=lambda: world.moment.at + timedelta(hours=1), inbox=False)
    (row,) = deliveries(world)
    assert (row.state, row.perhaps_at, row.attempts) == (Sending.PERHAPS, world.moment.at, 2)


def test_mail_when_still_true_after_an_attempt_that_may_have_gone_out_is_sent_under_the_same_id(world: World):
    say_to(world, "wang")

    def cut(_: Mail) -> None:
        raise SendFailed(N_("to do"), retry=True, is_perhaps_sent=True)

    first, second = Taking(cut), Taking()
    deliver(world, first, now=lambda: world.moment.at)
    deliver(world, second, now=lambda: world.moment.at + timedelta(minutes=1))
    assert [mail.message_id for mail in first.taken] == [mail.message_id for mail in second.taken]
    assert {(row.state, row.perhaps_at) for row in deliveries(world)} == {(Sending.SENT, None)}
