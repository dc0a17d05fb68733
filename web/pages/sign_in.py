"""The way in and out: name and password, and the link that sets a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from engine.actions.check_password import check_password
from engine.actions.desk import one_request
from engine.actions.open_sign_in import end_former, end_sign_in, open_sign_in
from engine.actions.set_password import use_link
from engine.reads.sign_ins import LONGEST, read_link
from engine.rules.passwords import SHORTEST
from engine.rules.refusal import NotAllowed, NotFound, NotReady, Refusal, TooSoon
from engine.rules.text import N_, Text
from web.render import page
from web.troubles import status_of
from web.visit import SEE_OTHER, SIGN_IN, Anybody, Signed, Visit, own_path

routes = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """What the way in shows."""

    next: str  #: where to go afterwards
    who: str = ""
    refused: Text | None = None
    has_provider: bool = False  #: the office's own sign-in is set up


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPage:
    """What the page of a link shows."""

    code: str
    name: str
    shortest: int = SHORTEST
    refused: Text | None = None


@routes.get("/sign-in", name="sign_in")
def ask(visit: Anybody, next: str = "/work") -> Response:  # noqa: A002 - the address's own word
    """Show the form."""
    return _ask(visit, next)


def _ask(visit: Visit, following: str, *, who: str = "", refused: Text | None = None, status: int = 200) -> Response:
    context = SignInPage(
        next=own_path(following),
        who=who,
        refused=refused,
        has_provider=visit.house.settings.oidc_issuer is not None,
    )
    return page(visit, "sign_in.html", context, status=status)


@routes.post("/sign-in")
def sign_in(
    visit: Anybody,
    who: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/work",  # noqa: A002
) -> Response:
    """Let in who knows the password."""
    try:
        person = check_password(
            visit.house.sessions, who=who, password=password, source=source_of(visit.request), moment=visit.moment
        )
    except (NotAllowed, TooSoon) as refusal:
        answer = _ask(visit, next, who=who, refused=refusal.text, status=status_of(refusal))
        return told_to_wait(answer, refusal)
    with one_request(visit.house.sessions) as session:
        end_former(session, visit.request.cookies.get(SIGN_IN))
        secret = open_sign_in(session, person, visit.moment, how="password", browser=browser_of(visit.request))
    return let_in(visit, secret, own_path(next))


@routes.post("/sign-out")
def sign_out(visit: Signed) -> Response:
    """Let go."""
    with one_request(visit.house.sessions) as session:
        end_sign_in(session, visit.who.sign_in, person=visit.who.person)
    answer = visit.go("/sign-in", N_("you are signed out"))
    answer.delete_cookie(SIGN_IN)
    return answer


@routes.get("/link/{secret}")
def ask_password(visit: Anybody, secret: str) -> Response:
    """Show the form that sets a password."""
    return _ask_password(visit, secret)


def _ask_password(visit: Visit, secret: str, *, refused: Text | None = None, status: int = 200) -> Response:
    with visit.reading() as session:
        known = read_link(session, secret, visit.moment)
    if known is None:
        raise NotFound(N_("this link has been used, or has expired; ask a coordinator for a new one"))
    # The address is the secret: a browser tells it to nobody but us.  To tell it not even us would cost the form its
    # origin, without which no change is taken.
    return page(visit, "password.html", PasswordPage(code=known[0], name=known[1], refused=refused), status=status)


@routes.post("/link/{secret}")
def set_password(
    visit: Anybody, secret: str, password: Annotated[str, Form()] = "", again: Annotated[str, Form()] = ""
) -> Response:
    """Set the password and let in."""
    if password != again:
        told = N_("the two passwords are not the same")
        return _ask_password(visit, secret, refused=told, status=status_of(NotReady(told)))
    try:
        opened = use_link(
            visit.house.sessions, secret, password, moment=visit.moment, browser=browser_of(visit.request)
        )
    except NotReady as refusal:
        return _ask_password(visit, secret, refused=refusal.text, status=status_of(refusal))
    return let_in(visit, opened, "/work")


def let_in(visit: Visit, secret: str, path: str) -> RedirectResponse:
    """Give the browser its secret, and lead it on."""
    answer = RedirectResponse(path, SEE_OTHER)
    answer.set_cookie(
        SIGN_IN,
        secret,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=visit.is_encrypted,
    )
    return answer


def told_to_wait(answer: Response, refusal: Refusal) -> Response:
    """Let the answer say for how long, where somebody must wait."""
    if isinstance(refusal, TooSoon):
        answer.headers["Retry-After"] = str(refusal.seconds)
    return answer


def source_of(request: Request) -> str:
    """Return the address that a request comes from."""
    return request.client.host if request.client else "unknown"


def browser_of(request: Request) -> str:
    """Return what the browser calls itself."""
    return request.headers.get("user-agent", "")
