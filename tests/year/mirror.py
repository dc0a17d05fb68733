"""What the database of a seeded year holds, read row by row: the ground on which the promises are judged.

It shares no rule and no query with the product.  What is only ever added is read once; `fresh_*` is what has come, or
has become something else, since the look before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, Table, or_, select
from sqlalchemy.orm import Session

from models import (
    Absence,
    Delivery,
    Digest,
    Escalation,
    Event,
    Extension,
    Measure,
    Notification,
    OtherRung,
    OtherTimer,
    Person,
    Policy,
    RoleGrant,
    Said,
    Sending,
    StuckTimer,
    Timer,
    Verification,
    WorkingDay,
)

UNDER_WAY = (Sending.PENDING, Sending.SENDING)


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


class Mirror:
    """Everything that the promises ask about, as plain rows."""

    def __init__(self) -> None:
        self.events: list[Row[Any]] = []
        self.escalations: list[Row[Any]] = []
        self.notifications: dict[int, Row[Any]] = {}
        self.digests: dict[int, Row[Any]] = {}
        self.deliveries: dict[int, Row[Any]] = {}
        self.stuck: list[Row[Any]] = []
        self.other_rungs: list[Row[Any]] = []
        self.working: frozenset[date] = frozenset()
        self.policies: dict[int, Row[Any]] = {}
        self._days_known = -1
        self._open: dict[str, set[int]] = defaultdict(set)

    def refresh(self, session: Session) -> None:
        """Read what has changed."""
        self.fresh_events = self._added(session, Event, self.events)
        self.fresh_escalations = self._added(session, Escalation, self.escalations)
        self.fresh_other_rungs = self._added(session, OtherRung, self.other_rungs)
        self.fresh_stuck = self._added(session, StuckTimer, self.stuck)
        self.fresh_notifications = self._followed(session, Notification, self.notifications, {Said.PENDING})
        self.fresh_deliveries = self._followed(session, Delivery, self.deliveries, set(UNDER_WAY))
        self._followed(session, Digest, self.digests, set())
        self.measures: dict[int, Row[Any]] = {row.id: row for row in self._all(session, Measure)}
        self.timers: dict[tuple[int, str], Row[Any]] = {
            (row.measure_id, row.waits_for): row for row in self._all(session, Timer)
        }
        self.others: dict[int, Row[Any]] = {row.id: row for row in self._all(session, OtherTimer)}
        self.people: dict[int, Row[Any]] = {row.id: row for row in self._all(session, Person)}
        self.grants: dict[tuple[str, int | None], list[int]] = defaultdict(list)
        for row in self._all(session, RoleGrant):
            self.grants[row.role, row.unit_id].append(row.person_id)
        self.absences = self._all(session, Absence)
        open_ones = select(_table(Verification)).where(Verification.verdict.is_(None))
        self.verifiers: dict[int, int | None] = {row.measure_id: row.verifier_id for row in session.execute(open_ones)}
        self.extensions: dict[int, Row[Any]] = {row.id: row for row in self._all(session, Extension)}
        for row in session.execute(select(_table(Policy)).where(Policy.id.not_in(list(self.policies)))):
            self.policies[row.id] = row
        self._read_days(session)

    def _all(self, session: Session, model: Any) -> list[Row[Any]]:
        table = _table(model)
        return list(session.execute(select(table).order_by(*table.primary_key)))

    def _added(self, session: Session, model: Any, known: list[Row[Any]]) -> list[Row[Any]]:
        table = _table(model)
        last = known[-1].id if known else 0
        fresh = list(session.execute(select(table).where(table.c.id > last).order_by(table.c.id)))
        known += fresh
        return fresh

    def _followed(
        self, session: Session, model: Any, known: dict[int, Row[Any]], unsettled: set[Any]
    ) -> list[tuple[Row[Any] | None, Row[Any]]]:
        """Return rows that are new or have changed, each with what it was."""
        table, open_ones = _table(model), self._open[model.__tablename__]
        which = or_(table.c.id > max(known, default=0), table.c.id.in_(open_ones))
        fresh = []
        for row in session.execute(select(table).where(which).order_by(table.c.id)):
            before = known.get(row.id)
            if before != row:
                fresh.append((before, row))
                known[row.id] = row
            if unsettled and row.state in unsettled:
                open_ones.add(row.id)
            else:
                open_ones.discard(row.id)
        return fresh

    def _read_days(self, session: Session) -> None:
        edits = sum(event.kind.startswith("calendar:") for event in self.fresh_events)
        if self._days_known < 0 or edits:
            self.working = frozenset(session.scalars(select(WorkingDay.day).where(WorkingDay.is_working)))
            self._days_known = 1

    # Arithmetic of its own

    def on_or_after(self, day: date) -> date:
        while day not in self.working:
            day += timedelta(days=1)
        return day

    def shift(self, day: date, count: int) -> date:
        """Return the working day `count` working days from `day`, counted from the working day it runs to."""
        day = self.on_or_after(day)
        step = timedelta(days=1 if count > 0 else -1)
        while count:
            day += step
            if day in self.working:
                count -= 1 if count > 0 else -1
        return day

    def ladder(self, measure: int, waits_for: str) -> Mapping[str, Any]:
        """Return the ladder of one wait as the policy of the measure writes it."""
        found: Mapping[str, Any] = self.policies[self.measures[measure].policy_id].ladder["waits"][waits_for]
        return found

    def rung(self, measure: int, waits_for: str, number: int) -> tuple[int, list[str]]:
        """Return the offset of a rung in working days, and the roles that it speaks to."""
        ladder = self.ladder(measure, waits_for)
        rungs, last = ladder["rungs"], len(ladder["rungs"]) - 1
        rung = rungs[min(number, last)]
        return int(rung["at"][1:]) + max(number - last, 0) * int(ladder["repeat_every"]), list(rung["to"])

    def planned(self, measure: int, waits_for: str, number: int, deadline: date) -> date:
        return self.shift(deadline, self.rung(measure, waits_for, number)[0])

    def holders(self, measure: int, role: str) -> set[int]:
        """Return who holds a role towards a measure now."""
        row = self.measures[measure]
        if role == "approver":
            asked = [one for one in self.extensions.values() if one.measure_id == measure and one.ruling == "pending"]
            return self.holders(measure, asked[0].approver_role) if asked else set()
        single = {"owner": row.owner_id, "leader": row.lead_id, "verifier": self.verifiers.get(measure)}
        if role in single:
            return {single[role]} - {None}  # type: ignore[arg-type]
        return set(self.grants[role, row.unit_id if role == "unit_head" else None])

    def stands_in_for(self, person: int, on: date) -> int:
        """Return who receives what is meant for a person on a day: the substitute, or the substitute's substitute."""
        away = {one.person_id: one.substitute_id for one in self.absences if one.first_day <= on <= one.last_day}
        seen = [person]
        while seen[-1] in away:
            follower = away[seen[-1]]
            if follower in seen:
                return person
            seen.append(follower)
        return seen[-1]
