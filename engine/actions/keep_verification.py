"""Ends an open verification whose measure went another way (reassigned, cancelled)."""

from __future__ import annotations

from engine.actions.case import Case
from models import Verdict


def end_verification(case: Case) -> None:
    """Void the open verification, if there is one."""
    if case.verification is not None:
        case.verification.verdict = Verdict.VOIDED
        case.verification.decided_by_id = case.actor.person
        case.verification.decided_at = case.desk.moment.at
