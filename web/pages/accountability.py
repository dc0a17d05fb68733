"""Accountability outcomes (问责处理): for supervisors and the leading group; for everybody else there are none."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from engine.actions.record_outcome import record_outcome
from engine.reads.outcomes import OutcomeLine, read_outcomes
from engine.reads.people_page import UnitLine, read_units_tree
from engine.rules.names import OUTCOME_NAMES
from engine.rules.refusal import NotFound, Refusal
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import OutcomeKind, Role
from web.render import page
from web.troubles import UNPROCESSABLE, status_of
from web.visit import Signed, SignedVisit

routes = APIRouter()
PATH = "/rounds/{round}/accountability"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the form."""

    kind: str = ""
    decided_on: date | None = None
    text: str = ""
    person: str = ""
    unit: str = ""
    measure: str = ""
    finding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesPage:
    """The round's outcomes."""

    outcomes: tuple[OutcomeLine, ...]
    counts: tuple[tuple[Text, int], ...]  #: by kind
    kinds: dict[OutcomeKind, Text]
    units: tuple[UnitLine, ...]
    may_record: bool
    today: date
    typed: Typed
    problem: Text | None


@routes.get(PATH)
def show_outcomes(visit: Signed) -> Response:
    """List the round's outcomes."""
    return page(visit, "accountability.html", _outcomes(visit))


@routes.post(PATH)
def record(
    visit: Signed,
    *,
    kind: Annotated[OutcomeKind, Form()],
    decided_on: Annotated[date, Form()],
    text: Annotated[str, Form()] = "",
    person: Annotated[str, Form()] = "",
    unit: Annotated[str, Form()] = "",
    measure: Annotated[str, Form()] = "",
    finding: Annotated[str, Form()] = "",
) -> Response:
    """Record an outcome; what was typed stays when it is refused."""
    visit.open(Place.ACCOUNTABILITY)
    about = {"person": person.strip(), "unit": unit, "measure": measure.strip(), "finding": finding.strip()}
    try:
        with visit.desk() as desk:
            record_outcome(desk, kind=kind, decided_on=decided_on, text=text, **about)
    except Refusal as refusal:
        typed = Typed(kind=kind, decided_on=decided_on, text=text, **about)
        shown = _outcomes(visit, typed, refusal.text)
        return page(visit, "accountability.html", shown, status=_status(refusal))
    return visit.go(visit.request.url.path, N_("the outcome is recorded"))


def _status(refusal: Refusal) -> int:
    """Return the status; a person or measure that is not there is a wrong form, not a missing page."""
    return UNPROCESSABLE if isinstance(refusal, NotFound) else status_of(refusal)


def _outcomes(visit: SignedVisit, typed: Typed | None = None, problem: Text | None = None) -> OutcomesPage:
    visit.open(Place.ACCOUNTABILITY)
    with visit.reading() as session:
        outcomes = read_outcomes(session, visit.actor, visit.round(session).id)
        units = read_units_tree(session)
    counts = Counter(one.kind for one in outcomes)
    return OutcomesPage(
        outcomes=outcomes,
        counts=tuple((OUTCOME_NAMES[kind], counts[kind]) for kind in OutcomeKind if counts[kind]),
        kinds=OUTCOME_NAMES,
        units=units,
        may_record=visit.actor.holds_in_own_right(Role.SUPERVISOR),
        today=visit.moment.on,
        typed=typed or Typed(),
        problem=problem,
    )
