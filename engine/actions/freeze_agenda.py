"""Freezes the agenda of a meeting at its cut-off: selected by the rule, stored line by line, versioned."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.orm import Session

from engine.actions.invite_group import tell_of_day
from engine.actions.snapshot_ledger import figures_before
from engine.reads.agenda_draft import lay_agenda
from engine.reads.meetings_off import is_called_off
from engine.reads.round_figures import read_aspects, read_figures
from engine.rules.agenda import Line
from engine.rules.agenda_draft import Laid
from engine.rules.moment import Moment
from engine.rules.progress import change
from engine.rules.refusal import NotReady
from engine.rules.text import N_, pack
from engine.rules.working_days import WorkingCalendar
from models import Agenda, AgendaItem, Decision, Meeting, Round

GROUP = "leading_group"  #: the body that meets; its spoken name is in engine.rules.names


def period_of(day: date) -> str:
    """Return the period of a monthly meeting.

    >>> period_of(date(2025, 9, 10))
    '2025-09'
    """
    return f"{day:%Y-%m}"


def freeze_agenda(
    session: Session,
    *,
    round_id: int,
    held_on: date,
    moment: Moment,
    calendar: WorkingCalendar,
    again: bool = False,
) -> Agenda:
    """Return the agenda of the month's meeting, cut off at `moment`.

    The newest version that there is; with `again`, or when there is none, a new one, for `held_on`, and of a meeting
    that takes place though it was called off.  An old version never changes.
    """
    meeting = meeting_of(session, round_id, held_on, moment)
    newest = session.scalar(
        select(Agenda).where(Agenda.meeting_id == meeting.id).order_by(Agenda.version.desc()).limit(1)
    )
    if newest is not None and not again:
        return newest
    set_day(session, meeting, held_on, moment, takes_up=True)
    laid = lay_agenda(session, meeting, moment, calendar)
    agenda = Agenda(
        meeting_id=meeting.id,
        version=newest.version + 1 if newest else 1,
        held_on=meeting.held_on,
        as_of=moment.on,
        overview=_overview(session, meeting, moment, calendar) | _by_hand(laid),
        frozen_at=moment.at,
    )
    session.add(agenda)
    session.flush()
    if laid.lines:
        session.execute(
            insert(AgendaItem),
            [
                {
                    "agenda_id": agenda.id,
                    "position": position,
                    "section": line.section.value,
                    "measure_id": line.measure,
                    "line": _plain(line),
                }
                for position, line in enumerate(laid.lines, start=1)
            ],
        )
    return agenda


def is_in(round_id: int, period: str) -> tuple[ColumnElement[bool], ...]:
    """Return what is true of the leading group's meeting of a month, and of no other."""
    return Meeting.round_id == round_id, Meeting.body == GROUP, Meeting.period == period


def is_frozen_since(session: Session, round_id: int, period: str, since: datetime) -> bool:
    """Return whether an agenda of the month's meeting was frozen at `since` or later."""
    newest = (
        select(func.max(Agenda.frozen_at))
        .join(Meeting, Meeting.id == Agenda.meeting_id)
        .where(*is_in(round_id, period))
    )
    frozen_at = session.scalar(newest)
    return frozen_at is not None and frozen_at >= since


def day_set(session: Session, round_id: int, period: str) -> date | None:
    """Return the day for which the month's meeting is set; None where there is none."""
    return session.scalar(select(Meeting.held_on).where(*is_in(round_id, period)))


def meeting_of(session: Session, round_id: int, held_on: date, moment: Moment) -> Meeting:
    """Return the month's meeting, begun for `held_on` where there is none.

    Holds the round, so that of two who draw up the same meeting the second finds what the first has frozen.
    """
    session.execute(select(Round.id).where(Round.id == round_id).with_for_update(key_share=True))
    period = period_of(held_on)
    meeting = session.scalar(select(Meeting).where(*is_in(round_id, period)))
    if meeting is None:
        meeting = Meeting(round_id=round_id, body=GROUP, period=period, held_on=held_on, created_at=moment.at)
        session.add(meeting)
        session.flush()
    return meeting


def set_day(session: Session, meeting: Meeting, held_on: date, moment: Moment, *, takes_up: bool = False) -> None:
    """Set the day of a meeting; where it was announced, whoever is invited is told.

    NotReady where it has decided something: then it was held on the day it has.  `takes_up`: a new agenda is drawn up,
    so that the meeting takes place though it was called off.  The day of one that stays off is set without a word.
    """
    was_on, was_off = meeting.held_on, is_called_off(session, meeting)
    if held_on != was_on:
        if has_decided(session, meeting):
            told = N_(
                "the meeting of {day} has decided something; it cannot be moved to {other}", day=was_on, other=held_on
            )
            raise NotReady(told)
        meeting.held_on = held_on
        session.flush()
    if meeting.sequence and (takes_up if was_off else meeting.held_on != was_on):
        tell_of_day(session, meeting, moment, was_on=was_on, was_off=was_off)


def has_decided(session: Session, meeting: Meeting) -> bool:
    """Return whether anything was decided at a meeting: then it was held."""
    return session.scalar(select(Decision.id).where(Decision.meeting_id == meeting.id).limit(1)) is not None


def _overview(session: Session, meeting: Meeting, moment: Moment, calendar: WorkingCalendar) -> dict[str, Any]:
    round_id = meeting.round_id
    now = asdict(read_figures(session, round_id, moment, calendar))
    before = figures_before(session, round_id=round_id, period=meeting.period)
    round_ = session.get_one(Round, round_id)
    return {
        "title": round_.title,
        "organisation": round_.organisation,
        "figures": now,
        "change": change(now, before),
        "aspects": [asdict(one) for one in read_aspects(session, round_id, moment, calendar)],
    }


def _by_hand(laid: Laid) -> dict[str, Any]:
    """Return what a coordinator changed, apart from what its lines tell themselves."""
    return {
        "left_out": [{name: pack(getattr(one, name)) for name in one.__slots__} for one in laid.left_out],
        "ordered": sorted(laid.ordered),
    }


def _plain(line: Line) -> dict[str, Any]:
    return {name: pack(getattr(line, name)) for name in line.__slots__ if name not in {"section", "measure"}}
