"""What goes wrong becomes a readable page, never a traceback."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import DataError, DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from engine.rules.plan import Fault, InputRefused
from engine.rules.refusal import FourEyes, NotAllowed, NotFound, Refusal, TooSoon, Unproved
from engine.rules.text import N_, Text
from models.failures import told_by_database, why_down
from web.fields import BetterAddress
from web.once import SentBefore, answer_again
from web.prove_again import carried, prove_page
from web.render import page
from web.visit import SEE_OTHER, NotSignedIn, SignedVisit, Visit, anybody, here, own_path, signed_in

log = logging.getLogger(__name__)

NOT_FOUND, FORBIDDEN, CONFLICT, UNPROCESSABLE, TOO_MANY, BROKEN, UNAVAILABLE = 404, 403, 409, 422, 429, 500, 503


@dataclass(frozen=True, slots=True, kw_only=True)
class TroublePage:
    """What is shown of a trouble."""

    title: Text
    told: Text
    faults: tuple[Fault, ...] = ()
    back: str | None = None  #: where it came from


_TITLES: dict[int, Text] = {
    NOT_FOUND: N_("There is nothing here"),
    FORBIDDEN: N_("That is not for you"),
    CONFLICT: N_("That is not possible"),
    UNPROCESSABLE: N_("Something in it is wrong"),
    BROKEN: N_("Something broke here"),
    TOO_MANY: N_("Too fast"),
    UNAVAILABLE: N_("Duban cannot be reached just now"),
}
_BY_STATUS: dict[int, Text] = {
    NOT_FOUND: N_("the page does not exist, or no longer"),
    FORBIDDEN: N_("the page is not for you"),
    405: N_("a page cannot be asked for like this"),
    413: N_("that is too large"),
    429: N_("too many requests; wait a little"),
}


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status that tells what kind of refusal it is."""
    if isinstance(refusal, NotFound):
        return NOT_FOUND
    if isinstance(refusal, TooSoon):
        return TOO_MANY
    return FORBIDDEN if isinstance(refusal, NotAllowed | FourEyes) else CONFLICT


def answer_troubles(app: FastAPI) -> None:
    """Let `app` answer everything that can go wrong."""
    _lead_elsewhere(app)
    _answer_senders(app)
    _answer_failures(app)


def _lead_elsewhere(app: FastAPI) -> None:
    """Lead to the door, or to an address that can be kept."""

    @app.exception_handler(NotSignedIn)
    async def show_way_in(request: Request, _: Exception) -> Response:
        wanted = f"?next={quote(here(request), safe='')}" if request.method == "GET" else ""
        return RedirectResponse(f"/sign-in{wanted}", SEE_OTHER)

    @app.exception_handler(BetterAddress)
    async def show_better_address(_: Request, found: BetterAddress) -> Response:
        return RedirectResponse(found.path, SEE_OTHER)


def _answer_senders(app: FastAPI) -> None:
    """Answer what somebody sends who may not, or may not so."""
    app.add_exception_handler(Unproved, _ask_again)

    @app.exception_handler(Refusal)
    async def refuse(request: Request, error: Refusal) -> Response:
        answer = await _show(request, status_of(error), error.text)
        if isinstance(error, TooSoon):
            answer.headers["Retry-After"] = str(error.seconds)
        return answer

    @app.exception_handler(SentBefore)
    async def answer_as_before(request: Request, _: Exception) -> Response:
        answer = await answer_again(request)
        if answer is not None:
            return answer
        visit = await anybody(request)
        return visit.go(own_path(_path_of(request.headers.get("referer", ""))), _DONE_BEFORE)

    @app.exception_handler(InputRefused)
    async def refuse_input(request: Request, error: InputRefused) -> Response:
        return await _show(request, UNPROCESSABLE, N_("nothing of it was taken over"), faults=error.faults)

    @app.exception_handler(RequestValidationError)
    async def refuse_form(request: Request, error: RequestValidationError) -> Response:
        if any(one["loc"][0] == "path" for one in error.errors()):
            return await _show(request, NOT_FOUND, _BY_STATUS[NOT_FOUND])
        names = tuple(dict.fromkeys(str(one["loc"][-1]) for one in error.errors()))
        return await _show(request, UNPROCESSABLE, N_("these fields are missing or wrong: {names}", names=names))

    @app.exception_handler(HTTPException)
    async def refuse_request(request: Request, error: HTTPException) -> Response:
        return await _show(request, error.status_code, _BY_STATUS.get(error.status_code, Text(error.detail)))


def _answer_failures(app: FastAPI) -> None:
    """Answer what fails here."""

    @app.exception_handler(DataError)  # a sign that PostgreSQL does not keep, a text or number beyond its column
    async def refuse_value(request: Request, _: DataError) -> Response:
        return await _show(
            request, UNPROCESSABLE, N_("something in it is too long, or holds signs that cannot be kept")
        )

    @app.exception_handler(DBAPIError)
    async def tell_database(request: Request, error: DBAPIError) -> Response:
        log.error("the database failed a request", extra={"error": told_by_database(error)})
        is_down = why_down(error) is not None
        return await _show(request, UNAVAILABLE if is_down else BROKEN, _APOLOGY)

    @app.exception_handler(Exception)
    async def apologise(request: Request, error: Exception) -> Response:
        log.error("a request failed", extra={"error": type(error).__name__}, exc_info=error)
        return await _show(request, BROKEN, _APOLOGY)


async def _ask_again(request: Request, _: Exception) -> Response:
    """Ask for the password, and go on with what was sent."""
    visit = await _visit(request)
    return prove_page(visit, request.url.path, await carried(request), _path_of(request.headers.get("referer", "")))


_APOLOGY = N_("nothing was changed; try again in a moment, and tell the coordinator when it happens again")


_DONE_BEFORE = N_("this form was sent twice; it was carried out once")


async def _show(request: Request, status: int, told: Text, *, faults: tuple[Fault, ...] = ()) -> Response:
    visit = await _visit(request)
    title = _TITLES.get(status, _TITLES[CONFLICT])
    context = TroublePage(title=title, told=told, faults=faults, back=_path_of(request.headers.get("referer", "")))
    return page(visit, "trouble.html", context, status=status)


async def _visit(request: Request) -> Visit | SignedVisit:
    try:
        return await run_in_threadpool(signed_in, request)
    except Exception:  # noqa: BLE001 - not signed in, or no database: then the page stands alone
        return await anybody(request)


def _path_of(address: str) -> str | None:
    """Return the path and query of an address of ours."""
    found = address.partition("://")[2].partition("/")[2]
    return f"/{found}" if found else None
