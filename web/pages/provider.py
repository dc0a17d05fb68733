"""Sign-in with the office's own OpenID Connect provider; the browser is bound to its errand by a cookie.

Nobody gets an account by it: whoever the provider names must be a person of the house, by sign-in name or e-mail.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import astuple
from secrets import compare_digest

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from engine.actions.desk import one_request
from engine.actions.open_sign_in import end_former, open_sign_in
from engine.reads.people_names import find_signing_in
from engine.rules.refusal import NotAllowed, NotFound
from engine.rules.text import N_
from web.openid import Errand, Provider
from web.pages.sign_in import browser_of, let_in
from web.visit import SEE_OTHER, SIGN_IN, Anybody, Visit, own_path

routes = APIRouter()
COOKIE, BACK = "duban_provider", "/sign-in/provider/back"
MINUTES = 10  #: that somebody may take at the provider
SHOWN = 100  #: characters of what the provider said


@routes.get("/sign-in/provider")
def leave(visit: Anybody, next: str = "/work") -> Response:  # noqa: A002 - the address's own word
    """Send the browser to the provider."""
    errand = Errand.to(own_path(next))
    answer = RedirectResponse(_provider(visit).way_there(errand, back=_back(visit)), SEE_OTHER)
    answer.set_cookie(
        COOKIE,
        urlsafe_b64encode(json.dumps(astuple(errand)).encode()).decode(),
        max_age=MINUTES * 60,
        path="/sign-in",
        httponly=True,
        samesite="lax",
        secure=visit.is_encrypted,
    )
    return answer


@routes.get(BACK)
def come_back(visit: Anybody, state: str = "", code: str = "", error: str = "") -> Response:
    """Let in whom the provider names."""
    provider, errand = _provider(visit), _errand(visit)
    if errand is None or not compare_digest(state.encode(), errand.state.encode()):
        raise NotAllowed(N_("this sign-in was not begun here, or took too long; begin again"))
    if error or not code:
        raise NotAllowed(N_("the provider did not let you in: {error}", error=error[:SHOWN] or "—"))
    named = provider.who_came(errand, code, back=_back(visit), now=visit.moment.at)
    with visit.reading() as session:
        person = find_signing_in(session, named) if named else None
    if person is None:
        name = (named or "—")[:SHOWN]
        raise NotAllowed(N_("{name} is nobody's sign-in name here; a coordinator can add you", name=name))
    with one_request(visit.house.sessions) as session:
        end_former(session, visit.request.cookies.get(SIGN_IN))
        secret = open_sign_in(session, person, visit.moment, how="provider", browser=browser_of(visit.request))
    answer = let_in(visit, secret, own_path(errand.next))
    answer.delete_cookie(COOKIE, path="/sign-in")
    return answer


def _provider(visit: Visit) -> Provider:
    found = Provider.of(visit.house)
    if found is None:
        raise NotFound(N_("there is nothing here"))
    return found


def _back(visit: Visit) -> str:
    return f"{visit.address}{BACK}"


def _errand(visit: Visit) -> Errand | None:
    try:
        kept = json.loads(urlsafe_b64decode(visit.request.cookies.get(COOKIE, "")))
        return Errand(*kept) if len(kept) == 4 and all(isinstance(one, str) for one in kept) else None  # noqa: PLR2004
    except (ValueError, TypeError):
        return None
