"""The web application of one house."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from fastapi import APIRouter, FastAPI
from starlette.staticfiles import StaticFiles

from engine.reads.calendar import read_calendar
from engine.rules.working_days import WorkingCalendar
from flows.house import House
from models.database import glancing
from web.api.app import create_api, mounted
from web.health import health_routes
from web.kept_boards import KeptBoards
from web.kept_counts import KeptCounts
from web.once import Once, Turns
from web.pages import (
    account,
    accountability,
    audit,
    board,
    calendar_feed,
    delivery,
    document_figures,
    documents,
    forgotten,
    front,
    imports,
    ledger,
    ledger_changes,
    measure,
    measure_changes,
    meeting_changes,
    meetings,
    one_click,
    papers,
    people,
    policies,
    policy_file,
    prove,
    provider,
    rounds,
    sign_in,
    trust,
    units,
    unsubscribe,
    verification,
    work,
    working_days,
)
from web.render import STATIC
from web.shield import MEGABYTE, Shield
from web.troubles import answer_troubles

#: Every group of pages.
PAGES: tuple[APIRouter, ...] = (
    front.routes,
    sign_in.routes,
    forgotten.routes,
    one_click.routes,
    unsubscribe.routes,
    provider.routes,
    account.routes,
    prove.routes,
    calendar_feed.routes,
    work.routes,
    ledger.routes,
    ledger_changes.routes,
    measure.routes,
    measure_changes.routes,
    verification.routes,
    meetings.routes,
    meeting_changes.routes,
    documents.routes,
    papers.routes,
    document_figures.routes,
    rounds.routes,
    imports.routes,
    units.routes,
    people.routes,
    trust.routes,
    accountability.routes,
    policies.routes,
    policy_file.routes,
    working_days.routes,
    delivery.routes,
    audit.routes,
    board.routes,
)
UPLOADS_AT_ONCE = 10  #: files of the largest size in one request
CALENDAR_SECONDS = 30  #: that pages may show an older calendar; actions read it anew


def create_app(house: House) -> FastAPI:
    """Return the application; it reads through `house` and keeps nothing of its own."""
    app = FastAPI(title="Duban", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.house = house
    app.state.calendar = _calendar_of(house)
    app.state.boards = KeptBoards()
    app.state.counts = KeptCounts()
    app.state.turns = Turns(house.sessions)
    app.include_router(health_routes(house))
    for routes in PAGES:
        app.include_router(routes)
    app.state.api = create_api(house, app.state.calendar)
    app.router.routes.append(mounted(app.state.api))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Once, turns=app.state.turns)
    app.add_middleware(Shield, most=house.settings.upload_megabytes * UPLOADS_AT_ONCE * MEGABYTE)
    answer_troubles(app)
    return app


def _calendar_of(house: House) -> Callable[[], WorkingCalendar]:
    """Return what gives the calendar for showing; it is read anew every half minute."""
    lock, kept = Lock(), dict[str, tuple[float, WorkingCalendar]]()

    def calendar() -> WorkingCalendar:
        with lock:
            if "it" not in kept or time.monotonic() - kept["it"][0] > CALENDAR_SECONDS:
                with glancing(house.sessions) as session:
                    kept["it"] = (time.monotonic(), read_calendar(session))
            return kept["it"][1]

    return calendar
