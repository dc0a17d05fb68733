"""The coordinator triggers verification (核验): each submitted measure gets a verifier, who is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from engine.actions.case import Case, open_case, settle, wait_of, work_of
from engine.actions.desk import Desk, find_person, record
from engine.actions.keep_checklist import keep_checklist
from engine.actions.keep_verification import change_verification
from engine.actions.outbox import tell
from engine.rules.access import Actor, four_eyes
from engine.rules.choose_verifier import Candidate, choose_verifier, ground_of
from engine.rules.errands import permit_errand
from engine.rules.evidence import evidence_digest
from engine.rules.notices import Notice
from engine.rules.refusal import FourEyes, NotAllowed, NotReady
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role, State, WaitsFor
from engine.rules.work_record import reason_of
from models import Absence, Measure, Person, RoleGrant, Verification

TOLD = 10  #: verifiers who cannot be asked, by name


def start_verification(
    desk: Desk,
    codes: Sequence[str],
    *,
    verifier: str | None = None,
    checklist: Mapping[str, Any] | None = None,
    leaving: int | None = None,
) -> dict[str, str]:
    """Give each measure a verifier: the one named, or the least busy whom four eyes allow; return their names by code.

    Each begins with `checklist`, and keeps it.  Starting again keeps the verifier and binds the verification to the
    evidence as it is now; where that is unchanged, nothing happens.  `leaving` is not chosen again: whose verdicts are
    handed over.  Raises Refusal; then none is started.
    """
    asked = keep_checklist(desk.session, checklist, desk.moment) if checklist is not None and codes else None
    chosen = {code: _start(open_case(desk, code), verifier, asked, leaving) for code in codes}
    names = select(Person.id, Person.name).where(Person.id.in_(chosen.values()))
    name_of = dict(desk.session.execute(names).tuples().all())
    return {code: name_of[person] for code, person in chosen.items()}


def _start(case: Case, named: str | None, checklist: int | None, leaving: int | None) -> int:
    desk, measure, verification = case.desk, case.measure, case.verification
    permit_errand("start_verification", actor=case.actor, facts=case.facts)
    assert verification is not None, "what is submitted has an open verification"
    chosen = _choose(case, named, verification.verifier, leaving)
    pieces = case.pieces
    digest = evidence_digest(pieces)
    if (verification.verifier, verification.evidence_digest) == (chosen, digest):
        return chosen  # asked already, for this very evidence
    change_verification(
        case,
        verifier_id=chosen,
        started_on=desk.moment.on,
        evidence_digest=digest,
        checklist_id=verification.checklist or checklist,
    )
    measure.state_since = desk.moment.on  # the verifier's time runs from here
    record(desk, "measure:verification:start", actor=case.actor.person, measure=measure, verifier=chosen)
    settle(case)
    tell(
        desk,
        [chosen],
        Notice.VERIFICATION_ASKED,
        role=Role.VERIFIER,
        key=str(measure.version),
        measure=measure,
        about=wait_of(case, WaitsFor.VERIFICATION),
        owner=case.owner_name,
        evidence=[name for _, name, _ in pieces],
    )
    return chosen


def _choose(case: Case, named: str | None, asked: int | None, leaving: int | None) -> int:
    """Return who checks: the one named, who was `asked` before and still may, or the least busy."""
    desk, candidates = case.desk, [one for one in _candidates(case.desk) if one.person != leaving]
    if named is None:
        work = work_of(case)
        chosen = choose_verifier([one for one in candidates if one.person == asked], work) or choose_verifier(
            candidates, work
        )
        if chosen is None:
            raise NotReady(_nobody(case, candidates))
        return chosen
    person = find_person(desk.session, named)
    if person.id not in {candidate.person for candidate in candidates}:
        raise NotAllowed(N_("{person} is not a verifier", person=person.name))
    try:
        four_eyes(Actor(person=person.id, name=person.name, unit=person.unit_id, grants=frozenset()), work_of(case))
    except FourEyes as refusal:
        raise FourEyes(N_("{code}: {problem}", code=case.measure.code, problem=refusal.text)) from None
    return person.id


def _nobody(case: Case, candidates: Sequence[Candidate]) -> Text:
    """Return why none of the verifiers can be asked, each by name."""
    if not candidates:
        return N_("nobody may verify {code}: there is no verifier", code=case.measure.code)
    work = work_of(case)
    names = dict(
        case.desk.session.execute(
            select(Person.id, Person.name).where(Person.id.in_([one.person for one in candidates]))
        )
        .tuples()
        .all()
    )
    told = tuple(
        N_(
            "{person} ({why})",
            person=names[one.person],
            why=reason_of(ground, work.names) if (ground := ground_of(one, work)) else N_("absent"),
        )
        for one in candidates[:TOLD]
    )
    return N_("nobody may verify {code}: {people}", code=case.measure.code, people=told)


def _candidates(desk: Desk) -> list[Candidate]:
    session, today = desk.session, desk.moment.on
    away = (Absence.first_day <= today) & (Absence.last_day >= today)
    absent = set(session.scalars(select(Absence.person_id).where(away)))
    busy = dict(
        session.execute(
            select(Verification.verifier_id, func.count())
            .where(Verification.verdict.is_(None))
            .group_by(Verification.verifier_id)
        )
        .tuples()
        .all()
    )
    people = session.execute(
        select(Person.id, Person.unit_id)
        .where(Person.id.in_(select(RoleGrant.person_id).where(RoleGrant.role == Role.VERIFIER)))
        .where(Person.shut_out_at.is_(None))
        .order_by(Person.id)
    )
    return [
        Candidate(
            person=person,
            unit=unit,
            absent=person in absent,
            open_count=busy.get(person, 0),
        )
        for person, unit in people
    ]


def waiting_for_verifier(desk: Desk, round_id: int) -> list[str]:
    """Return the codes of submitted measures that have no verifier yet, oldest submission first."""
    return list(
        desk.session.scalars(
            select(Measure.code)
            .join(Verification, Verification.measure_id == Measure.id)
            .where(
                Measure.round_id == round_id,
                Measure.state == State.SUBMITTED,
                Verification.verdict.is_(None),
                Verification.verifier_id.is_(None),
            )
            .order_by(Verification.requested_on, Measure.position)
        )
    )
