"""Counts a printed figure once more, from the record, by SQL that stands beside it: what `duban trace` shows.

The statements share nothing with the reads that papers are made from, so that agreement is a proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.house_at import NEW, names_at
from engine.reads.measures_sql import Dialect, conditions_of, counted_sql, measures_at_sql
from engine.reads.rewind import on_record
from engine.rules.figure import (
    Change,
    Days,
    Figure,
    Findings,
    Kept,
    Listed,
    Measures,
    Record,
    Records,
    Reported,
    Share,
    Units,
    Written,
)
from engine.rules.moment import Moment
from engine.rules.progress import SETTLED
from models import Event, Round

_SETTLED = ", ".join(f"'{state}'" for state in sorted(SETTLED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What one statement gives: rows to be counted, or the number itself."""

    figure: Figure
    until: Moment
    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def value(self) -> int:
        """What the rows come to."""
        if isinstance(self.figure.source, Days | Reported | Kept | Written):
            return int(self.rows[0][-1]) if self.rows else 0
        return len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """A figure, counted again."""

    figure: Figure
    parts: tuple[Rows, ...]  #: one statement; two for what is made of two figures
    value: int

    @property
    def agrees(self) -> bool:
        """Whether the record gives what is printed."""
        return self.value == self.figure.value


class Recounter:
    """Counts the figures of one document of a round; equal statements are run once."""

    def __init__(self, session: Session, round_: Round, until: Moment) -> None:
        self._session, self._round, self._until = session, round_, until
        self._places: dict[Moment, Dialect] = {}
        self._found: dict[tuple[Any, Moment], Rows] = {}

    def recount(self, figure: Figure) -> Recount:
        """Count `figure` again."""
        source = figure.source
        if isinstance(source, Share):
            part, whole = self.recount(source.part), self.recount(source.whole)
            value = part.value * 100 // whole.value if whole.value else 0
            return Recount(figure=figure, parts=(*part.parts, *whole.parts), value=value)
        if isinstance(source, Change):
            now, then = self.recount(source.now), self.recount(source.then)
            value = then.value - now.value if source.fell else now.value - then.value
            return Recount(figure=figure, parts=(*now.parts, *then.parts), value=value)
        rows = self._rows(figure, figure.at or self._until)
        return Recount(figure=figure, parts=(rows,), value=rows.value)

    def _rows(self, figure: Figure, until: Moment) -> Rows:
        key = (figure.source, until)
        if key not in self._found:
            sql = _statement(figure.source, self._place(until))
            found = self._session.connection().exec_driver_sql(sql)
            self._found[key] = Rows(
                figure=figure,
                until=until,
                sql=sql,
                columns=tuple(found.keys()),
                rows=tuple(tuple(row) for row in found),
            )
        return self._found[key]

    def _place(self, until: Moment) -> Dialect:
        if until not in self._places:
            session, number = self._session, self._round.id
            names, _ = names_at(session, number, until)
            was_there = bool(session.scalar(select(on_record(number, until))))
            self._places[until] = Dialect(
                is_sqlite=session.get_bind().dialect.name == "sqlite",
                round_id=number,
                until=until,
                was_there=was_there,
                units={name: unit for unit, name in names.items() if unit is not None},
                first_new_finding=_first_new(session, until) if was_there else None,
            )
        return self._places[until]


def _first_new(session: Session, until: Moment) -> int | None:
    """Return the lowest id of the findings that came after a moment."""
    later = select(Event.changed).where(Event.measure_id.is_(None), Event.at > until.at, Event.changed.is_not(None))
    found = [(changed or {}).get(NEW, {}).get("findings") for changed in session.scalars(later)]
    return min((one for one in found if one is not None), default=None)


def _statement(source: Any, place: Dialect) -> str:
    if isinstance(source, Measures):
        return counted_sql(place, source)
    if isinstance(source, Findings):
        return _findings(source, place)
    if isinstance(source, Records):
        return _records(source, place)
    if isinstance(source, Units):
        return _units(source, place)
    return "\n".join(_single(source, place))


