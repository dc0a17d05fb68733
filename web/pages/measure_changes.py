"""What is done with a measure from its page, or from one's work: each form takes one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from engine.actions.attach_evidence import attach_evidence
from engine.actions.cancel_measure import WAYS
from engine.actions.desk import Desk
from engine.actions.take_step import take_step
from engine.actions.write_opinion import write_opinion
from engine.reads.measure_page import read_measure
from engine.rules.refusal import NotFound, NotReady
from engine.rules.steps import STEPS
from engine.rules.text import N_, Text
from intake.evidence_store import keep_upload
from web.csrf import FIELD
from web.fields import number_in
from web.pages.measure import PATH, change
from web.shield import MEGABYTE
from web.visit import Signed, SignedVisit

routes = APIRouter()
Back = Annotated[str | None, Form()]
_OF_EVERY_FORM = frozenset({FIELD, "version", "back"})  #: fields of every form, which no step asks for


@dataclass(frozen=True, slots=True)
class Offer:
    """A form of the measure's page, or of one's work, that takes a step under an address of its own."""

    step: str
    told: Callable[[str, Mapping[str, str]], Text]  #: what is said when it is done, of code and fields
    typed: Mapping[str, str] = field(default_factory=dict)  #: by field: under which name it is filled in again


def _rules(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a decision about an extension: its two buttons say approve or refuse."""
    ruling = fields.get("ruling", "")
    return {**fields, "approve": {"approve": "yes", "refuse": "no"}.get(ruling, ruling)}


def _day(fields: Mapping[str, str]) -> date | str:
    written = fields.get("new_due", "")
    try:
        return date.fromisoformat(written)
    except ValueError:
        return written


FORMS: Mapping[str, Offer] = {
    "accept": Offer("accept", lambda code, _: N_("{code} is accepted", code=code)),
    "report": Offer(
        "report",
        lambda code, given: N_(
            "progress of {code} is reported: {percent}%", code=code, percent=given.get("percent", "")
        ),
        {"percent": "percent", "text": "text"},
    ),
    "submit": Offer("submit", lambda code, _: N_("{code} is submitted for verification", code=code)),
    "extension": Offer(
        "request_extension",
        lambda code, given: N_("the extension of {code} until {day} is asked for", code=code, day=_day(given)),
        {"new_due": "new_due", "reason": "reason"},
    ),
    "extension/decide": Offer(
        "decide_extension",
        lambda code, given: (
            N_("the extension of {code} is approved", code=code)
            if given.get("approve") == "yes"
            else N_("the extension of {code} is refused", code=code)
        ),
        {"reason": "ruling_reason"},
    ),
    "co-unit": Offer("confirm_co_unit", lambda code, _: N_("your unit's part of {code} is done", code=code)),
    "owner": Offer(
        "reassign",
        lambda code, given: N_("{code} is given to {owner}", code=code, owner=given.get("owner", "").strip()),
        {"owner": "owner", "reason": "owner_reason"},
    ),
    "close": Offer("close", lambda code, _: N_("{code} is closed out", code=code)),
    "rebound": Offer("rebound", lambda code, _: N_("{code} is reopened", code=code), {"reason": "rebound_reason"}),
}
_ENDS = Offer("cancel", lambda code, _: N_("{code} is ended", code=code), {"how": "how", "reason": "cancel_reason"})


async def _fields(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _offer(path: str, form: Offer) -> None:
    """Let a form take its step under its own address."""

    async def act(visit: Signed, request: Request, code: str) -> Response:
        return await run_in_threadpool(_take, visit, code, form, _rules(await _fields(request)))

    routes.add_api_route(f"{PATH}/{path}", act, methods=["POST"], name=form.step)


for _path, _form in FORMS.items():
    _offer(_path, _form)


@routes.post(f"{PATH}/cancel")
async def cancel(visit: Signed, request: Request, code: str) -> Response:
    """End it without close-out; `how` names the step."""
    fields = await _fields(request)
    if fields.get("how") not in WAYS:
        raise NotReady(N_("cancelled, merged, or the risk accepted was expected"))
    return await run_in_threadpool(_take, visit, code, replace(_ENDS, step=fields["how"]), fields)


@routes.post(f"{PATH}/steps/{{step}}")
async def take(visit: Signed, request: Request, code: str, step: str) -> Response:
    """Take a step by its name, with what its form asks for."""
    fields = await _fields(request)
    given = {name: value for name, value in fields.items() if name not in _OF_EVERY_FORM}
    form = Offer(step, lambda code, _: N_("{code}: done", code=code), {name: f"{step}-{name}" for name in given})
    return await run_in_threadpool(_take, visit, code, form, fields, asked=frozenset(given))


def _take(
    visit: SignedVisit, code: str, form: Offer, fields: Mapping[str, str], *, asked: frozenset[str] | None = None
) -> Response:
    """Take the step of a form.  Fields that it does not ask for are refused where `asked` names them, else left out."""
    wanted = asked if asked is not None else {one.name for one in STEPS[form.step]}
    given = {name: value for name, value in fields.items() if name in wanted}
    return change(
        visit,
        code,
        lambda desk: take_step(desk, code, form.step, given, checklist=visit.house.policies.checklist),
        form.told(code, given),
        version=number_in(fields.get("version", "")),
        back=fields.get("back"),
        typed={under: fields.get(name) for name, under in form.typed.items()},
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


@routes.post(f"{PATH}/opinion")
def say_opinion(visit: Signed, code: str, text: Annotated[str, Form()] = "") -> Response:
    """Say something about it."""
    told = N_("your opinion is on record")
    return change(
        visit, code, lambda desk: write_opinion(desk, code, text), told, version=None, typed={"opinion": text}
    )
