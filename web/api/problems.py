"""What goes wrong becomes problem+json (RFC 9457), in the caller's language, with a stable code; never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.actions.keep_answer import AnotherRequest
from engine.rules.plan import Fault, InputRefused
from engine.rules.refusal import (
    Conflict,
    FourEyes,
    NotAllowed,
    NotFound,
    NotReady,
    PolicyFault,
    Refusal,
    TooSoon,
    WrongState,
)
from engine.rules.text import N_, Text
from engine.rules.working_days import BeyondCalendar
from i18n import CHINESE, ENGLISH, LANGUAGES, say
from models.failures import told_by_database, why_down

log = logging.getLogger(__name__)

MEDIA = "application/problem+json"


class NoToken(Exception):  # noqa: N818 - not an error of the program: the caller is told what to bring
    """No token came with the request, or one that is good for nothing."""


class ReadsOnly(NotAllowed):
    """The token is for reading."""


class VersionChanged(Conflict):
    """The measure is not at the version that If-Match names."""


class FieldProblem(BaseModel):
    """One value that is not as it should be."""

    field: str = Field(description="Where it stands: body.percent, query.limit, path.code …", examples=["body.percent"])
    code: str = Field(description="A stable word.", examples=["less_than_equal"])
    detail: str = Field(description="What was expected, in the caller's language.")


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="The address of what this code means.", examples=["/api/v1/docs#wrong_state"])
    title: str = Field(description="The kind of problem, in the caller's language.")
    status: int = Field(description="The HTTP status once more.", examples=[409])
    detail: str = Field(description="What happened, in the caller's language.")
    code: str = Field(description="A stable word for programs.", examples=["wrong_state"])
    fields: list[FieldProblem] = Field(default_factory=list, description="Which values are wrong, where they are.")


#: By code: the status, the title.
CODES: dict[str, tuple[int, Text]] = {
    "malformed": (400, N_("The request cannot be read")),
    "no_token": (401, N_("A token is needed")),
    "not_allowed": (403, N_("That is not for you")),
    "four_eyes": (403, N_("Somebody else must do this")),
    "reads_only": (403, N_("This token is for reading")),
    "not_found": (404, N_("There is nothing here")),
    "method": (405, N_("This address is asked in another way")),
    "wrong_state": (409, N_("That is not possible now")),
    "conflict": (409, N_("Somebody else was first")),
    "version_changed": (412, N_("It has changed since you read it")),
    "too_large": (413, N_("That is too large")),
    "invalid": (422, N_("Something in it is wrong")),
    "not_ready": (422, N_("Something is still missing")),
    "key_used": (422, N_("This key was used before")),
    "too_many": (429, N_("Too many requests")),
    "broken": (500, N_("Something broke here")),
    "unavailable": (503, N_("Duban cannot be reached just now")),
}
#: The first that fits.
_BY_REFUSAL: tuple[tuple[type[Refusal], str], ...] = (
    (ReadsOnly, "reads_only"),
    (AnotherRequest, "key_used"),
    (VersionChanged, "version_changed"),
    (NotFound, "not_found"),
    (NotAllowed, "not_allowed"),
    (FourEyes, "four_eyes"),
    (WrongState, "wrong_state"),
    (Conflict, "conflict"),
    (NotReady, "not_ready"),
    (TooSoon, "too_many"),
    (BeyondCalendar, "invalid"),
    (PolicyFault, "invalid"),
)
_BY_STATUS = {404: "not_found", 405: "method", 413: "too_large", 400: "malformed"}
#: What is said of a value, by pydantic's word for what is wrong with it.
_EXPECTED: dict[str, Text] = {
    "missing": N_("a value was expected"),
    "extra_forbidden": N_("there is no such field"),
    "string_type": N_("text was expected"),
    "string_too_short": N_("a longer text was expected"),
    "string_too_long": N_("a shorter text was expected"),
    "string_pattern_mismatch": N_("a text of another form was expected"),
    "string_unicode": N_("a text in Unicode was expected"),
    "int_type": N_("a whole number was expected"),
    "int_parsing": N_("a whole number was expected"),
    "bool_type": N_("true or false was expected"),
    "bool_parsing": N_("true or false was expected"),
    "greater_than_equal": N_("a greater number was expected"),
    "less_than_equal": N_("a smaller number was expected"),
    "enum": N_("one of the known words was expected"),
    "literal_error": N_("one of the known words was expected"),
    "date_from_datetime_parsing": N_("a date such as 2025-09-10 was expected"),
    "date_parsing": N_("a date such as 2025-09-10 was expected"),
    "date_type": N_("a date such as 2025-09-10 was expected"),
    "list_type": N_("a list was expected"),
    "too_long": N_("fewer values were expected"),
    "too_short": N_("more values were expected"),
    "model_attributes_type": N_("an object was expected"),
}
_OTHERWISE = N_("another value was expected")


def problem(
    request: Request,
    code: str,
    detail: Text,
    *,
    status: int | None = None,
    fields: Sequence[FieldProblem] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """Return the answer that tells of a problem."""
    language, (usual, title) = language_of(request), CODES[code]
    told = Problem(
        type=f"{request.scope.get('root_path', '')}/docs#{code}",
        title=say(title, language),
        status=status or usual,
        detail=say(detail, language),
        code=code,
        fields=list(fields),
    )
    return JSONResponse(told.model_dump(), status_code=told.status, media_type=MEDIA, headers=headers)


def language_of(request: Request) -> str:
    """Return the caller's language: asked for by the request, or the person's own, or the house's."""
    asked = request.headers.get("accept-language", "").lower()
    for part in asked.split(","):
        word = part.partition(";")[0].strip()
        if word.startswith(("zh", "en")):
            return CHINESE if word.startswith("zh") else ENGLISH
    own = getattr(request.state, "language", None) or request.app.state.house.language
    return own if own in LANGUAGES else CHINESE


