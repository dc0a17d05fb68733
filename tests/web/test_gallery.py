"""The gallery shows every page there is, in files that a repository can bear."""

from __future__ import annotations

from fastapi.routing import APIRoute

from tests.web.chromium import NARROW
from tests.web.gallery import LARGEST
from tests.web.gallery_pages import NO_PAGES, SHOTS
from tests.web.gallery_sample import GALLERY
from tests.web.house import routes_of
from web.app import PAGES

PLACES = {
    "round": "LX-2024-4",
    "open": "1",
    "passed": "1",
    "report": "1",
    "link": "/link/x",
    "mail": "/mail/x",
    "unsubscribe": "/unsubscribe/x",
    "preview": "/rounds/import/1",
    "faults": "/rounds/import/2",
}


def routes() -> list[APIRoute]:
    return [route for route in routes_of(PAGES) if "GET" in route.methods]


def test_pages_when_there_are_new_ones_are_in_the_gallery():
    looked_at = [shot.path.format(**PLACES).partition("?")[0] for shot in SHOTS]
    lacking = [
        route.path
        for route in routes()
        if route.path not in NO_PAGES and not any(route.path_regex.fullmatch(path) for path in looked_at)
    ]
    assert lacking == []


def test_what_is_no_page_when_listed_is_still_there():
    assert {route.path for route in routes()} >= NO_PAGES


def test_pictures_when_kept_are_those_of_the_list_and_small():
    named = {f"{shot.name}{'-phone' if width < NARROW else ''}.png" for shot in SHOTS for width in shot.widths}
    kept = {path.name: path.stat().st_size for path in (GALLERY / "pages").iterdir()}
    assert set(kept) == named
    assert {name: size for name, size in kept.items() if size > LARGEST} == {}
