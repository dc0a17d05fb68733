"""Stores what was read in: a notice or a ledger becomes, or brings up to date, a running round.

All or nothing, and safe to repeat: rows are matched by their code; what has moved on since the file was written (a
state, an accepted due date, an owner) stands as it is recorded and is said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
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
from engine.actions.import_named import NamedGround, settle_names
from engine.actions.import_new import create_measures
from engine.actions.import_open import leave_open
from engine.actions.import_people import HouseGround, store_people, store_units
from engine.actions.import_target import ImportGround, round_for
from engine.actions.import_trust import ImportTrust
from engine.actions.policies import read_policy
from engine.actions.timers import TimerGround, sync_timers
from engine.reads.house_at import house_changes, read_house
from engine.rules.access import only_for
from engine.rules.import_report import ImportReport, Row
from engine.rules.plan import Declared, Fault, InputRefused, RoundPlan
from engine.rules.vocabulary import Level, Role, State
from engine.uncollected import uncollected
from models import Measure, Person, Policy, Round
from models.measure import NewMeasure


def import_as(desk: Desk, plans: Sequence[RoundPlan], ground: ImportGround) -> list[ImportReport]:
    """Store `plans` in the name of who sits at the desk: what pages call.  For coordinators.  Raises Refusal too."""
    actor = find_actor(desk)
    only_for(actor, "import", (Role.COORDINATOR,))
    ground = replace(ground, actor=actor.person, is_proved=desk.is_proved)
    return [import_round(desk.session, plan, ground) for plan in plans]


@uncollected()
def import_round(session: Session, plan: RoundPlan, ground: ImportGround) -> ImportReport:
    """Store `plan`.  Raises InputRefused with every fault, or NotReady when no round can be told."""
    round_, is_new = round_for(session, plan, ground)
    report = ImportReport(
        kind=plan.kind,
        round=round_.code,
        aspects=plan.count(Level.ASPECT),
        problems=plan.count(Level.PROBLEM),
        items=plan.count(Level.ITEM),
        measures=len(plan.measures()),
        declared=plan.declared if plan.declared != Declared() else None,
        declared_from=plan.claims,
    )
    plan = settle_names(plan, NamedGround(session=session, round=round_, report=report, accepts=ground.create))
    report.units, report.people = len(plan.units), len(plan.people)
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
    known = known_measures(ground)
    wanted = resolve(findings, known, ground)
    if ground.faults:
        raise InputRefused(tuple(ground.faults))
    changed = update_measures([(known[one.code], one) for one in wanted if one.code in known], ground)
    new = [one for one in wanted if one.code not in known]
    if ground.report.kind == "ledger":
        named = {one.code for one in wanted}
        ground.report.new += [Row(code=one.code, text=one.plan.text) for one in new]
        ground.report.absent += [Row(code=code, text=one.text) for code, one in known.items() if code not in named]
    created = create_measures(new, len(known), ground)
    ground.handed.extend(Handed(measure=one, former=None) for one in created if one.owner_id is not None)
    sync_timers(ground.session, changed, ground.timers)
    announce_owners(ground.session, ground.handed, actor=ground.actor, moment=ground.timers.moment)
    ground.report.created = len(created)
    everything: list[Measure | NewMeasure] = [*known.values(), *created]
    ground.report.to_be_assigned = sum(one.state is State.ASSIGNED and one.owner_id is None for one in everything)


def _books(session: Session) -> dict[int, Any]:
    return {policy.id: read_policy(policy)[1] for policy in session.scalars(select(Policy))}


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
