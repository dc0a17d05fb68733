"""What a verifier does: answers the checklist, passes or returns, and keeps the record of a visit with its photos."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from engine.actions.answer_checklist import answer_checklist, open_for_verifier
from engine.actions.expect_version import expect_version
from engine.actions.judge_verification import Answered, pass_verification, return_measure
from engine.actions.keep_verification import expect_open
from engine.actions.record_site_visit import Photo, record_site_visit
from engine.reads.verification_page import read_verification
from engine.rules.checklist import Answer, Given, Question, failed_lines
from engine.rules.plan import InputRefused
from engine.rules.refusal import NotFound, NotReady, Refusal
from engine.rules.text import N_
from intake.evidence_store import keep_picture
from web.fields import Number, number_in
from web.pages.verification_detail import PATH, asked_now, find, queue_root, show_verification
from web.shield import MEGABYTE
from web.troubles import UNPROCESSABLE, status_of
from web.visit import Signed, SignedVisit

routes = APIRouter()
MOST_PHOTOS = 30  #: of one visit
ACTS = ("save", "pass", "return")


@routes.post(f"{PATH}/{{number}}")
async def judge(visit: Signed, request: Request, number: Number) -> Response:
    """Keep the answers, or give the verdict with them: `act` is save, pass or return."""
    fields = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    return await run_in_threadpool(_judge, visit, number, fields)


def _judge(visit: SignedVisit, number: int, fields: Mapping[str, str]) -> Response:
    act, reason = fields.get("act", "save"), fields.get("reason", "").strip()
    if act not in ACTS:
        raise NotReady(N_("to save, to pass or to return was expected"))
    with visit.reading() as session:
        line, found = find(session, visit, number)
        detail = read_verification(session, number, otherwise=asked_now(visit, found))
    questions = tuple(one.question for one in detail.asked)
    given = _given(fields, questions)
    answered = Answered(given=given, checklist=visit.house.policies.checklist)
    version = number_in(fields.get("version", ""))
    try:
        with visit.desk() as desk:
            if version is not None:
                expect_version(desk, line.code, version)
            expect_open(desk, number)
            if act == "save":
                answer_checklist(desk, line.code, given, checklist=answered.checklist)
            elif act == "pass":
                pass_verification(desk, line.code, reason=reason or None, answered=answered)
            else:
                told = "\n".join([reason, *failed_lines(questions, given, visit.house.language)]).strip()
                return_measure(desk, line.code, reason=told, answered=answered)
    except NotFound:
        raise
    except Refusal as refusal:
        typed = {"reason": reason}
        return show_verification(
            visit, number, refused=refusal.text, given=given, typed=typed, status=status_of(refusal)
        )
    if act == "save":
        return visit.go(f"{queue_root(visit)}/{number}", N_("the answers are kept"))
    done = N_("{code} is passed", code=line.code) if act == "pass" else N_("{code} is returned", code=line.code)
    return visit.go(queue_root(visit), done)


def _given(fields: Mapping[str, str], questions: tuple[Question, ...]) -> dict[str, Given]:
    """Return what a form answers; a note without an answer is none."""
    known = {one.value: one for one in Answer}
    return {
        one.id: Given(known[fields[f"answer-{one.id}"]], fields.get(f"note-{one.id}", ""))
        for one in questions
        if fields.get(f"answer-{one.id}") in known
    }


@routes.post(f"{PATH}/{{number}}/visits")
def keep_visit(
    visit: Signed,
    number: Number,
    on: Annotated[date, Form()],
    place: Annotated[str, Form()] = "",
    present: Annotated[str, Form()] = "",
    checked: Annotated[str, Form()] = "",
    found: Annotated[str, Form()] = "",
    photos: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """Keep the record of a visit with its photos."""
    typed = {"on": on.isoformat(), "place": place, "present": present, "checked": checked, "found": found}
    with visit.reading() as session:
        line, _ = find(session, visit, number)
    given = [one for one in photos or () if one.filename]
    most = visit.house.settings.upload_megabytes * MEGABYTE
    try:
        with visit.desk(for_good=False) as desk:  # nothing is kept of what somebody sends who may not
            expect_open(desk, number)
            open_for_verifier(desk, line.code)
        if len(given) > MOST_PHOTOS:
            raise NotReady(N_("at most {count} photos at once", count=MOST_PHOTOS))
        kept = [keep_picture(one.filename or "", one.file, visit.house.home, most=most) for one in given]
        with visit.desk() as desk:
            expect_open(desk, number)
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
    except NotFound:
        raise
    except Refusal as refusal:
        return show_verification(visit, number, refused=refusal.text, typed=typed, status=status_of(refusal))
    except InputRefused as refused:
        fault = refused.faults[0]
        told = N_("{file}: {message}", file=fault.place.file, message=fault.message)
        return show_verification(visit, number, refused=told, typed=typed, status=UNPROCESSABLE)
    return visit.go(f"{queue_root(visit)}/{number}#visits", N_("the visit is on record"))
