"""Resolves the names that a plan's measures use.  Part of `import_round`.

New measures are then created in bulk (`import_new.py`), known ones are compared and brought up to date
(`import_known.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.announce_owners import Handed
from engine.actions.import_findings import Hung
from engine.actions.import_open import NEEDS_OWNER
from engine.actions.import_people import Directory
from engine.actions.timers import TimerGround, hold_timers
from engine.rules.import_report import ImportReport
from engine.rules.plan import Fault, MeasurePlan
from engine.rules.text import N_, Text
from models import Finding, Measure, Round, Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureGround:
    """What storing measures needs."""

    session: Session
    round: Round
    directory: Directory
    faults: list[Fault]  #: every fault is added here; one is enough to store nothing
    report: ImportReport
    actor: int | None
    timers: TimerGround
    handed: list[Handed] = field(default_factory=list)  #: every measure that gets a new owner is added here


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A measure as the file wants it, with names resolved to numbers."""

    code: str
    finding: Finding
    plan: MeasurePlan
    owner: int | None
    lead: int | None
    unit: int | None
    co_units: tuple[int, ...]


def resolve(hung: Sequence[Hung], known: Mapping[str, Measure], ground: MeasureGround) -> list[Wanted]:
    """Return every measure of the plan with its names resolved; a name that nobody has is a fault."""
    numbers: Counter[int] = Counter()  # by finding: two that read the same are one
    told = {plan.code for _, plans in hung for plan in plans if plan.code and plan.code_told}
    texts = _Texts(known, told)
    wanted = []
    for finding, plans in hung:
        for plan in plans:
            numbers[finding.id] += 1
            number = numbers[finding.id]
            if plan.code_told:
                code = plan.code or f"{finding.code}-{number:02d}"
            elif (by_text := texts.code_of(finding, plan)) is not None:
                code = by_text
            elif plan.code_lost and plan.code not in known:
                message = N_("a number kept as text: Excel made a date of this one, and no measure has this text")
                place = replace(plan.place, column=plan.place.column or "序号")
                ground.faults.append(Fault(place=place, value=plan.code, message=message))
                continue
            else:
                code = texts.free(plan.code, finding, number)
            wanted.append(_resolve(finding, code, plan, ground))
    return wanted


class _Texts:
    """Finds measures on record by what they say, for rows whose number is derived; each is found once."""

    def __init__(self, known: Mapping[str, Measure], told: Collection[str]) -> None:
        self._known = known
        self._taken = {*told}
        self._by_text: dict[str, list[Measure]] | None = None

    def code_of(self, finding: Finding, plan: MeasurePlan) -> str | None:
        """Return the code of the measure with this text: of the same finding, or else the only one of the round."""
        if self._by_text is None:
            self._by_text = {}
            for measure in self._known.values():
                self._by_text.setdefault("".join(measure.text.split()), []).append(measure)
        same = [one for one in self._by_text.get("".join(plan.text.split()), ()) if one.code not in self._taken]
        here = [one for one in same if one.finding_id == finding.id] or (same if len(same) == 1 else [])
        if not here:
            return None
        self._taken.add(here[0].code)
        return here[0].code

    def free(self, code: str | None, finding: Finding, number: int) -> str:
        """Return the derived code, or the next number of the finding that no other measure has."""
        if code is not None and code not in self._taken:
            self._taken.add(code)
            return code
        derived = f"{finding.code}-{number:02d}"
        while derived in self._known or derived in self._taken:
            number += 1
            derived = f"{finding.code}-{number:02d}"
        self._taken.add(derived)
        return derived


def _resolve(finding: Finding, code: str, plan: MeasurePlan, ground: MeasureGround) -> Wanted:
    directory = ground.directory

    def fault(column: str, value: str | None, message: Text) -> None:
        ground.faults.append(Fault(place=replace(plan.place, column=column), value=value, message=message))

    def known(find: Callable[[str], int | Text], name: str | None, column: str) -> int | None:
        found = find(name) if name else None
        if isinstance(found, Text):
            fault(column, name, found)
            return None
        return found

    owner = known(directory.find_person, plan.owner, "责任人")
    if plan.owner is None and plan.state in NEEDS_OWNER:
        fault("责任人", None, N_("a measure in this state needs an owner"))
    responsible = known(directory.find_unit, plan.unit, "责任单位")
    helping = dict.fromkeys(known(directory.find_unit, name, "配合单位") for name in plan.co_units)
    return Wanted(
        code=code,
        finding=finding,
        plan=plan,
        owner=owner,
        lead=known(directory.find_person, plan.lead, "责任领导"),
        unit=responsible or (directory.unit_of.get(owner) if owner else None),
        co_units=tuple(one for one in helping if one is not None and one != responsible),
    )


def known_measures(ground: MeasureGround) -> dict[str, Measure]:
    """Return the round's measures by code, held with their timers until the import is done."""
    mine = Measure.round_id == ground.round.id
    rows = ground.session.scalars(
        select(Measure).where(mine).order_by(Measure.id).with_for_update(of=Measure, key_share=True)
    ).all()
    hold_timers(ground.session, Timer.measure_id.in_(select(Measure.id).where(mine)))
    return {measure.code: measure for measure in rows}
