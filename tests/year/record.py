"""Promises about the record: nothing acknowledged is lost, nothing is altered, every day is told as it was."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date
from typing import Any

from sqlalchemy import func, select

from engine.reads.calendar import read_calendar
from engine.reads.round_figures import read_status
from models import Event, Round, Tally
from tests.year.promise import DAY, END, Look, promise


@promise("acknowledged", "What was acknowledged is there, however the process or the database ended afterwards.")
def acknowledged(look: Look) -> Iterator[str]:
    kept = {event.id: event.hash for event in look.mirror.events}
    for name, before, after, digest in look.office.take_journal():
        if after <= before:
            yield f"{name} was acknowledged, and nothing is on record of it"
        elif kept.get(after) != digest:
            yield f"{name} was acknowledged with event {after}, which is not there"
    if look.when == END:
        now = dict(look.session.execute(select(Event.id, Event.hash)).tuples().all())
        for number in kept.keys() - now.keys():
            yield f"event {number} was there and is gone"
        for number, digest in now.items():
            if kept.get(number, digest) != digest:
                yield f"event {number} was altered"


@promise("chain", "The record is a chain of hashes that verifies, event by event.")
def chain(look: Look) -> Iterator[str]:
    heads: dict[int | None, tuple[int, bytes]] = look.memory.setdefault("heads", {})
    for event in look.mirror.fresh_events:
        seq, before = heads.get(event.measure_id, (0, bytes(32)))
        if event.seq != seq + 1:
            yield f"event {event.id} has place {event.seq} in its chain after place {seq}"
        if event.hash != hashlib.sha256(before + _line(event)).digest():
            yield f"event {event.id} ({event.kind}) does not follow from what it tells and the event before it"
        heads[event.measure_id] = event.seq, event.hash


def _line(event: Any) -> bytes:
    """Return what docs and code say is hashed of an event: one line of JSON."""
    told = [
        *(1, event.round_id, event.measure_id, event.seq, event.kind, event.actor_id, event.on.isoformat()),
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        *(event.from_state, event.to_state, event.data, event.changed),
    ]
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@promise("as-of", "Any day that is over is told as it was shown on that day.")
def as_of(look: Look) -> Iterator[str]:
    shown: dict[date, Counter[str]] = look.memory.setdefault("shown", {})
    today = look.office.today
    if look.when == DAY:
        if look.office.is_astray:  # what is done now is recorded of a day that seemed to be over
            for day in [one for one in shown if one >= today]:
                del shown[day]
        else:
            shown[today] = Counter(row.state.value for row in look.mirror.measures.values())
        if len(shown) % 10 != 1:
            return
        for day in {today, look.office.pick.choice(sorted(shown)), look.office.pick.choice(sorted(shown))}:
            if day in shown:
                yield from _compare(look, day, shown[day])
    elif look.when == END:
        for day in look.office.pick.sample(sorted(shown), min(10, len(shown))):
            yield from _compare(look, day, shown[day])


def _compare(look: Look, day: date, then: Counter[str]) -> Iterator[str]:
    round_ = look.session.scalars(select(Round)).one()
    now = read_status(look.session, round_, day, read_calendar(look.session)).as_json()["by_state"]
    if Counter({state: count for state, count in now.items() if count}) != then:
        yield f"{day} was shown as {dict(then)} and is told as {now}"


@promise("counters", "The kept counters are what a recount finds.")
def counters(look: Look) -> Iterator[str]:
    found = Counter((row.unit_id, row.state) for row in look.mirror.measures.values())
    query = select(Tally.unit_id, Tally.state, func.sum(Tally.measures)).group_by(Tally.unit_id, Tally.state)
    kept = {(unit, state): int(count) for unit, state, count in look.session.execute(query) if count}
    if kept != found:
        yield f"the counters say {kept}, a recount finds {dict(found)}"


@promise("nothing-stuck", "No timer is ever set aside with an error while policy and data are sound.")
def nothing_stuck(look: Look) -> Iterator[str]:
    for row in look.mirror.fresh_stuck:
        yield f"the timer {row.waits_for} of measure {row.measure_id} was set aside: {row.error}"


@promise("run-again", "A run that is started again for the same moment changes nothing and sends nothing.")
def run_again(look: Look) -> Iterator[str]:
    yield from look.office.take_repeats()


@promise("one-effect", "A form that is sent twice, or again because no answer came, is carried out once.")
def one_effect(look: Look) -> Iterator[str]:
    yield from look.office.take_doubled()


@promise("refuses-or-does", "What somebody asks is done or refused with a reason; no run ends in an error.")
def refuses_or_does(_look: Look) -> Iterator[str]:
    """Nothing to look at: the year tells of every other error when it meets one."""
    yield from ()
