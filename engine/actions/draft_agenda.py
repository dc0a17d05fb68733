"""A coordinator prepares a meeting: sets its day, and changes the draft of its agenda before it is frozen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from secrets import token_hex
from typing import Any

from engine.actions.desk import Desk, find_actor, find_round, record
from engine.actions.freeze_agenda import meeting_of, period_of, read_draft, select_lines
from engine.rules.access import Actor, only_for
from engine.rules.agenda import Line
from engine.rules.agenda_draft import lay_draft, moved
from engine.rules.refusal import NotFound, NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import AgendaDraft, Meeting

LONGEST_MINUTES = 240


def set_meeting(desk: Desk, held_on: date) -> Meeting:
    """Return the month's meeting, held on that day: begun, or moved while nothing is decided.  Raises NotAllowed."""
    actor = _coordinator(desk)
    round_ = find_round(desk.session, desk.round)
    meeting = meeting_of(desk.session, round_.id, held_on, desk.moment)
    record(
        desk,
        "meeting:day:set",
        actor=actor.person,
        round_id=round_.id,
        meeting=meeting.period,
        held_on=meeting.held_on.isoformat(),
    )
    return meeting


def move_line(desk: Desk, meeting: Meeting, key: str, *, up: bool) -> None:
    """Move a line by one place within its section.  Raises NotAllowed."""
    _coordinator(desk)
    row = _row(desk, meeting)
    row.order = list(moved(read_draft_lines(desk, meeting), key, up=up))
    row.changed_at = desk.moment.at


def remove_line(desk: Desk, meeting: Meeting, key: str, *, reason: str) -> None:
    """Leave a line out, and say why; what was added by hand is just taken away.  Raises NotReady or NotFound."""
    actor, row = _coordinator(desk), _row(desk, meeting)
    if any(one["key"] == key for one in row.added):
        row.added = [one for one in row.added if one["key"] != key]
    else:
        if not reason.strip():
            raise NotReady(N_("a reason is needed"))
        line = next((line for found, line in read_draft_lines(desk, meeting) if found == key), None)
        if line is None:
            raise NotFound(N_("this line is not on the agenda any more"))
        told = f"{line.code} {line.text}" if line.code else str(line.text)
        row.removed = {**row.removed, key: {"text": told, "reason": reason.strip(), "by": actor.name}}
    row.changed_at = desk.moment.at
    _record(desk, meeting, actor, "meeting:agenda:remove", key=key, reason=reason.strip())


def restore_line(desk: Desk, meeting: Meeting, key: str) -> None:
    """Take a line in again that was left out."""
    actor, row = _coordinator(desk), _row(desk, meeting)
    row.removed = {name: told for name, told in row.removed.items() if name != key}
    row.changed_at = desk.moment.at
    _record(desk, meeting, actor, "meeting:agenda:restore", key=key)


def add_item(desk: Desk, meeting: Meeting, *, text: str, presenter: str, minutes: int | None) -> None:
    """Add an item in words.  Raises NotReady."""
    actor, row = _coordinator(desk), _row(desk, meeting)
    if not text.strip():
        raise NotReady(N_("an item needs a text"))
    if minutes is not None and not 1 <= minutes <= LONGEST_MINUTES:
        raise NotReady(N_("an item takes 1 to {most} minutes", most=LONGEST_MINUTES))
    item = {
        "key": f"added:{token_hex(6)}",
        "text": text.strip(),
        "presenter": presenter.strip() or None,
        "minutes": minutes,
        "by": actor.name,
    }
    row.added = [*row.added, item]
    row.changed_at = desk.moment.at
    _record(desk, meeting, actor, "meeting:agenda:add", text=text.strip())


def read_draft_lines(desk: Desk, meeting: Meeting) -> Sequence[tuple[str, Line]]:
    """Return the agenda as it would be frozen now, each line with its key."""
    lines = select_lines(desk.session, meeting, desk.moment, desk.calendar)
    return lay_draft(lines, read_draft(desk.session, meeting))


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


def _row(desk: Desk, meeting: Meeting) -> AgendaDraft:
    row = desk.session.get(AgendaDraft, meeting.id, with_for_update=True)
    if row is None:
        row = AgendaDraft(meeting_id=meeting.id, order=[], removed={}, added=[], changed_at=desk.moment.at)
        desk.session.add(row)
        desk.session.flush()
    return row


def _record(desk: Desk, meeting: Meeting, actor: Actor, kind: str, **data: Any) -> None:
    record(desk, kind, actor=actor.person, round_id=meeting.round_id, meeting=meeting.period, **data)
