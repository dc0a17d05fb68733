"""The tree of units: added and mended by coordinators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from engine.actions.edit_unit import add_unit, edit_unit, unit_mark
from engine.reads.people_page import UnitLine, read_units_tree
from engine.rules.refusal import Refusal
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role, UnitKind
from web.render import page
from web.troubles import status_of
from web.visit import Signed, SignedVisit

routes = APIRouter()
PATH = "/people/units"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsPage:
    """The tree."""

    units: tuple[UnitLine, ...]
    chosen: UnitLine | None  #: the one whose form is open
    seen: str  #: marks what is on record of it
    may_edit: bool
    kinds: tuple[UnitKind, ...] = tuple(UnitKind)
    problem: Text | None = None


@routes.get(PATH)
def show_units(visit: Signed, unit: str = "") -> Response:
    """Show the tree, and the form of one unit."""
    visit.open(Place.PEOPLE)
    return page(visit, "units.html", _tree(visit, unit))


@routes.post(PATH)
def add(
    visit: Signed,
    name: Annotated[str, Form()],
    kind: Annotated[UnitKind, Form()],
    parent: Annotated[str, Form()] = "",
) -> Response:
    """Put a unit on record."""
    try:
        with visit.desk() as desk:
            add_unit(desk, name=name, kind=kind, parent=parent or None)
    except Refusal as refusal:
        return page(visit, "units.html", _tree(visit, "", refusal.text), status=status_of(refusal))
    return visit.go(PATH, N_("{name} is on record", name=name))


@routes.post(f"{PATH}/edit")
def edit(
    visit: Signed,
    unit: Annotated[str, Form()],
    name: Annotated[str, Form()],
    kind: Annotated[UnitKind, Form()],
    parent: Annotated[str, Form()] = "",
    seen: Annotated[str | None, Form()] = None,
) -> Response:
    """Mend a unit."""
    try:
        with visit.desk() as desk:
            edit_unit(desk, unit, name=name, kind=kind, parent=parent or None, seen=seen)
    except Refusal as refusal:
        return page(visit, "units.html", _tree(visit, unit, refusal.text), status=status_of(refusal))
    return visit.go(PATH, N_("changed"))


def _tree(visit: SignedVisit, chosen: str, problem: Text | None = None) -> UnitsPage:
    with visit.reading() as session:
        units = read_units_tree(session)
    one = next((one for one in units if one.name == chosen), None)
    return UnitsPage(
        units=units,
        chosen=one,
        seen=unit_mark(name=one.name, kind=one.kind, parent=one.parent) if one else "",
        may_edit=visit.actor.holds(Role.COORDINATOR),
        problem=problem,
    )
