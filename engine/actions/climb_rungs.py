"""Turns due timers into the rows that climbing them writes.  Decides by the rules; the sweep writes in bulk.

Timers that stand alike climb alike: what they climb, and what it says, is decided once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.reads.due_timers import DueTimer
from engine.rules.ladder import Climb, Ladder, LadderBook, climb
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.recipients import Grants, addressees, is_held, roles_alike, spoken
from engine.rules.refusal import Refusal
from engine.rules.vocabulary import Role, Slip
from engine.rules.working_days import WorkingCalendar
from models import Fate

RUNG = ("measure_id", "waits_for", "deadline_version", "rung", "slip", "deadline", "planned_on", "fate")
SAID = (
    *("dedup_key", "measure_id", "person_id", "role", "kind", "slip", "data"),
    *("round_id", "waits_for", "deadline_version", "deadline"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What all timers of a batch are judged on."""

    grants: Grants
    books: Mapping[int, LadderBook]  #: by policy
    broken: Mapping[int, Refusal] = field(default_factory=dict)  #: by policy: why it has no ladders
    moment: Moment
    calendar: WorkingCalendar


def climb_together(due: Iterable[DueTimer], ground: Ground) -> list[Climbers]:
    """Return what `due` timers do today, those together that do the same.  Raises what is wrong with a policy."""
    found: dict[object, Climbers] = {}
    for timer in due:
        stands = (timer.round, timer.policy, timer.waits_for, timer.deadline, timer.deadline_version, timer.rung)
        alike = (stands, roles_alike(timer.addressed, ground.grants))
        if alike not in found:
            found[alike] = _decide(timer, ground)
        found[alike].timers.append(timer)
    return list(found.values())


def _decide(timer: DueTimer, ground: Ground) -> Climbers:
    if timer.policy in ground.broken:
        raise ground.broken[timer.policy]
    ladder = ground.books[timer.policy].ladders[timer.waits_for]
    result = climb(
        ladder,
        deadline=timer.deadline,
        rung=timer.rung,
        as_of=ground.moment.on,
        calendar=ground.calendar,
        is_held=is_held(timer.addressed, ground.grants),
    )
    return Climbers(first=timer, ladder=ladder, result=result, ground=ground)


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbers:
    """Timers that stand alike, and what each of them does today."""

    first: DueTimer  #: what is said of it holds of all, but for the measure and its people
    ladder: Ladder
    result: Climb
    ground: Ground
    timers: list[DueTimer] = field(default_factory=list)

    @property
    def is_late(self) -> bool:
        """Whether the rung that is climbed lies after the deadline."""
        return self.result.rung is not None and self.ladder.offset(self.result.rung) > 0

    @property
    def measures(self) -> list[int]:
        """The measures that the timers belong to."""
        return [timer.measure for timer in self.timers]

    @property
    def settled(self) -> list[tuple[int, Fate]]:
        """The rungs that are settled today, with their fates."""
        result = self.result
        fates = [(number, Fate.SUPERSEDED) for number in result.superseded]
        fates += [(number, Fate.EMPTY) for number in result.empty]
        return [*fates, (result.rung, Fate.CLIMBED)] if result.rung is not None else fates

    def rungs(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row of `RUNG` for every rung that is settled today, with its fate: they claim it."""
        first = self.first
        settled = [
            (
                *(first.waits_for, first.deadline_version, number, self.ladder.rung(number).slip, first.deadline),
                *(self._planned_on(number), fate),
            )
            for number, fate in self.settled
        ]
        for timer in self.timers:
            for one in settled:
                yield timer.measure, *one

    def event(self) -> dict[str, Any]:
        """Return what goes on record of each measure: one event for the whole climb."""
        first, result = self.first, self.result
        return {
            "round_id": first.round,
            "data": {
                "waits_for": first.waits_for.value,
                "deadline": first.deadline.isoformat(),
                "deadline_version": first.deadline_version,
                "rung": result.rung,
                "superseded": list(result.superseded),
                "empty": list(result.empty),
            },
        }

    def notifications(self) -> Iterator[tuple[Any, ...]]:
        """Yield rows of `SAID`: one notice to each receiver, and a word to the coordinators about empty rungs."""
        grants, result = self.ground.grants, self.result
        said = spoken(self.ladder, self.first.waits_for, result)
        if said is not None:
            passed_over = [self._planned_on(number).isoformat() for number in result.superseded]
            data: dict[str, Any] = {"rung": said.rung, "passed_over": passed_over}
            told = ((timer.measure, addressees(said.to, timer.addressed, grants)) for timer in self.timers)
            yield from self._say(Notice.RUNG, said.rung, said.slip, data, told)
        if result.empty:
            coordinators = tuple((person, Role.COORDINATOR) for person in grants.get((Role.COORDINATOR, None), ()))
            highest = result.empty[-1]
            roles = dict.fromkeys(role.value for number in result.empty for role in self.ladder.rung(number).to)
            data = {"rung": highest, "roles": list(roles)}
            told = ((timer.measure, coordinators) for timer in self.timers)
            yield from self._say(Notice.EMPTY_RUNG, highest, self.ladder.rung(highest).slip, data, told)

    def _say(
        self,
        kind: Notice,
        rung: int,
        slip: Slip,
        data: Mapping[str, Any],
        told: Iterable[tuple[int, Sequence[tuple[int, Role]]]],
    ) -> Iterator[tuple[Any, ...]]:
        first = self.first
        about = (first.round, first.waits_for, first.deadline_version, first.deadline)
        key = f"{first.waits_for.value}:{first.deadline_version}:{rung}"
        for measure, people in told:
            for person, role in people:
                yield (
                    *(f"{kind.value}:{measure}:{key}:{person}", measure, person, role, kind.value, slip, data),
                    *about,
                )

    def _planned_on(self, number: int) -> date:
        return self.ladder.planned_on(number, self.first.deadline, self.ground.calendar)
