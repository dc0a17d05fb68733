"""What is done with a measure from its page, or from one's work: each form carries out one action."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.cancel_measure import cancel_measure
from engine.actions.close_measure import close_measure
from engine.actions.confirm_co_unit import confirm_co_unit
from engine.actions.decide_extension import decide_extension
from engine.actions.desk import Desk
from engine.actions.reassign_measure import reassign_measure
from engine.actions.rebound_measure import rebound_measure
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.submit_measure import submit_measure
from engine.actions.take_step import take_step
from engine.actions.write_opinion import write_opinion
from engine.reads.measure_page import read_measure
from engine.rules.refusal import NotFound, NotReady
from engine.rules.text import N_
from intake.evidence_store import keep_upload
from web.csrf import FIELD
from web.fields import Number, number_in
from web.pages.measure import PATH, change
from web.shield import MEGABYTE
from web.visit import Signed, SignedVisit

routes = APIRouter()
Version = Annotated[Number | None, Form()]
Back = Annotated[str | None, Form()]
_OF_THE_FORM = frozenset({FIELD, "version", "back"})  #: fields of every form, which no step asks for


@routes.post(f"{PATH}/steps/{{step}}")
async def take(visit: Signed, request: Request, code: str, step: str) -> Response:
    """Take a step by its name, with what its form asks for."""
    fields = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    return await run_in_threadpool(_take, visit, code, step, fields)


def _take(visit: SignedVisit, code: str, step: str, fields: Mapping[str, str]) -> Response:
    given = {name: value for name, value in fields.items() if name not in _OF_THE_FORM}
    return change(
        visit,
        code,
        lambda desk: take_step(desk, code, step, given, checklist=visit.house.policies.checklist),
        N_("{code}: done", code=code),
        version=number_in(fields.get("version", "")),
        back=fields.get("back"),
        typed={f"{step}-{name}": value for name, value in given.items()},
    )


@routes.post(f"{PATH}/accept")
def accept(visit: Signed, code: str, version: Version = None, back: Back = None) -> Response:
    """Accept."""
    told = N_("{code} is accepted", code=code)
    return change(visit, code, lambda desk: accept_measure(desk, code), told, version=version, back=back)


@routes.post(f"{PATH}/report")
def report(
    visit: Signed,
    code: str,
    percent: Annotated[int, Form()],
    text: Annotated[str, Form()] = "",
    version: Version = None,
    back: Back = None,
) -> Response:
    """Report progress."""
    return change(
        visit,
        code,
        lambda desk: report_progress(desk, code, percent=percent, text=text),
        N_("progress of {code} is reported: {percent}%", code=code, percent=percent),
        version=version,
        back=back,
        typed={"percent": percent, "text": text},
    )


@routes.post(f"{PATH}/evidence")
def attach(
    visit: Signed,
    code: str,
    files: Annotated[list[UploadFile] | None, File()] = None,
    reference: Annotated[str, Form()] = "",
    back: Back = None,
) -> Response:
    """Attach files, and a reference to paper; all or nothing."""
    most = visit.house.settings.upload_megabytes * MEGABYTE
    given = [one for one in files or () if one.filename]
    if not given and not reference.strip():
        raise NotReady(N_("choose a file, or name the paper"))
    with visit.reading() as session:  # nothing is kept of what is sent to a measure that the person does not see
        if (
            read_measure(
                session, visit.round(session).id, code, on=visit.moment.on, calendar=visit.calendar, seen_by=visit.sight
            )
            is None
        ):
            raise NotFound(N_("there is no measure {code} in round {round}", code=code, round=visit.round_code or ""))
    kept = [keep_upload(one.filename or "", one.file, visit.house.home, most=most) for one in given]

    def act(desk: Desk) -> None:
        for one in kept:
            attach_evidence(desk, code, name=one.name, sha256=one.sha256, size=one.size)
        if reference.strip():
            attach_evidence(desk, code, name=reference)

    told = N_("{count} pieces of evidence are attached to {code}", count=len(kept) + bool(reference.strip()), code=code)
    return change(visit, code, act, told, version=None, back=back, typed={"reference": reference})


@routes.post(f"{PATH}/submit")
def submit(visit: Signed, code: str, version: Version = None, back: Back = None) -> Response:
    """Hand in for verification."""
    told = N_("{code} is submitted for verification", code=code)
    return change(visit, code, lambda desk: submit_measure(desk, code), told, version=version, back=back)


@routes.post(f"{PATH}/extension")
def ask_extension(
    visit: Signed,
    code: str,
    new_due: Annotated[date, Form()],
    reason: Annotated[str, Form()] = "",
    version: Version = None,
    back: Back = None,
) -> Response:
    """Ask for a later due date."""
    return change(
        visit,
        code,
        lambda desk: request_extension(desk, code, new_due=new_due, reason=reason),
        N_("the extension of {code} until {day} is asked for", code=code, day=new_due),
        version=version,
        back=back,
        typed={"new_due": new_due, "reason": reason},
    )


@routes.post(f"{PATH}/extension/decide")
def rule_on_extension(
    visit: Signed,
    code: str,
    ruling: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
    version: Version = None,
    back: Back = None,
) -> Response:
    """Approve or refuse."""
    is_approved = ruling == "approve"
    return change(
        visit,
        code,
        lambda desk: decide_extension(desk, code, approve=is_approved, reason=reason),
        N_("the extension of {code} is approved", code=code)
        if is_approved
        else N_("the extension of {code} is refused", code=code),
        version=version,
        back=back,
        typed={"ruling_reason": reason},
    )


@routes.post(f"{PATH}/co-unit")
def co_unit_done(visit: Signed, code: str, version: Version = None, back: Back = None) -> Response:
    """Say that the own unit's part is done."""
    told = N_("your unit's part of {code} is done", code=code)
    return change(visit, code, lambda desk: confirm_co_unit(desk, code), told, version=version, back=back)


