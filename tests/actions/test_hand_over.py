"""What waits for one person is handed over at once: to whom, all or nothing, and what stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.actions.hand_over import HandedOver, hand_over
from engine.actions.shut_out import shut_out
from engine.actions.tell_unreached import tell_unreached
from engine.reads.lint import lint_round
from engine.reads.minutes_facts import read_minutes
from engine.rules.refusal import NotAllowed, NotFound, NotReady
from engine.rules.vocabulary import OtherWait
from models import Account, Person, Round
from tests.group_meetings import MAY, decide, draw_up
from tests.world import World


@pytest.fixture
def leaver(either_world: World) -> Iterator[World]:
    """Give a world in which wang owns three measures and a task, and wu is to check one of them."""
    world = either_world.at(MAY)
    world.measure("1-01")
    world.in_progress("1-02")
    world.submitted("1-03", verifier="wu")
    world.verified("1-04")
    draw_up(world)
    decide(world, "task", None, owner="wang", text="一周内报送方案", due=MAY)
    return world


def hand(world: World, who: str = "wang", **overrides: Any) -> HandedOver:
    plain: dict[str, Any] = {"to": "sun", "some": {}, "reason": "已调离"}
    return world.act("lin", hand_over, who, **plain | overrides)


def owners(world: World) -> dict[str, str]:
    codes = {number: code for code, number in world.people.items()}
    return {code: codes[world.get(code).owner_id or 0] for code in ("1-01", "1-02", "1-03", "1-04")}


def test_hand_over_when_somebody_leaves_then_others_get_each_measure_and_task(leaver: World):
    done = hand(leaver, some={"1-02": "tang"})
    assert owners(leaver) == {"1-01": "sun", "1-02": "tang", "1-03": "sun", "1-04": "wang"}
    assert [(one.code, one.to) for one in done.tasks] == [("2025-05/1", "孙经办")]
    assert done.stays is None, "nothing is asked of the owner of what has passed"
    assert [line.data["text"] for line in leaver.said(to="sun", kind="decision_task")] == ["一周内报送方案"]
    assert [line.data["to"] for line in leaver.said(to="wang", kind="task_away")] == ["孙经办"]
    leaver.fast_forward(MAY.replace(day=20))
    assert leaver.heard("sun", OtherWait.MEETING_TASK)
    assert not leaver.heard("wang", OtherWait.MEETING_TASK)


def test_minutes_when_a_task_is_given_to_others_later_then_tell_whom_the_meeting_named(leaver: World):
    hand(leaver)
    hand(leaver, "sun", to="tang")
    with leaver.sessions() as session:
        minutes = read_minutes(session, session.get_one(Round, leaver.round), "2025-05", leaver.moment)
    assert [one.owner for one in minutes.decisions] == ["王经办"]


def test_hand_over_when_somebody_was_to_verify_then_another_verifier_is_asked(leaver: World):
    done = hand(leaver, "wu", to=None)
    assert [(one.code, one.to) for one in done.verdicts] == [("1-03", "周核验")]
    assert [line.measure for line in leaver.said(to="zhou", kind="verification_asked")] == ["1-03"]


def test_hand_over_when_they_lead_or_head_then_that_stays_and_is_told(leaver: World):
    stays = hand(leaver, "qian", to=None).stays
    assert stays is not None
    assert [code for _, code in stays.led] == ["1-01", "1-02", "1-03", "1-04"]


@pytest.mark.parametrize(
    ("overrides", "kind", "words"),
    [
        ({"to": None, "some": {"1-01": "sun"}}, NotReady, "name the new owner"),
        ({"to": "wang"}, NotReady, "somebody else"),
        ({"to": "li", "some": {"9-99": "sun"}}, NotFound, "9-99"),
        ({"to": "he"}, NotReady, "shut out"),
        ({"reason": " "}, NotReady, "reason"),
    ],
)
def test_hand_over_when_something_is_wrong_then_nothing_changes(
    leaver: World, overrides: dict[str, Any], kind: type[Exception], words: str
):
    leaver.act("lin", shut_out, "he")
    before = owners(leaver)
    with pytest.raises(kind, match=words):
        hand(leaver, **overrides)
    assert owners(leaver) == before


def test_hand_over_when_asked_by_an_owner_then_refused(leaver: World):
    with pytest.raises(NotAllowed):
        leaver.act("wang", hand_over, "wang", to="sun", some={}, reason="x")


# Whom nothing reaches


def reach(world: World, *codes: str, by: str) -> None:
    with world.sessions.begin() as session:
        for code in codes:
            if by == "email":
                session.get_one(Person, world.people[code]).email = f"{code}@example.org"
            else:
                row = {"person_id": world.people[code], "password_hash": "", "changed_at": world.moment.at}
                session.add(Account(**row))


def told_people(world: World) -> list[Any]:
    with world.sessions.begin() as session:
        tell_unreached(session, world.moment)
    return [line.data["people"] for line in world.said(to="lin", kind="unreached")]


def test_unreached_when_an_owner_never_had_a_way_in_then_lint_names_them_until_there_is_one(either_world: World):
    world = either_world
    world.measure(lead=None)
    reach(world, "li", by="email")

    def grave() -> list[str]:
        with world.sessions() as session:
            found = lint_round(session, round_id=world.round, calendar=world.calendar, as_of=world.today)
        return [str(one.text) for one in found if one.is_grave and "nothing reaches" in str(one.text)]

    (told,) = grave()
    assert told.startswith("nothing reaches 1 people for whom open matters wait, without e-mail or a way in: 王经办;")
    reach(world, "wang", by="account")
    assert grave() == []


def test_unreached_when_the_daily_run_comes_then_the_coordinators_hear_it_once_a_month_and_of_each_change(
    either_world: World,
):
    world = either_world
    world.measure()
    reach(world, "qian", "li", by="email")
    assert told_people(world) == [["王经办"]]
    assert told_people(world) == [["王经办"]], "said already"
    world.measure("1-02", owner="sun")
    assert told_people(world)[1:] == [["孙经办", "王经办"]]
    world.at(world.today.replace(month=world.today.month + 1))
    assert len(told_people(world)) == 3
