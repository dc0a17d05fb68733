"""A verification as it is stored: opened when a measure is handed in, changed, and ended with a verdict or without."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, update

from engine.actions.case import Case
from engine.actions.desk import Desk
from engine.rules.evidence import evidence_digest
from engine.rules.refusal import WrongState
from engine.rules.text import N_
from models import Verdict, Verification

_OPEN = insert(Verification).inline()
_CHANGE = update(Verification).where(Verification.id == bindparam("its_id"))


def open_verification(case: Case, *, verifier: int | None = None, checklist: int | None = None) -> None:
    """Ask for a verification of the measure and its evidence as they are.

    `verifier` is who starts it at once, with the version of the checklist that is asked then.
    """
    on = case.desk.moment.on
    row = {
        "measure_id": case.measure.id,
        "requested_by_id": case.actor.person,
        "requested_on": on,
        "verifier_id": verifier,
        "started_on": on if verifier else None,
        "evidence_digest": evidence_digest(case.pieces),
        "checklist_id": checklist,
    }
    case.desk.session.connection().execute(_OPEN, row)


def expect_open(desk: Desk, number: int) -> None:
    """Refuse to act on a verification that has its verdict: the measure may be in another one by now."""
    verification = desk.session.get(Verification, number)
    if verification is None or verification.verdict is not None:
        raise WrongState(N_("this verification has its verdict already"))


def change_verification(case: Case, **values: Any) -> None:
    """Set columns of the open verification; without one there is nothing to set."""
    if case.verification is not None:
        case.desk.session.connection().execute(_CHANGE, {"its_id": case.verification.id} | values)


def end_verification(case: Case, verdict: Verdict, **values: Any) -> None:
    """Give the open verification, if there is one, its verdict: VOIDED when the measure went another way."""
    decided = {"decided_by_id": case.actor.person, "decided_at": case.desk.moment.at}
    change_verification(case, verdict=verdict, **decided, **values)
