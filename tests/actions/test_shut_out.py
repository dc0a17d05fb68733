"""Somebody is shut out while things wait for them: told at once, found, skipped by the ladder, given to others."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engine.actions.bundle_digests import bundle_digests
from engine.actions.many_measures import assign_measures
from engine.actions.reassign_measure import reassign_measure
from engine.actions.set_absence import set_absence
from engine.actions.shut_out import shut_out
from engine.reads.left_open import read_left_open
from engine.reads.lint import lint_round
from engine.rules.refusal import NotReady
from engine.rules.vocabulary import WaitsFor
from models import Digest, Person
from tests.world import World


def grave(world: World) -> list[tuple[str, tuple[str, ...]]]:
    with world.sessions() as session:
        found = lint_round(session, round_id=world.round, calendar=world.calendar, as_of=world.today)
    return [(str(one.text), one.codes) for one in found if one.is_grave and "shut out" in str(one.text)]


def test_shut_out_when_things_wait_then_the_coordinators_hear_it_at_once_and_lint_finds_it(either_world: World):
    world = either_world
    world.measure("1-01")
    world.in_progress("1-02")
    world.act("lin", shut_out, "wang")
    (told,) = world.said(kind="shut_out")
    assert (told.to, told.data["person"], told.data["count"]) == ("lin", "王经办", 2)
    assert grave(world) == [
        (
            "王经办 is shut out, and 2 open matters wait for them; duban person hand-over gives them to others",
            ("1-01", "1-02"),
        )
    ]
    world.act("lin", assign_measures, ["1-01", "1-02"], owner="sun", reason="已调离")
    assert grave(world) == []


def test_shut_out_when_they_hold_trust_then_all_others_who_do_hear_it(world: World):
    world.act("lin", shut_out, "zhou")
    assert {line.to for line in world.said(kind="shut_out")} == {"lin", "zhao", "jian", "wu"}


def test_left_open_when_they_lead_verify_head_alone_or_stand_in_then_all_of_it_is_told(either_world: World):
    world = either_world
    world.submitted(verifier="wu")
    days = {"first_day": world.today, "last_day": world.today}
    world.act("tang", set_absence, person="tang", substitute="qian", **days)
    for code in ("wu", "qian", "li"):
        world.act("lin", shut_out, code)
    with world.sessions() as session:
        left = {one.code: one for one in read_left_open(session, world.today)}
    assert [code for _, code in left["wu"].verified] == ["1-01"]
    assert [code for _, code in left["qian"].led] == ["1-01"]
    assert left["qian"].stands_for == ("唐科员",)
    assert left["li"].heads == ("一处",)
    assert [left[code].count for code in ("wu", "qian", "li")] == [1, 2, 1]


def test_ladder_when_the_owner_is_shut_out_then_skips_the_closed_account_and_says_so(either_world: World):
    world = either_world
    world.measure()
    world.act("lin", shut_out, "wang")
    world.fast_forward(date(2025, 3, 14))
    assert world.heard("wang") == []
    assert world.heard("li", WaitsFor.ACCEPTANCE), "the next in line hears"
    assert [line.to for line in world.said(kind="empty_rung")][:1] == ["lin"]


def test_head_when_shut_out_then_the_role_counts_as_empty(world: World):
    world.measure()
    world.act("lin", shut_out, "li")
    world.fast_forward(date(2025, 3, 14))
    assert world.heard("li") == []


def test_message_when_the_substitute_is_shut_out_then_stays_with_whose_duty_it_is(either_world: World):
    world = either_world
    days = {"first_day": world.today, "last_day": world.today + timedelta(days=30)}
    world.act("wang", set_absence, person="wang", substitute="sun", **days)
    world.measure()
    world.act("lin", shut_out, "sun")
    world.fast_forward(date(2025, 3, 7))
    with world.sessions.begin() as session:
        bundle_digests(session, batch="daily", moment=world.moment, channels=("inbox",), digests_per_day=9)
    with world.sessions() as session:
        receivers = set(session.scalars(select(Person.code).join(Digest, Digest.person_id == Person.id)))
    assert "wang" in receivers
    assert "sun" not in receivers


def test_nothing_is_given_to_who_is_shut_out(world: World):
    world.measure()
    world.act("lin", shut_out, "sun")
    with pytest.raises(NotReady, match="is shut out"):
        world.act("lin", reassign_measure, "1-01", owner="sun", reason="x")
    days = {"first_day": world.today, "last_day": world.today}
    with pytest.raises(NotReady, match="is shut out"):
        world.act("lin", set_absence, person="wang", substitute="sun", **days)
