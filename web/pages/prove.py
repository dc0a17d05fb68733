"""Somebody who is signed in gives their password once more; then what they were about to do goes on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from engine.actions.check_password import check_password
from engine.actions.desk import one_request
from engine.actions.open_sign_in import prove_again
from engine.rules.refusal import NotAllowed, TooSoon
from web.pages.sign_in import source_of, told_to_wait
from web.prove_again import BACK, PROOF, TO, carried, prove_page
from web.visit import Signed, own_path

routes = APIRouter()
SENT_ON = 307  #: to the place that the form was meant for, as it was sent


async def _form(request: Request) -> dict[str, str]:
    form = await request.form()
    return {name: str(form.get(name) or "") for name in (PROOF, TO, BACK)}


@routes.post("/account/prove")
def prove(
    visit: Signed,
    form: Annotated[dict[str, str], Depends(_form)],
    fields: Annotated[dict[str, str], Depends(carried)],
) -> Response:
    """Look at the password, and send what was carried on."""
    to = own_path(form[TO])
    try:
        check_password(
            visit.house.sessions,
            who=visit.who.code,
            password=form[PROOF],
            source=source_of(visit.request),
            moment=visit.moment,
        )
    except (NotAllowed, TooSoon) as refusal:
        return told_to_wait(prove_page(visit, to, fields, own_path(form[BACK]), refused=refusal.text), refusal)
    with one_request(visit.house.sessions) as session:
        prove_again(session, visit.who.sign_in, visit.moment.at)
    return RedirectResponse(to, SENT_ON)
