"""The measures of a round as they stood at a moment, as SQL that a database administrator can run and read.

Written by hand for both databases: the statement is itself what is shown.  It takes later changes back from the
record of events, as `engine.reads.rewind` does in Python, and so proves it.  Every value in it comes from the
database or from an enumeration; names become ids before they come here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.rules.figure import Measures
from engine.rules.lateness import HANDED_IN, Timing
from engine.rules.moment import Moment
from engine.rules.progress import OWED
from engine.rules.vocabulary import State

#: What stands before the value that an event keeps, on PostgreSQL.
_CASTS = {
    "due": "date",
    "original_due": "date",
    "handed_in_on": "date",
    "closed_on": "date",
    "unit_id": "bigint",
    "owner_id": "bigint",
    "finding_id": "bigint",
}
_CASTS |= {"position": "bigint", "percent": "bigint"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one database is asked about one round at one moment."""

    is_sqlite: bool
    round_id: int
    until: Moment
    was_there: bool  #: the round was on record at the moment
    units: dict[str, int]  #: ids by the names of the moment
    first_new_finding: int | None  #: findings from this id on came later

    def instant(self, at: datetime) -> str:
        """Return an instant as this database writes it."""
        return f"'{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}{'' if self.is_sqlite else '+00:00'}'"

    @property
    def later(self) -> str:
        """The condition on an event `e` that it happened after the moment."""
        return f"e.at > {self.instant(self.until.at)} AND e.\"on\" >= '{self.until.on}'"

    def kept(self, column: str, *, element: bool) -> str:
        """Return what an event says of a column: the value before, or whether it speaks of it at all."""
        if self.is_sqlite:
            return f"json_{'extract' if element else 'type'}(e.changed, '$.{column}{'[0]' if element else ''}')"
        return f"(e.changed -> '{column}' ->> 0)" if element else f"(e.changed -> '{column}')"


def measures_at_sql(where: Dialect, columns: Iterable[str], *, only: str | None = None) -> str:
    """Return the common table expression `stood`: id, code, position and `columns` of each measure, or `only` one.

    `only` is a code as SQL quotes it.
    """
    one = f" AND m.code = {only}" if only else ""
    told = ["m.id", "m.code", *(_at(where, column) for column in ("position", *dict.fromkeys(columns)))]
    there = f"\n    AND NOT {_made_later(where)}" if where.was_there else ""
    text = ",\n         ".join(told)
    return f"stood AS (\n  SELECT {text}\n  FROM measure m\n  WHERE m.round_id = {where.round_id}{one}{there}\n)"


def _made_later(where: Dialect) -> str:
    created = f"e.kind = 'measure:import:create' AND {where.later}"
    return f"EXISTS (SELECT 1 FROM event e WHERE e.measure_id = m.id AND {created})"


def _at(where: Dialect, column: str) -> str:
    """Return a column as it stood: what the earliest later event found, or what stands there now."""
    import_ = "" if where.was_there else " AND e.kind <> 'measure:import:update'"
    speaks = (
        f"FROM event e WHERE e.measure_id = m.id AND {where.later} AND e.kind <> 'measure:import:create'{import_}"
        f" AND {where.kept(column, element=False)} IS NOT NULL"
    )
    value = where.kept(column, element=True)
    if not where.is_sqlite and column in _CASTS:
        value = f"{value}::{_CASTS[column]}"
    first = ""
    if column == "state" and not where.was_there:
        first = f"WHEN {_made_later(where)} THEN 'assigned' "
    return (
        f"CASE {first}WHEN EXISTS (SELECT 1 {speaks})\n"
        f"           THEN (SELECT {value} {speaks} ORDER BY e.id LIMIT 1)\n"
        f"           ELSE m.{column} END AS {column}"
    )


def counted_sql(where: Dialect, which: Measures) -> str:
    """Return the statement that lists the measures which a figure counts: the code, and what it was chosen by."""
    conditions, columns = conditions_of(where, which)
    shown = ", ".join(("code", *(one for one in columns if one not in {"finding_id", "unit_id", "owner_id"})))
    fits = "\nWHERE " + "\n  AND ".join(conditions) if conditions else ""
    return f"WITH {measures_at_sql(where, columns)}\nSELECT {shown} FROM stood{fits}\nORDER BY position"


