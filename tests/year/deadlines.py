"""Promises about deadlines: every rung on its day, once, to everybody it speaks to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from engine.rules.vocabulary import OPEN_STATES
from models import Fate
from tests.year.mirror import Mirror
from tests.year.promise import DAILY, Look, promise

Wait = tuple[int, str, int]  #: measure, what it waits for, version of the deadline
#: Who is waited for; in what is not named here, the owner.
WAITED_FOR = {
    "assignment": "coordinator",
    "verification": "verifier",
    "extension": "approver",
    "close_out": "coordinator",
}


def wait_of(row: Any) -> Wait:
    return row.measure_id, row.waits_for, row.deadline_version


def settled_today(look: Look) -> dict[Wait, list[Any]]:
    found: dict[Wait, list[Any]] = defaultdict(list)
    for row in look.mirror.fresh_escalations:
        found[wait_of(row)].append(row)
    return found


@promise("climbed-once", "No rung of a deadline is climbed twice, and nobody is told of it twice.")
def climbed_once(look: Look) -> Iterator[str]:
    rungs, said = look.memory.setdefault("rungs", Counter()), look.memory.setdefault("said", Counter())
    for row in look.mirror.fresh_escalations:
        key = (*wait_of(row), row.rung)
        rungs[key] += 1
        if rungs[key] > 1:
            yield f"rung {key} was climbed {rungs[key]} times"
    for row in look.mirror.fresh_other_rungs:
        key = (row.other_timer_id, row.rung)
        rungs[key] += 1
        if rungs[key] > 1:
            yield f"rung {key} of what is no measure was climbed {rungs[key]} times"
    for before, row in look.mirror.fresh_notifications:
        if before is None and row.kind == "rung":
            key = (*wait_of(row), row.other_timer_id, row.data["rung"], row.person_id)
            said[key] += 1
            if said[key] > 1:
                yield f"person {row.person_id} was told of rung {key} {said[key]} times"


@promise("not-early", "A deadline runs to the end of its working day: nobody is called late before, or reminded early.")
def not_early(look: Look) -> Iterator[str]:
    mirror = look.mirror
    for (measure, waits_for, _), rows in settled_today(look).items():
        is_lifted = any(row.fate == Fate.EMPTY for row in rows)  # the next rung stands in for one that nobody holds
        for row in rows:
            offset, _ = mirror.rung(measure, waits_for, row.rung)
            planned = mirror.planned(measure, waits_for, row.rung, row.deadline)
            what = f"rung {row.rung} of {waits_for} of measure {measure}, deadline {row.deadline}"
            if offset > 0 and row.climbed_on <= mirror.on_or_after(row.deadline):
                yield f"{what} was climbed on {row.climbed_on}, before the deadline was over"
            elif planned > row.climbed_on and not (offset > 0 and is_lifted):
                yield f"{what} was climbed on {row.climbed_on}, and is planned on {planned}"


@promise("no-rung-forgotten", "Every rung that a day asks for is settled by that day's run, however long none ran.")
def no_rung_forgotten(look: Look) -> Iterator[str]:
    mirror, today = look.mirror, look.office.today
    begun: dict[Wait, int] = look.memory.setdefault("begun", {})
    stood: dict[Wait, int] = look.memory.get("stood", {})
    settled: dict[Wait, set[int]] = look.memory.setdefault("settled", defaultdict(set))
    for row in mirror.fresh_escalations:
        settled[wait_of(row)].add(row.rung)
    holds = look.memory.setdefault("holds", {})
    for event in mirror.fresh_events:
        if event.kind == "measure:timer:acknowledge":
            mark = (event.measure_id, event.data["waits_for"], event.data["deadline_version"], event.data["rung"])
            holds[mark] = date.fromisoformat(event.data["until"])
    standing: dict[Wait, int] = {}
    for timer in mirror.timers.values():
        key = wait_of(timer)
        standing[key] = timer.rung
        if key not in stood or (look.when != DAILY and stood[key] != timer.rung):
            begun[key] = max(_first(mirror, timer, today), max(settled[key], default=-1) + 1)
        lacking = [number for number in range(begun[key], timer.rung) if number not in settled[key]]
        if lacking:
            yield f"rungs {lacking} of {key} were never settled, but the timer stands at {timer.rung}"
        if look.when != DAILY:
            continue
        planned = mirror.planned(timer.measure_id, timer.waits_for, timer.rung, timer.deadline)
        is_held = holds.get((*key, timer.rung), date.min) > today
        if planned <= today and not is_held:
            yield f"rung {timer.rung} of {key} was planned on {planned} and is not settled on {today}"
        if timer.fires_on <= today:
            yield f"the timer {key} was due on {timer.fires_on}, and nobody has looked on {today}"
    look.memory["stood"] = standing


def _first(mirror: Mirror, timer: Any, begins_on: date) -> int:
    """Return the first rung that a wait which begins today owes: a reminder that lies before it began is none."""
    if timer.deadline < begins_on:
        return 0
    last, number = len(mirror.ladder(timer.measure_id, timer.waits_for)["rungs"]) - 1, 0
    while number < last:
        offset, _ = mirror.rung(timer.measure_id, timer.waits_for, number)
        if offset > 0 or mirror.planned(timer.measure_id, timer.waits_for, number, timer.deadline) >= begins_on:
            break
        number += 1
    return number


@promise(
    "told",
    "Whoever a rung speaks to and stands in that role is told on the day it is settled, in one notice: of the rung that"
    " is climbed and of those that were passed over; past the deadline whoever is waited for hears every repeat.",
)
def told(look: Look) -> Iterator[str]:
    mirror = look.mirror
    said = Counter(
        (*wait_of(row), row.person_id)
        for before, row in mirror.fresh_notifications
        if before is None and row.kind == "rung"
    )
    for wait, rows in settled_today(look).items():
        owed = _owed(mirror, wait, rows)
        for person in sorted(owed):
            if said[*wait, person] != 1:
                numbers = sorted(row.rung for row in rows)
                yield f"person {person} is owed a word of rungs {numbers} of {wait}, and got {said[*wait, person]}"


def _owed(mirror: Mirror, wait: Wait, rows: list[Any]) -> set[int]:
    measure, waits_for, _ = wait
    owed: set[int] = set()
    for row in rows:
        offset, roles = mirror.rung(measure, waits_for, row.rung)
        for role in roles:
            owed |= mirror.holders(measure, role)
        is_repeat = row.rung >= len(mirror.ladder(measure, waits_for)["rungs"])
        if offset > 0 and is_repeat:
            owed |= mirror.holders(measure, WAITED_FOR.get(waits_for, "owner"))
    return owed


@promise("empty-is-said", "A rung that nobody holds is passed over at once, and every coordinator hears of it.")
def empty_is_said(look: Look) -> Iterator[str]:
    mirror = look.mirror
    said = {
        (*wait_of(row), row.data["rung"], row.person_id)
        for before, row in mirror.fresh_notifications
        if before is None and row.kind == "empty_rung"
    }
    for wait, rows in settled_today(look).items():
        for row in rows:
            _, roles = mirror.rung(row.measure_id, row.waits_for, row.rung)
            held = set().union(*(mirror.holders(row.measure_id, role) for role in roles))
            if (row.fate == Fate.EMPTY) == bool(held):
                yield f"rung {row.rung} of {wait} is recorded as {row.fate}, and {sorted(held)} hold its roles"
        highest = max((row.rung for row in rows if row.fate == Fate.EMPTY), default=None)
        for person in mirror.grants["coordinator", None]:
            if highest is not None and (*wait, highest, person) not in said:
                yield f"coordinator {person} was not told that nobody holds rung {highest} of {wait}"


@promise("waits", "An open matter always waits for something, with a deadline; an ended one for nothing.")
def waits(look: Look) -> Iterator[str]:
    waiting = {measure for measure, _ in look.mirror.timers}
    for row in look.mirror.measures.values():
        if (row.state in OPEN_STATES) != (row.id in waiting):
            yield f"measure {row.code} is {row.state} and waits for {'something' if row.id in waiting else 'nothing'}"


@promise("ended-is-quiet", "What is closed or cancelled never escalates, and what waited to be said of it is not said.")
def ended_is_quiet(look: Look) -> Iterator[str]:
    mirror = look.mirror
    for row in mirror.fresh_escalations:
        state = mirror.measures[row.measure_id].state
        if look.when == DAILY and state not in OPEN_STATES:
            yield f"rung {row.rung} of measure {row.measure_id} was climbed although it is {state}"
    ended: set[int] = look.memory.get("ended", set())
    for before, row in mirror.fresh_notifications:
        was_pending = before is not None and before.state == "pending" and before.digest_id is None
        if was_pending and row.state == "sent" and row.kind == "rung" and row.measure_id in ended:
            yield f"notification {row.id} of measure {row.measure_id} was sent although it had ended"
    look.memory["ended"] = {row.id for row in mirror.measures.values() if row.state not in OPEN_STATES}


@promise("original-due", "The original due date of a measure never changes once it was accepted.")
def original_due(look: Look) -> Iterator[str]:
    known: dict[int, Any] = look.memory.setdefault("known", {})
    for row in look.mirror.measures.values():
        if row.accepted_on is not None:
            first = known.setdefault(row.id, row.original_due)
            if first != row.original_due:
                yield f"the original due date of {row.code} was {first} and is {row.original_due}"
