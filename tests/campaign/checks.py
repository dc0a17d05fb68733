"""Holds a house to what was acknowledged, to what an undisturbed house has done, and to its own record."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.reads.audit import audit_record
from engine.rules.ladder import parse_ladders
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role
from models import (
    Delivery,
    Digest,
    Escalation,
    Event,
    Fate,
    Measure,
    Notification,
    Outcome,
    Person,
    Policy,
    Run,
    Said,
    Sending,
    Timer,
)
from models.database import open_database, reading, sessions_of

FEW = 5  #: of one kind of fault that are told


@dataclass(slots=True, kw_only=True)
class Found:
    """What looking at a house has found."""

    rungs: int = 0
    deliveries: int = 0
    tried_again: int = 0
    twice: int = 0
    faults: list[str] = field(default_factory=list)

    def blame(self, what: str, cases: Any) -> None:
        """Keep a fault, with a few of its cases."""
        told = list(cases)
        if told:
            self.faults.append(f"{what}: {len(told)}, such as {told[:FEW]}")


@contextmanager
def opened(url: str) -> Iterator[Session]:
    """Give a session that reads, in an engine of its own: the server may have been another one before."""
    engine = open_database(url)
    try:
        with reading(sessions_of(engine)) as session:
            yield session
    finally:
        engine.dispose()


def count_unsent(url: str) -> int:
    """Return how many notifications wait, and deliveries are under way."""
    with opened(url) as session:
        waiting = session.scalar(select(func.count()).where(Notification.state == Said.PENDING)) or 0
        under_way = select(func.count()).where(Delivery.state.in_([Sending.PENDING, Sending.SENDING]))
        return waiting + (session.scalar(under_way) or 0)


def look(url: str, home: Path, acknowledged: list[dict[str, Any]], on: date, *, at_the_end: bool) -> Found:
    """Look at everything; `at_the_end` nothing may be left to be sent."""
    found = Found()
    with opened(url) as session:
        _look_for_acknowledged(session, acknowledged, found)
        _look_at_rungs(session, on, found)
        _look_at_receivers(session, found)
        _look_at_mail(session, home, found, at_the_end=at_the_end)
        broken = audit_record(session).broken
        found.blame("the record is broken", (str(link.problem) for link in broken))
    return found


def _look_for_acknowledged(session: Session, acknowledged: list[dict[str, Any]], found: Found) -> None:
    columns = (Measure.code, Event.seq, Event.kind, Event.to_state, Event.hash, Event.on)
    query = select(*columns).join(Measure, Measure.id == Event.measure_id)
    events = {
        (code, seq): {"code": code, "seq": seq, "kind": kind, "state": state, "hash": digest.hex(), "on": str(on)}
        for code, seq, kind, state, digest, on in session.execute(query)
    }
    changes = [line for line in acknowledged if "code" in line]
    found.blame("acknowledged, but not there", (one for one in changes if events.get((one["code"], one["seq"])) != one))
    runs = {
        run.period: run.report
        for run in session.scalars(select(Run).where(Run.kind == "daily", Run.state == Outcome.DONE))
    }
    done = [line for line in acknowledged if "run" in line]
    found.blame(
        "run acknowledged, but not there", (one["run"] for one in done if runs.get(one["run"]) != one["report"])
    )


def _look_at_rungs(session: Session, on: date, found: Found) -> None:
    found.rungs = session.scalar(select(func.count()).select_from(Escalation)) or 0
    key = (Escalation.measure_id, Escalation.waits_for, Escalation.deadline_version, Escalation.rung)
    twice = session.execute(select(*key).group_by(*key).having(func.count() > 1)).all()
    found.blame("rungs climbed twice", twice)
    left = session.execute(select(Timer.measure_id, Timer.waits_for, Timer.fires_on).where(Timer.fires_on <= on)).all()
    found.blame("timers due, but not climbed", left)


def _look_at_receivers(session: Session, found: Found) -> None:
    wait = (Notification.measure_id, Notification.waits_for, Notification.deadline_version, Notification.on)
    rung = Notification.kind == Notice.RUNG.value
    twice = session.execute(
        select(*wait, Notification.person_id)
        .where(rung)
        .group_by(*wait, Notification.person_id)
        .having(func.count() > 1)
    )
    found.blame("told twice of one wait on one day", (tuple(row) for row in twice))
    told = {tuple(row) for row in session.execute(select(*wait, Notification.role).where(rung))}
    books = {policy.id: parse_ladders(policy.ladder) for policy in session.scalars(select(Policy))}
    passed_over = session.execute(
        select(Escalation, Measure.policy_id)
        .join(Measure, Measure.id == Escalation.measure_id)
        .where(Escalation.fate == Fate.SUPERSEDED, Measure.owner_id.is_not(None))
    ).tuples()
    silent = (
        (row.measure_id, row.waits_for, row.rung, row.climbed_on)
        for row, policy in passed_over
        if Role.OWNER in books[policy].ladders[row.waits_for].rung(row.rung).to
        and (row.measure_id, row.waits_for, row.deadline_version, row.climbed_on, Role.OWNER) not in told
    )
    found.blame("owners passed over without a word", silent)


def _look_at_mail(session: Session, home: Path, found: Found, *, at_the_end: bool) -> None:
    files: dict[int, list[str]] = defaultdict(list)
    for path in sorted(home.glob("outbox/*/*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=default)
        files[int(path.stem.rpartition("-")[2])].append(str(message["Message-ID"]))
    every = session.scalars(select(Delivery)).all()
    rows = [row for row in every if row.channel == "eml"]
    of_digest = {row.digest_id: row for row in rows}
    found.deliveries = len(rows)
    found.tried_again = sum(row.state is Sending.SENT and row.attempts > 1 for row in rows)
    found.twice = sum(len(ids) > 1 for ids in files.values())
    found.blame("deliveries that share a Message-ID", _repeated(row.message_id for row in every))
    found.blame(
        "mail with another Message-ID than its delivery's",
        (digest for digest, ids in files.items() if set(ids) != {getattr(of_digest.get(digest), "message_id", None)}),
    )
    found.blame(
        "recorded as sent, but no mail is there",
        (row.message_id for row in rows if row.state is Sending.SENT and row.digest_id not in files),
    )
    if not at_the_end:
        return
    found.blame("neither delivered nor cancelled", ((row.id, row.state) for row in every if row.state not in _ENDED))
    sent = select(Digest.id).join(Delivery, Delivery.digest_id == Digest.id).where(Delivery.state == Sending.SENT)
    said = (Notification.state == Said.SENT) & Notification.digest_id.in_(sent)
    untrue = Notification.state.in_([Said.CANCELLED, Said.PERHAPS]) & Notification.reason.is_not(None)
    lost = select(Notification.id, Notification.kind, Notification.state, Notification.reason).where(~(said | untrue))
    found.blame("outbox rows neither sent nor cancelled with a reason", session.execute(lost).tuples())


def look_at_post(url: str, accepted: Sequence[str], *, kills: int) -> Iterator[str]:
    """Yield what is wrong with the mails that a server has accepted, by Message-ID.

    A process that was killed leaves one mail at most that is sent again.
    """
    with opened(url) as session:
        rows = session.execute(select(Delivery.message_id, Delivery.state).where(Delivery.channel == "smtp")).tuples()
        states = dict(rows.all())
    times = Counter(accepted)
    if (again := len(accepted) - len(times)) > kills:
        yield f"{again} went out again, though only {kills} processes were killed"
    yield from (f"{one} belongs to no delivery" for one in times if one not in states)
    yield from (f"{one} never came" for one, state in states.items() if state is Sending.SENT and one not in times)
    yield from (f"{one} came, and is {state}" for one, state in states.items() if state in _UNSAID and one in times)


_UNSAID = {Sending.CANCELLED, Sending.FAILED}
_ENDED = {Sending.SENT, Sending.CANCELLED, Sending.PERHAPS}


def _repeated(values: Iterator[Hashable]) -> Iterator[Hashable]:
    return (value for value, times in Counter(values).items() if times > 1)


# Beside a house that nobody disturbed

Facts = dict[str, Counter[Any]]


def facts(url: str, until: date) -> Facts:
    """Return what happened up to and with a day, without numbers that depend on who came first."""
    climbed = (
        Measure.code,
        Escalation.waits_for,
        Escalation.deadline_version,
        Escalation.rung,
        Escalation.fate,
        Escalation.slip,
        Escalation.planned_on,
        Escalation.deadline,
        Escalation.climbed_on,
    )
    happened = (Measure.code, Event.kind, Event.on, Event.from_state, Event.to_state)
    told = (
        Measure.code,
        Person.code,
        Notification.kind,
        Notification.role,
        Notification.slip,
        Notification.waits_for,
        Notification.deadline_version,
        Notification.deadline,
        Notification.on,
    )
    with opened(url) as session:
        return {
            "rungs": Counter(
                session.execute(
                    select(*climbed)
                    .join(Measure, Measure.id == Escalation.measure_id)
                    .where(Escalation.climbed_on <= until)
                ).tuples()
            ),
            "events": Counter(
                session.execute(
                    select(*happened).outerjoin(Measure, Measure.id == Event.measure_id).where(Event.on <= until)
                ).tuples()
            ),
            "notifications": Counter(
                session.execute(
                    select(*told)
                    .join(Person, Person.id == Notification.person_id)
                    .outerjoin(Measure, Measure.id == Notification.measure_id)
                    .where(Notification.on <= until, Notification.kind != Notice.DELIVERY_FAILED.value)
                ).tuples()
            ),
        }


def compare(disturbed: Facts, undisturbed: Facts) -> list[str]:
    """Return what is too many or too few."""
    found = Found()
    for name, counted in disturbed.items():
        found.blame(f"{name} that an undisturbed house has not", (counted - undisturbed[name]).elements())
        found.blame(f"{name} that only an undisturbed house has", (undisturbed[name] - counted).elements())
    return found.faults
