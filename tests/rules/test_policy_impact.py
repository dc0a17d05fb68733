"""What another ladder changes: counted on both sides, per person, per measure, and on the first day."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.rules.forecast import Foreseen
from engine.rules.policy_impact import PersonCount, impact
from engine.rules.vocabulary import Slip, WaitsFor

FIRST, LATER = date(2025, 9, 1), date(2025, 9, 2)


def line(code: str = "1", *receivers: str, day: date = FIRST, slip: Slip = Slip.BLUE) -> Foreseen:
    plain: dict[str, Any] = {"waits_for": WaitsFor.DUE_DATE, "deadline": LATER, "rung": 0, "offset": -1}
    return Foreseen(day=day, code=code, slip=slip, receivers=receivers or ("王",), superseded=0, **plain)


def test_impact_when_a_rung_speaks_to_one_more_then_told_for_whom_and_which_measure():
    found = impact([line("1", "王"), line("2")], [line("1", "王", "李"), line("2")], first_day=FIRST)
    assert (found.before, found.after) == (2, 2)
    assert found.people == (PersonCount(name="李", before=0, after=1),)
    assert found.measures == ("1",)
    assert [one.code for one in found.at_once] == ["1"]


def test_impact_when_nobody_is_told_then_counted_on_neither_side():
    silent = Foreseen(
        **{name: getattr(line(), name) for name in ("day", "code", "waits_for", "deadline", "rung", "offset", "slip")},
        receivers=(),
        superseded=0,
    )
    found = impact([silent], [silent, line(day=LATER)], first_day=FIRST)
    assert (found.before, found.after, found.at_once) == (0, 1, ())
    (told,) = found.days
    assert (told.day, told.before, told.after) == (LATER, (), ((Slip.BLUE, 1),))


LINES = st.lists(
    st.builds(
        lambda code, who, day, slip: line(code, who, day=day, slip=slip),
        st.sampled_from("123"),
        st.sampled_from("王李张"),
        st.sampled_from([FIRST, LATER]),
        st.sampled_from(Slip),
    )
)


@given(LINES, LINES)
def test_impact_when_turned_round_then_everything_is_turned_round(one: list[Foreseen], other: list[Foreseen]):
    there, back = impact(one, other, first_day=FIRST), impact(other, one, first_day=FIRST)
    assert (there.before, there.after) == (back.after, back.before)
    assert there.measures == back.measures
    assert {(p.name, p.before, p.after) for p in there.people} == {(p.name, p.after, p.before) for p in back.people}
    assert sum(count for day in there.days for _, count in day.after) == there.after
    assert impact(one, one, first_day=FIRST).people == ()
