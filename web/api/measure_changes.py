"""Measures, changed: each request carries out one action of the engine, which decides whether the caller may."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import Response

from engine.actions.accept_measure import accept_measure
from engine.actions.acknowledge_timer import acknowledge_timer
from engine.actions.attach_evidence import attach_evidence
from engine.actions.cancel_measure import cancel_measure
from engine.actions.close_measure import close_measure
from engine.actions.confirm_co_unit import confirm_co_unit
from engine.actions.decide_extension import decide_extension
from engine.actions.desk import Desk
from engine.actions.judge_verification import pass_verification, return_measure
from engine.actions.reassign_measure import reassign_measure
from engine.actions.rebound_measure import rebound_measure
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.actions.take_step import take_step
from engine.actions.write_opinion import write_opinion
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from intake.evidence_store import keep_upload
from web.api.answers import CREATED, act, change, see
from web.api.caller import Acts, Changes
from web.api.shapes import (
    WITHOUT_NUL,
    Acknowledged,
    Cancelled,
    ExtensionAsked,
    ExtensionDecided,
    MeasureChanged,
    MeasureCode,
    Opinion,
    Owner,
    Passed,
    Reason,
    Rebound,
    Report,
    RoundCode,
    StepName,
    StepTaken,
    VerificationsStarted,
    VerificationStarted,
    Verifiers,
)
from web.shield import MEGABYTE

routes = APIRouter(tags=["measures"])
PATH = "/rounds/{round}/measures/{code}"


@routes.post(f"{PATH}/steps/{{step}}", operation_id="take_step", response_model=MeasureChanged)
def take(caller: Changes, round_: RoundCode, code: MeasureCode, step: StepName, body: StepTaken) -> Response:
    """Take any step of a measure, one that only the office's own lifecycle knows among them.  For whom it is for."""
    return change(
        caller,
        round_,
        code,
        lambda desk: take_step(desk, code, step, body.fields, checklist=caller.house.policies.checklist),
    )


@routes.post(f"{PATH}/accept", operation_id="accept_measure", response_model=MeasureChanged)
def accept(caller: Changes, round_: RoundCode, code: MeasureCode) -> Response:
    """Accept a measure.  For its owner."""
    return change(caller, round_, code, lambda desk: accept_measure(desk, code))


@routes.post(f"{PATH}/reports", operation_id="report_progress", response_model=MeasureChanged, status_code=CREATED)
def report(caller: Changes, round_: RoundCode, code: MeasureCode, body: Report) -> Response:
    """Report progress.  For the owner and the unit's head."""
    return change(
        caller,
        round_,
        code,
        lambda desk: report_progress(desk, code, percent=body.percent, text=body.text),
        status=CREATED,
    )


@routes.post(f"{PATH}/evidence", operation_id="attach_evidence", response_model=MeasureChanged, status_code=CREATED)
def attach(
    caller: Changes,
    round_: RoundCode,
    code: MeasureCode,
    files: Annotated[list[UploadFile] | None, File(max_length=10, description="The files; at most ten.")] = None,
    reference: Annotated[
        str | None, Form(min_length=1, max_length=200, pattern=WITHOUT_NUL, description="A paper, by its name.")
    ] = None,
) -> Response:
    """Attach files, or the name of a paper; all or nothing.  For the owner and the unit's head."""
    if not files and not reference:
        raise NotReady(N_("choose a file, or name the paper"))
    with caller.reading() as session:  # nothing is kept of what is sent to a measure that the caller does not see
        see(caller.reading_desk(session, round_), caller, code)
    most = caller.house.settings.upload_megabytes * MEGABYTE
    kept = [keep_upload(one.filename or "", one.file, caller.house.home, most=most) for one in files or ()]

    def attached(desk: Desk) -> None:
        for one in kept:
            attach_evidence(desk, code, name=one.name, sha256=one.sha256, size=one.size)
        if reference:
            attach_evidence(desk, code, name=reference)

    told = repr(([(one.name, one.sha256) for one in kept], reference)).encode()
    return change(caller, round_, code, attached, status=CREATED, files=sha256(told).digest())


@routes.post(f"{PATH}/submit", operation_id="submit_measure", response_model=MeasureChanged)
def submit(caller: Changes, round_: RoundCode, code: MeasureCode) -> Response:
    """Hand a measure in for verification.  For the owner and the unit's head."""
    return change(caller, round_, code, lambda desk: submit_measure(desk, code))


@routes.post(f"{PATH}/co-unit", operation_id="confirm_co_unit", response_model=MeasureChanged)
def co_unit(caller: Changes, round_: RoundCode, code: MeasureCode) -> Response:
    """Say that the own unit's part is done.  For units that help."""
    return change(caller, round_, code, lambda desk: confirm_co_unit(desk, code))


