"""The ladder's promises, as properties over ladders, deadlines and holders of every kind, in the real calendar."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.ladder import Ladder, LadderBook, Rung, climb, first_rung, parse_ladders
from engine.rules.refusal import PolicyFault
from engine.rules.vocabulary import OtherWait, Role, Slip, WaitsFor
from tests.factories import shipped_policies
from tests.world import real_calendar

CALENDAR = real_calendar()
BOOK: LadderBook = parse_ladders(shipped_policies().ladder)
DUE_DATE = BOOK.ladders[WaitsFor.DUE_DATE]

ladders = st.builds(
    lambda offsets, roles, every: Ladder(
        rungs=tuple(
            Rung(offset=offset, to=(role,), slip=Slip.RED) for offset, role in zip(sorted(offsets), roles, strict=False)
        ),
        repeat_every=every,
        within=None,
        hold_at_most=5,
    ),
    st.sets(st.integers(-20, 20), min_size=1, max_size=6),
    st.lists(st.sampled_from([Role.OWNER, Role.LEADER, Role.LEADING_GROUP]), min_size=6, max_size=6),
    st.integers(1, 12),
)
#: Over three years: a leap day, National Days and Spring Festivals with make-up days lie among them.
deadlines = st.dates(date(2024, 1, 15), date(2026, 12, 15))
days_after_first = st.integers(0, 120)
holders = st.frozensets(st.sampled_from([Role.OWNER, Role.LEADER, Role.LEADING_GROUP]))


@dataclass
class Record:
    """What a series of sweeps settled."""

    rung: int
    fires_on: date
    held: set[int] = field(default_factory=set)
    empty: set[int] = field(default_factory=set)
    notices: int = 0


def sweep(record: Record, ladder: Ladder, deadline: date, as_of: date, held: frozenset[Role]) -> None:
    if record.fires_on > as_of:
        return
    result = climb(
        ladder,
        deadline=deadline,
        rung=record.rung,
        as_of=as_of,
        calendar=CALENDAR,
        is_held=lambda rung: bool(held & set(rung.to)),
    )
    settled = {*result.superseded} | ({result.rung} if result.rung is not None else set())
    assert not settled & record.held, "a rung is climbed once"
    assert not {*result.empty} & record.empty
    record.held |= settled
    record.empty |= {*result.empty}
    record.notices += result.rung is not None
    record.rung, record.fires_on = result.next_rung, result.fires_on


def new_record(ladder: Ladder, deadline: date) -> Record:
    return Record(rung=0, fires_on=ladder.planned_on(0, deadline, CALENDAR))


def daily(ladder: Ladder, deadline: date, until: date, held: frozenset[Role]) -> Record:
    record = new_record(ladder, deadline)
    day = record.fires_on
    while day <= until:
        sweep(record, ladder, deadline, day, held)
        day += timedelta(days=1)
    return record


@given(ladders, deadlines, days_after_first)
def test_climb_when_asked_on_any_day_then_never_early(ladder: Ladder, deadline: date, late: int):
    as_of = ladder.planned_on(0, deadline, CALENDAR) + timedelta(days=late - 5)
    record = new_record(ladder, deadline)
    sweep(record, ladder, deadline, as_of, frozenset(Role))
    assert all(ladder.planned_on(number, deadline, CALENDAR) <= as_of for number in record.held)
    assert ladder.planned_on(record.rung, deadline, CALENDAR) == record.fires_on > as_of


@given(ladders, deadlines, days_after_first, holders)
def test_climb_when_late_once_then_as_good_as_often_on_time(
    ladder: Ladder, deadline: date, late: int, held: frozenset[Role]
):
    as_of = ladder.planned_on(0, deadline, CALENDAR) + timedelta(days=late)
    often = daily(ladder, deadline, as_of, held)
    once = new_record(ladder, deadline)
    sweep(once, ladder, deadline, as_of, held)
    assert (once.held, once.empty) == (often.held, often.empty)
    assert (once.rung, once.fires_on) == (often.rung, often.fires_on)
    assert once.notices == bool(once.held), "one notice, however many rungs were passed over"


@given(ladders, deadlines, days_after_first, holders)
def test_climb_when_repeated_on_the_same_day_then_quiet(
    ladder: Ladder, deadline: date, late: int, held: frozenset[Role]
):
    as_of = ladder.planned_on(0, deadline, CALENDAR) + timedelta(days=late)
    record = daily(ladder, deadline, as_of, held)
    again = climb(
        ladder, deadline=deadline, rung=record.rung, as_of=as_of, calendar=CALENDAR, is_held=lambda _rung: True
    )
    assert (again.rung, again.superseded, again.empty) == (None, (), ())
    assert (again.next_rung, again.fires_on) == (record.rung, record.fires_on)


@given(ladders, deadlines, days_after_first, st.integers(0, 60), holders)
def test_climb_when_the_day_is_later_then_nothing_is_unclimbed(
    ladder: Ladder, deadline: date, late: int, later: int, held: frozenset[Role]
):
    as_of = ladder.planned_on(0, deadline, CALENDAR) + timedelta(days=late)
    early, after = new_record(ladder, deadline), new_record(ladder, deadline)
    sweep(early, ladder, deadline, as_of, held)
    sweep(after, ladder, deadline, as_of + timedelta(days=later), held)
    assert early.held <= after.held
    assert early.empty <= after.empty
    assert early.rung <= after.rung


@given(ladders, deadlines, days_after_first, holders)
def test_climb_when_a_rung_is_empty_after_the_deadline_then_the_next_is_climbed_at_once(
    ladder: Ladder, deadline: date, late: int, held: frozenset[Role]
):
    as_of = ladder.planned_on(0, deadline, CALENDAR) + timedelta(days=late)
    record = daily(ladder, deadline, as_of, held)
    early = {number for number in record.held if ladder.planned_on(number, deadline, CALENDAR) > as_of}
    assert all(number - 1 in record.empty for number in early), "early only in the place of an empty rung"
    last = max(record.held | record.empty)
    if last in record.empty and last < len(ladder.rungs) - 1:
        assert ladder.offset(last) <= 0, "past the deadline nobody waits out an empty rung"


def test_climb_when_the_unit_head_is_missing_then_the_leader_hears_in_their_place():
    due = date(2025, 9, 3)
    ladder = Ladder(
        rungs=(
            Rung(offset=-3, to=(Role.UNIT_HEAD,), slip=Slip.YELLOW),
            Rung(offset=1, to=(Role.UNIT_HEAD,), slip=Slip.RED),
            Rung(offset=5, to=(Role.LEADER,), slip=Slip.RED),
            Rung(offset=10, to=(Role.LEADING_GROUP,), slip=Slip.GROUP),
        ),
        repeat_every=10,
        within=None,
        hold_at_most=5,
    )

    def ask(rung: int, day: date) -> tuple[int | None, tuple[int, ...], date]:
        result = climb(
            ladder,
            deadline=due,
            rung=rung,
            as_of=day,
            calendar=CALENDAR,
            is_held=lambda one: Role.UNIT_HEAD not in one.to,
        )
        return result.rung, result.empty, result.fires_on

    assert ask(0, date(2025, 8, 29)) == (None, (0,), date(2025, 9, 4)), "a reminder nobody gets is only left out"
    assert ask(1, date(2025, 9, 4)) == (2, (1,), date(2025, 9, 17))


def test_climb_when_the_last_rung_has_no_holder_then_it_is_asked_again_and_again():
    ladder = Ladder(
        rungs=(Rung(offset=1, to=(Role.LEADER,), slip=Slip.RED),), repeat_every=10, within=None, hold_at_most=5
    )
    record = daily(ladder, date(2025, 6, 2), date(2025, 8, 1), frozenset())
    assert not record.held
    assert len(record.empty) == 5


@pytest.mark.parametrize(
    ("rung", "day"),
    [
        (0, date(2025, 8, 19)),  # 30 working days before 29 September, all of them plain weeks but for Sunday 28th
        (2, date(2025, 9, 25)),
        (3, date(2025, 9, 30)),
        (4, date(2025, 10, 13)),  # the holiday of eight days; Saturday 11 October is made up
        (5, date(2025, 10, 20)),
        (6, date(2025, 11, 3)),
    ],
)
def test_planned_on_when_over_national_day_2025_then_make_up_days_count(rung: int, day: date):
    assert DUE_DATE.planned_on(rung, date(2025, 9, 29), CALENDAR) == day


@given(ladders, deadlines, st.integers(-60, 60))
def test_first_rung_when_a_wait_begins_then_past_reminders_are_not_owed_but_slips_are(
    ladder: Ladder, deadline: date, days: int
):
    begins_on = deadline + timedelta(days=days)
    first = first_rung(ladder, deadline=deadline, begins_on=begins_on, calendar=CALENDAR)
    assert first < len(ladder.rungs)
    left_out = range(first)
    assert all(ladder.offset(number) <= 0 for number in left_out)
    assert all(ladder.planned_on(number, deadline, CALENDAR) < begins_on for number in left_out)
    assert first == 0 or begins_on <= deadline, "what comes on record after its deadline owes the whole ladder"


def edited(edit: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    plain = deepcopy(dict(shipped_policies().ladder))
    edit(plain)
    return plain


@pytest.mark.parametrize(
    ("edit", "path"),
    [
        (lambda plain: plain["waits"].pop("due_date"), ("waits",)),
        (lambda plain: plain["waits"].update(lunch={"rungs": []}), ("waits", "lunch")),
        (lambda plain: plain["waits"].update(due_date=[]), ("waits", "due_date")),
        (lambda plain: plain["waits"]["due_date"].pop("repeat_every"), ("waits", "due_date")),
        (lambda plain: plain["waits"]["due_date"].update(repeat_every=0), ("waits", "due_date", "repeat_every")),
        (lambda plain: plain["waits"]["due_date"].update(repeat_every=True), ("waits", "due_date", "repeat_every")),
        (lambda plain: plain["waits"]["due_date"].update(within=3), ("waits", "due_date", "within")),
        (lambda plain: plain["waits"]["acceptance"].pop("within"), ("waits", "acceptance")),
        (lambda plain: plain["waits"]["due_date"].update(rungs=[]), ("waits", "due_date", "rungs")),
        (lambda plain: plain["waits"]["due_date"].update(rungs="T+1"), ("waits", "due_date", "rungs")),
        (lambda plain: plain["waits"]["due_date"].update(hold_at_most=99), ("waits", "due_date", "hold_at_most")),
        (lambda plain: plain["waits"]["due_date"].update(hold=1), ("waits", "due_date", "hold")),
        (lambda plain: plain["waits"]["due_date"]["rungs"].reverse(), ("waits", "due_date", "rungs", 1, "at")),
        (
            lambda plain: plain["waits"]["due_date"]["rungs"][1].update(at="T-30"),
            ("waits", "due_date", "rungs", 1, "at"),
        ),
        (lambda plain: plain["waits"]["due_date"]["rungs"][1].update(at=-7), ("waits", "due_date", "rungs", 1, "at")),
        (lambda plain: plain["waits"]["due_date"]["rungs"][1].pop("at"), ("waits", "due_date", "rungs", 1, "at")),
        (lambda plain: plain["waits"]["due_date"]["rungs"][2].update(to=[]), ("waits", "due_date", "rungs", 2, "to")),
        (
            lambda plain: plain["waits"]["due_date"]["rungs"][2].update(to="owner"),
            ("waits", "due_date", "rungs", 2, "to"),
        ),
        (
            lambda plain: plain["waits"]["due_date"]["rungs"][2].update(to=["owner", "head"]),
            ("waits", "due_date", "rungs", 2, "to", 1),
        ),
        (
            lambda plain: plain["waits"]["due_date"]["rungs"][2].update(slip="pink"),
            ("waits", "due_date", "rungs", 2, "slip"),
        ),
        (lambda plain: plain["waits"]["due_date"]["rungs"][2].pop("slip"), ("waits", "due_date", "rungs", 2, "slip")),
        (
            lambda plain: plain["waits"]["due_date"]["rungs"][2].update(who="x"),
            ("waits", "due_date", "rungs", 2, "who"),
        ),
        (lambda plain: plain["waits"]["due_date"]["rungs"].append("T+20"), ("waits", "due_date", "rungs", 6)),
        (lambda plain: plain["monthly_report"].update(day=32), ("monthly_report", "day")),
        (lambda plain: plain["monthly_report"].update(counts_from=40), ("monthly_report", "counts_from")),
        (lambda plain: plain["monthly_report"].update(dya=3), ("monthly_report", "dya")),
        (lambda plain: plain.pop("monthly_report"), ("monthly_report",)),
        (lambda plain: plain["extensions"].update(decided_by=["chief"]), ("extensions", "decided_by", 0)),
        (lambda plain: plain["extensions"].update(decided_by=["leader", "approver"]), ("extensions", "decided_by", 1)),
        (lambda plain: plain["extensions"].update(decided_by=["owner"]), ("extensions", "decided_by", 0)),
        (lambda plain: plain["extensions"].update(most=3), ("extensions", "most")),
        (lambda plain: plain.update(wait={}), ("wait",)),
    ],
)
def test_ladder_when_written_wrongly_then_the_fault_names_its_place(
    edit: Callable[[dict[str, Any]], object], path: tuple[str | int, ...]
):
    with pytest.raises(PolicyFault) as caught:
        parse_ladders(edited(edit))
    assert caught.value.path == path


def test_ladders_when_an_older_file_names_only_those_of_measures_then_the_others_are_the_shipped_ones():
    older = deepcopy(shipped_policies().ladder)
    for wait in OtherWait:
        del older["waits"][wait.value]
    assert parse_ladders(older) == BOOK
