"""Orders for many measures at once: all or none, told one by one; reminders said once a day; views are one's own."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from engine.actions import many_measures
from engine.actions.many_measures import assign_measures, remind_owners
from engine.actions.saved_views import MOST, drop_view, save_view
from engine.rules.refusal import NotAllowed, NotFound, NotReady, Refusal
from models import SavedView
from tests.world import World


@pytest.fixture
def ledger(either_world: World) -> World:
    """Give a measure in progress, one without an owner, and one that is verified."""
    either_world.in_progress("b")
    either_world.measure("a", owner=None)
    either_world.verified("c")
    return either_world


def owners(world: World) -> dict[str, int | None]:
    return {code: world.get(code).owner_id for code in ("a", "b", "c")}


def test_measures_when_assigned_together_are_all_given_with_an_event_and_a_word_for_each(ledger: World):
    assert ledger.act("lin", assign_measures, ["b", "a", "b"], owner="孙经办", reason="分工调整") == 2
    assert owners(ledger) | {"c": None} == {"a": ledger.people["sun"], "b": ledger.people["sun"], "c": None}
    assert ledger.events("a")[-1] == "measure:owner:assign"
    assert {(line.to, line.measure) for line in ledger.said(kind="assigned", to="sun")} == {("sun", "a"), ("sun", "b")}


def test_measures_when_some_cannot_be_given_none_is_and_each_is_told_why(ledger: World):
    before = owners(ledger)
    with pytest.raises(Refusal) as refused:
        ledger.act("lin", assign_measures, ["c", "a", "b", "gone"], owner="sun")
    told = str(refused.value.text)
    assert all(f"{code}: " in told for code in ("b", "c", "gone"))
    assert "a: " not in told
    assert owners(ledger) == before
    assert ledger.said(kind="assigned", code="a") == []


def test_measures_when_very_many_are_refused_the_first_are_told(ledger: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(many_measures, "TOLD", 2)
    with pytest.raises(Refusal) as refused:
        ledger.act("lin", assign_measures, ["x1", "x2", "x3", "x4"], owner="sun")
    assert "and 2 more" in str(refused.value.text)


@pytest.mark.parametrize("person", ["wang", "li", "jian", "wu"])
def test_orders_for_many_are_refused_to_whoever_is_no_coordinator(ledger: World, person: str):
    with pytest.raises(NotAllowed):
        ledger.act(person, assign_measures, ["a", "b"], owner="sun", reason="x")
    with pytest.raises(NotAllowed):
        ledger.act(person, remind_owners, ["b"])
    assert ledger.said(kind="reminded") == []


def test_orders_for_nothing_for_too_much_and_for_nobody_are_refused(ledger: World):
    for codes in ([], [str(number) for number in range(501)]):
        with pytest.raises(NotReady):
            ledger.act("lin", remind_owners, codes)
        with pytest.raises(NotReady):
            ledger.act("lin", assign_measures, codes, owner="sun")
    with pytest.raises(NotFound, match="no person"):
        ledger.act("lin", assign_measures, ["a"], owner="无名")


def test_owners_when_reminded_hear_it_once_a_day_of_what_is_still_theirs_to_do(ledger: World):
    assert ledger.act("lin", remind_owners, ["a", "b", "c", "gone"]) == 1  # nobody owns a; c is handed in
    assert ledger.act("lin", remind_owners, ["b"]) == 0
    ledger.at(date(2025, 4, 1))
    assert ledger.act("lin", remind_owners, ["b"]) == 1
    assert [(line.to, line.measure, line.data["by"]) for line in ledger.said(kind="reminded")] == [
        ("wang", "b", "林联络"),
        ("wang", "b", "林联络"),
    ]


def test_view_when_kept_under_a_name_again_is_replaced_and_only_its_own_is_dropped(either_world: World):
    def views() -> list[tuple[str, str]]:
        with either_world.sessions() as session:
            return list(session.execute(select(SavedView.name, SavedView.query).order_by(SavedView.id)).tuples())

    for query in ("light=red", "light=blue"):
        either_world.act("lin", save_view, name="  我的  视图 ", query=query)
    either_world.act("wang", save_view, name="我的 视图", query="")
    assert views() == [("我的 视图", "light=blue"), ("我的 视图", "")]
    with either_world.sessions() as session:
        first = session.scalars(select(SavedView.id).order_by(SavedView.id)).first()
    either_world.act("wang", drop_view, first)
    assert len(views()) == 2
    either_world.act("lin", drop_view, first)
    assert views() == [("我的 视图", "")]


def test_view_without_a_name_too_long_or_one_too_many_is_refused(world: World):
    for name, query in ((" ", ""), ("名" * 61, ""), ("名", "x" * 2001)):
        with pytest.raises(NotReady):
            world.act("lin", save_view, name=name, query=query)
    for number in range(MOST):
        world.act("lin", save_view, name=str(number), query="")
    with pytest.raises(NotReady):
        world.act("lin", save_view, name="one more", query="")
