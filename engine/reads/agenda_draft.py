"""The agenda of a meeting as it would be frozen now: what the rule selects, and what was changed by hand over it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.agenda_facts import read_last_decisions, read_measure_facts
from engine.reads.other_waits import read_raised
from engine.rules.agenda import line_by_hand, select_agenda, subject_of
from engine.rules.agenda_carried import PastMeeting, carry
from engine.rules.agenda_draft import Added, Draft, Laid, LeftOut, lay_draft
from engine.rules.moment import Moment
from engine.rules.round_dates import months_later
from engine.rules.text import unpack
from engine.rules.vocabulary import OPEN_STATES
from engine.rules.working_days import WorkingCalendar
from models import AgendaDraft, Decision, Meeting


def lay_agenda(session: Session, meeting: Meeting, moment: Moment, calendar: WorkingCalendar) -> Laid:
    """Return a meeting's agenda at `moment`, with what was changed by hand: a constant number of statements."""
    draft = read_draft(session, meeting, moment)
    by_hand = {one.measure: one for one in draft.added if one.measure is not None}
    facts = read_measure_facts(session, meeting.round_id, moment, also=frozenset(by_hand))
    selected = select_agenda(
        (one for one in facts if one.state in OPEN_STATES),
        read_last_decisions(session, meeting.round_id, meeting.body, meeting.held_on, moment),
        read_raised(session, meeting.round_id, moment),
        as_of=moment.on,
        next_meeting_on=calendar.on_or_after(months_later(meeting.held_on, 1)),
        calendar=calendar,
    )
    # what was carried over and is settled meanwhile needs the meeting no longer
    stands = (
        one for one in facts if one.id in by_hand and (one.state in OPEN_STATES or by_hand[one.id].carried_from is None)
    )
    return lay_draft(selected, draft, {one.id: line_by_hand(one, moment.on, calendar) for one in stands})


def read_draft(session: Session, meeting: Meeting, until: Moment) -> Draft:
    """Return what was changed by hand in the draft of a meeting's agenda, with what earlier meetings left over."""
    earlier = (Meeting.round_id == meeting.round_id, Meeting.body == meeting.body, Meeting.held_on < meeting.held_on)
    past = session.execute(
        select(Meeting.id, Meeting.held_on, AgendaDraft)
        .outerjoin(AgendaDraft, AgendaDraft.meeting_id == Meeting.id)
        .where(*earlier)
        .order_by(Meeting.held_on)
    ).all()
    decided: defaultdict[int, set[str]] = defaultdict(set)
    for number, subject, measure in session.execute(
        select(Decision.meeting_id, Decision.subject, Decision.measure_id)
        .join(Meeting, Meeting.id == Decision.meeting_id)
        .where(*earlier, Decision.at <= until.at)
    ):
        about = {subject, None if measure is None else subject_of(measure)}
        decided[number].update(one for one in about if one is not None)
    carried = carry(
        PastMeeting(held_on=held_on, added=_added(row), removed=_removed(row), decided=frozenset(decided[number]))
        for number, held_on, row in past
    )
    own = session.get(AgendaDraft, meeting.id)
    added = {one.key: one for one in (*carried, *_added(own))}
    return Draft(order=tuple(own.order) if own else (), removed=_removed(own), added=tuple(added.values()))


def _added(row: AgendaDraft | None) -> tuple[Added, ...]:
    return tuple(Added(**one) for one in row.added) if row else ()


def _removed(row: AgendaDraft | None) -> dict[str, LeftOut]:
    return {key: left_out(key, told) for key, told in row.removed.items()} if row else {}


def left_out(key: str, told: dict[str, Any]) -> LeftOut:
    """Return a line that was left out, from what is kept of it."""
    return LeftOut(**told | {"key": key, "text": unpack(told["text"])})
