"""Ladders of escalation: which rung is owed on a day, and when to look again.

Pure.  All delays count in working days from the *planned* deadline, never from when a job happened to run.  After an
outage the highest rung owed is climbed; those passed over are named, so that the sweep can record them as superseded
and send one notice to everybody concerned (`engine.rules.recipients.spoken`).  A ladder never ends: its last rung
repeats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.rules.other_ladders import OTHER_LADDERS
from engine.rules.policy_words import Path, known_keys, mapping_at, unknown_word, whole_number, word, words
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_
from engine.rules.vocabulary import AnyWait, OtherWait, Role, Slip, WaitsFor
from engine.rules.working_days import WorkingCalendar

_AT = re.compile(r"T([+-])(\d{1,3})")

#: What has its deadline given: the due date, the report day.  Every other is counted; a task's, where none is named.
GIVEN = frozenset({WaitsFor.DUE_DATE, WaitsFor.MONTHLY_REPORT})
#: Who may be given the decision about an extension request.
DECIDERS = (Role.UNIT_HEAD, Role.LEADER, Role.COORDINATOR, Role.LEADING_GROUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step: when, to whom, how."""

    offset: int  #: working days after the deadline; negative before it
    to: tuple[Role, ...]
    slip: Slip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The ladder of one kind of waiting."""

    rungs: tuple[Rung, ...]
    repeat_every: int  #: working days between repeats of the last rung
    within: int | None  #: working days from the start of the wait to its deadline; None where the deadline is given
    hold_at_most: int  #: working days that an acknowledgement may hold the ladder

    def rung(self, number: int) -> Rung:
        """Return rung `number`, counted from 0; past the end it is the last one, repeated."""
        return self.rungs[min(number, len(self.rungs) - 1)]

    def offset(self, number: int) -> int:
        """Return the working days from the deadline to rung `number`."""
        last = len(self.rungs) - 1
        return self.rungs[min(number, last)].offset + max(number - last, 0) * self.repeat_every

    def is_late_repeat(self, number: int) -> bool:
        """Return whether rung `number` is the last one come back, and lies after the deadline."""
        return number >= len(self.rungs) and self.offset(number) > 0

    def planned_on(self, number: int, deadline: date, calendar: WorkingCalendar) -> date:
        """Return the working day on which rung `number` is planned."""
        return calendar.shift(deadline, self.offset(number))


@dataclass(frozen=True, slots=True)
class LadderBook:
    """All ladders of a policy, and the dates that waits are counted with."""

    ladders: Mapping[AnyWait, Ladder]
    report_day: int  #: day of the month by which progress is reported; clamped to the month's last day
    report_counts_from: int  #: calendar days before the report day from which a report counts for that month
    extensions: tuple[Role, ...]  #: who decides the first, second, … extension; no more are allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """What a day asks of a timer."""

    rung: int | None  #: the rung to climb now; None when nothing is owed
    superseded: tuple[int, ...]  #: owed earlier, passed over because a higher one is owed
    empty: tuple[int, ...]  #: owed, but nobody holds the roles it names
    next_rung: int
    fires_on: date  #: when the sweep must look next; always after the day asked about


def climb(
    ladder: Ladder,
    *,
    deadline: date,
    rung: int,
    as_of: date,
    calendar: WorkingCalendar,
    is_held: Callable[[Rung], bool],
) -> Climb:
    """Say which rung is owed on `as_of`, when `rung` is the next one not yet climbed.

    `is_held` says whether anybody holds one of a rung's roles.  An empty rung is skipped at once: past the deadline
    the next rung that has a holder is climbed in its place; before the deadline the reminder is merely skipped, since
    the next reminder is not late.  Late once is as good as often on time: the rungs climbed, superseded and empty
    together are those a sweep on every day would have found.
    """
    owed = []
    while ladder.planned_on(rung, deadline, calendar) <= as_of:
        owed.append(rung)
        rung += 1
    if not owed:
        return Climb(
            rung=None, superseded=(), empty=(), next_rung=rung, fires_on=ladder.planned_on(rung, deadline, calendar)
        )
    last_single = len(ladder.rungs) - 1
    while not is_held(ladder.rung(owed[-1])) and ladder.offset(owed[-1]) > 0 and owed[-1] < last_single:
        owed.append(rung)
        rung += 1
    held = [number for number in owed if is_held(ladder.rung(number))]
    climbed = held[-1] if held else None
    return Climb(
        rung=climbed,
        superseded=tuple(held[:-1]),
        empty=tuple(number for number in owed if number not in held),
        next_rung=rung,
        fires_on=ladder.planned_on(rung, deadline, calendar),
    )


def first_rung(ladder: Ladder, *, deadline: date, begins_on: date, calendar: WorkingCalendar) -> int:
    """Return the rung a new wait starts with: a reminder that would have come before the wait began is not owed.

    A wait whose deadline is past when it begins owes the whole ladder.  It came on record late: a sweep of today
    passes over the lower rungs, and whoever sweeps the days in between finds each on its day.
    """
    if deadline < begins_on:
        return 0
    number = 0
    while (
        number < len(ladder.rungs) - 1
        and ladder.offset(number) <= 0
        and ladder.planned_on(number, deadline, calendar) < begins_on
    ):
        number += 1
    return number


def parse_ladders(plain: Mapping[str, Any]) -> LadderBook:
    """Build the ladder book from `plain` (the content of ladder.yaml) and check it.

    Raises PolicyFault, with the path to the value, for an unknown role or slip, a rung out of order, a ladder that
    falls silent, or a wait of measures without a ladder.  What else waits and is not named has the ladder of
    `OTHER_LADDERS`.
    """
    known_keys(plain, {"version", "waits", "monthly_report", "extensions"}, ())
    waits = mapping_at(plain, "waits", ())
    ladders: dict[AnyWait, Ladder] = {}
    bodies: dict[str, Any] = {wait.value: body for wait, body in OTHER_LADDERS.items()}
    for name, body in (bodies | dict(waits)).items():
        wait = _wait_called(name)
        ladders[wait] = parse_ladder(body, ("waits", name), is_counted=wait not in GIVEN)
    for wait in WaitsFor:
        if wait not in ladders:
            raise PolicyFault(("waits",), N_("the ladder for {wait} is missing", wait=wait.value))
    monthly = mapping_at(plain, "monthly_report", ())
    known_keys(monthly, {"day", "counts_from"}, ("monthly_report",))
    extensions = mapping_at(plain, "extensions", ())
    known_keys(extensions, {"decided_by"}, ("extensions",))
    deciders = words(Role, extensions, "decided_by", ("extensions",))
    for index, role in enumerate(deciders):
        if role not in DECIDERS:
            raise PolicyFault(
                ("extensions", "decided_by", index),
                N_(
                    "{value} decides no extension; expected one of: {expected}",
                    value=role.value,
                    expected=tuple(map(str, DECIDERS)),
                ),
            )
    return LadderBook(
        ladders=ladders,
        report_day=whole_number(monthly, "day", ("monthly_report",), least=1, most=31),
        report_counts_from=whole_number(monthly, "counts_from", ("monthly_report",), least=0, most=27),
        extensions=deciders,
    )


def _wait_called(name: str) -> AnyWait:
    for kind in (WaitsFor, OtherWait):
        if name in set(kind):
            return kind(name)
    raise unknown_word(name, [*WaitsFor, *OtherWait], ("waits", name))


def parse_ladder(body: Any, path: Path, *, is_counted: bool) -> Ladder:
    """Return the ladder that `body` writes down; the last word of `path` is the name of what is waited for.

    `is_counted`: the deadline is counted from the start of the wait, and `within` says how far; else it is given.
    Raises PolicyFault.
    """
    if not isinstance(body, Mapping):
        raise PolicyFault(path, N_("a ladder is written as rungs, repeat_every and within"))
    known_keys(body, {"within", "rungs", "repeat_every", "hold_at_most"}, path)
    rungs = body.get("rungs")
    if not isinstance(rungs, list) or not rungs:
        raise PolicyFault((*path, "rungs"), N_("a ladder needs at least one rung"))
    parsed = tuple(_parse_rung(rung, (*path, "rungs", index)) for index, rung in enumerate(rungs))
    for index in range(1, len(parsed)):
        if parsed[index].offset <= parsed[index - 1].offset:
            raise PolicyFault(
                (*path, "rungs", index, "at"),
                N_(
                    "rungs must be in order of time: {this} does not come after {before}",
                    this=rungs[index]["at"],
                    before=rungs[index - 1]["at"],
                ),
            )
    if not is_counted and "within" in body:
        raise PolicyFault(
            (*path, "within"), N_("the deadline of {wait} is given; within has no meaning here", wait=path[-1])
        )
    return Ladder(
        rungs=parsed,
        repeat_every=whole_number(body, "repeat_every", path, least=1, most=250),
        within=whole_number(body, "within", path, least=0, most=250) if is_counted else None,
        hold_at_most=whole_number(body, "hold_at_most", path, least=0, most=20) if "hold_at_most" in body else 5,
    )


def _parse_rung(body: Any, path: Path) -> Rung:
    if not isinstance(body, Mapping):
        raise PolicyFault(path, N_("a rung is written as at, to and slip"))
    known_keys(body, {"at", "to", "slip"}, path)
    match = _AT.fullmatch(str(body.get("at")))
    if match is None:
        raise PolicyFault(
            (*path, "at"), N_("{value} is not a time; expected T-7 or T+5 (working days)", value=body.get("at"))
        )
    to = words(Role, body, "to", path)
    if not to:
        raise PolicyFault((*path, "to"), N_("a rung needs somebody to speak to"))
    return Rung(offset=int(match[1] + match[2]), to=to, slip=word(Slip, body.get("slip"), (*path, "slip")))
