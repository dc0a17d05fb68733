"""The programming interface as an application of its own, mounted under /api/v1."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount

from engine.rules.working_days import WorkingCalendar
from flows.house import House
from web.api import house as house_routes
from web.api import measure_changes, measures, meetings, people, rounds, trust
from web.api.docs_page import docs_page
from web.api.pace import Pace
from web.api.problems import CODES, MEDIA, Problem, answer_problems

PATH = "/api/v1"
ROUTES = (
    rounds.routes,
    measures.routes,
    measure_changes.routes,
    meetings.routes,
    people.routes,
    trust.routes,
    house_routes.routes,
)
_ABOUT = """The actions and reads of Duban's pages and command line, as JSON.

**Who.** `Authorization: Bearer …`, with a token that a person makes on the page of their account: it acts in that
person's name, with just their rights. The scope `read` looks, `act` also changes something. What a person may not see
does not exist for their token (404).

**Trouble** is `application/problem+json` (RFC 9457), with a stable `code` and, for values, `fields`; the words are in
the language of `Accept-Language`, else the person's.

**Twice.** Every request that changes something takes an `Idempotency-Key`: sent again within a day, it is done once and
answered alike (with `Idempotency-Replayed: true`). The same key for another request is 422; while the first is under
way, 409. A request that was refused has changed nothing and is simply tried again.

**Versions.** A measure's `version` is also its `ETag`. With `If-Match` a change is refused (412) when the measure has
changed since.

**Pages** of a list follow `next`; of the ledger it is also in the header `Link`.

**Pace.** 600 requests a minute for each token; beyond, 429 with `Retry-After`.
"""
#: By how a request is told from others: the problems that it may have.
_ALWAYS = ("no_token", "not_allowed", "not_found", "invalid", "too_many")
_CHANGING = ("malformed", "conflict", "too_large")


def create_api(house: House, calendar: Callable[[], WorkingCalendar]) -> FastAPI:
    """Return the interface of one house; `calendar` gives the calendar for showing."""
    api = FastAPI(title="Duban", version="1", description=_ABOUT, docs_url=None, redoc_url=None, openapi_url=None)
    api.state.house = house
    api.state.calendar = calendar
    api.state.pace = Pace()
    for routes in ROUTES:
        api.include_router(routes)
    answer_problems(api)

    @api.get("/openapi.json", include_in_schema=False)
    def describe() -> Response:
        """Describe the interface, for programs."""
        return JSONResponse(_openapi(api))

    @api.get("/docs", include_in_schema=False)
    def explain(request: Request) -> HTMLResponse:
        """Describe the interface, for people."""
        return docs_page(_openapi(api), CODES, request)

    return api


def mounted(api: FastAPI) -> Mount:
    """Return the way to the interface: also addresses with a line break in them are its own to refuse."""
    way = Mount(PATH, app=api, name="api")
    way.path_regex = re.compile(way.path_regex.pattern, re.DOTALL)
    return way


def _openapi(api: FastAPI) -> dict[str, Any]:
    if api.openapi_schema is None:
        told = get_openapi(
            title=api.title,
            version=api.version,
            description=api.description,
            routes=api.routes,
            servers=[{"url": PATH}],
        )
        schemas = told.setdefault("components", {}).setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= problem.pop("$defs", {}) | {"Problem": problem}
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas["Body_attach_evidence"]["description"] = "Files, or the name of a paper, or both."
        for ways in told["paths"].values():
            for way, operation in ways.items():
                operation["responses"] |= _problems(way, operation)
        api.openapi_schema = told
    return api.openapi_schema


def _problems(way: str, operation: dict[str, Any]) -> dict[str, Any]:
    codes = [*_ALWAYS, *(_CHANGING if way != "get" else ())]
    if any(one["name"] == "If-Match" for one in operation.get("parameters", ())):
        codes.append("version_changed")
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(CODES[code][0]): {"description": str(CODES[code][1]), "content": content} for code in codes}
