"""The meeting of a day, as it is named when something is recorded of it: that very day, and not before it has come."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.freeze_agenda import is_in, period_of
from engine.rules.refusal import NotFound, NotReady
from engine.rules.text import N_
from models import Meeting


def meeting_on(session: Session, round_id: int, day: date) -> Meeting:
    """Return the meeting of that very day, held by this transaction.  Raises NotFound, and says when the month's is.

    Of two who record something of one meeting the second waits for the first, so that decisions are numbered.
    """
    period = period_of(day)
    found = session.scalar(select(Meeting).where(*is_in(round_id, period)).with_for_update(key_share=True))
    if found is None:
        raise NotFound(N_("there is no meeting in {period}; draw up its agenda first", period=period))
    if found.held_on != day:
        raise NotFound(
            N_(
                "there is no meeting on {day}; that of {period} is on {held_on}",
                day=day,
                period=period,
                held_on=found.held_on,
            )
        )
    return found


def expect_held(meeting: Meeting, today: date) -> None:
    """Refuse to record what a meeting that is still to come has decided or said.  Raises NotReady."""
    if today < meeting.held_on:
        raise NotReady(
            N_(
                "the meeting is on {day}: from that day on it is recorded; move it first where it was held sooner",
                day=meeting.held_on,
            )
        )
