"""A link from a mail: a page that says what it does, with one button.  Looking does nothing: mail scanners look, too.

Whoever has the link acts as its person, for this one thing, once; nobody is signed in by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from engine.actions.desk import Desk, one_request
from engine.actions.use_mail_link import use_mail_link
from engine.reads.mail_links import OpenLink, open_link
from engine.rules.mail_links import DEED_NAMES, Deed
from engine.rules.refusal import Refusal
from engine.rules.text import N_, Text
from web.render import page
from web.troubles import status_of
from web.visit import Anybody, Visit

routes = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class OneClickPage:
    """What the page shows."""

    open: OpenLink | None = None  #: None: the link is good for nothing any more
    deed: Text | None = None
    asks_for_date: bool = False
    new_due: str = ""
    reason: str = ""
    refused: Text | None = None
    is_done: bool = False


@routes.get("/mail/{token}")
def show(visit: Anybody, token: str) -> Response:
    """Say what the link does, and ask."""
    return _ask(visit, token)


@routes.post("/mail/{token}")
def act(
    visit: Anybody, token: str, new_due: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = ""
) -> Response:
    """Do it, or say why not."""
    try:
        day = date.fromisoformat(new_due) if new_due else None
    except ValueError:
        return _ask(visit, token, new_due=new_due, reason=reason, refused=N_("a date was expected"), status=422)
    try:
        with one_request(visit.house.sessions) as session:

            def desk_of(person: str, round_: str) -> Desk:
                return visit.house.desk(session, person, visit.moment, round_)

            done = use_mail_link(session, token, visit.moment, desk_of, new_due=day, reason=reason)
    except Refusal as refusal:
        return _ask(visit, token, new_due=new_due, reason=reason, refused=refusal.text, status=status_of(refusal))
    visit.request.app.state.counts.forget(done.link.person)
    return page(visit, "one_click.html", OneClickPage(open=done, deed=DEED_NAMES[done.link.deed], is_done=True))


def _ask(
    visit: Visit, token: str, *, new_due: str = "", reason: str = "", refused: Text | None = None, status: int = 200
) -> Response:
    try:
        with visit.reading() as session:
            found = open_link(session, token, visit.moment)
    except Refusal as refusal:
        return page(visit, "one_click.html", OneClickPage(refused=refusal.text), status=status_of(refusal))
    context = OneClickPage(
        open=found,
        deed=DEED_NAMES[found.link.deed],
        asks_for_date=found.link.deed is Deed.EXTEND,
        new_due=new_due,
        reason=reason,
        refused=refused,
    )
    return page(visit, "one_click.html", context, status=status)
