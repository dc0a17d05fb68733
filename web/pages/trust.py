"""A second person confirms or refuses what was asked for; whoever asked takes it back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy.orm import Session

from engine.actions.decide_trust import confirm_request, refuse_request, withdraw_request
from engine.reads.trust import confirmer_names
from engine.rules.text import N_, Text
from engine.rules.trust import LINK_WITHIN, TrustKind, what
from models import TrustRequest
from web.visit import Signed, own_path

routes = APIRouter()


def asked(session: Session, request: TrustRequest) -> Text:
    """Return what is told after something was asked for: what, and who may confirm it."""
    told, names = what(request.kind, request.data), confirmer_names(session, request)
    if not names:
        return N_("asked: {what}. Nobody can confirm it now: another person must hold trust first.", what=told)
    return N_(
        "asked: {what}. It takes effect when one of these confirms it, under People or on their My work: {people}.",
        what=told,
        people=names,
    )


@routes.post("/people/trust/{number}/confirm")
def confirm(visit: Signed, number: int, back: Annotated[str, Form()] = "/people") -> Response:
    """Let it take effect."""
    with visit.desk() as desk:
        request = confirm_request(desk, number)
        kind, told = request.kind, what(request.kind, request.data)
    hours = int(LINK_WITHIN.total_seconds()) // 3600
    if kind is TrustKind.POLICY:
        return visit.go(
            own_path(back), N_("confirmed: a coordinator may now save the text, within {hours} hours", hours=hours)
        )
    if kind is TrustKind.LINK:
        done = N_("confirmed: a coordinator may now make the link, within {hours} hours", hours=hours)
        return visit.go(own_path(back), done)
    return visit.go(own_path(back), N_("confirmed, and in effect: {what}", what=told))


@routes.post("/people/trust/{number}/refuse")
def refuse(
    visit: Signed, number: int, reason: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/people"
) -> Response:
    """Refuse it, with a reason."""
    with visit.desk() as desk:
        refuse_request(desk, number, reason=reason)
    return visit.go(own_path(back), N_("refused; nothing was changed"))


@routes.post("/people/trust/{number}/withdraw")
def withdraw(visit: Signed, number: int, back: Annotated[str, Form()] = "/people") -> Response:
    """Take it back."""
    with visit.desk() as desk:
        withdraw_request(desk, number)
    return visit.go(own_path(back), N_("withdrawn; nothing was changed"))
