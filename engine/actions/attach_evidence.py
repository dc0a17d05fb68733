"""Evidence (佐证材料) is attached to a measure; a verdict that did not see it is void."""

from __future__ import annotations

from sqlalchemy import select

from engine.actions.case import Case, holders, move, open_case, settle
from engine.actions.desk import Desk, record
from engine.actions.keep_verification import open_verification
from engine.actions.outbox import tell
from engine.rules.errands import permit_errand
from engine.rules.notices import Notice
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role, State
from models import Evidence, Measure, Verdict, Verification


def attach_evidence(desk: Desk, code: str, *, name: str, sha256: str | None = None, size: int | None = None) -> Measure:
    """Attach a piece of evidence: a file that was kept under its SHA-256 before, or a named reference to paper.

    A measure that was verified without it goes back to be verified again.  Raises Refusal.
    """
    case = open_case(desk, code)
    permit_errand("evidence", actor=case.actor, facts=case.facts)
    if not name.strip():
        raise NotReady(N_("evidence needs a name"))
    piece = Evidence(
        measure_id=case.measure.id,
        name=name.strip(),
        sha256=sha256,
        size=size,
        added_by_id=case.actor.person,
        added_at=desk.moment.at,
    )
    desk.session.add(piece)
    record(
        desk,
        "measure:evidence:attach",
        actor=case.actor.person,
        measure=case.measure,
        name=name.strip(),
        sha256=sha256,
    )
    desk.session.flush()
    case.pieces = (*case.pieces, (piece.id, piece.name, piece.sha256))
    if case.measure.state is State.VERIFIED:
        _void(case)
    settle(case)
    return case.measure


def _void(case: Case) -> None:
    """Take the verdict back and ask the same verifier again."""
    session, measure = case.desk.session, case.measure
    last = session.scalar(
        select(Verification).where(Verification.measure_id == measure.id).order_by(Verification.id.desc()).limit(1)
    )
    verifier = last.verifier_id if last else None
    if last is not None:
        last.verdict = Verdict.VOIDED
    move(case, "void")
    session.flush()  # the last one has its verdict
    open_verification(case, verifier=verifier, checklist=last.checklist_id if last else None)
    key = str(measure.version)
    tell(case.desk, [measure.owner_id], Notice.VOIDED, role=Role.OWNER, key=key, measure=measure)
    if verifier is not None:
        tell(case.desk, [verifier], Notice.VOIDED, role=Role.VERIFIER, key=key, measure=measure)
        return
    tell(
        case.desk,
        holders(session, Role.COORDINATOR),
        Notice.VERIFICATION_WANTED,
        role=Role.COORDINATOR,
        key=f"void:{key}",
        measure=measure,
        owner=case.owner_name,
    )
