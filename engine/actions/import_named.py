"""Units and people that rows name and no sheet lists: created when that is accepted, else left open and told.

Part of `import_round`.  A sheet 单位 or 人员 is meant to list them all: a name that is missing there is a fault.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.import_open import NEEDS_OWNER, mapped
from engine.reads.set_by_hand import read_set_by_hand
from engine.rules.import_report import ImportReport
from engine.rules.ledger_layout import MAX_CODE
from engine.rules.plan import MeasurePlan, PersonPlan, Place, RoundPlan, UnitPlan
from engine.rules.proposal import Named, Proposal, pairs_alike
from engine.rules.text import N_
from engine.rules.vocabulary import UnitKind
from models import Person, Round, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedGround:
    """What is known, and what may be created."""

    session: Session
    round: Round
    report: ImportReport
    accepts: Collection[str] | None  #: names to create; None: all of them


def settle_names(plan: RoundPlan, ground: NamedGround) -> RoundPlan:
    """Return the plan with what it names and nobody knows: created, or left open; the report tells which."""
    if plan.kind != "ledger" or (plan.units and plan.people):
        return plan
    unknown = _Unknown(plan, ground.session)
    proposal = unknown.proposal(plan, _home(plan, ground))
    ground.report.proposal = proposal or None
    accepted = {
        one.name for one in (*proposal.units, *proposal.people) if ground.accepts is None or one.name in ground.accepts
    }
    if accepted:
        plan = _created(plan, proposal, accepted, _home(plan, ground))
    refused = {one.name for one in (*proposal.units, *proposal.people)} - accepted
    return _left_open(plan, refused, ground)


class _Unknown:
    """Which names nobody has."""

    def __init__(self, plan: RoundPlan, session: Session) -> None:
        former = read_set_by_hand(session).former
        people = session.execute(select(Person.code, Person.name)).tuples().all()
        self.units = {*session.scalars(select(Unit.name)), *former["units"], *(one.name for one in plan.units)}
        self.people = {name for pair in people for name in pair} | {*former["people"]}
        self.people |= {name for one in plan.people for name in (one.code, one.name)}

    def proposal(self, plan: RoundPlan, home: str) -> Proposal:
        """Return what would be created for `plan`; people without a unit belong to `home`."""
        units: Counter[str] = Counter()
        people: Counter[str] = Counter()
        places: dict[str, Counter[str]] = defaultdict(Counter)
        for measure in plan.measures():
            if not plan.units:
                units.update(name for name in (measure.unit, *measure.co_units) if name and name not in self.units)
            if not plan.people:
                named = dict.fromkeys((measure.owner, measure.lead))
                people.update(name for name in named if name and name not in self.people)
                if measure.owner and measure.unit:
                    places[measure.owner][measure.unit] += 1
        if people and any(not places[name] for name in people) and home not in self.units and not plan.units:
            units.setdefault(home, 0)
        unit_of = {name: places[name].most_common(1)[0][0] if places[name] else home for name in people}
        return Proposal(
            units=tuple(Named(name=name, count=count) for name, count in units.items()),
            people=tuple(Named(name=name, count=count, unit=unit_of[name]) for name, count in people.items()),
            alike=pairs_alike(units, self.units) + pairs_alike(people, self.people),
        )


def _home(plan: RoundPlan, ground: NamedGround) -> str:
    """Return the unit of people whose rows name none: the one above all on record, or the organisation itself."""
    top = ground.session.scalars(select(Unit.name).where(Unit.parent_id.is_(None)).limit(2)).all()
    return top[0] if len(top) == 1 else plan.organisation or ground.round.organisation or "本单位"


def _created(plan: RoundPlan, proposal: Proposal, accepted: Collection[str], home: str) -> RoundPlan:
    place = Place(file=plan.findings[0].place.file if plan.findings else "")
    units = [
        UnitPlan(
            name=one.name,
            kind=UnitKind.COMMITTEE if one.name == home else UnitKind.DEPARTMENT,
            parent=None,
            place=place,
        )
        for one in proposal.units
        if one.name in accepted
    ]
    people = [
        PersonPlan(
            name=one.name,
            code=one.name[:MAX_CODE],
            unit=one.unit or home,
            roles=(),
            email=None,
            language=None,
            place=place,
        )
        for one in proposal.people
        if one.name in accepted
    ]
    lacking = {one.unit for one in people} - {one.name for one in units} - {unit.name for unit in plan.units}
    refused = {one.name for one in proposal.units} - {one.name for one in units}
    if lacking & refused:
        people = [replace(one, unit=home) if one.unit in refused else one for one in people]
    return replace(plan, units=(*plan.units, *units), people=(*plan.people, *people))


def _left_open(plan: RoundPlan, refused: Collection[str], ground: NamedGround) -> RoundPlan:
    """Return the plan without names that are not created, and without states that need an owner; tell both."""
    stopped: list[MeasurePlan] = []

    def settle(one: MeasurePlan) -> MeasurePlan:
        owner = None if one.owner in refused else one.owner
        state = one.state
        if owner is None and state in NEEDS_OWNER and not plan.people:
            stopped.append(one)
            state = None
        return replace(
            one,
            owner=owner,
            lead=None if one.lead in refused else one.lead,
            unit=None if one.unit in refused else one.unit,
            co_units=tuple(name for name in one.co_units if name not in refused),
            state=state,
        )

    if not refused and not any(one.owner is None and one.state in NEEDS_OWNER for one in plan.measures()):
        return plan
    changed = mapped(plan.findings, settle)
    if refused:
        told = N_("nobody is on record by these names, so they are left open: {names}", names=tuple(sorted(refused)))
        ground.report.kept.append(told)
    if stopped:
        rows = tuple(str(one.place.row) for one in stopped[:12])
        told = N_(
            "{count} measures begin as to be assigned: their state needs an owner, and none is known (rows {rows})",
            count=len(stopped),
            rows=rows,
        )
        ground.report.kept.append(told)
    return replace(plan, findings=changed)
