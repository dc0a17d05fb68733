"""Verification: who waits for a verdict; the checklist with the evidence beside it; the record of a visit; the pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import FileResponse, Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from documents.file_types import MEDIA_TYPES
from documents.verification_pack import Piece as PackPiece
from documents.verification_pack import write_pack
from engine.actions.answer_checklist import Photo, answer_checklist, record_site_visit
from engine.actions.desk import Desk
from engine.actions.judge_verification import pass_verification, return_measure
from engine.actions.possible_actions import Possible, possible_actions
from engine.actions.start_verification import start_verification
from engine.reads.checklist_answers import VisitLine, find_photo, read_answers, read_questions, read_visits
from engine.reads.measure_page import MeasurePage, read_measure
from engine.reads.verification_queue import MOST, Queue, VerificationLine, find_verification, read_queue
from engine.rules.checklist import ANSWERS, Answer, Given, Question, failed_lines, parse_checklist
from engine.rules.evidence import evidence_digest
from engine.rules.refusal import NotFound, NotReady, Refusal
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from intake.evidence_store import keep_upload, media_type, stored
from web.deadlines import Timing, timings
from web.pages.measure import root_of
from web.render import page, printed
from web.shield import MEGABYTE
from web.troubles import status_of
from web.visit import Signed, SignedVisit, signed_in, with_token

routes = APIRouter()
PATH = "/rounds/{round}/verification"
QUEUES: dict[Queue, Text] = {
    Queue.MINE: N_("To be verified by me"),
    Queue.WAITING: N_("Nobody verifies yet"),
    Queue.UNDER_WAY: N_("Under way"),
    Queue.DECIDED: N_("Decided"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """The queues."""

    root: str
    queue: Queue
    queues: dict[Queue, Text]
    lines: tuple[VerificationLine, ...]
    most: int
    timing: Timing
    may_start: bool
    measures: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationPage:
    """One verification."""

    root: str
    line: VerificationLine
    found: MeasurePage
    measure: str  #: the measure's page
    questions: tuple[Question, ...]
    given: Mapping[str, Given]
    visits: tuple[VisitLine, ...]
    pictures: frozenset[int]
    may: Possible
    answers: dict[Answer, Text] = field(default_factory=lambda: ANSWERS)
    refused: Text | None = None
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPage:
    """The pack's printable page."""

    told: Mapping[str, Any]
    files: list[PackPiece]


@routes.get(PATH)
def show_queue(visit: Signed, queue: Queue | None = None) -> Response:
    """Show a queue: by default one's own, or what waits for a verifier where somebody coordinates."""
    visit.open(Place.VERIFICATION)
    coordinates = visit.actor.holds(Role.COORDINATOR)
    chosen = queue or (Queue.WAITING if coordinates else Queue.MINE)
    people = frozenset({visit.actor.person, *visit.actor.stands_in_for})
    with visit.reading() as session:
        round_ = visit.round(session)
        lines = read_queue(session, round_.id, chosen, people=people, seen_by=visit.sight)
    context = QueuePage(
        root=_root(visit),
        queue=chosen,
        queues=QUEUES,
        lines=lines,
        most=MOST,
        timing=timings(visit.moment.on, visit.calendar),
        may_start=coordinates,
        measures=root_of(round_.code, ""),
    )
    return page(visit, "verification_queue.html", context)


@routes.post(f"{PATH}/start")
def start(
    visit: Signed, codes: Annotated[list[str] | None, Form()] = None, verifier: Annotated[str, Form()] = ""
) -> Response:
    """Give each chosen submission a verifier: the one named, or the least busy who may."""
    if not codes:
        raise NotReady(N_("choose some measures first"))
    with visit.desk() as desk:
        chosen = start_verification(desk, codes, verifier=verifier.strip() or None)
    told = N_("asked to verify: {people}", people=tuple(dict.fromkeys(chosen.values())))
    return visit.go(f"{_root(visit)}?queue=under_way", told)


@routes.get(f"{PATH}/{{number}}")
def show_verification(visit: Signed, number: int) -> Response:
    """Show one verification."""
    return _show(visit, number)


