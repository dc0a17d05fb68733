"""A house behind pages: the small house of `tests.world`, and visitors who walk through it as a browser would."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from lxml import html
from starlette.testclient import TestClient

from config.settings import Settings
from engine.actions.fill_calendar import fill_calendar
from engine.actions.open_sign_in import open_sign_in
from engine.rules.vocabulary import Level
from engine.rules.working_days import DayRow
from flows.house import House
from intake.calendar.official_calendar import official_days
from models import Round
from tests.factories import FEEDBACK, at, build_finding, shipped_policies
from tests.world import World
from web.app import create_app
from web.csrf import FIELD, token_for
from web.visit import SIGN_IN

ORIGIN = "http://testserver"


def house_of(world: World, home: Path, **settings: Any) -> House:
    """Return the house of a world; its clock shows the world's day, also when the story moves it."""
    with world.sessions.begin() as session:
        fill_calendar(session, _days(), moment=at(FEEDBACK))
    return House(
        settings=Settings(home=home, listen="127.0.0.1:0", **settings),
        policies=shipped_policies(),
        engine=world.engine,
        sessions=world.sessions,
        clock=lambda _zone: world.moment,
    )


def plant_findings(world: World) -> dict[str, int]:
    """Add two aspects with a problem each; return the problems' ids by code."""
    with world.sessions.begin() as session:
        round_ = session.get_one(Round, world.round)
        problems = {}
        for aspect in ("1", "2"):
            above = build_finding(session, round_, level=Level.ASPECT, code=aspect, text=f"方面{aspect}")
            below = build_finding(session, round_, level=Level.PROBLEM, code=f"{aspect}.1", parent_id=above.id)
            problems[below.code] = below.id
    return problems


@cache
def _days() -> list[DayRow]:
    """Return the days of the years in which tests play: a test's house is filled anew every time."""
    return list(official_days(date(2025, 1, 1), date(2026, 12, 31)))


def routes_of(routers: Iterable[APIRouter]) -> Iterator[APIRoute]:
    """Yield every route of `routers`, those of routers within them, too."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield route
            elif isinstance(inner := getattr(route, "original_router", None), APIRouter):
                yield from routes_of((inner,))


class Page:
    """An answer, as a reader sees it."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.status: int = answer.status_code
        self.text: str = answer.text
        self.path: str = answer.url.path

    @property
    def tree(self) -> Any:
        """The parsed page."""
        return html.fromstring(self.text)

    @property
    def words(self) -> str:
        """The text that is shown, on one line."""
        for hidden in self.tree.xpath("//script | //style | //head"):
            hidden.drop_tree()
        return re.sub(r"\s+", " ", self.tree.xpath("//body")[0].text_content()).strip()

    def form(self, action: str) -> dict[str, str]:
        """Return the fields of the form that leads to `action`, as they stand; fails when there is none."""
        for form in self.tree.forms:
            if (form.get("action") or "").partition("#")[0] == action:
                areas = {one.name for one in form.xpath(".//textarea")}  # browsers drop the newline that begins one
                return {
                    name: (value or "").removeprefix("\n") if name in areas else value or ""
                    for name, value in form.form_values()
                }
        found = [form.get("action") for form in self.tree.forms]
        message = f"no form leads to {action}, only to {found}"
        raise AssertionError(message)


class Visitor:
    """A browser of one person, in this process; every redirect is followed."""

    def __init__(self, app: FastAPI, secret: str | None = None) -> None:
        self.client = TestClient(app, base_url=ORIGIN, raise_server_exceptions=False)
        self.secret = secret
        if secret is not None:
            self.client.cookies.set(SIGN_IN, secret)

    def get(self, path: str, **query: Any) -> Page:
        """Open a page."""
        return Page(self.client.get(path, params=query or None))

    def post(self, path: str, *, files: Any = None, **fields: Any) -> Page:
        """Send a form with its token, and follow where it leads."""
        token = {FIELD: token_for(self.secret)} if self.secret else {}
        return Page(self.client.post(path, data=token | fields, files=files, headers={"Origin": ORIGIN}))


class Premises:
    """The application of a house, and the doors into it."""

    def __init__(self, world: World, home: Path, **settings: Any) -> None:
        self.world = world
        self.house = house_of(world, home, **settings)
        self.app = create_app(self.house)

    def visitor(self, code: str | None = None) -> Visitor:
        """Return the browser of a person who has signed in; None: of nobody."""
        return Visitor(self.app, None if code is None else self.secret_of(code))

    def secret_of(self, code: str) -> str:
        """Let somebody in; return the secret of their sign-in."""
        with self.world.sessions.begin() as session:
            return open_sign_in(session, self.world.people[code], self.world.moment, how="password")

    @property
    def round(self) -> str:
        """The code of the round."""
        with self.world.sessions() as session:
            return session.get_one(Round, self.world.round).code


@contextmanager
def english(visitor: Visitor) -> Iterator[Visitor]:
    """Let a visitor read English for a while."""
    visitor.client.cookies.set("duban_language", "en")
    yield visitor
    visitor.client.cookies.delete("duban_language")
