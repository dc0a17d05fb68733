"""Turns one due timer into the rows that climbing it writes.  Decides by the rules; the sweep writes in bulk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.reads.due_timers import DueTimer
from engine.rules.ladder import Climb, Ladder, LadderBook, Rung, climb
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.recipients import Grants, addressees
from engine.rules.refusal import Refusal
from engine.rules.vocabulary import Role
from engine.rules.working_days import WorkingCalendar
from models import Fate, Said

Row = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class BatchRows:
    """What a batch will write, and what it counts."""

    rungs: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    notifications: list[Row] = field(default_factory=list)
    timers: list[Row] = field(default_factory=list)  #: which timer, and when and at which rung it looks next
    reminders: int = 0
    escalations: int = 0
    superseded: int = 0
    empty: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What all timers of a batch are judged on."""

    grants: Grants
    books: Mapping[int, LadderBook]  #: by policy
    broken: Mapping[int, Refusal] = field(default_factory=dict)  #: by policy: why it has no ladders
    moment: Moment
    calendar: WorkingCalendar


def climb_timer(rows: BatchRows, timer: DueTimer, ground: Ground) -> None:
    """Add to `rows` what the timer asks for today.  Raises what is wrong with its policy."""
    if timer.policy in ground.broken:
        raise ground.broken[timer.policy]
    ladder = ground.books[timer.policy].ladders[timer.waits_for]

    def is_held(rung: Rung) -> bool:
        return bool(addressees(rung.to, timer.addressed, ground.grants))

    result = climb(
        ladder,
        deadline=timer.deadline,
        rung=timer.rung,
        as_of=ground.moment.on,
        calendar=ground.calendar,
        is_held=is_held,
    )
    step = _Step(rows=rows, timer=timer, ladder=ladder, ground=ground)
    step.keep_rungs(result)
    step.say(result)
    rows.timers.append(
        {
            "was_on": timer.fires_on,
            "of_measure": timer.measure,
            "waiting_for": timer.waits_for,
            "next_on": result.fires_on,
            "next_rung": result.next_rung,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One timer on its way up."""

    rows: BatchRows
    timer: DueTimer
    ladder: Ladder
    ground: Ground

    def keep_rungs(self, result: Climb) -> None:
        """Claim every rung that is settled today, with its fate, and add one event for the whole climb."""
        fates = [(number, Fate.SUPERSEDED) for number in result.superseded]
        fates += [(number, Fate.EMPTY) for number in result.empty]
        if result.rung is not None:
            fates.append((result.rung, Fate.CLIMBED))
            after_deadline = self.ladder.offset(result.rung) > 0
            self.rows.escalations += after_deadline
            self.rows.reminders += not after_deadline
        self.rows.superseded += len(result.superseded)
        self.rows.empty += len(result.empty)
        timer, moment = self.timer, self.ground.moment
        for number, fate in fates:
            self.rows.rungs.append(
                {
                    "measure_id": timer.measure,
                    "waits_for": timer.waits_for,
                    "deadline_version": timer.deadline_version,
                    "rung": number,
                    "slip": self.ladder.rung(number).slip,
                    "deadline": timer.deadline,
                    "planned_on": self.ladder.planned_on(number, timer.deadline, self.ground.calendar),
                    "climbed_on": moment.on,
                    "at": moment.at,
                    "fate": fate,
                }
            )
        if fates:
            self.rows.events.append(
                {
                    "round_id": timer.round,
                    "measure_id": timer.measure,
                    "kind": "measure:ladder:climb",
                    "actor_id": None,
                    "on": moment.on,
                    "at": moment.at,
                    "from_state": None,
                    "to_state": None,
                    "data": {
                        "waits_for": timer.waits_for.value,
                        "deadline": timer.deadline.isoformat(),
                        "deadline_version": timer.deadline_version,
                        "rung": result.rung,
                        "superseded": list(result.superseded),
                        "empty": list(result.empty),
                    },
                }
            )

    def say(self, result: Climb) -> None:
        """Write the outbox rows: the rung's own notice, and a word to the coordinators about each empty rung."""
        if result.rung is not None:
            rung = self.ladder.rung(result.rung)
            passed_over = [
                self.ladder.planned_on(number, self.timer.deadline, self.ground.calendar).isoformat()
                for number in result.superseded
            ]
            data = {"rung": result.rung, "passed_over": passed_over}
            for person, role in addressees(rung.to, self.timer.addressed, self.ground.grants):
                self._notify(Notice.RUNG, result.rung, person, role, data)
        for number in result.empty:
            data = {"rung": number, "roles": [role.value for role in self.ladder.rung(number).to]}
            for person in self.ground.grants.get((Role.COORDINATOR, None), ()):
                self._notify(Notice.EMPTY_RUNG, number, person, Role.COORDINATOR, data)

    def _notify(self, kind: Notice, rung: int, person: int, role: Role, data: Row) -> None:
        timer, moment = self.timer, self.ground.moment
        key = f"{timer.measure}:{timer.waits_for.value}:{timer.deadline_version}:{rung}:{person}"
        self.rows.notifications.append(
            {
                "dedup_key": f"{kind.value}:{key}",
                "round_id": timer.round,
                "measure_id": timer.measure,
                "person_id": person,
                "role": role,
                "kind": kind.value,
                "slip": self.ladder.rung(rung).slip,
                "waits_for": timer.waits_for,
                "deadline_version": timer.deadline_version,
                "deadline": timer.deadline,
                "data": data,
                "on": moment.on,
                "created_at": moment.at,
                "state": Said.PENDING,
                "reason": None,
                "digest_id": None,
            }
        )
