"""One verification: the checklist with the evidence beside it, the visits, and the forms of who may act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from engine.actions.desk import Desk
from engine.actions.possible_actions import Possible, possible_actions
from engine.reads.checklist_answers import VisitLine, read_visits
from engine.reads.measure_page import MeasurePage, read_measure
from engine.reads.verification_page import VerificationDetail, read_verification
from engine.reads.verification_queue import (
    Candidate,
    VerificationLine,
    find_verification,
    read_verifiers,
)
from engine.rules.checklist import ANSWERS, Answer, Given, Question, parse_checklist
from engine.rules.record_words import outcome
from engine.rules.refusal import NotFound
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from intake.evidence_store import media_type, stored
from web.deadlines import Timing, timings
from web.fields import Number
from web.pages.measure import root_of
from web.render import page
from web.visit import Signed, SignedVisit

routes = APIRouter()
PATH = "/rounds/{round}/verification"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationPage:
    """One verification."""

    root: str
    line: VerificationLine
    detail: VerificationDetail
    found: MeasurePage
    measure: str  #: the measure's page
    given: Mapping[str, Given]  #: what the form shows: what was typed, or what is kept
    visits: tuple[VisitLine, ...]
    pictures: frozenset[str]  #: by SHA-256: what a browser shows
    may: Possible
    can_judge: bool
    verifiers: tuple[Candidate, ...]  #: whom a coordinator may ask; nobody for others
    timing: Timing
    upload_megabytes: int
    outcome: Text | str | None
    answers: dict[Answer, Text] = field(default_factory=lambda: ANSWERS)
    refused: Text | None = None
    typed: Mapping[str, str] = field(default_factory=dict)


@routes.get(f"{PATH}/{{number}}")
def show(visit: Signed, number: Number) -> Response:
    """Show the page."""
    return show_verification(visit, number)


def show_verification(
    visit: SignedVisit,
    number: int,
    *,
    refused: Text | None = None,
    given: Mapping[str, Given] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Show the page, also after a change that was refused."""
    with visit.reading() as session:
        line, found = find(session, visit, number)
        detail = read_verification(session, number, otherwise=asked_now(visit, found))
        may = possible_actions(_glance(visit, session), line.code)
        can_start = detail.is_open and "start_verification" in may
        context = VerificationPage(
            root=f"{queue_root(visit)}/{number}",
            line=line,
            detail=detail,
            found=found,
            measure=root_of(visit.round_code or "", line.code),
            given=given if given is not None else given_of(detail),
            visits=(visits := read_visits(session, number)),
            pictures=_pictures(visit, detail, visits),
            may=may,
            can_judge=detail.is_open and line.verifier is not None and "return" in may,
            verifiers=read_verifiers(session, visit.moment.on, measure=line.measure) if can_start else (),
            timing=timings(visit.moment.on, visit.calendar),
            upload_megabytes=visit.house.settings.upload_megabytes,
            outcome=outcome(line.verdict) if line.verdict else None,
            refused=refused,
            typed=typed or {},
        )
    return page(visit, "verification.html", context, status=status)


def find(session: Session, visit: SignedVisit, number: int) -> tuple[VerificationLine, MeasurePage]:
    """Return a verification of the round with its measure.  Raises NotFound or NotAllowed."""
    visit.open(Place.VERIFICATION)
    round_ = visit.round(session)
    line = find_verification(session, round_.id, number, seen_by=visit.sight)
    if line is None:
        raise NotFound(N_("there is no such verification"))
    found = read_measure(
        session, round_.id, line.code, on=visit.moment.on, calendar=visit.calendar, seen_by=visit.sight
    )
    assert found is not None, "the verification's measure was seen just now"
    return line, found


def asked_now(visit: SignedVisit, found: MeasurePage) -> tuple[Question, ...]:
    """Return what would be asked of a measure whose verification began without a checklist."""
    return parse_checklist(visit.house.policies.checklist).asked_of(found.line.measure_class)


def given_of(detail: VerificationDetail) -> dict[str, Given]:
    """Return the answers that hold."""
    return {one.question.id: one.given for one in detail.asked if one.given is not None}


def queue_root(visit: SignedVisit) -> str:
    """Return the address of the queues."""
    return f"/rounds/{quote(visit.round_code or '', safe='')}/verification"


def _glance(visit: SignedVisit, session: Session) -> Desk:
    return Desk(
        session=session,
        moment=visit.moment,
        calendar=visit.calendar,
        person=visit.who.code,
        round=visit.round_code,
    )


def _pictures(visit: SignedVisit, detail: VerificationDetail, visits: tuple[VisitLine, ...]) -> frozenset[str]:
    digests = {one.sha256 for one in detail.evidence if one.sha256}
    digests |= {photo.sha256 for one in visits for photo in one.photos}
    paths = {digest: stored(visit.house.home, digest) for digest in digests}
    return frozenset(digest for digest, path in paths.items() if path.is_file() and media_type(path))
