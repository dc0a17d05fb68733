"""Brings measures that are on record up to date with a file.  Part of `import_round`.

An empty cell changes nothing.  Owner, unit and due date are free until the measure is accepted; afterwards, like the
state at any time, they change only by their own actions: the record stands, and the report says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select

from engine.actions.import_measures import MeasureGround, Wanted
from engine.rules.import_report import Change
from engine.rules.names import STATE_NAMES
from engine.rules.text import N_, Text
from engine.rules.vocabulary import MeasureClass, State
from models import CoUnit, Event, Finding, Measure, ProgressReport


def update_measures(known: Sequence[tuple[Measure, Wanted]], ground: MeasureGround) -> list[Measure]:
    """Compare and update; return the measures that changed.  Reads once, writes in bulk."""
    if not known:
        return []
    helping, last_texts = _co_units(ground), _last_texts(ground)
    updates = [_Update(measure=measure, wanted=wanted, ground=ground) for measure, wanted in known]
    for update in updates:
        update.compare(helping.get(update.measure.id, frozenset()), last_texts.get(update.measure.id))
    made = [update for update in updates if update.changes]
    rows_of: dict[type[Any], list[dict[str, Any]]] = {
        CoUnit: [row for update in made for row in update.co_units],
        ProgressReport: [row for update in made for row in update.reports],
        Event: [update.event() for update in made],
    }
    for table, rows in rows_of.items():
        if rows:
            ground.session.execute(insert(table), rows)
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

    def compare(self, helping: frozenset[int], last_text: str | None) -> None:
        measure, wanted, plan = self.measure, self.wanted, self.wanted.plan
        names, units = self.ground.directory.name_of, self.ground.directory.unit_name_of
        self._set("text", plan.text)
        self._set_finding()
        self._set("measure_class", plan.measure_class)
        self._set("lead_id", wanted.lead, names)
        if measure.state is State.ASSIGNED:
            if wanted.owner not in {None, measure.owner_id}:
                measure.state_since = self.ground.timers.moment.on
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
        self._keep(N_("state"), measure.state, plan.state, STATE_NAMES)
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

    def event(self) -> dict[str, Any]:
        return {
            "round_id": self.measure.round_id,
            "measure_id": self.measure.id,
            "kind": "measure:import:update",
            "actor_id": self.ground.actor,
            "on": self.ground.timers.moment.on,
            "at": self.ground.timers.moment.at,
            "from_state": None,
            "to_state": None,
            "data": {change.field: [change.before, change.after] for change in self.changes},
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