def _show(
    visit: SignedVisit,
    number: int,
    *,
    refused: Text | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    with visit.reading() as session:
        line, found = _find(session, visit, number)
        desk = Desk(
            session=session,
            moment=visit.moment,
            calendar=visit.calendar,
            person=visit.who.code,
            round=visit.round_code,
        )
        pieces = [(one.id or 0, one.text or "", one.what or None) for one in found.evidence]
        context = VerificationPage(
            root=f"{_root(visit)}/{number}",
            line=line,
            found=found,
            measure=root_of(visit.round_code or "", line.code),
            questions=_questions(session, visit, number, found),
            given=read_answers(session, number, evidence_digest(pieces)),
            visits=read_visits(session, number),
            pictures=frozenset(number for number, _, digest in pieces if digest and _is_picture(visit, digest)),
            may=possible_actions(desk, line.code),
            refused=refused,
            typed=typed or {},
        )
    return page(visit, "verification.html", context, status=status)


def _find(session: Session, visit: SignedVisit, number: int) -> tuple[VerificationLine, MeasurePage]:
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


def _questions(session: Session, visit: SignedVisit, number: int, found: MeasurePage) -> tuple[Question, ...]:
    """Return the questions of the version that was answered, or what would be asked now."""
    asked = read_questions(session, number)
    return asked or parse_checklist(visit.house.policies.checklist).asked_of(found.line.measure_class)


def _is_picture(visit: SignedVisit, digest: str) -> bool:
    path = stored(visit.house.home, digest)
    return path.is_file() and media_type(path) is not None


def _root(visit: SignedVisit) -> str:
    return f"/rounds/{quote(visit.round_code or '', safe='')}/verification"


@routes.post(f"{PATH}/{{number}}")
async def judge(request: Request, number: int) -> Response:
    """Keep the answers, and with a verdict end the verification: `act` is save, pass or return."""
    visit = await with_token(request, await _signed(request))
    fields = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    return await run_in_threadpool(_judge, visit, number, fields)


async def _signed(request: Request) -> SignedVisit:
    return await run_in_threadpool(signed_in, request)


def _judge(visit: SignedVisit, number: int, fields: Mapping[str, str]) -> Response:
    with visit.reading() as session:
        line, found = _find(session, visit, number)
        questions = _questions(session, visit, number, found)
    given = {
        one.id: Given(Answer(fields[f"answer-{one.id}"]), fields.get(f"note-{one.id}", ""))
        for one in questions
        if fields.get(f"answer-{one.id}") in set(Answer)
    }
    act, reason = fields.get("act", "save"), fields.get("reason", "").strip()
    try:
        with visit.desk() as desk:
            answer_checklist(desk, line.code, given, checklist=visit.house.policies.checklist)
        if act == "save":
            return visit.go(f"{_root(visit)}/{number}", N_("the answers are kept"))
        with visit.desk() as desk:
            if act == "pass":
                pass_verification(desk, line.code, reason=reason or None)
            else:
                told = "\n".join([reason, *failed_lines(questions, given, visit.house.language)]).strip()
                return_measure(desk, line.code, reason=told)
    except Refusal as refusal:
        return _show(visit, number, refused=refusal.text, typed={"reason": reason}, status=status_of(refusal))
    done = N_("{code} is passed", code=line.code) if act == "pass" else N_("{code} is returned", code=line.code)
    return visit.go(_root(visit), done)


@routes.post(f"{PATH}/{{number}}/visits")
def keep_visit(
    visit: Signed,
    number: int,
    on: Annotated[date, Form()],
    place: Annotated[str, Form()] = "",
    present: Annotated[str, Form()] = "",
    checked: Annotated[str, Form()] = "",
    found: Annotated[str, Form()] = "",
    photos: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """Keep the record of a visit with its photos."""
    with visit.reading() as session:
        line, _ = _find(session, visit, number)
    most = visit.house.settings.upload_megabytes * MEGABYTE
    kept = [
        keep_upload(one.filename or "photo", one.file, visit.house.home, most=most)
        for one in photos or ()
        if one.filename
    ]
    with visit.desk() as desk:
        record_site_visit(
            desk,
            line.code,
            on=on,
            place=place,
            present=present,
            checked=checked,
            found=found,
            photos=[Photo(name=one.name, sha256=one.sha256, size=one.size) for one in kept],
        )
    return visit.go(f"{_root(visit)}/{number}", N_("the visit is on record"))


@routes.get(f"{PATH}/{{number}}/photos/{{photo}}")
def show_photo(visit: Signed, number: int, photo: int) -> Response:
    """Show a photo of a visit."""
    with visit.reading() as session:
        _find(session, visit, number)
        found = find_photo(session, number, photo)
    path = stored(visit.house.home, found.sha256) if found else None
    if found is None or path is None or not path.is_file():
        raise NotFound(N_("there is no such file"))
    media = media_type(path)
    return FileResponse(
        path,
        media_type=media or "application/octet-stream",
        filename=found.name,
        content_disposition_type="inline" if media else "attachment",
        headers={"Content-Security-Policy": "default-src 'none'; sandbox"},
    )


@routes.get(f"{PATH}/{{number}}/pack.zip")
def give_pack(visit: Signed, number: int) -> Response:
    """Hand everything over in one archive."""
    with visit.reading() as session:
        line, found = _find(session, visit, number)
        pieces = [(one.id or 0, one.text or "", one.what or None) for one in found.evidence]
        visits = read_visits(session, number)
        given = read_answers(session, number, evidence_digest(pieces))
        questions = _questions(session, visit, number, found)
    language = visit.house.language
    told = {
        "measure": line.code,
        "text": line.text,
        "unit": line.unit,
        "owner": line.owner,
        "verifier": line.verifier,
        "requested_on": line.requested_on.isoformat(),
        "verdict": line.verdict,
        "reason": line.reason,
        "evidence": [{"name": name, "sha256": digest} for _, name, digest in pieces],
        "checklist": [
            {
                "question": one.text(language),
                "answer": given[one.id].answer.value if one.id in given else None,
                "note": given[one.id].note if one.id in given else "",
            }
            for one in questions
        ],
        "visits": [
            {
                "on": one.on.isoformat(),
                "place": one.place,
                "present": one.present,
                "checked": one.checked,
                "found": one.found,
            }
            for one in visits
        ],
    }
    listed = [("evidence", name, digest) for _, name, digest in pieces if digest]
    listed += [("photos", photo.name, photo.sha256) for one in visits for photo in one.photos]
    files = [
        PackPiece(folder=folder, number=place, name=name, sha256=digest, path=stored(visit.house.home, digest))
        for place, (folder, name, digest) in enumerate(listed, start=1)
    ]
    html = printed(visit, "verification_pack.html", PackPage(told=told, files=files))
    name = quote(f"核验材料-{line.code}.zip")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(write_pack(told, html, files), media_type=MEDIA_TYPES[".zip"], headers=headers)
