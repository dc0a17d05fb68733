"""No more mails of reminders: the page behind the link that such mails carry.

Looking changes nothing: mail scanners follow links.  A POST does it at once (RFC 8058), from the button of this page or
of a mail program, which brings no cookie and follows no redirect; what it may do stands in the signed address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from engine.actions.choose_reminders import choose_reminders_by_link
from engine.actions.desk import one_request
from engine.reads.reminders_off import UnsubscribeLink, open_unsubscribe
from engine.rules.refusal import Refusal
from engine.rules.text import Text
from web.render import page
from web.troubles import status_of
from web.visit import Anybody

routes = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribePage:
    """What the page shows."""

    open: UnsubscribeLink | None = None  #: None: the link is good for nothing any more
    refused: Text | None = None
    is_done: bool = False  #: just now


@routes.get("/unsubscribe/{token}")
def show(visit: Anybody, token: str) -> Response:
    """Say what there is to choose, and ask."""
    try:
        with visit.reading() as session:
            context = UnsubscribePage(open=open_unsubscribe(session, token))
    except Refusal as refusal:
        return page(visit, "unsubscribe.html", UnsubscribePage(refused=refusal.text), status=status_of(refusal))
    return page(visit, "unsubscribe.html", context)


@routes.post("/unsubscribe/{token}")
def choose(visit: Anybody, token: str, by_mail: Annotated[bool, Form()] = False) -> Response:  # noqa: FBT002
    """Do it: no more such mails, or `by_mail` again."""
    try:
        with one_request(visit.house.sessions) as session:
            found = choose_reminders_by_link(session, token, visit.moment, by_mail=by_mail)
    except Refusal as refusal:
        return page(visit, "unsubscribe.html", UnsubscribePage(refused=refusal.text), status=status_of(refusal))
    return page(visit, "unsubscribe.html", UnsubscribePage(open=found, is_done=True))
