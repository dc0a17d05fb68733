"""Stores what was read in: a notice or a ledger becomes, or brings up to date, a running round.

All or nothing, and safe to repeat: rows are matched by their code; what has moved on since the file was written (a
state, an accepted due date, an owner) stands as it is recorded and is said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.announce_owners import Handed, announce_owners
from engine.actions.append_events import append_events
from engine.actions.ask_trust import TrustGround
from engine.actions.desk import Desk, find_actor
from engine.actions.import_findings import Hung, store_findings
from engine.actions.import_known import update_measures
from engine.actions.import_measures import MeasureGround, known_measures, resolve
from engine.actions.import_new import create_measures
from engine.actions.import_open import leave_open
from engine.actions.import_people import HouseGround, store_people, store_units
from engine.actions.import_trust import ImportTrust
from engine.actions.policies import keep_policy, read_policy
from engine.actions.timers import TimerGround, sync_timers
from engine.reads.house_at import house_changes, read_house
from engine.rules.access import only_for
from engine.rules.import_report import ImportReport
from engine.rules.moment import Moment
from engine.rules.plan import Declared, Fault, FeedbackUnknown, InputRefused, Place, RoundPlan
from engine.rules.refusal import NotReady
from engine.rules.round_dates import RoundRules, round_dates
from engine.rules.text import N_
from engine.rules.vocabulary import Level, Role, State
from engine.rules.working_days import WorkingCalendar
from engine.uncollected import uncollected
from models import Measure, Person, Policy, Round
from models.measure import NewMeasure


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportGround:
    """What an import needs besides the plan; handed down by the entry point."""

    moment: Moment
    calendar: WorkingCalendar
    rules: RoundRules
    zone: str
    lifecycle: dict[str, Any]
    ladder: dict[str, Any]
    actor: int | None = None  #: who imports; None: whoever runs the machine
    round: str | None = None  #: code to import into, or for a new round
    feedback_on: date | None = None  #: for a round whose source does not say
    is_proved: bool = True  #: see Desk


def import_as(desk: Desk, plans: Sequence[RoundPlan], ground: ImportGround) -> list[ImportReport]:
    """Store `plans` in the name of who sits at the desk: what pages call.  For coordinators.  Raises Refusal too."""
    actor = find_actor(desk)
    only_for(actor, "import", (Role.COORDINATOR,))
    ground = replace(ground, actor=actor.person, is_proved=desk.is_proved)
    return [import_round(desk.session, plan, ground) for plan in plans]


@uncollected()
def import_round(session: Session, plan: RoundPlan, ground: ImportGround) -> ImportReport:
    """Store `plan`.  Raises InputRefused with every fault, or NotReady when no round can be told."""
    round_, is_new = _round_for(session, plan, ground)
    report = ImportReport(
        kind=plan.kind,
        round=round_.code,
        aspects=plan.count(Level.ASPECT),
        problems=plan.count(Level.PROBLEM),
        items=plan.count(Level.ITEM),
        measures=len(plan.measures()),
        units=len(plan.units),
        people=len(plan.people),
        declared=plan.declared if plan.declared != Declared() else None,
        declared_from=plan.claims,
    )
    faults: list[Fault] = []
    before = read_house(session, round_.id)
    plan = leave_open(plan, session, report)
    _refresh(round_, plan)
    trust, on = _trust(session, report, ground), ground.moment.on
    house = HouseGround(session=session, report=report, faults=faults, trust=trust, on=on)
    units = store_units(house, plan.units)
    directory = store_people(house, plan.people, units)
    findings = store_findings(session, round_, plan.findings, report.changes)
    _store_measures(
        findings,
        MeasureGround(
            session=session,
            round=round_,
            directory=directory,
            faults=faults,
            report=report,
            actor=ground.actor,
            timers=TimerGround(books=_books(session), calendar=ground.calendar, moment=ground.moment),
        ),
    )
    told = {
        "source": plan.kind,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
    }
    event: dict[str, Any] = {
        "round_id": round_.id,
        "kind": "round:import:create" if is_new else "round:import:update",
        "actor_id": ground.actor,
        "on": ground.moment.on,
        "at": ground.moment.at,
        "data": told,
    }
    session.flush()
    event["changed"] = house_changes(before, read_house(session, round_.id))
    append_events(session, [event])
    return report


def _trust(session: Session, report: ImportReport, ground: ImportGround) -> ImportTrust:
    name = session.get_one(Person, ground.actor).name if ground.actor is not None else None
    asker = TrustGround(
        session=session, moment=ground.moment, actor=ground.actor, name=name, is_proved=ground.is_proved
    )
    return ImportTrust(ground=asker, report=report)


def _store_measures(findings: Sequence[Hung], ground: MeasureGround) -> None:
    wanted, known = resolve(findings, ground), known_measures(ground)
    if ground.faults:
        raise InputRefused(tuple(ground.faults))
    changed = update_measures([(known[one.code], one) for one in wanted if one.code in known], ground)
    new = [one for one in wanted if one.code not in known]
    created = create_measures(new, len(known), ground)
    ground.handed.extend(Handed(measure=one, former=None) for one in created if one.owner_id is not None)
    sync_timers(ground.session, changed, ground.timers)
    announce_owners(ground.session, ground.handed, actor=ground.actor, moment=ground.timers.moment)
    ground.report.created = len(created)
    everything: list[Measure | NewMeasure] = [*known.values(), *created]
    ground.report.to_be_assigned = sum(one.state is State.ASSIGNED and one.owner_id is None for one in everything)


def _books(session: Session) -> dict[int, Any]:
    return {policy.id: read_policy(policy)[1] for policy in session.scalars(select(Policy))}


def feedback_of(session: Session, code: str | None) -> date | None:
    """Return the day of the feedback of the round that a ledger would go into; None when there is none yet."""
    query = select(Round.feedback_on).order_by(Round.id.desc()).limit(1)
    return session.scalar(query if code is None else query.where(Round.code == code))


def _round_for(session: Session, plan: RoundPlan, ground: ImportGround) -> tuple[Round, bool]:
    """Return the round that `plan` belongs to; a new one where there is none yet."""
    query = select(Round).order_by(Round.id.desc())
    feedback_on = plan.feedback_on or ground.feedback_on
    if ground.round is not None:
        found = session.scalar(query.where(Round.code == ground.round))
    elif plan.kind == "notice":
        found = session.scalar(
            query.where(Round.organisation == (plan.organisation or ""), Round.feedback_on == feedback_on)
        )
    else:
        found = session.scalar(query.limit(1))
    if found is not None:
        return found, False
    if feedback_on is None:
        if plan.kind == "notice":
            place = Place(file=plan.findings[0].place.file) if plan.findings else Place(file="")
            message = N_("the day of the feedback was not found; expected such as 于2025年3月3日反馈")
            raise FeedbackUnknown((Fault(place=place, value=None, message=message),))
        raise NotReady(N_("a ledger needs a round: import the notice first, or give --feedback-on"))
    policy = keep_policy(session, ground.lifecycle, ground.ladder, ground.moment)
    dates = round_dates(feedback_on, ground.rules, ground.calendar)
    round_ = Round(
        code=ground.round or _free_code(session, feedback_on),
        title=plan.title or "",
        organisation=plan.organisation or "",
        feedback_on=feedback_on,
        plan_due=dates.plan_due,
        concentrated_end=dates.concentrated_end,
        report_due=dates.report_due,
        zone=ground.zone,
        coordinator_may_close=ground.rules.coordinator_may_close,
        policy_id=policy.id,
        created_at=ground.moment.at,
    )
    session.add(round_)
    session.flush()
    return round_, True


def _refresh(round_: Round, plan: RoundPlan) -> None:
    """Take over what a notice says about the round as a whole."""
    if plan.kind != "notice":
        return
    round_.title = plan.title or round_.title
    round_.inspecting_body = plan.inspecting_body or round_.inspecting_body
    round_.inspected_from = plan.inspected_from or round_.inspected_from
    round_.inspected_to = plan.inspected_to or round_.inspected_to
    round_.contacts = asdict(plan.contacts)
    declared = asdict(plan.declared)
    as_of = declared.pop("as_of")
    if any(value is not None for value in declared.values()):
        round_.declared = {**declared, "as_of": as_of.isoformat() if as_of else None}


def _free_code(session: Session, feedback_on: date) -> str:
    """Return a code for a new round: year and month of the feedback, with a number where that is taken."""
    base = f"{feedback_on:%Y-%m}"
    taken = set(session.scalars(select(Round.code).where(Round.code.startswith(base))))
    number, code = 1, base
    while code in taken:
        number += 1
        code = f"{base}-{number}"
    return code
