"""Promises about meetings: what calendars were told last is how the meeting stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from models import Agenda, Meeting, MeetingOff
from tests.year.mail_server import Word
from tests.year.promise import DAY, END, Look, promise


@promise(
    "calendars",
    "Whoever was told of a meeting hears of its new day, of its calling off, and of its taking place after all: the"
    " last word of each calendar is how the meeting stands, and no two words bear one number.",
)
def calendars(look: Look) -> Iterator[str]:
    if look.when not in {DAY, END}:
        return
    words: dict[tuple[str, str], dict[int, Word]] = look.memory.setdefault("words", defaultdict(dict))
    server, seen = look.office.server, look.memory.get("seen", 0)
    for mail in server.taken[seen:]:
        for word in mail.words:
            known = words[word.uid, mail.to].setdefault(word.sequence, word)
            if known != word:
                yield f"{mail.to} was told two things under number {word.sequence} of {word.uid}: {known} and {word}"
    look.memory["seen"] = len(server.taken)
    mirror = look.mirror
    members = set(mirror.grants["leading_group", None])
    guests = {mirror.people[one.substitute_id].email for one in mirror.absences if one.substitute_id not in members}
    for row, is_off in _meetings(look):
        if _is_under_way(look, row.id):
            continue
        for (uid, to), told in words.items():
            last = told[max(told)]
            if not uid.startswith(f"meeting-{row.id}-") or to in guests:
                continue
            if last.method != ("CANCEL" if is_off else "REQUEST") or (not is_off and last.day != row.held_on):
                yield f"{to} was told at last {last}, and the meeting is {'off' if is_off else f'on {row.held_on}'}"


def _meetings(look: Look) -> Iterator[tuple[Any, bool]]:
    """Yield the meetings whose day is still to come, and at the end all, each with whether it is called off."""
    query = select(Meeting.id, Meeting.held_on).where(Meeting.sequence > 0)
    if look.when != END:
        query = query.where(Meeting.held_on >= look.office.today)
    newest = select(Agenda.meeting_id, func.max(Agenda.version).label("version")).group_by(Agenda.meeting_id).subquery()
    off = select(MeetingOff.meeting_id).join(
        newest, (newest.c.meeting_id == MeetingOff.meeting_id) & (newest.c.version == MeetingOff.version)
    )
    called_off = set(look.session.scalars(off))
    for row in look.session.execute(query.order_by(Meeting.id)):
        yield row, row.id in called_off


def _is_under_way(look: Look, meeting: int) -> bool:
    """Say whether a word about the meeting waits to be said, or could not be said."""
    mirror = look.mirror
    of_meeting = [
        row
        for row in mirror.notifications.values()
        if row.kind.startswith("meeting") and (row.data.get("invitation") or {}).get("meeting") == meeting
    ]
    digests = {row.digest_id for row in of_meeting}
    waiting = any(row.state == "pending" for row in of_meeting)
    return waiting or any(
        row.digest_id in digests and row.channel == "smtp" and row.state != "sent" for row in mirror.deliveries.values()
    )