def _single(source: Any, place: Dialect) -> Iterator[str]:
    """Yield the lines of a statement that gives one number, or lines of an agenda."""
    if isinstance(source, Days):
        yield f"SELECT (SELECT ordinal FROM working_day WHERE day = '{source.end}')"
        yield f"     - (SELECT min(ordinal) FROM working_day WHERE is_working AND day >= '{source.start}') AS days"
    elif isinstance(source, Reported):
        done = "CASE WHEN state = 'closed' THEN 100 ELSE percent END AS percent" if source.closed_is_done else "percent"
        columns = ("state", "percent") if source.closed_is_done else ("percent",)
        yield f"WITH {measures_at_sql(place, columns, only=_quoted(source.code))}"
        yield f"SELECT code, {done} FROM stood"
    elif isinstance(source, Listed):
        yield "SELECT i.position, coalesce(m.code, '') AS code"
        yield "FROM agenda_item i JOIN agenda a ON a.id = i.agenda_id JOIN meeting g ON g.id = a.meeting_id"
        yield "  LEFT JOIN measure m ON m.id = i.measure_id"
        yield f"WHERE g.round_id = {place.round_id} AND g.period = {_quoted(source.period)}"
        yield f"  AND a.version = {source.version} AND i.section = {_quoted(source.section)}"
        yield "ORDER BY i.position"
    elif isinstance(source, Written):
        path = ("text", "params", source.name)
        value = (
            f"json_extract(i.line, '$.{'.'.join(path)}')"
            if place.is_sqlite
            else "i.line " + " ".join(f"{'->>' if name is path[-1] else '->'} '{name}'" for name in path)
        )
        subject = "json_extract(i.line, '$.subject')" if place.is_sqlite else "i.line ->> 'subject'"
        yield f"SELECT i.position, {value} AS number"
        yield "FROM agenda_item i JOIN agenda a ON a.id = i.agenda_id JOIN meeting g ON g.id = a.meeting_id"
        yield f"WHERE g.round_id = {place.round_id} AND g.period = {_quoted(source.period)}"
        yield f"  AND a.version = {source.version} AND {subject} = {_quoted(source.subject)}"
    elif isinstance(source, Kept):
        value = f"json_extract(figures, '$.{source.name}')" if place.is_sqlite else f"figures ->> '{source.name}'"
        yield f"SELECT period, {value} AS {source.name} FROM ledger_snapshot"
        yield f"WHERE round_id = {place.round_id} AND period < {_quoted(source.before)} ORDER BY period DESC LIMIT 1"


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def _findings(source: Findings, place: Dialect) -> str:
    """List findings; one is done when each part of it has measures, all are settled, and at least one is closed."""
    known = f"\n    AND f.id < {place.first_new_finding}" if place.first_new_finding is not None else ""
    level = f"FROM finding f WHERE f.round_id = {place.round_id} AND f.level = '{source.level}'{known}"
    if not (source.done or source.units):
        return f"SELECT f.code, f.text {level}\nORDER BY f.position"
    chosen, columns = conditions_of(place, Measures(units=source.units))
    stood = measures_at_sql(place, ("state", *columns, "finding_id"))
    below = "below b WHERE b.top = f.id"
    inside = "FROM stood JOIN below b ON b.id = stood.finding_id WHERE b.top = f.id"
    child = f"SELECT 1 FROM finding c WHERE c.parent_id = b.id{known.replace('f.id', 'c.id')}"
    conditions = [f"EXISTS (SELECT 1 {inside} AND {one})" for one in chosen]
    if source.done:
        conditions += [
            f"EXISTS (SELECT 1 {inside} AND stood.state = 'closed')",
            f"NOT EXISTS (SELECT 1 {inside} AND stood.state NOT IN ({_SETTLED}))",
            (
                f"NOT EXISTS (SELECT 1 FROM {below}\n      AND NOT EXISTS ({child})\n"
                "      AND NOT EXISTS (SELECT 1 FROM stood WHERE stood.finding_id = b.id))"
            ),
        ]
    fits = "\n  AND ".join(conditions)
    return (
        f"WITH RECURSIVE {stood},\nbelow(top, id) AS (\n  SELECT f.id, f.id {level}\n"
        "  UNION ALL\n  SELECT b.top, f.id FROM finding f JOIN below b ON f.parent_id = b.id"
        f"{known.replace('AND', 'WHERE', 1)}\n)\n"
        f"SELECT f.code, f.text {level}\n  AND {fits}\nORDER BY f.position"
    )


def _records(source: Records, place: Dialect) -> str:
    """List what is on record of one kind with one outcome; a meeting counts from its day on, the rest at once."""
    mine, outcome = f"round_id = {place.round_id}", _quoted(source.outcome)
    now = f"<= {place.instant(place.until.at)}"
    of_meeting = f" AND g.period = {_quoted(source.period)}" if source.period else ""
    what, where, order = {
        Record.MEETING: ("g.held_on\nFROM meeting g", f"g.{mine} AND g.held_on <= '{place.until.on}'", "g.held_on"),
        Record.DECISION: (
            (
                "m.code, g.held_on, d.number\nFROM decision d JOIN meeting g ON g.id = d.meeting_id\n"
                "  LEFT JOIN measure m ON m.id = d.measure_id"
            ),
            f"g.{mine}{of_meeting} AND d.kind = {outcome} AND d.at {now}",
            "g.held_on, d.number",
        ),
        Record.VERIFICATION: (
            "m.code, v.decided_at\nFROM verification v JOIN measure m ON m.id = v.measure_id",
            f"m.{mine} AND v.verdict = {outcome} AND v.decided_at {now}",
            "v.decided_at, v.id",
        ),
        Record.EXTENSION: (
            "m.code, x.old_due, x.new_due\nFROM extension x JOIN measure m ON m.id = x.measure_id",
            f"m.{mine} AND x.ruling = {outcome} AND x.decided_at {now}",
            "x.decided_at, x.id",
        ),
        Record.SLIP: (
            "m.code, s.climbed_on, s.waits_for\nFROM escalation s JOIN measure m ON m.id = s.measure_id",
            f"m.{mine} AND s.slip = {outcome} AND s.fate = 'climbed' AND s.at {now}",
            "s.climbed_on, s.id",
        ),
    }[source.record]
    return f"SELECT {what}\nWHERE {where}\nORDER BY {order}"


def _units(source: Units, place: Dialect) -> str:
    known = f"u.id IN ({', '.join(map(str, sorted(place.units.values())))})"
    if source.kind is not None:
        return f"SELECT u.name FROM unit u WHERE u.kind = '{source.kind}' AND {known}\nORDER BY u.id"
    stood = measures_at_sql(place, ("unit_id",))
    answers = f"u.id IN (SELECT unit_id FROM stood) AND {known}"
    return f"WITH {stood}\nSELECT u.name FROM unit u WHERE {answers}\nORDER BY u.id"
