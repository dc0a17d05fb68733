"""A ledger page by page: what fits, in its order, each measure once; the same pages whatever is asked for at a time."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, select, text

from engine.reads import ledger_walks
from engine.reads.ledger_page import LedgerFilter, MeasureLine, find_people, find_unit, overdue, read_ledger_page
from engine.reads.ledger_terms import Order
from engine.rules.progress import SETTLED, is_overdue
from engine.rules.refusal import NotFound
from engine.rules.sight import Sight
from engine.rules.vocabulary import MeasureClass, State
from models import CoUnit, Finding, Measure
from models.bulk import insert_rows
from models.database import reading
from tests.factories import build_finding, build_round
from tests.group_meetings import statements
from tests.world import World

CODE = "1-01"
ALL = LedgerFilter()
ENOUGH = 100  #: pages


def pages(
    world: World, only: LedgerFilter = ALL, *, order: Order = Order.LEDGER, limit: int | None = None, round_id: int = 0
) -> list[tuple[MeasureLine, ...]]:
    """Return all pages, one after the other."""
    found, after = [], None
    with reading(world.sessions) as session:
        while not found or after:
            page = read_ledger_page(
                session,
                round_id or world.round,
                on=world.today,
                calendar=world.calendar,
                only=only,
                order=order,
                after=after,
                limit=limit,
            )
            found.append(page.lines)
            assert len(found) < ENOUGH, "it never ends"
            after = page.next
    return found


def listed(world: World, only: LedgerFilter = ALL, *, order: Order = Order.LEDGER) -> list[str]:
    return [line.code for page in pages(world, only, order=order) for line in page]


@pytest.fixture
def ledger(either_world: World) -> World:
    """Give five measures on 9 May, one of them overdue, and one of another round."""
    world = either_world
    world.in_progress("late", position=5, due=date(2025, 4, 30))
    world.in_progress("holiday", position=4, due=date(2025, 5, 8))
    world.verified("verified", position=3, due=date(2025, 4, 30))
    world.measure("nobody", position=2, owner=None, lead=None, unit_id=None, due=None)
    world.in_progress("suns", position=1, lead="li")
    with world.sessions.begin() as session:
        build_round(session)
    return world.at(date(2025, 5, 9))


@pytest.mark.parametrize(
    ("state", "unit", "person", "is_late", "codes"),
    [
        (None, None, None, False, ["suns", "nobody", "verified", "holiday", "late"]),
        (State.IN_PROGRESS, None, None, False, ["suns", "holiday", "late"]),
        (State.CLOSED, None, None, False, []),
        (None, "一处", None, False, ["suns", "verified", "holiday", "late"]),
        (None, "二处", None, False, []),
        (None, None, "wang", False, ["suns", "verified", "holiday", "late"]),
        (None, None, "王经办", False, ["suns", "verified", "holiday", "late"]),
        (None, None, "li", False, ["suns"]),
        (None, None, None, True, ["holiday", "late"]),
        (State.IN_PROGRESS, None, "qian", True, ["holiday", "late"]),
        (State.VERIFIED, None, None, True, []),
    ],
)
def test_list_when_narrowed_then_what_fits_in_the_order_of_the_ledger(
    ledger: World, *, state: State | None, unit: str | None, person: str | None, is_late: bool, codes: list[str]
):
    with ledger.sessions() as session:
        only = LedgerFilter(
            states=frozenset({state}) if state else frozenset(),
            unit=find_unit(session, unit) if unit else None,
            people=find_people(session, person) if person else frozenset(),
        )
    if is_late:
        only = overdue(only, ledger.today, ledger.calendar)
    assert listed(ledger, only) == codes
    assert set(listed(ledger, only, order=Order.DUE)) == set(codes)


def test_list_when_by_due_date_then_what_is_open_ended_comes_last(ledger: World):
    assert listed(ledger, order=Order.DUE) == ["late", "verified", "holiday", "suns", "nobody"]


def test_list_when_the_due_date_is_a_day_off_then_overdue_only_after_the_next_working_day(world: World):
    world.in_progress(due=date(2025, 5, 3))  # Labour Day lasts until the 5th
    found = {}
    for day in (4, 6, 7):
        world.at(date(2025, 5, day))
        found[day] = listed(world, overdue(ALL, world.today, world.calendar))
    assert found == {4: [], 6: [], 7: [CODE]}


def test_list_when_a_name_does_not_exist_then_refused(world: World):
    with world.sessions() as session:
        with pytest.raises(NotFound, match="no unit"):
            find_unit(session, "三处")
        with pytest.raises(NotFound, match="no person"):
            find_people(session, "nobody")


def test_list_when_somebody_owns_and_leads_a_measure_then_it_comes_once(either_world: World):
    either_world.in_progress("both", lead="wang")
    with either_world.sessions() as session:
        only = LedgerFilter(people=find_people(session, "wang"))
    assert listed(either_world, only) == listed(either_world, only, order=Order.DUE) == ["both"]


NUMBERS = count(1)
#: Few values, so that many rows are alike.
DUES = st.sampled_from([None, date(2025, 5, 8), date(2025, 5, 9), date(2025, 6, 1)])
ROW = st.fixed_dictionaries(
    {
        "due": DUES,
        "position": st.integers(1, 4),
        "state": st.sampled_from(State),
        "who": st.integers(0, 2),
        "kind": st.sampled_from(MeasureClass),
        "text": st.sampled_from(["制定采购制度", "x100%_y", "清理"]),
        "finding": st.sampled_from(["1", "1.1", "10"]),
        "helper": st.sampled_from([None, "二处"]),
    }
)
Row = dict[str, Any]
SEARCHED = ("", "制度", "采购 制定", "%", "_y", "y", "\\", "没有")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(ROW, min_size=1, max_size=25),
    states=st.frozensets(st.sampled_from(State), max_size=3),
    who=st.sampled_from(["", "unit", "owners", "leads", "people"]),
    number=st.integers(0, 1),
    kind=st.one_of(st.none(), st.sampled_from(MeasureClass)),
    between=st.one_of(st.none(), st.tuples(DUES, DUES)),
    finding=st.sampled_from([None, "1", "1.1", "10", "%"]),
    search=st.sampled_from(SEARCHED),
    seen_by=st.sampled_from([None, "一处 wang", "二处 sun", "everything"]),
    order=st.sampled_from(Order),
    limit=st.integers(1, 6),
)
def test_pages_when_put_together_then_every_row_that_fits_once_and_in_order(
    either_world: World,
    monkeypatch: pytest.MonkeyPatch,
    *,
    rows: list[Row],
    states: frozenset[State],
    who: str,
    number: int,
    kind: MeasureClass | None,
    between: tuple[date | None, date | None] | None,
    finding: str | None,
    search: str,
    seen_by: str | None,
    order: Order,
    limit: int,
):
    world = either_world
    monkeypatch.setattr(ledger_walks, "NEXT", 3)  # few rows, and most are gathered
    round_id = fill(world, rows)
    units, people = (world.units["一处"], world.units["二处"]), (world.people["wang"], world.people["qian"])
    whom = {"unit": units} | dict.fromkeys(("owners", "leads", "people"), tuple(frozenset({one}) for one in people))
    only = LedgerFilter(
        states=states,
        measure_class=kind,
        due_from=between[0] if between else None,
        due_until=between[1] if between else None,
        finding=finding,
        search=search,
        seen_by=sight(world, seen_by),
        **{who: whom[who][number]} if who else {},
    )
    with world.sessions() as session:
        measures = list(session.scalars(select(Measure).where(Measure.round_id == round_id)))
        helped = set(session.scalars(select(CoUnit.measure_id)))
        codes = dict(session.execute(select(Finding.id, Finding.code)).tuples().all())
    wanted = sorted(
        (one for one in measures if fits(world, one, only, above=codes[one.finding_id], is_helped=one.id in helped)),
        key=lambda one: place(one, order),
    )
    found = pages(world, only, order=order, limit=limit, round_id=round_id)
    assert [line.code for page in found for line in page] == [one.code for one in wanted]
    assert all(len(page) == limit for page in found[:-1])
    late = {one.code for one in wanted if is_overdue(one.state, one.due, world.today, world.calendar)}
    assert {line.code for page in found for line in page if line.is_overdue} == late


def sight(world: World, whose: str | None) -> Sight | None:
    """Return what somebody of a unit sees: "unit person"."""
    if whose is None or whose == "everything":
        return Sight(everything=True) if whose else None
    unit, person = whose.split()
    return Sight(everything=False, units=frozenset({world.units[unit]}), people=frozenset({world.people[person]}))


def fits(world: World, measure: Measure, only: LedgerFilter, *, above: str, is_helped: bool) -> bool:
    has_date = measure.due is not None
    units = {measure.unit_id, *([world.units["二处"]] if is_helped else [])} - {None}
    people = {measure.owner_id, measure.lead_id} - {None}
    words = (only.search or "").split()
    is_code = words == ["y"] and any_code_seen(world, measure.round_id, only)
    return all(
        (
            not only.states or measure.state in only.states,
            only.unit in (None, measure.unit_id),
            not only.owners or measure.owner_id in only.owners,
            not only.leads or measure.lead_id in only.leads,
            not only.people or {measure.owner_id, measure.lead_id} & only.people,
            only.measure_class in (None, measure.measure_class),
            only.due_from is None or (has_date and measure.due >= only.due_from),
            only.due_until is None or (has_date and measure.due <= only.due_until),
            only.finding is None or above == only.finding or above.startswith(f"{only.finding}."),
            is_code or all(word in measure.text for word in words),
            only.seen_by is None or only.seen_by.sees(units=frozenset(units), people=frozenset(people)),
        )
    )


def any_code_seen(world: World, round_id: int, only: LedgerFilter) -> bool:
    """Return whether `y`, the beginning of every code, is known to be one."""
    seen = LedgerFilter(seen_by=only.seen_by)
    return any(pages(world, seen, limit=1, round_id=round_id)[0])


def place(measure: Measure, order: Order) -> tuple[object, ...]:
    stage = order is Order.OPEN and measure.state in SETTLED
    return (stage, measure.position if order is Order.LEDGER else measure.due or date.max, measure.id)


def fill(world: World, rows: list[Row]) -> int:
    """Put these into a round of their own; return it."""
    world.at(date(2025, 5, 9))
    units = (world.units["一处"], world.units["二处"], None)
    people = (world.people["wang"], world.people["qian"], None)
    with world.sessions.begin() as session:
        round_ = build_round(session)
        findings = {code: build_finding(session, round_, code=code).id for code in ("1", "1.1", "10")}
        same = {
            "round_id": round_.id,
            "policy_id": round_.policy_id,
            "state_since": world.today,
            "closed_on": world.today,
            "deadline_version": 1,
            "percent": 0,
            "version": 1,
            "created_at": world.moment.at,
        }
        columns = ("code", "due", "position", "state", "unit_id", "owner_id", "lead_id", "measure_class", "text")
        values = [
            (
                f"y{next(NUMBERS)}",
                *(row["due"], row["position"], row["state"]),
                *(units[row["who"]], people[row["who"]], people[row["position"] % 3], row["kind"], row["text"]),
                findings[row["finding"]],
            )
            for row in rows
        ]
        insert_rows(session, Measure, (*columns, "finding_id"), values, same=same)
        numbers = dict(
            session.execute(select(Measure.code, Measure.id).where(Measure.round_id == round_.id)).tuples().all()
        )
        for row, value in zip(rows, values, strict=True):
            if row["helper"]:
                session.add(CoUnit(measure_id=numbers[value[0]], unit_id=world.units[row["helper"]]))
        return round_.id


def cursor(world: World, **asked: object) -> str:
    with reading(world.sessions) as session:
        page = read_ledger_page(
            session, world.round, on=world.today, calendar=world.calendar, **{"only": ALL, "limit": 2} | asked
        )
    assert page.next is not None
    return page.next


def forged(world: World, first: object, number: object) -> str:
    real = json.loads(base64.urlsafe_b64decode(cursor(world) + "=="))
    return base64.urlsafe_b64encode(json.dumps([first, number, real[2]]).encode()).decode()


def test_cursor_when_it_is_of_another_list_then_refused(ledger: World):
    given = [
        "",
        "x",
        "今天",
        "e30=",
        cursor(ledger)[:-3],
        cursor(ledger, order=Order.LEDGER),
        cursor(ledger, only=LedgerFilter(states=frozenset({State.IN_PROGRESS}))),
        *(forged(ledger, "2025-04-30", number) for number in (-1, 2**63, "1", None, [1], {})),
        *(forged(ledger, first, 1) for first in (1, "soon", [], {}, 2.5)),
    ]
    for after in given:
        with pytest.raises(NotFound, match="no page of this list"):
            cursor(ledger, after=after)


def test_page_when_rows_move_and_go_meanwhile_then_no_other_row_is_lost_or_twice(ledger: World):
    after = cursor(ledger)
    with ledger.sessions.begin() as session:
        session.execute(text("UPDATE measure SET due = '2025-12-31' WHERE code = 'late'"))
    with reading(ledger.sessions) as session:
        page = read_ledger_page(
            session, ledger.round, on=ledger.today, calendar=ledger.calendar, only=ALL, after=after, limit=9
        )
    assert [line.code for line in page.lines] == ["holiday", "suns", "late", "nobody"]
    assert page.next is None


@pytest.mark.parametrize("order", Order)
def test_pages_when_there_is_more_then_as_many_statements(either_world: World, order: Order):
    either_world.measure("1")
    with statements(either_world.engine) as short:
        listed(either_world, order=order)
    for number in range(8):
        either_world.measure(f"2-{number}", due=None if number % 2 else date(2025, 5, 1))
    with statements(either_world.engine) as long:
        assert len(listed(either_world, order=order)) == 9
    assert long == short


@pytest.mark.parametrize("only", [ALL, LedgerFilter(states=frozenset({State.IN_PROGRESS, State.CLOSED}))])
def test_page_when_what_is_open_comes_first_then_an_index_is_walked_and_nothing_large_is_sorted(
    either_world: World, only: LedgerFilter
):
    """Ten thousand measures, nearly all settled: the statements read a page's worth, and sort no more than that."""
    world = either_world
    round_id = fill_many(world, 10_000)
    with plans_of(world.engine) as plans, reading(world.sessions) as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ANALYZE measure"))
        asked: dict[str, Any] = {"on": world.today, "calendar": world.calendar, "only": only, "order": Order.OPEN}
        first = read_ledger_page(session, round_id, **asked, limit=50)
        read_ledger_page(session, round_id, **asked, limit=50, after=first.next)
    assert len(plans) >= 2
    for plan in plans:
        assert "ix_measure_round_id_state_due_id" in plan, plan
        assert "SCAN measure\n" not in plan, plan
        assert "Seq Scan on measure" not in plan, plan
        assert not re.search(r"SEARCH measure .*\n+USE TEMP B-TREE", plan), plan
        assert most_rows(plan) <= 51 * len(State), plan