def code_of(refusal: Refusal) -> str:
    """Return the stable word for a refusal."""
    return next((code for kind, code in _BY_REFUSAL if isinstance(refusal, kind)), "conflict")


def answer_problems(app: FastAPI) -> None:
    """Let `app` answer everything that can go wrong."""

    @app.exception_handler(NoToken)
    async def ask_for_token(request: Request, _: Exception) -> Response:
        told = N_("bring a token that is good: Authorization: Bearer …; it is made on the page of your account")
        return problem(request, "no_token", told, headers={"WWW-Authenticate": 'Bearer realm="Duban"'})

    @app.exception_handler(Refusal)
    async def refuse(request: Request, error: Refusal) -> Response:
        headers = {"Retry-After": str(error.seconds)} if isinstance(error, TooSoon) else None
        return problem(request, code_of(error), error.text, headers=headers)

    @app.exception_handler(InputRefused)
    async def refuse_input(request: Request, error: InputRefused) -> Response:
        fields = [_fault(one, language_of(request)) for one in error.faults]
        return problem(request, "invalid", N_("nothing of it was taken over"), fields=fields)

    @app.exception_handler(RequestValidationError)
    async def refuse_values(request: Request, error: RequestValidationError) -> Response:
        found = error.errors()
        if any(one["type"] == "json_invalid" for one in found):
            return problem(request, "malformed", N_("the body is not JSON"))
        return problem(request, "invalid", _wrong(found), fields=[_field(one, language_of(request)) for one in found])

    @app.exception_handler(HTTPException)
    async def refuse_request(request: Request, error: HTTPException) -> Response:
        code = _BY_STATUS.get(error.status_code, "malformed")
        headers = dict(error.headers) if error.headers else None
        return problem(request, code, CODES[code][1], status=error.status_code, headers=headers)

    @app.exception_handler(DBAPIError)
    async def tell_database(request: Request, error: DBAPIError) -> Response:
        log.error("the database failed a request", extra={"error": told_by_database(error)})
        return problem(request, "broken" if why_down(error) is None else "unavailable", _APOLOGY)

    app.add_middleware(Apologies)


class Apologies:
    """Answers what nobody foresaw, and lets it go no further: the pages' own apology would come too late."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on; log and answer what goes wrong."""
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            log.exception("a request failed", extra={"error": type(error).__name__})
            if has_begun:  # half an answer: the line must be cut
                raise
            await problem(Request(scope), "broken", _APOLOGY)(scope, receive, send)


_APOLOGY = N_("nothing was changed; try again in a moment, and tell the coordinator when it happens again")


def _wrong(errors: Iterable[Any]) -> Text:
    return N_("these values are not as they should be: {names}", names=tuple(_place(one["loc"]) for one in errors))


def _field(error: Any, language: str) -> FieldProblem:
    code = str(error["type"])
    return FieldProblem(field=_place(error["loc"]), code=code, detail=say(_EXPECTED.get(code, _OTHERWISE), language))


def _fault(fault: Fault, language: str) -> FieldProblem:
    return FieldProblem(
        field=f"file.{fault.place.file or ''}"[:300], code="refused", detail=say(fault.message, language)
    )


def _place(path: Sequence[str | int]) -> str:
    """Return where a value stands, without what the caller called it beyond reason.

    >>> _place(("body", "codes", 0))
    'body.codes.0'
    """
    return ".".join(str(part) for part in path)[:300]
