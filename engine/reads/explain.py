"""Every past and future rung of one measure, with its date arithmetic, recipients and fate (`duban explain`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from engine.reads.calendar import read_day_names
from engine.reads.due_timers import DueTimer, read_timers, timers_query
from engine.reads.grants import read_grants
from engine.reads.ladder_books import read_book
from engine.reads.people_names import People, read_people
from engine.reads.verification_queue import read_verifiers
from engine.rules.day_names import name_of_day
from engine.rules.forecast import forecast
from engine.rules.ladder import Ladder, LadderBook
from engine.rules.names import STATE_NAMES
from engine.rules.recipients import Grants, addressees, is_held, spoken
from engine.rules.text import N_, Text
from engine.rules.vocabulary import OPEN_STATES, AnyWait, Slip, State
from engine.rules.working_days import WorkingCalendar
from models import Escalation, Event, Measure, Notification, Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRung:
    """One rung: planned or past."""

    waits_for: AnyWait
    deadline: date
    deadline_version: int
    rung: int
    planned_on: date
    arithmetic: Text
    slip: Slip
    receivers: tuple[str, ...]
    fate: str  #: planned, climbed, superseded or empty
    climbed_on: date | None  #: None: it is still to come; superseded then means that it will be passed over
    held_until: date | None = None  #: an acknowledgement holds it back until then
    deliveries: tuple[tuple[str, str, str | None], ...]  #: (receiver, sent/pending/cancelled/failed, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Where a measure's deadlines stand."""

    code: str
    text: str | Text
    state: State | None  #: None: it is no measure
    owner: str | None
    original_due: date | None
    due: date | None
    deadline_version: int
    silence: Text | None  #: why nothing is planned, when nothing is
    history: tuple[tuple[date, str, str | None, dict[str, object]], ...]  #: (day, event, actor, data) of the deadline
    rungs: tuple[ExplainedRung, ...]  #: past first, then planned
    recused: tuple[tuple[str, Text], ...] = ()  #: verifiers who may not check it, and why


_DEADLINE_EVENTS = (
    "measure:import:create",
    "measure:extension:request",
    "measure:extension:approve",
    "measure:extension:refuse",
    "measure:deadline:moved",
    "measure:timer:acknowledge",
    "measure:state:rebound",
)


def explain_measure(
    session: Session, *, round_id: int, code: str, as_of: date, until: date, calendar: WorkingCalendar
) -> Explanation | None:
    """Return the explanation, looking ahead from `as_of` to `until`; None when there is no such measure."""
    measure = session.scalar(select(Measure).where(Measure.round_id == round_id, Measure.code == code))
    if measure is None:
        return None
    book, people = read_book(session, measure.policy_id), read_people(session)
    timers = _timers(session, measure.id)
    past = _past(session, measure, book, people, calendar)
    verifiers = read_verifiers(session, as_of, measure=measure.id) if measure.state in OPEN_STATES else ()
    planned = planned_rungs(session, timers, book, people, as_of=as_of, until=until, calendar=calendar)
    return Explanation(
        code=measure.code,
        text=measure.text,
        state=measure.state,
        owner=people.names.get(measure.owner_id) if measure.owner_id else None,
        original_due=measure.original_due,
        due=measure.due,
        deadline_version=measure.deadline_version,
        silence=_silence(measure) if not timers else None,
        history=_history(session, measure, people),
        rungs=(*past, *planned),
        recused=tuple((one.name, one.near) for one in verifiers if one.near is not None),
    )


_MEASURE: BindParameter[int] = bindparam("measure")
_TIMERS = timers_query().where(Timer.measure_id == _MEASURE)
_POLICY = select(Measure.policy_id).where(Measure.id == _MEASURE)


def coming_rungs(
    session: Session, measure: int, *, as_of: date, until: date, calendar: WorkingCalendar
) -> tuple[ExplainedRung, ...]:
    """Return the rungs of a measure that are still to come, up to `until`; the next one in any case."""
    timers = _timers(session, measure)
    if not timers:
        return ()
    policy = session.connection().scalars(_POLICY, {"measure": measure}).one()
    book, people = read_book(session, policy), read_people(session)
    return planned_rungs(session, timers, book, people, as_of=as_of, until=until, calendar=calendar)


def _timers(session: Session, measure: int) -> list[DueTimer]:
    return read_timers(session, _TIMERS, {"measure": measure})