def fill_many(world: World, count: int) -> int:
    """Put so many measures into a round of their own, one in a hundred still open; return it."""
    with world.sessions.begin() as session:
        round_ = build_round(session)
        same = {
            "round_id": round_.id,
            "policy_id": round_.policy_id,
            "finding_id": build_finding(session, round_).id,
            "measure_class": MeasureClass.STAGED,
            "text": "完善制度",
            "state_since": world.today,
            "closed_on": world.today,
            "deadline_version": 1,
            "percent": 0,
            "version": 1,
            "created_at": world.moment.at,
        }
        rows = (
            (
                f"z{number}",
                number,
                date(2025, 1 + number % 12, 1 + number % 28),
                State.CLOSED if number % 100 else State.IN_PROGRESS,
            )
            for number in range(count)
        )
        insert_rows(session, Measure, ("code", "position", "due", "state"), rows, same=same)
        return round_.id


@contextmanager
def plans_of(engine: Engine) -> Iterator[list[str]]:
    """Collect how the database goes about each statement over measures; PostgreSQL runs it for that."""
    is_postgres = engine.dialect.name == "postgresql"
    found: list[str] = []

    def explained(_conn: Any, cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:  # noqa: FBT001
        if not statement.lstrip().startswith("SELECT") or "measure" not in statement:
            return
        if is_postgres:
            with cursor.connection.cursor() as other:
                rows = other.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}", parameters).fetchall()
            found.append("\n".join(row[0] for row in rows))
        else:
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            found.append("".join(f"{row[3]}\n" for row in rows))

    event.listen(engine, "before_cursor_execute", explained)
    yield found
    event.remove(engine, "before_cursor_execute", explained)


def most_rows(plan: str) -> int:
    """Return the most rows that a sort of PostgreSQL got; SQLite sorts only what its walks have limited."""
    sorted_ = re.findall(r"Sort .*actual rows=(\d+)", plan)
    return max(map(int, sorted_), default=0)