def conditions_of(where: Dialect, which: Measures) -> tuple[list[str], tuple[str, ...]]:
    """Return the conditions on a row of `stood`, and the columns that they read."""
    found: list[tuple[str, str]] = []
    if which.states:
        found.append(("state", f"state IN ({_words(which.states)})"))
    if which.units:
        found.append(("unit_id", _units(where, which.units)))
    if which.findings:
        found.append(("finding_id", f"finding_id IN ({', '.join(map(str, which.findings))})"))
    found += _late(where, which)
    if which.unowned:
        found.append(("owner_id", "owner_id IS NULL"))
    if which.dated is not None:
        found.append(("due", f"due IS {'NOT ' if which.dated else ''}NULL"))
    for column, sign, day in (
        ("due", ">=", which.due_from),
        ("due", "<=", which.due_until),
        ("closed_on", "<=", which.closed_until),
    ):
        if day is not None:
            found.append((column, f"{column} {sign} '{day}'"))
    conditions = [condition for _, condition in found if condition]
    if which.co_unit is not None:
        conditions.append(_helps(where, which.co_unit))
    return conditions, tuple(dict.fromkeys(column for column, _ in found))


def _late(where: Dialect, which: Measures) -> Iterator[tuple[str, str]]:
    """Yield what is asked of how late a measure is, or was: the column, and the condition."""
    if which.late is not None:
        late = (
            f"state IN ({_words(OWED)}) AND due <= "
            f"(SELECT max(day) FROM working_day WHERE is_working AND day < '{where.until.on}')"
        )
        yield "state", ""
        yield "due", late if which.late else f"NOT coalesce({late}, false)"
    if which.timing is not None:
        yield from ((column, "") for column in ("state", "original_due", "due", "handed_in_on", "closed_on"))
        yield from (("state", condition) for condition in _timing(where, which.timing))


def _timing(where: Dialect, timing: Timing) -> Iterator[str]:
    """Yield the conditions of a timing; days are compared by their ordinals, as a working day is late."""
    yield f"handed_in_on <= '{where.until.on}'"
    if timing is Timing.HANDED_IN_LATE:
        yield f"state IN ({_words(HANDED_IN)})"
        yield _days_after("due", "handed_in_on")
        return
    yield f"state = '{State.CLOSED}'"
    yield "original_due IS NOT NULL"
    is_late = _days_after("original_due", "handed_in_on")
    if timing is Timing.DONE_IN_TIME:
        yield f"NOT {is_late}"
    if timing in {Timing.DONE_LATE, Timing.DONE_LATE_EXTENDED}:
        yield is_late
    if timing is Timing.DONE_LATE_EXTENDED:
        yield _days_after("due", "handed_in_on")
    if timing is Timing.CLOSED_LATE:
        yield _days_after("original_due", "closed_on")


def _days_after(due: str, day: str) -> str:
    """Return the condition that at least one working day lies between a due date and a day."""
    begins = f"(SELECT min(ordinal) FROM working_day WHERE is_working AND day >= {due})"
    return f"coalesce((SELECT ordinal FROM working_day WHERE day = {day}) > {begins}, false)"


def _helps(where: Dialect, unit: str) -> str:
    """Return the condition that a unit helps: as the earliest later event found it, or as it stands."""
    number = where.units.get(unit, 0)
    told = where.kept("co_units", element=False)
    speaks = f"FROM event e WHERE e.measure_id = stood.id AND {where.later} AND {told} IS NOT NULL"
    array = "json_extract(e.changed, '$.co_units[0]')" if where.is_sqlite else "e.changed -> 'co_units' -> 0"
    each = "json_each" if where.is_sqlite else "json_array_elements_text"
    value = "value" if where.is_sqlite else "value::bigint"
    before = f"SELECT {array} {speaks} ORDER BY e.id LIMIT 1"
    return (
        f"CASE WHEN EXISTS (SELECT 1 {speaks})\n"
        f"    THEN EXISTS (SELECT 1 FROM {each}(({before})) WHERE {value} = {number})\n"
        f"    ELSE EXISTS (SELECT 1 FROM co_unit c WHERE c.measure_id = stood.id AND c.unit_id = {number}) END"
    )


def _units(where: Dialect, units: tuple[str | None, ...]) -> str:
    numbers = ", ".join(str(where.units.get(unit, 0)) for unit in units if unit is not None)
    told = [f"unit_id IN ({numbers})"] if numbers else []
    told += ["unit_id IS NULL"] if None in units else []
    return told[0] if len(told) == 1 else f"({' OR '.join(told)})"


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))
