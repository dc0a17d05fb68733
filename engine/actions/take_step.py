"""Any step of a measure, by its name: what the page, the API and `duban matter step` call.

A step that Duban knows is its own action.  One that only the measure's lifecycle knows moves it along, ends or opens
what belongs to the state that it leaves or reaches, and tells the owner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.cancel_measure import cancel_measure
from engine.actions.case import Case, lapse_extension, move, open_case, settle
from engine.actions.close_measure import close_measure
from engine.actions.confirm_co_unit import confirm_co_unit
from engine.actions.decide_extension import decide_extension
from engine.actions.desk import Desk
from engine.actions.judge_verification import pass_verification, return_measure
from engine.actions.keep_verification import end_verification, open_verification
from engine.actions.outbox import tell
from engine.actions.reassign_measure import reassign_measure
from engine.actions.rebound_measure import rebound_measure
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.rules.notices import Notice
from engine.rules.refusal import NotReady
from engine.rules.steps import STEPS, StepForm, form_of, read_given
from engine.rules.text import N_, Words
from engine.rules.vocabulary import Role, State
from models import Measure, Verdict

#: In these a due date runs, and an extension may be asked for.
_RUNNING = frozenset({State.ASSIGNED, State.IN_PROGRESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A file that is kept under its SHA-256, to be attached before the step is taken."""

    name: str
    sha256: str
    size: int


def take_step(
    desk: Desk,
    code: str,
    step: str,
    given: Mapping[str, str],
    *,
    pieces: Sequence[Piece] = (),
    checklist: Mapping[str, Any] | None = None,
) -> Measure:
    """Take a step of the measure, and return it; `given` is what its form asks for, as it was written.  Raises Refusal.

    The pieces of evidence are attached first; all or nothing.  `checklist` is what a verification that begins asks.
    """
    form = form_of(step, None if step in STEPS else open_case(desk, code, is_held=False).lifecycle)
    values = read_given(form, given)
    if step == "evidence" or pieces:
        attached = _attach(desk, code, pieces, values.get("reference"))
        if step == "evidence":
            return attached
    if step == "start_verification":
        start_verification(desk, [code], verifier=values.get("verifier"), checklist=checklist)
        return open_case(desk, code, is_held=False).measure
    if step in _KNOWN:
        return _KNOWN[step](desk, code, values)
    return _move_on(desk, code, form, values)


def _attach(desk: Desk, code: str, pieces: Sequence[Piece], reference: str | None) -> Measure:
    measure = None
    for piece in pieces:
        measure = attach_evidence(desk, code, name=piece.name, sha256=piece.sha256, size=piece.size)
    if reference is not None:
        measure = attach_evidence(desk, code, name=reference)
    if measure is None:
        raise NotReady(N_("choose a file, or name the paper"))
    return measure


def _cancel(how: str) -> Callable[[Desk, str, dict[str, Any]], Measure]:
    return lambda desk, code, values: cancel_measure(desk, code, how=how, reason=values.get("reason", ""))


_KNOWN: Mapping[str, Callable[[Desk, str, dict[str, Any]], Measure]] = {
    "accept": lambda desk, code, _: accept_measure(desk, code),
    "report": lambda desk, code, values: report_progress(desk, code, **values),
    "confirm_co_unit": lambda desk, code, _: confirm_co_unit(desk, code),
    "submit": lambda desk, code, _: submit_measure(desk, code),
    "request_extension": lambda desk, code, values: request_extension(desk, code, **{"reason": "", **values}),
    "decide_extension": lambda desk, code, values: decide_extension(desk, code, **values),
    "assign": lambda desk, code, values: reassign_measure(desk, code, **values),
    "reassign": lambda desk, code, values: reassign_measure(desk, code, **values),
    "pass": lambda desk, code, values: pass_verification(desk, code, **values),
    "return": lambda desk, code, values: return_measure(desk, code, reason=values.get("reason", "")),
    "close": lambda desk, code, _: close_measure(desk, code),
    "rebound": lambda desk, code, values: rebound_measure(desk, code, **{"reason": "", **values}),
    "cancel": _cancel("cancel"),
    "merge": _cancel("merge"),
    "accept_risk": _cancel("accept_risk"),
}


def _move_on(desk: Desk, code: str, form: StepForm, values: Mapping[str, Any]) -> Measure:
    """Take a step that only the lifecycle knows."""
    case = open_case(desk, code)
    left = case.measure.state
    reason = values.get("reason")
    own = isinstance(form.words, Words)
    called = form.words if isinstance(form.words, Words) else Words(zh=form.name, en=form.name)
    move(case, form.name, reason=reason, **({"called": {"zh": called.zh, "en": called.en}} if own else {}))
    _follow(case, left)
    settle(case)
    owner = case.measure.owner_id
    tell(
        desk,
        [owner if owner != case.actor.person else None],
        Notice.STEP_TAKEN,
        role=Role.OWNER,
        key=str(case.measure.version),
        measure=case.measure,
        by=case.actor.name,
        zh=called.zh,
        en=called.en,
        state=case.measure.state.value,
        reason=reason,
    )
    return case.measure


def _follow(case: Case, left: State) -> None:
    """Open and end what belongs to the states: a verification, a pending extension, the day of acceptance."""
    measure, reached = case.measure, case.measure.state
    if left is State.SUBMITTED and reached is not State.SUBMITTED:
        end_verification(case, Verdict.PASSED if reached is State.VERIFIED else Verdict.VOIDED)
    if reached is State.SUBMITTED and left is not State.SUBMITTED:
        open_verification(case)
    if reached not in _RUNNING:
        lapse_extension(case)
    if reached is State.ASSIGNED:
        measure.accepted_on = None
    elif reached is State.IN_PROGRESS and measure.accepted_on is None:
        measure.accepted_on = case.desk.moment.on
