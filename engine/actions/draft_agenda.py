"""A coordinator prepares a meeting: sets its day, and changes the draft of its agenda before it is frozen."""

from __future__ import annotations

from datetime import date
from secrets import token_hex
from typing import Any

from sqlalchemy import select

from engine.actions.desk import Desk, find_actor, find_round, record
from engine.actions.freeze_agenda import meeting_of, period_of, set_day
from engine.reads.agenda_draft import lay_agenda
from engine.rules.access import Actor, only_for
from engine.rules.agenda import Line, subject_of
from engine.rules.agenda_draft import Laid, Way, dropped, moved
from engine.rules.progress import SETTLED
from engine.rules.refusal import Conflict, NotFound, NotReady
from engine.rules.text import N_, pack
from engine.rules.vocabulary import Role
from models import AgendaDraft, Measure, Meeting

LONGEST_MINUTES = 240


def set_meeting(desk: Desk, held_on: date) -> Meeting:
    """Return the month's meeting, held on that day: begun, or moved while nothing is decided.  Raises Refusal."""
    actor = _coordinator(desk)
    round_ = find_round(desk.session, desk.round)
    meeting = meeting_of(desk.session, round_.id, held_on, desk.moment)
    set_day(desk.session, meeting, held_on, desk.moment)
    _record(desk, meeting, actor, "meeting:day:set", held_on=meeting.held_on.isoformat())
    return meeting


def move_meeting(desk: Desk, meeting: Meeting, held_on: date) -> None:
    """Move a meeting to another day of its month; who is invited is told.  Raises Refusal."""
    _coordinator(desk)
    if period_of(held_on) != meeting.period:
        raise NotReady(
            N_("a meeting stays in its month, {period}; call it off and prepare that of another", period=meeting.period)
        )
    set_meeting(desk, held_on)


def move_line(desk: Desk, meeting: Meeting, key: str, way: Way) -> None:
    """Move a line up, down or to the top of its section.  Raises NotAllowed or Conflict."""
    actor, row, laid = _coordinator(desk), _row(desk, meeting), read_laid(desk, meeting)
    _line(laid, key)
    row.order = list(moved(laid.lines, key, way))
    _record_order(desk, meeting, actor, row, key)


def drop_line(desk: Desk, meeting: Meeting, key: str, *, before: str | None) -> None:
    """Put a line before another of its section; None: at the section's end.  Raises NotAllowed or Conflict."""
    actor, row, laid = _coordinator(desk), _row(desk, meeting), read_laid(desk, meeting)
    for one in (key, before):
        if one is not None:
            _line(laid, one)
    row.order = list(dropped(laid.lines, key, before=before))
    _record_order(desk, meeting, actor, row, key)


def remove_line(desk: Desk, meeting: Meeting, key: str, *, reason: str, is_deferred: bool = False) -> None:
    """Leave a line out, or defer it to the next meeting, and say why.  Raises NotAllowed, NotReady or Conflict.

    What was added by hand to this draft is just taken away.
    """
    actor, row = _coordinator(desk), _row(desk, meeting)
    line, reason = _line(read_laid(desk, meeting), key), reason.strip()
    if not is_deferred and any(one["key"] == key for one in row.added):
        row.added = [one for one in row.added if one["key"] != key]
    elif not reason:
        raise NotReady(N_("a reason is needed"))
    else:
        told = {
            "code": line.code,
            "text": pack(line.text),
            "measure": line.measure,
            "reason": reason,
            "by": actor.name,
            "is_deferred": is_deferred,
        }
        row.removed = {**row.removed, key: told}
    row.changed_at = desk.moment.at
    kind = "meeting:agenda:defer" if is_deferred else "meeting:agenda:remove"
    _record(desk, meeting, actor, kind, key=key, code=line.code, reason=reason)


def restore_line(desk: Desk, meeting: Meeting, key: str) -> None:
    """Take a line in again that was left out."""
    actor, row = _coordinator(desk), _row(desk, meeting)
    row.removed = {name: told for name, told in row.removed.items() if name != key}
    row.changed_at = desk.moment.at
    _record(desk, meeting, actor, "meeting:agenda:restore", key=key)


