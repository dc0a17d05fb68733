"""What is changed from the ledger: orders for many measures at once, and views that somebody keeps."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from fastapi.responses import Response

from engine.actions.many_measures import assign_measures, remind_owners
from engine.actions.saved_views import drop_view, save_view
from engine.rules.text import N_
from web.fields import Number
from web.visit import Signed, SignedVisit, own_path

routes = APIRouter()


@routes.post("/rounds/{round}/ledger/assign")
def assign(
    visit: Signed,
    codes: Annotated[list[str] | None, Form()] = None,
    owner: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Give the chosen measures to an owner."""
    with visit.desk() as desk:
        count = assign_measures(desk, codes or [], owner=owner.strip(), reason=reason)
    return visit.go(own_path(back), N_("{count} measures are given to {owner}", count=count, owner=owner.strip()))


@routes.post("/rounds/{round}/ledger/remind")
def remind(
    visit: Signed, codes: Annotated[list[str] | None, Form()] = None, back: Annotated[str, Form()] = ""
) -> Response:
    """Remind the owners of the chosen measures."""
    with visit.desk() as desk:
        count = remind_owners(desk, codes or [])
    return visit.go(own_path(back), N_("{count} reminders go out with the next delivery", count=count))


@routes.post("/rounds/{round}/ledger/views")
def keep(visit: Signed, name: Annotated[str, Form()] = "", query: Annotated[str, Form()] = "") -> Response:
    """Keep how the ledger is looked at."""
    with visit.desk() as desk:
        save_view(desk, name=name, query=query)
    return visit.go(_ledger(visit, query), N_("the view {name} is kept", name=name.strip()))


@routes.post("/rounds/{round}/ledger/views/{number}/drop")
def drop(visit: Signed, number: Number) -> Response:
    """Drop a view."""
    with visit.desk() as desk:
        drop_view(desk, number)
    return visit.go(_ledger(visit, ""), N_("the view is dropped"))


def _ledger(visit: SignedVisit, query: str) -> str:
    return own_path(f"/rounds/{quote(visit.round_code or '', safe='')}/ledger?{query}")
