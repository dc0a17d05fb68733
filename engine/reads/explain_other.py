"""Every past and future rung of what is no measure: a task of a meeting, a paper, a meeting not yet recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.reads.explain import ExplainedRung, Explanation, arithmetic, day_notes, planned_rungs
from engine.reads.ladder_books import read_book
from engine.reads.other_waits import OtherTold, find_other, read_others
from engine.reads.people_names import People, read_people
from engine.rules.names import WAIT_NAMES
from engine.rules.text import N_
from engine.rules.working_days import WorkingCalendar
from models import Event, Notification, OtherRung, OtherTimer

_ACKNOWLEDGED = "matter:timer:acknowledge"
_EVENTS = (_ACKNOWLEDGED, "matter:deadline:moved")


def explain_other(
    session: Session, *, round_id: int, code: str, as_of: date, until: date, calendar: WorkingCalendar
) -> Explanation | None:
    """Return the explanation of what `code` names (OtherTold.timer); None: there is no such wait.

    A paper that was submitted several times tells the rungs of all its waits.
    """
    newest = find_other(session, round_id, code)
    if newest is None:
        return None
    waits = sorted(read_others(session, _same_subject(newest)), key=lambda one: one.timer.measure)
    people = read_people(session)
    return Explanation(
        code=str(newest.timer.code),
        text=newest.name,
        state=None,
        owner=newest.owner,
        original_due=None,
        due=newest.timer.deadline,
        deadline_version=newest.timer.deadline_version,
        silence=None
        if newest.stands
        else N_("{wait}: this is over; nothing is waited for", wait=WAIT_NAMES[newest.waits_for]),
        history=_history(session, str(newest.timer.code), round_id, people),
        rungs=(
            *_past(session, waits, people, calendar),
            *coming_others(session, waits, as_of=as_of, until=until, calendar=calendar),
        ),
    )


def coming_others(
    session: Session, waits: Sequence[OtherTold], *, as_of: date, until: date, calendar: WorkingCalendar
) -> tuple[ExplainedRung, ...]:
    """Return the rungs of waits that stand and are still to come, up to `until`; the next of each in any case."""
    people = read_people(session)
    return tuple(
        rung
        for one in waits
        if one.stands
        for rung in planned_rungs(
            session,
            [one.timer],
            read_book(session, one.timer.policy),
            people,
            as_of=as_of,
            until=until,
            calendar=calendar,
        )
    )


def _same_subject(one: OtherTold) -> ColumnElement[bool]:
    if one.decision is not None:
        return OtherTimer.decision_id == one.decision
    return OtherTimer.paper_id == one.paper if one.paper is not None else OtherTimer.id == one.timer.measure


def _past(
    session: Session, waits: Sequence[OtherTold], people: People, calendar: WorkingCalendar
) -> Iterator[ExplainedRung]:
    of = {one.timer.measure: one for one in waits}
    said = defaultdict(list)
    about = select(Notification).where(Notification.other_timer_id.in_(of), Notification.kind == "rung")
    for note in session.scalars(about.order_by(Notification.id)):
        said[note.other_timer_id, note.data.get("rung")].append(note)
    query = select(OtherRung).where(OtherRung.other_timer_id.in_(of)).order_by(OtherRung.id)
    rows = session.scalars(query).all()
    names = day_notes(session, (row.deadline for row in rows), calendar)
    for row in rows:
        timer, notes = of[row.other_timer_id].timer, said[row.other_timer_id, row.rung]
        ladder = read_book(session, timer.policy).ladders[timer.waits_for]
        yield ExplainedRung(
            waits_for=timer.waits_for,
            deadline=row.deadline,
            deadline_version=timer.deadline_version,
            rung=row.rung,
            planned_on=row.planned_on,
            arithmetic=arithmetic(ladder, row.rung, row.deadline, calendar, names),
            slip=row.slip,
            receivers=tuple(people.called(note.person_id, note.on) for note in notes),
            fate=row.fate.value,
            climbed_on=row.climbed_on,
            deliveries=tuple((people.called(note.person_id, note.on), note.state.value, note.reason) for note in notes),
        )


def _history(
    session: Session, code: str, round_id: int, people: People
) -> tuple[tuple[date, str, str | None, dict[str, object]], ...]:
    rows = session.scalars(select(Event).where(Event.round_id == round_id, Event.kind.in_(_EVENTS)).order_by(Event.id))
    return tuple(
        (row.on, row.kind, people.names.get(row.actor_id) if row.actor_id else None, dict(row.data))
        for row in rows
        if row.data.get("about") == code
    )
