"""The policies in force: pictures, versions, and the ladder changed after it was tried on the days to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents.charts.svg import Svg
from engine.actions.desk import find_round
from engine.reads.policy_versions import PolicyVersion, read_policy_versions
from engine.reads.simulate import Foreseen, simulate
from engine.rules.ladder import LadderBook, parse_ladders
from engine.rules.lifecycle import parse_lifecycle
from engine.rules.plan import Fault, InputRefused
from engine.rules.refusal import NotReady, Refusal
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role, Slip
from flows.policy_file import check_ladder, ladder_text, mark_of, save_ladder
from models import Measure, Timer
from web.pages.policy_pictures import LadderPicture, ladder_pictures, lifecycle_picture
from web.render import page
from web.troubles import UNPROCESSABLE, status_of
from web.visit import Signed, SignedVisit

routes = APIRouter()
SPANS = (5, 10, 20, 60)  #: days that a change can be tried on
MOST_TIMERS = 60_000  #: of a round on which a page tries a change
SHOWN = 150  #: lines of each side


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesPage:
    """What is in force."""

    versions: tuple[PolicyVersion, ...]
    lifecycle: Svg
    ladders: tuple[LadderPicture, ...]
    report_day: int
    extensions: tuple[Role, ...]
    may_edit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """What would be sent on one day."""

    day: date
    before: tuple[tuple[Slip, int], ...]
    after: tuple[tuple[Slip, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The days to come under both ladders."""

    round: str
    days: int
    counts: tuple[DayCount, ...]
    before: int
    after: int
    lines: tuple[tuple[Text, tuple[Foreseen, ...]], ...]  #: of each side, the first ones


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderPage:
    """The ladder as a text, and what became of trying it."""

    text: str
    known: str  #: marks the text that is in force
    days: int
    may_save: bool
    spans: tuple[int, ...] = SPANS
    faults: tuple[Fault, ...] = ()
    problem: Text | None = None
    trial: Trial | None = None
    pictures: tuple[LadderPicture, ...] = ()


@routes.get("/policies")
def show_policies(visit: Signed) -> Response:
    """Show what is in force."""
    visit.open(Place.POLICIES)
    with visit.reading() as session:
        versions = read_policy_versions(session)
    in_force = next((one for one in versions if one.rounds), None)
    policies = visit.house.policies
    lifecycle = parse_lifecycle(in_force.lifecycle if in_force else policies.lifecycle)
    book = parse_ladders(in_force.ladder if in_force else policies.ladder)
    shown = PoliciesPage(
        versions=versions,
        lifecycle=lifecycle_picture(lifecycle, visit.language),
        ladders=ladder_pictures(book, visit.language),
        report_day=book.report_day,
        extensions=book.extensions,
        may_edit=_may_save(visit),
    )
    return page(visit, "policies.html", shown)


@routes.get("/policies/ladder")
def show_ladder(visit: Signed) -> Response:
    """Show the ladder as it stands in its file."""
    visit.open(Place.POLICIES)
    text = ladder_text(visit.house)
    shown = LadderPage(text=text, known=mark_of(text), days=SPANS[1], may_save=_may_save(visit))
    return page(visit, "ladder.html", shown)


@routes.post("/policies/ladder")
def change_ladder(
    visit: Signed,
    *,
    text: Annotated[str, Form()],
    known: Annotated[str, Form()],
    what: Annotated[str, Form()] = "try",
    days: Annotated[int, Form()] = SPANS[1],
) -> Response:
    """Try the text on the days to come, or put it in force."""
    visit.open(Place.POLICIES)
    plain = text.replace("\r\n", "\n")
    span = days if days in SPANS else SPANS[1]
    shown = LadderPage(text=plain, known=known, days=span, may_save=_may_save(visit))
    try:
        book = check_ladder(plain)
        if what == "save":
            with visit.desk() as desk:
                is_new = save_ladder(visit.house, desk, plain, known=known)
            told = N_("in force: new measures begin with this ladder") if is_new else N_("nothing differs")
            return visit.go("/policies", told)
        with visit.reading() as session:
            trial = _trial(visit, session, book, shown.days)
    except InputRefused as refused:
        return page(visit, "ladder.html", replace(shown, faults=refused.faults), status=UNPROCESSABLE)
    except Refusal as refusal:
        return page(visit, "ladder.html", replace(shown, problem=refusal.text), status=status_of(refusal))
    pictures = ladder_pictures(book, visit.language)
    return page(visit, "ladder.html", replace(shown, trial=trial, pictures=pictures))


def _may_save(visit: SignedVisit) -> bool:
    return visit.actor.holds(Role.COORDINATOR)


def _trial(visit: SignedVisit, session: Session, book: LadderBook, days: int) -> Trial | None:
    """Return the days to come of the newest round under both ladders; None without a round.  Raises NotReady."""
    if visit.round_code is None:
        return None
    round_ = find_round(session, visit.round_code)
    timers = select(func.count()).select_from(Timer).join(Measure).where(Measure.round_id == round_.id)
    if (session.scalar(timers) or 0) > MOST_TIMERS:
        raise NotReady(N_("the round is too large to be tried here; duban simulate does it"))
    today = visit.moment.on
    last = today + timedelta(days=days - 1)

    def foreseen(tried: LadderBook | None) -> Sequence[Foreseen]:
        return simulate(
            session,
            round_id=round_.id,
            as_of=today,
            first_day=today,
            last_day=last,
            calendar=visit.calendar,
            book=tried,
        )

    before, after = foreseen(None), foreseen(book)
    sides = [Counter((one.day, one.slip) for one in side if one.receivers) for side in (before, after)]
    span = [today + timedelta(days=number) for number in range(days)]
    return Trial(
        round=round_.code,
        days=days,
        counts=tuple(
            DayCount(day=day, before=_of_day(sides[0], day), after=_of_day(sides[1], day))
            for day in span
            if any(day == told for side in sides for told, _ in side)
        ),
        before=sides[0].total(),
        after=sides[1].total(),
        lines=(
            (N_("as it is now"), tuple(before[:SHOWN])),
            (N_("with this ladder"), tuple(after[:SHOWN])),
        ),
    )


def _of_day(side: Counter[tuple[date, Slip]], day: date) -> tuple[tuple[Slip, int], ...]:
    return tuple((slip, side[day, slip]) for slip in Slip if side[day, slip])
