"""What a notice names beside its measures, where it cannot be stored: left open, and told.  Part of `import_round`.

A notice lists no units and people: one that is not on record is no fault of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.set_by_hand import read_set_by_hand
from engine.rules.import_report import ImportReport
from engine.rules.plan import FindingPlan, MeasurePlan, RoundPlan
from engine.rules.text import N_
from engine.rules.vocabulary import State
from models import Person, Unit

#: States in which somebody must own a measure; one that is closed needs nobody any more.
NEEDS_OWNER = frozenset({State.IN_PROGRESS, State.SUBMITTED, State.VERIFIED})
_SHOWN = 12  #: rows that are told


def leave_open(plan: RoundPlan, session: Session, report: ImportReport) -> RoundPlan:
    """Return a notice's plan without names that nobody has and states that need an owner; the report tells both."""
    if plan.kind != "notice":
        return plan
    opener = _Opener(*_known(session))
    findings = mapped(plan.findings, opener.settle)
    if opener.refused:
        told = N_(
            "not on record, or not one alone, and so left open: {names}",
            names=tuple(dict.fromkeys(opener.refused)),
        )
        report.kept.append(told)
    if opener.stopped:
        told = N_(
            "{count} measures begin as to be assigned: their state needs an owner, and none is known (rows {rows})",
            count=len(opener.stopped),
            rows=tuple(str(row) for row in dict.fromkeys(opener.stopped[:_SHOWN])),
        )
        report.kept.append(told)
    return replace(plan, findings=findings)


def _known(session: Session) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of units, and the names and codes that are one person's."""
    former = read_set_by_hand(session).former
    units = {*session.scalars(select(Unit.name)), *former["units"]}
    people = session.execute(select(Person.code, Person.name)).tuples().all()
    names = [name for _, name in people]
    codes = {code for code, _ in people} | {*former["people"]}
    return frozenset(units), frozenset(codes | {name for name in names if names.count(name) == 1})


@dataclass(slots=True)
class _Opener:
    """Takes away what cannot be stored, and remembers it."""

    units: Collection[str]
    people: Collection[str]
    refused: list[str] = field(default_factory=list)
    stopped: list[int | None] = field(default_factory=list)

    def settle(self, one: MeasurePlan) -> MeasurePlan:
        """Return a measure as it can be stored."""

        def known(name: str | None, names: Collection[str]) -> str | None:
            if name is not None and name not in names:
                self.refused.append(name)
                return None
            return name

        owner, state = known(one.owner, self.people), one.state
        if owner is None and state in NEEDS_OWNER:
            self.stopped.append(one.place.row)
            state = None
        return replace(
            one,
            owner=owner,
            lead=known(one.lead, self.people),
            unit=known(one.unit, self.units),
            co_units=tuple(name for name in one.co_units if known(name, self.units)),
            state=state,
        )


def mapped(findings: Iterable[FindingPlan], by: Callable[[MeasurePlan], MeasurePlan]) -> tuple[FindingPlan, ...]:
    """Return the findings with every measure as `by` returns it."""
    return tuple(
        replace(one, children=mapped(one.children, by), measures=tuple(map(by, one.measures))) for one in findings
    )
