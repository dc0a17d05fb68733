"""What the board counts of measures: state, light, aspect, unit and leader, at any moment.  Part of `board`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case
from sqlalchemy.orm import Session

from engine.reads.house_at import Rows
from engine.reads.standings import count_at
from engine.reads.timings import TIMING_COLUMNS, TIMING_FACTS, TimingReader
from engine.rules.lateness import Timing
from engine.rules.lights import Light, LightSpans
from engine.rules.moment import Moment
from engine.rules.progress import OWED, Figures, FindingNode, Standing, figures
from engine.rules.vocabulary import Level, State
from engine.rules.working_days import WorkingCalendar
from models import Measure

_m = Measure.__table__.c
LATE = frozenset({Light.RED, Light.GROUP})


class Stand(NamedTuple):
    """What the board counts of a measure."""

    finding: int
    unit: int | None
    lead: int | None
    state: State
    has_owner: bool
    light: Light
    timings: frozenset[Timing] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """One aspect, unit or leader."""

    id: int | None  #: None: none is named yet
    name: str | None
    counts: Mapping[State, int]
    late: int  #: overdue
    done_late: int = 0  #: closed, and handed in after the original due date
    closed_late: int = 0  #: closed after the original due date
    handed_in_late: int = 0  #: after the due date in force
    code: str | None = None  #: of an aspect

    @property
    def total(self) -> int:
        """How many measures there are, but for the cancelled."""
        return sum(count for state, count in self.counts.items() if state is not State.CANCELLED)

    @property
    def closed(self) -> int:
        """How many are closed."""
        return self.counts.get(State.CLOSED, 0)


def count_stands(
    session: Session,
    round_id: int,
    until: Moment,
    calendar: WorkingCalendar,
    *,
    spans: LightSpans,
    where: tuple[ColumnElement[bool], ...],
) -> Counter[Stand]:
    """Return how many measures stood how at `until`; `where` narrows by how they stand now."""
    timings = TimingReader(calendar, until.on)
    owed = and_(_m.state.in_(OWED), _m.due.is_not(None))
    light = case(
        (~owed, Light.NONE.value),
        *((_m.due <= latest, one.value) for one, latest in spans.until),
        else_=Light.GREEN.value,
    )
    return count_at(
        session,
        round_id,
        until,
        shown=(_m.finding_id, _m.unit_id, _m.lead_id, _m.state, _m.owner_id.is_not(None), light, *TIMING_COLUMNS),
        facts=("finding_id", "unit_id", "lead_id", "state", "owner_id", "due", *TIMING_FACTS),
        kind_of_row=lambda row: Stand._make((*row[:5], Light(row[5]), timings.of_row(row[3], row[6:]))),
        kind_of=lambda facts: Stand(
            facts["finding_id"],
            facts["unit_id"],
            facts["lead_id"],
            facts["state"],
            facts["owner_id"] is not None,
            spans.of(facts["state"], facts["due"]),
            timings.of_facts(facts),
        ),
        where=where,
    )


def figures_of(findings: Rows, stands: Mapping[Stand, int]) -> Figures:
    """Return the round in figures."""
    nodes = [
        FindingNode(id=number, parent=one["parent_id"], level=Level(one["level"])) for number, one in findings.items()
    ]
    standings = Counter[Standing]()
    for one, count in stands.items():
        standing = Standing(one.finding, one.unit, one.state, one.has_owner, one.light in LATE, one.timings)
        standings[standing] += count
    return figures(nodes, standings)


def lights_of(stands: Mapping[Stand, int]) -> dict[Light, int]:
    """Return how many measures have which light, every light named."""
    counts = Counter[Light]()
    for one, count in stands.items():
        counts[one.light] += count
    return {light: counts[light] for light in Light}


Key = Callable[[Stand], int | None]


def groups_of(
    stands: Mapping[Stand, int],
    key: Key,
    names: Mapping[int | None, str],
    codes: Mapping[int | None, str] | None = None,
) -> tuple[GroupLine, ...]:
    """Return the groups in which there is any measure, in the order of their names' ids; the nameless one last."""
    counts: dict[int | None, Counter[State]] = defaultdict(Counter)
    late = Counter[int | None]()
    timings: dict[int | None, Counter[Timing]] = defaultdict(Counter)
    for one, count in stands.items():
        timings[key(one)].update(dict.fromkeys(one.timings, count))
        counts[key(one)][one.state] += count
        late[key(one)] += count * (one.light in LATE)
    return tuple(
        GroupLine(
            id=number,
            name=names.get(number),
            counts=dict(counts[number]),
            late=late[number],
            done_late=timings[number][Timing.DONE_LATE],
            closed_late=timings[number][Timing.CLOSED_LATE],
            handed_in_late=timings[number][Timing.HANDED_IN_LATE],
            code=(codes or {}).get(number),
        )
        for number in [*(number for number in names if number in counts), *([None] if None in counts else [])]
    )


def aspect_of(findings: Rows) -> Key:
    """Return what tells the aspect of a stand."""

    def aspect(one: Stand) -> int | None:
        top = one.finding
        while (above := findings[top]["parent_id"] if top in findings else None) is not None:
            top = above
        return top

    return aspect


def aspect_names(findings: Rows) -> dict[int | None, str]:
    """Return the texts of the aspects, in the order of the ledger."""
    return {
        number: one["text"]
        for number, one in sorted(findings.items(), key=lambda one: one[1]["position"])
        if one["parent_id"] is None
    }