@routes.post(f"{PATH}/extension", operation_id="request_extension", response_model=MeasureChanged, status_code=CREATED)
def extension(caller: Changes, round_: RoundCode, code: MeasureCode, body: ExtensionAsked) -> Response:
    """Ask for a later due date, before the present one has passed.  For the owner and the unit's head."""
    return change(
        caller,
        round_,
        code,
        lambda desk: request_extension(desk, code, new_due=body.new_due, reason=body.reason),
        status=CREATED,
    )


@routes.post(f"{PATH}/extension/decision", operation_id="decide_extension", response_model=MeasureChanged)
def decide(caller: Changes, round_: RoundCode, code: MeasureCode, body: ExtensionDecided) -> Response:
    """Approve or refuse the request that waits.  For who decides it, and the leading group."""
    return change(
        caller,
        round_,
        code,
        lambda desk: decide_extension(
            desk, code, approve=body.approve, reason=body.reason, new_due=body.new_due if body.approve else None
        ),
    )


@routes.post(f"{PATH}/acknowledgement", operation_id="acknowledge", response_model=MeasureChanged)
def acknowledge(caller: Changes, round_: RoundCode, code: MeasureCode, body: Acknowledged) -> Response:
    """Say "seen": the ladder of one wait holds for some working days.  For those it speaks to, once a rung."""
    return change(
        caller,
        round_,
        code,
        lambda desk: acknowledge_timer(desk, code, waits_for=body.waits_for, working_days=body.working_days),
    )


@routes.post(f"{PATH}/owner", operation_id="reassign_measure", response_model=MeasureChanged)
def give(caller: Changes, round_: RoundCode, code: MeasureCode, body: Owner) -> Response:
    """Give a measure to an owner, or to another one.  For coordinators."""
    return change(caller, round_, code, lambda desk: reassign_measure(desk, code, owner=body.owner, reason=body.reason))


@routes.post(f"{PATH}/verification", operation_id="start_verification", response_model=MeasureChanged)
def start(caller: Changes, round_: RoundCode, code: MeasureCode, body: VerificationStarted) -> Response:
    """Ask a verifier to check a submitted measure.  For coordinators."""
    asks = caller.house.policies.checklist
    return change(
        caller,
        round_,
        code,
        lambda desk: start_verification(desk, [code], verifier=body.verifier, checklist=asks),
    )


@routes.post("/rounds/{round}/verifications", operation_id="start_verifications", response_model=Verifiers)
def start_many(caller: Acts, round_: RoundCode, body: VerificationsStarted) -> Response:
    """Ask verifiers to check submitted measures, all or none.  For coordinators."""
    return act(
        caller,
        lambda desk: Verifiers(
            verifiers=start_verification(
                desk, body.codes, verifier=body.verifier, checklist=caller.house.policies.checklist
            )
        ),
        round_=round_,
    )


@routes.post(f"{PATH}/verification/pass", operation_id="pass_verification", response_model=MeasureChanged)
def pass_it(caller: Changes, round_: RoundCode, code: MeasureCode, body: Passed) -> Response:
    """Pass a submitted measure.  For its verifier, never of the own unit."""
    return change(caller, round_, code, lambda desk: pass_verification(desk, code, reason=body.reason or None))


@routes.post(f"{PATH}/verification/return", operation_id="return_measure", response_model=MeasureChanged)
def give_back(caller: Changes, round_: RoundCode, code: MeasureCode, body: Reason) -> Response:
    """Return a submitted measure with the reason.  For its verifier."""
    return change(caller, round_, code, lambda desk: return_measure(desk, code, reason=body.reason))


@routes.post(f"{PATH}/close", operation_id="close_measure", response_model=MeasureChanged)
def close(caller: Changes, round_: RoundCode, code: MeasureCode) -> Response:
    """Close out a verified measure.  For the leading group, or a delegated coordinator."""
    return change(caller, round_, code, lambda desk: close_measure(desk, code))


@routes.post(f"{PATH}/cancel", operation_id="cancel_measure", response_model=MeasureChanged)
def cancel(caller: Changes, round_: RoundCode, code: MeasureCode, body: Cancelled) -> Response:
    """End a measure without close-out.  For the leading group."""
    return change(caller, round_, code, lambda desk: cancel_measure(desk, code, how=body.how, reason=body.reason))


@routes.post(f"{PATH}/rebound", operation_id="rebound_measure", response_model=MeasureChanged)
def reopen(caller: Changes, round_: RoundCode, code: MeasureCode, body: Rebound) -> Response:
    """Reopen a closed measure whose problem has come back.  For coordinators and supervisors."""
    return change(caller, round_, code, lambda desk: rebound_measure(desk, code, due=body.due, reason=body.reason))


@routes.post(f"{PATH}/opinions", operation_id="write_opinion", response_model=MeasureChanged, status_code=CREATED)
def say_opinion(caller: Changes, round_: RoundCode, code: MeasureCode, body: Opinion) -> Response:
    """Say something about a measure.  For everybody who sees it."""
    return change(caller, round_, code, lambda desk: write_opinion(desk, code, body.text), status=CREATED)
