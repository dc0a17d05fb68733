"""Who has forgotten their password asks for a link; the answer is the same for everybody, known or not.

Looking and sending happen after the answer is out, so that its time tells nothing either.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from starlette.background import BackgroundTask

from engine.actions.ask_link import VALID_FOR, ask_link, count_asking
from engine.rules.moment import Moment
from engine.rules.refusal import Refusal, TooSoon
from engine.rules.text import N_, Text
from flows.channels import senders_of
from flows.house import House
from notifications.link_mail import reaches_people, send_link
from web.pages.sign_in import source_of, told_to_wait
from web.render import page
from web.troubles import status_of
from web.visit import Anybody, Visit

log = logging.getLogger(__name__)
routes = APIRouter()

SENT_BY_MAIL = "smtp"  #: the channel that brings mail to people by itself; files must be taken up by somebody


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenPage:
    """What the page shows."""

    who: str = ""
    refused: Text | None = None


@routes.get("/forgotten")
def show(visit: Anybody) -> Response:
    """Ask for whom."""
    return page(visit, "forgotten.html", ForgottenPage())


@routes.post("/forgotten")
def ask(visit: Anybody, who: Annotated[str, Form()] = "") -> Response:
    """Answer the same to everybody, and send the link afterwards."""
    if not who.strip():
        return _again(visit, who, N_("say for whom: a sign-in name or an e-mail address"), 422)
    try:
        count_asking(visit.house.sessions, who=who, source=source_of(visit.request), moment=visit.moment)
    except TooSoon as refusal:
        return told_to_wait(_again(visit, who, refusal.text, status_of(refusal)), refusal)
    minutes = int(VALID_FOR.total_seconds()) // 60
    answer = visit.go(
        "/sign-in",
        N_(
            "if this is a name here, a link is on its way by mail and good for {minutes} minutes, "
            "or a coordinator has been asked to give you one",
            minutes=minutes,
        ),
    )
    answer.background = BackgroundTask(_send, visit.house, who, visit.moment)
    return answer


def _again(visit: Visit, who: str, refused: Text, status: int) -> Response:
    return page(visit, "forgotten.html", ForgottenPage(who=who, refused=refused), status=status)


def _send(house: House, who: str, moment: Moment) -> None:
    """Send the link, or have the coordinators told; what fails is logged, nobody waits for it."""
    try:
        senders = senders_of(house.settings)
        address = house.settings.address  # never what a browser calls us: it could lead elsewhere
        by_mail = address is not None and reaches_people(senders)
        link = ask_link(
            house.sessions,
            who=who,
            moment=moment,
            by_mail=by_mail,
            tell_coordinator=SENT_BY_MAIL not in senders,
        )
        if link is None or address is None:
            return
        if not send_link(senders, link, address=address, language=house.language, moment=moment):
            ask_link(house.sessions, who=who, moment=moment, by_mail=False, tell_coordinator=True)
    except Refusal as refusal:
        log.warning("a link was not made", extra={"error": type(refusal).__name__})
    except Exception as error:
        log.exception("a link was not made", extra={"error": type(error).__name__})