def add_item(desk: Desk, meeting: Meeting, *, text: str, presenter: str, minutes: int | None) -> None:
    """Add a topic in words.  Raises NotAllowed or NotReady."""
    actor, row = _coordinator(desk), _row(desk, meeting)
    if not text.strip():
        raise NotReady(N_("an item needs a text"))
    if minutes is not None and not 1 <= minutes <= LONGEST_MINUTES:
        raise NotReady(N_("an item takes 1 to {most} minutes", most=LONGEST_MINUTES))
    _add(
        desk,
        meeting,
        row,
        actor,
        key=f"added:{token_hex(6)}",
        text=text.strip(),
        measure=None,
        presenter=presenter.strip() or None,
        minutes=minutes,
        note=None,
    )


def add_measure(desk: Desk, meeting: Meeting, code: str, *, note: str) -> None:
    """Put a measure on the agenda that the rule does not select, and say why.  Raises NotAllowed, NotFound or NotReady.

    One that was left out comes in again.
    """
    actor, row = _coordinator(desk), _row(desk, meeting)
    if not note.strip():
        raise NotReady(N_("say why the measure is on the agenda"))
    measure = desk.session.scalar(select(Measure).where(Measure.round_id == meeting.round_id, Measure.code == code))
    if measure is None:
        raise NotFound(N_("there is no measure {code}", code=code))
    if measure.state in SETTLED:
        raise NotReady(N_("measure {code} is settled; the meeting has nothing to decide about it", code=code))
    key = subject_of(measure.id)
    if any(line.subject == key for line in read_laid(desk, meeting).lines):
        raise NotReady(N_("measure {code} is on the agenda already", code=code))
    row.removed = {name: told for name, told in row.removed.items() if name != key}
    row.added = [one for one in row.added if one["key"] != key]
    _add(
        desk,
        meeting,
        row,
        actor,
        key=key,
        text=measure.text,
        measure=measure.id,
        presenter=None,
        minutes=None,
        note=note.strip(),
    )


def read_laid(desk: Desk, meeting: Meeting) -> Laid:
    """Return the agenda as it would be frozen now."""
    return lay_agenda(desk.session, meeting, desk.moment, desk.calendar)


def publish_agenda(desk: Desk, held_on: date) -> None:
    """Put on record that the agenda of the month is cut off and printed with its documents.  Raises NotAllowed."""
    actor = find_actor(desk)
    only_for(actor, "publish", {Role.COORDINATOR})
    round_ = find_round(desk.session, desk.round)
    record(desk, "meeting:agenda:publish", actor=actor.person, round_id=round_.id, meeting=period_of(held_on))


def _coordinator(desk: Desk) -> Actor:
    actor = find_actor(desk)
    only_for(actor, "prepare_meeting", {Role.COORDINATOR})
    return actor


def _line(laid: Laid, key: str) -> Line:
    found = next((line for line in laid.lines if line.subject == key), None)
    if found is None:
        raise Conflict(N_("this line is not on the agenda any more"))
    return found


def _row(desk: Desk, meeting: Meeting) -> AgendaDraft:
    row = desk.session.get(AgendaDraft, meeting.id, with_for_update=True)
    if row is None:
        row = AgendaDraft(meeting_id=meeting.id, order=[], removed={}, added=[], changed_at=desk.moment.at)
        desk.session.add(row)
        desk.session.flush()
    return row


def _add(desk: Desk, meeting: Meeting, row: AgendaDraft, actor: Actor, **item: Any) -> None:
    row.added = [*row.added, item | {"by": actor.name}]
    row.changed_at = desk.moment.at
    told = {name: value for name, value in item.items() if name in {"key", "text", "note"} and value}
    _record(desk, meeting, actor, "meeting:agenda:add", **told)


def _record_order(desk: Desk, meeting: Meeting, actor: Actor, row: AgendaDraft, key: str) -> None:
    row.changed_at = desk.moment.at
    _record(desk, meeting, actor, "meeting:agenda:move", key=key, place=row.order.index(key) + 1)


def _record(desk: Desk, meeting: Meeting, actor: Actor, kind: str, **data: Any) -> None:
    record(desk, kind, actor=actor.person, round_id=meeting.round_id, meeting=meeting.period, **data)
