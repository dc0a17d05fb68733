"""The front door: where people are led first, and the switch between Chinese and English."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from i18n import LANGUAGES
from web.visit import LANGUAGE, SEE_OTHER, Anybody, Signed, own_path

routes = APIRouter()
YEAR = 365 * 24 * 3600


@routes.get("/")
def lead_on(_: Signed) -> Response:
    """Lead to what waits."""
    return RedirectResponse("/work", SEE_OTHER)


@routes.post("/language")
def choose_language(
    visit: Anybody, language: Annotated[str, Form()], back: Annotated[str, Form()] = "/work"
) -> Response:
    """Show everything in another language from now on, in this browser; nothing is stored."""
    answer = visit.go(own_path(back))
    if language in LANGUAGES:
        answer.set_cookie(LANGUAGE, language, max_age=YEAR, httponly=True, samesite="lax")
    return answer
