"""What would be sent in a span of days if nobody did anything; `duban simulate` prints it.  Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.due_timers import DueTimer, measure_codes, read_timers, timers_query
from engine.reads.grants import read_grants
from engine.reads.other_waits import STANDS, read_others
from engine.reads.people_names import People, read_people
from engine.rules.forecast import Foreseen, forecast
from engine.rules.ladder import Climb, Ladder, LadderBook, parse_ladders
from engine.rules.recipients import Grants, Spoken, addressees, is_held, spoken
from engine.rules.working_days import WorkingCalendar
from models import Measure, OtherTimer, Policy, Timer


def simulate(
    session: Session,
    *,
    round_id: int,
    as_of: date,
    first_day: date,
    last_day: date,
    calendar: WorkingCalendar,
    book: LadderBook | None = None,
) -> list[Foreseen]:
    """Return every rung of the span in order of day and code.

    The sweep is taken to run on every day from `as_of` on, or from `first_day` where that lies before it.  `book` tries
    another ladder than the stored ones, as if it had been in force from the beginning.
    """
    begins_on = min(as_of, first_day)
    query = timers_query().where(Measure.round_id == round_id)
    others = [one.timer for one in read_others(session, OtherTimer.round_id == round_id, STANDS)]
    if book is None:
        timers = [*read_timers(session, query.where(Timer.fires_on <= last_day)), *others]
    else:
        timers = [_tried(timer, book, begins_on, calendar) for timer in (*read_timers(session, query), *others)]
    codes = measure_codes(session, round_id)
    books = {policy.id: book or parse_ladders(policy.ladder) for policy in session.scalars(select(Policy))}
    scene = _Scene(
        books=books,
        grants=read_grants(session),
        people=read_people(session),
        codes=codes,
        calendar=calendar,
        begins_on=begins_on,
    )
    found = [line for timer in timers for line in scene.lines(timer, first_day, last_day)]
    return sorted(found, key=lambda line: (line.day, line.code, line.rung))


def _tried(timer: DueTimer, book: LadderBook, begins_on: date, calendar: WorkingCalendar) -> DueTimer:
    """Return the timer as it would stand on `begins_on` by `book`: what that ladder had said before is said."""
    ladder, rung = book.ladders[timer.waits_for], 0
    while (fires_on := ladder.planned_on(rung, timer.deadline, calendar)) < begins_on:
        rung += 1
    return timer._replace(rung=rung, fires_on=fires_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    books: Mapping[int, LadderBook]
    grants: Grants
    people: People
    codes: Mapping[int, str]
    calendar: WorkingCalendar
    begins_on: date

    def lines(self, timer: DueTimer, first_day: date, last_day: date) -> list[Foreseen]:
        ladder = self.books[timer.policy].ladders[timer.waits_for]
        days = forecast(
            ladder,
            deadline=timer.deadline,
            rung=timer.rung,
            fires_on=timer.fires_on,
            begins_on=self.begins_on,
            first_day=first_day,
            last_day=last_day,
            calendar=self.calendar,
            is_held=is_held(timer.addressed, self.grants),
        )
        return [
            self._line(timer, ladder, day, number, result)
            for day, result in days
            for number in ((result.rung,) if result.rung is not None else ()) + result.empty
        ]

    def _line(self, timer: DueTimer, ladder: Ladder, day: date, number: int, result: Climb) -> Foreseen:
        said = spoken(ladder, timer.waits_for, result)
        if said is None or said.rung != number:  # an empty rung
            said = Spoken(rung=number, slip=ladder.rung(number).slip, to=())
        told = addressees(said.to, timer.addressed, self.grants)
        return Foreseen(
            day=day,
            code=timer.code or self.codes[timer.measure],
            waits_for=timer.waits_for,
            deadline=timer.deadline,
            rung=number,
            offset=ladder.offset(number),
            slip=said.slip,
            receivers=tuple(dict.fromkeys(self.people.called(person, day) for person, _ in told)),
            superseded=len(result.superseded) if number == result.rung else 0,
        )