def planned_rungs(
    session: Session,
    timers: Sequence[DueTimer],
    book: LadderBook,
    people: People,
    *,
    as_of: date,
    until: date,
    calendar: WorkingCalendar,
) -> tuple[ExplainedRung, ...]:
    """Return the rungs of timers of one policy that are still to come, up to `until`; the next one in any case."""
    ahead = _Ahead(
        book=book,
        people=people,
        grants=read_grants(session),
        as_of=as_of,
        until=until,
        calendar=calendar,
        names=day_notes(session, (timer.deadline for timer in timers), calendar),
    )
    planned = [rung for timer in sorted(timers, key=lambda one: one.fires_on) for rung in ahead.rungs(timer)]
    return tuple(sorted(planned, key=lambda one: (one.planned_on, one.waits_for)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ahead:
    """What coming rungs are foreseen by: a sweep on every day from `as_of` on."""

    book: LadderBook
    people: People
    grants: Grants
    as_of: date
    until: date
    calendar: WorkingCalendar
    names: Mapping[date, str]  #: of the deadlines that are days off

    def rungs(self, timer: DueTimer) -> Iterator[ExplainedRung]:
        """Yield the coming rungs of a timer up to `until`, and the next one in any case.

        What is owed already is told by the highest of it, to everybody concerned; the others will be passed over.
        """
        ladder = self.book.ladders[timer.waits_for]
        days = forecast(
            ladder,
            deadline=timer.deadline,
            rung=timer.rung,
            fires_on=timer.fires_on,
            begins_on=self.as_of,
            first_day=self.as_of,
            last_day=max(self.until, self.as_of, timer.fires_on),
            calendar=self.calendar,
            is_held=is_held(timer.addressed, self.grants),
        )
        for day, result in days:
            said = spoken(ladder, timer.waits_for, result)
            told = addressees(said.to, timer.addressed, self.grants) if said else ()
            names = tuple(dict.fromkeys(self.people.called(person, day) for person, _ in told))
            numbers = {*result.superseded, *result.empty} | ({result.rung} if result.rung is not None else set())
            for number in sorted(numbers):
                planned_on = ladder.planned_on(number, timer.deadline, self.calendar)
                is_said = said is not None and said.rung == number
                yield ExplainedRung(
                    waits_for=timer.waits_for,
                    deadline=timer.deadline,
                    deadline_version=timer.deadline_version,
                    rung=number,
                    planned_on=planned_on,
                    arithmetic=arithmetic(ladder, number, timer.deadline, self.calendar, self.names),
                    slip=said.slip if said and is_said else ladder.rung(number).slip,
                    receivers=names if is_said else (),
                    fate="superseded" if number in result.superseded else "planned",
                    climbed_on=None,
                    held_until=timer.fires_on if planned_on < timer.fires_on else None,
                    deliveries=(),
                )


def arithmetic(
    ladder: Ladder, number: int, deadline: date, calendar: WorkingCalendar, names: Mapping[date, str]
) -> Text:
    """Say how the day of a rung is counted; `names` are the notes of days off."""
    offset, effective = ladder.offset(number), calendar.on_or_after(deadline)
    if effective == deadline:
        base = N_("{deadline}", deadline=deadline)
    elif (name := name_of_day(names.get(deadline))) is not None:
        base = N_("{effective} ({deadline} is off: {name})", effective=effective, deadline=deadline, name=name)
    else:
        base = N_("{effective} ({deadline} is a day off)", effective=effective, deadline=deadline)
    if offset == 0:
        return N_("on {base}", base=base)
    if offset < 0:
        return N_("{days} working days before {base}", days=-offset, base=base)
    return N_("{days} working days after {base}", days=offset, base=base)


def day_notes(session: Session, deadlines: Iterable[date], calendar: WorkingCalendar) -> dict[date, str]:
    """Return the notes of those deadlines that fall on days off."""
    return read_day_names(session, (day for day in deadlines if not calendar.is_working(day)))


def _silence(measure: Measure) -> Text:
    if measure.state is State.CLOSED:
        return N_("closed on {day}; nothing is waited for", day=measure.closed_on)
    return N_("{state} since {day}; nothing is waited for", state=STATE_NAMES[measure.state], day=measure.state_since)


def _past(
    session: Session, measure: Measure, book: LadderBook, people: People, calendar: WorkingCalendar
) -> list[ExplainedRung]:
    said = defaultdict(list)
    about = select(Notification).where(Notification.measure_id == measure.id, Notification.kind == "rung")
    for note in session.scalars(about.order_by(Notification.id)):
        said[note.waits_for, note.deadline_version, note.data.get("rung")].append(note)
    query = select(Escalation).where(Escalation.measure_id == measure.id).order_by(Escalation.id)
    rows = session.scalars(query).all()
    names = day_notes(session, (row.deadline for row in rows), calendar)
    return [
        ExplainedRung(
            waits_for=row.waits_for,
            deadline=row.deadline,
            deadline_version=row.deadline_version,
            rung=row.rung,
            planned_on=row.planned_on,
            arithmetic=arithmetic(book.ladders[row.waits_for], row.rung, row.deadline, calendar, names),
            slip=row.slip,
            receivers=tuple(people.called(note.person_id, note.on) for note in notes),
            fate=row.fate.value,
            climbed_on=row.climbed_on,
            deliveries=tuple((people.called(note.person_id, note.on), note.state.value, note.reason) for note in notes),
        )
        for row in rows
        for notes in [said[row.waits_for, row.deadline_version, row.rung]]
    ]


def _history(
    session: Session, measure: Measure, people: People
) -> tuple[tuple[date, str, str | None, dict[str, object]], ...]:
    rows = session.scalars(
        select(Event).where(Event.measure_id == measure.id, Event.kind.in_(_DEADLINE_EVENTS)).order_by(Event.id)
    )
    return tuple(
        (row.on, row.kind, people.names.get(row.actor_id) if row.actor_id else None, dict(row.data)) for row in rows
    )
