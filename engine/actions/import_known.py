"""Brings measures that are on record up to date with a file.  Part of `import_round`.

An empty cell changes nothing.  Owner, unit and due date are free until the measure is accepted.  A measure that nobody
has owned yet, as a notice leaves it, takes its state and evidence from the ledger too: a round may be under way when it
comes on record.  Whatever is not free changes only by its own action: the record stands, and the report says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select

from engine.actions.announce_owners import Handed
from engine.actions.append_events import append_events
from engine.actions.import_measures import MeasureGround, Wanted
from engine.actions.import_new import open_verifications, standing
from engine.rules.import_report import Change
from engine.rules.names import STATE_NAMES
from engine.rules.text import N_, Text
from engine.rules.vocabulary import MeasureClass, State
from models import CoUnit, Evidence, Finding, Measure, ProgressReport
from models.facts import CO_UNITS, changes_between, facts_of


def update_measures(known: Sequence[tuple[Measure, Wanted]], ground: MeasureGround) -> list[Measure]:
    """Compare and update; return the measures that changed.  Reads once, writes in bulk.

    Measures that pass to a new owner are added to `ground.handed`.
    """
    if not known:
        return []
    helping, last_texts, named = _co_units(ground), _last_texts(ground), _evidence(ground)
    updates = [_Update(measure=measure, wanted=wanted, ground=ground) for measure, wanted in known]
    for update in updates:
        number = update.measure.id
        update.compare(helping.get(number, frozenset()), last_texts.get(number), named.get(number, frozenset()))
    made = [update for update in updates if update.changes]
    rows_of: dict[type[Any], list[dict[str, Any]]] = {
        CoUnit: [row for update in made for row in update.co_units],
        ProgressReport: [row for update in made for row in update.reports],
        Evidence: [row for update in made for row in update.evidence],
    }
    for table, rows in rows_of.items():
        if rows:
            ground.session.execute(insert(table), rows)
    ground.session.flush()
    append_events(ground.session, [update.event() for update in made])
    open_verifications([one.measure for one in made if one.begins_as is State.SUBMITTED], ground)
    ground.report.updated = len(made)
    ground.report.unchanged = len(updates) - len(made)
    ground.report.changes.extend(change for update in made for change in update.changes)
    return [update.measure for update in made]


@dataclass(slots=True, kw_only=True)
class _Update:
    """One measure and what the file changes in it."""

    measure: Measure
    wanted: Wanted
    ground: MeasureGround
    changes: list[Change] = field(default_factory=list)
    co_units: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    evidence: list[dict[str, Any]] = field(default_factory=list)
    before: dict[str, Any] = field(init=False)  #: the measure's own facts, and the units that help
    begins_as: State | None = None  #: the state that the file gives to a measure which nobody has owned yet

    def compare(self, helping: frozenset[int], last_text: str | None, named: frozenset[str]) -> None:
        """Set what is free, note what stays."""
        measure, wanted, plan = self.measure, self.wanted, self.wanted.plan
        self.before = facts_of(measure) | {CO_UNITS: sorted(helping)}
        names, units = self.ground.directory.name_of, self.ground.directory.unit_name_of
        is_fresh = measure.state is State.ASSIGNED and measure.owner_id is None
        self._set("text", plan.text)
        self._set_finding()
        self._set("measure_class", plan.measure_class)
        self._set("lead_id", wanted.lead, names)
        if measure.state is State.ASSIGNED:
            if wanted.owner not in {None, measure.owner_id}:
                measure.state_since = self.ground.timers.moment.on
                self.ground.handed.append(Handed(measure=measure, former=measure.owner_id))
            self._set("owner_id", wanted.owner, names)
            if plan.unit is not None or measure.unit_id is None:  # the owner's unit only fills a gap
                self._set("unit_id", wanted.unit, units)
            self._set_due()
        else:
            self._keep(N_("owner"), measure.owner_id, wanted.owner, names)
            if plan.unit is not None:
                self._keep(N_("responsible unit"), measure.unit_id, wanted.unit, units)
            if plan.due != measure.original_due:
                self._keep(N_("due date"), measure.due, plan.due, {})
        if is_fresh:
            self._begin(plan.state)
        else:
            self._keep(N_("state"), measure.state, plan.state, STATE_NAMES)
        self._add_evidence([name for name in plan.evidence if name not in named], is_free=is_fresh)
        for unit in wanted.co_units:
            if unit not in helping:
                self.co_units.append({"measure_id": measure.id, "unit_id": unit})
                self._note("co_unit", None, units.get(unit))
        if plan.progress and plan.progress != last_text:
            self.reports.append(
                {
                    "measure_id": measure.id,
                    "author_id": self.ground.actor,
                    "percent": measure.percent,
                    "text": plan.progress,
                    "on": self.ground.timers.moment.on,
                    "at": self.ground.timers.moment.at,
                }
            )
            self._note("progress", last_text, plan.progress)
            measure.reported_on = self.ground.timers.moment.on

    def _begin(self, state: State | None) -> None:
        measure = self.measure
        if state is None or state is measure.state:
            return
        self._note("state", measure.state.value, state.value)
        for name, value in standing(state, self.ground.timers.moment.on).items():
            setattr(measure, name, value)
        self.begins_as = state

    def _add_evidence(self, names: Sequence[str], *, is_free: bool) -> None:
        if not is_free:
            self._keep(N_("evidence"), None, "、".join(names) or None, {})
            return
        moment = self.ground.timers.moment
        for name in names:
            self.evidence.append(
                {"measure_id": self.measure.id, "name": name, "added_by_id": self.ground.actor, "added_at": moment.at}
            )
            self._note("evidence", None, name)

    def _set_finding(self) -> None:
        measure, finding = self.measure, self.wanted.finding
        if measure.finding_id != finding.id:
            before = self.ground.session.get_one(Finding, measure.finding_id)
            self._note(finding.level.value, before.text, finding.text)
            measure.finding_id = finding.id

    def _set_due(self) -> None:
        measure, plan = self.measure, self.wanted.plan
        is_open_ended = plan.due is None and plan.measure_class is MeasureClass.CONTINUOUS
        if plan.due == measure.due or (plan.due is None and not is_open_ended):
            return
        self._note("due", measure.due, plan.due)
        measure.due = measure.original_due = plan.due
        measure.deadline_version += 1

    def _set(self, name: str, value: Any, names: dict[int, str] | None = None) -> None:
        old = getattr(self.measure, name)
        if value is None or value == old:
            return
        spoken = names or {}
        self._note(name.removesuffix("_id"), spoken.get(old, old), spoken.get(value, value))
        setattr(self.measure, name, value)

    def _note(self, name: str, before: Any, after: Any) -> None:
        def plain(value: Any) -> str | None:
            return None if value is None else str(value)

        self.changes.append(Change(code=self.measure.code, field=name, before=plain(before), after=plain(after)))

    def _keep(self, what: Text, record: Any, file: Any, names: Any) -> None:
        if file is None or file == record:
            return
        self.ground.report.kept.append(
            N_(
                "{code}: the {what} stays {record}; the file says {file}, but that changes only by its own action",
                code=self.measure.code,
                what=what,
                record=names.get(record, record) or N_("empty"),
                file=names.get(file, file),
            )
        )

    def _after(self) -> dict[str, Any]:
        helping = {*self.before[CO_UNITS], *(row["unit_id"] for row in self.co_units)}
        return facts_of(self.measure) | {CO_UNITS: sorted(helping)}

    def event(self) -> dict[str, Any]:
        return {
            "round_id": self.measure.round_id,
            "measure_id": self.measure.id,
            "kind": "measure:import:update",
            "actor_id": self.ground.actor,
            "on": self.ground.timers.moment.on,
            "at": self.ground.timers.moment.at,
            "from_state": State.ASSIGNED if self.begins_as else None,
            "to_state": self.begins_as,
            "data": {change.field: [change.before, change.after] for change in self.changes},
            "changed": changes_between(self.before, self._after()),
        }


def _co_units(ground: MeasureGround) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    query = select(CoUnit.measure_id, CoUnit.unit_id).join(Measure, Measure.id == CoUnit.measure_id)
    for measure, unit in ground.session.execute(query.where(Measure.round_id == ground.round.id)):
        found.setdefault(measure, set()).add(unit)
    return {measure: frozenset(units) for measure, units in found.items()}


def _last_texts(ground: MeasureGround) -> dict[int, str]:
    newest = (
        select(func.max(ProgressReport.id))
        .join(Measure, Measure.id == ProgressReport.measure_id)
        .where(Measure.round_id == ground.round.id)
        .group_by(ProgressReport.measure_id)
    )
    query = select(ProgressReport.measure_id, ProgressReport.text).where(ProgressReport.id.in_(newest))
    return dict(ground.session.execute(query).tuples().all())


def _evidence(ground: MeasureGround) -> dict[int, frozenset[str]]:
    """Return the names of the evidence of every measure of the round."""
    query = select(Evidence.measure_id, Evidence.name).join(Measure).where(Measure.round_id == ground.round.id)
    named: dict[int, set[str]] = defaultdict(set)
    for measure, name in ground.session.execute(query).tuples():
        named[measure].add(name)
    return {measure: frozenset(names) for measure, names in named.items()}
