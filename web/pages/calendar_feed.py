"""The private calendar: the page on which somebody makes or ends its address, and what the address leads to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256

from fastapi import APIRouter, Request
from fastapi.responses import Response

from documents.calendar_feed import write_calendar
from engine.actions.calendar_feeds import end_calendar_feed, make_calendar_feed, put_down_reading
from engine.actions.desk import Desk, find_actor, one_request
from engine.reads.person_calendar import FeedLine, FeedOwner, read_calendar_of, read_feed_owner, read_own_feed
from engine.reads.sign_ins import SEEN_EVERY
from engine.rules.refusal import NotFound
from engine.rules.text import N_
from web.render import page
from web.visit import Anybody, Signed, SignedVisit, Visit

routes = APIRouter()
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPage:
    """What the page shows."""

    feed: FeedLine | None
    address: str | None  #: shown this once
    is_provisional: bool  #: nobody has said how people reach Duban


@routes.get("/account/calendar")
def show(visit: Signed) -> Response:
    """Show whether there is a calendar."""
    return _show(visit)


def _show(visit: SignedVisit, address: str | None = None) -> Response:
    with visit.reading() as session:
        feed = read_own_feed(session, visit.who.person)
    is_provisional = visit.house.settings.address is None
    return page(visit, "calendar_feed.html", CalendarPage(feed=feed, address=address, is_provisional=is_provisional))


@routes.post("/account/calendar")
def make(visit: Signed) -> Response:
    """Make the address, or another one; it is shown once."""
    with visit.desk() as desk:
        secret = make_calendar_feed(desk)
    return _show(visit, f"{visit.address}/calendar/{secret}.ics")


@routes.post("/account/calendar/end")
def end(visit: Signed) -> Response:
    """Let the address lead nowhere."""
    with visit.desk() as desk:
        end_calendar_feed(desk)
    return visit.go("/account/calendar", N_("the calendar's address leads nowhere now"))


@routes.get("/calendar/{secret}.ics")
def read(visit: Anybody, secret: str) -> Response:
    """Hand over the calendar of whoever the address belongs to, as their rights are today."""
    with visit.reading() as session:
        owner = read_feed_owner(session, secret)
        if owner is None:
            raise NotFound(N_("there is no such calendar"))
        desk = Desk(session=session, moment=visit.moment, calendar=visit.calendar, person=owner.person)
        entries = read_calendar_of(session, find_actor(desk), on=visit.moment.on)
    content = write_calendar(
        entries,
        name=owner.name,
        zone=visit.house.zone,
        language=owner.language or visit.house.language,
        base=visit.address,
    )
    digest = sha256(content).digest()
    changed_at = _put_down(visit, owner, digest)
    headers = {
        "ETag": f'"{digest.hex()}"',
        "Last-Modified": format_datetime(changed_at.astimezone(UTC), usegmt=True),
        "Cache-Control": "private, no-cache",
        "Content-Disposition": 'inline; filename="duban.ics"',
    }
    if _is_known(visit.request, headers["ETag"], changed_at):
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


def _put_down(visit: Visit, owner: FeedOwner, digest: bytes) -> datetime:
    """Put down that the calendar was read, where that is news; return since when it reads so."""
    is_other = digest != owner.content
    changed_at = visit.moment.at if is_other else owner.changed_at
    if is_other or owner.read_at is None or visit.moment.at - owner.read_at > SEEN_EVERY:
        with one_request(visit.house.sessions) as session:
            put_down_reading(session, owner.feed, content=digest, changed_at=changed_at, read_at=visit.moment.at)
    return changed_at


def _is_known(request: Request, etag: str, changed_at: datetime) -> bool:
    """Return whether the reader has this very calendar."""
    if (known := request.headers.get("if-none-match")) is not None:
        return known.strip() == "*" or etag in {one.strip().removeprefix("W/") for one in known.split(",")}
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return since.tzinfo is not None and changed_at.replace(microsecond=0) <= since
