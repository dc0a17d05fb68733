"""An invitation to a meeting as iCalendar (RFC 5545, 5546), which calendar programs enter, move and strike out.

A meeting keeps its UID; each newer word about it has a higher SEQUENCE.  The same invitation makes the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.headerregistry import Address
from urllib.parse import quote

from icalendar import Calendar, Event, vCalAddress

from engine.rules.text import N_
from i18n import say
from notifications.messages import DigestMessage
from notifications.typed_words import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One meeting, to which somebody is invited, or no longer."""

    uid: str
    sequence: int
    day: date
    title: str
    since: datetime  #: when it was said; aware
    is_off: bool

    @property
    def method(self) -> str:
        """Return what is asked of a calendar program."""
        return "CANCEL" if self.is_off else "REQUEST"


def invitations_of(digest: DigestMessage, *, at: datetime) -> tuple[Invitation, ...]:
    """Return the invitations that a digest carries, of each meeting the newest word; `at` is when they are said."""
    found: dict[str, Invitation] = {}
    for line in digest.lines:
        told = line.data.get("invitation")
        if not told:
            continue
        title = say(N_("Meeting of the leading group: {text}", text=words(line.data.get("meeting"))), digest.language)
        one = Invitation(
            uid=f"meeting-{told['meeting']}-{quote(told['round'], safe='')}@duban",
            sequence=told["sequence"],
            day=date.fromisoformat(line.data["held_on"]),
            title=title,
            since=at,
            is_off=told["is_off"],
        )
        if one.uid not in found or found[one.uid].sequence < one.sequence:
            found[one.uid] = one
    return tuple(found.values())


def write_invitation(invitation: Invitation, *, organiser: Address, guest: Address) -> bytes:
    """Return the calendar object from `organiser` to `guest`: a whole day, since Duban knows no hours of meetings."""
    calendar = Calendar()
    calendar.add("prodid", "-//Duban//Duban//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", invitation.method)
    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.since)
    event.add("dtstart", invitation.day)
    event.add("dtend", invitation.day + timedelta(days=1))
    event.add("summary", invitation.title)
    event.add("status", "CANCELLED" if invitation.is_off else "CONFIRMED")
    event.add("organizer", _person(organiser))
    event.add("attendee", _person(guest, role="REQ-PARTICIPANT", partstat="NEEDS-ACTION"))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _person(address: Address, **parameters: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address.addr_spec}")
    person.params["CN"] = address.display_name
    for name, value in parameters.items():
        person.params[name.upper()] = value
    return person
