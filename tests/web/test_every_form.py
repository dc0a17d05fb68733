"""Every form that changes something carries a one-time key, and every route that takes one asks for it."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.dependencies.models import Dependant

from tests.web.house import Premises, routes_of
from web.app import PAGES
from web.csrf import FIELD, token_for
from web.visit import with_token

TEMPLATES = Path(__file__).parents[2] / "web/templates"
FORM = re.compile(r'<form\b[^>]*method="post"[^>]*>.*?</form>', re.DOTALL)
#: What puts the token into a form.
CARRIES = ("parts.csrf()", "hidden(", "signed.csrf")
#: Sent by people who are not signed in, and why the second of two changes nothing that the first has not.
WITHOUT_KEY = {
    "/sign-in": "lets in; the second ends what the first has opened",
    "/language": "a choice",
    "/forgotten": "the link that the first has sent is the answer for a minute",
    "/link/{secret}": "the link is used up by the first",
    "/mail/{token}": "the link is used up by the first",
    "/unsubscribe/{token}": "a choice",
}
#: Pages of links, whose form leads to the link itself.
OF_LINKS = {"one_click.html", "password.html", "unsubscribe.html"}


def test_forms_when_they_change_something_carry_a_key():
    lacking, found = [], 0
    for template in sorted(TEMPLATES.glob("*.html")):
        for form in FORM.findall(template.read_text(encoding="utf-8")):
            found += 1
            action = re.search(r'action="([^"]*)"', form)
            is_without = action[1] in WITHOUT_KEY if action else template.name in OF_LINKS
            if not is_without and not any(mark in form for mark in CARRIES):
                lacking.append((template.name, action and action[1]))
    assert lacking == []
    assert found > 40


def test_routes_when_they_take_a_form_ask_for_its_key():
    lacking = [
        route.path for route in routes_of(PAGES) if "POST" in route.methods and not _asks_for_key(route.dependant)
    ]
    assert sorted(lacking) == sorted(WITHOUT_KEY)


def test_routes_when_a_key_was_used_for_something_else_do_nothing(premises: Premises):
    visitor = premises.visitor("lin")
    for route in routes_of(PAGES):
        if "POST" not in route.methods or route.path in WITHOUT_KEY:
            continue
        token = token_for(visitor.secret or "")
        assert visitor.post("/account/language", **{FIELD: token}, language="zh_CN").status == 200
        path = re.sub(r"\{(\w+)\}", lambda found: {"round": premises.round}.get(found[1], "1"), route.path)
        if path != "/account/language":
            page = visitor.post(path, **{FIELD: token})
            assert (page.status, "已经提交过" in page.words) == (409, True), path


def _asks_for_key(dependant: Dependant) -> bool:
    return dependant.call is with_token or any(_asks_for_key(one) for one in dependant.dependencies)