@routes.post(f"{PATH}/owner")
def give(
    visit: Signed,
    code: str,
    owner: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
    version: Version = None,
    back: Back = None,
) -> Response:
    """Give it to an owner, or to another one."""
    return change(
        visit,
        code,
        lambda desk: reassign_measure(desk, code, owner=owner.strip(), reason=reason),
        N_("{code} is given to {owner}", code=code, owner=owner.strip()),
        version=version,
        back=back,
        typed={"owner": owner, "owner_reason": reason},
    )


@routes.post(f"{PATH}/close")
def close(visit: Signed, code: str, version: Version = None, back: Back = None) -> Response:
    """Close out."""
    told = N_("{code} is closed out", code=code)
    return change(visit, code, lambda desk: close_measure(desk, code), told, version=version, back=back)


@routes.post(f"{PATH}/cancel")
def cancel(
    visit: Signed,
    code: str,
    how: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
    version: Version = None,
) -> Response:
    """End it without close-out."""
    if how not in {"cancel", "merge", "accept_risk"}:
        raise NotReady(N_("cancelled, merged, or the risk accepted was expected"))
    return change(
        visit,
        code,
        lambda desk: cancel_measure(desk, code, how=how, reason=reason),
        N_("{code} is ended", code=code),
        version=version,
        typed={"how": how, "cancel_reason": reason},
    )


@routes.post(f"{PATH}/rebound")
def reopen(
    visit: Signed,
    code: str,
    due: Annotated[date, Form()],
    reason: Annotated[str, Form()] = "",
    version: Version = None,
) -> Response:
    """Reopen what has come back."""
    return change(
        visit,
        code,
        lambda desk: rebound_measure(desk, code, due=due, reason=reason),
        N_("{code} is reopened", code=code),
        version=version,
        typed={"rebound_reason": reason},
    )


@routes.post(f"{PATH}/opinion")
def say_opinion(visit: Signed, code: str, text: Annotated[str, Form()] = "") -> Response:
    """Say something about it."""
    told = N_("your opinion is on record")
    return change(
        visit, code, lambda desk: write_opinion(desk, code, text), told, version=None, typed={"opinion": text}
    )
