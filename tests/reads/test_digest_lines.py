"""What a digest says: each notification that still holds is a line, told from the day on which it is sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import select, update

from engine.actions.set_absence import set_absence
from engine.reads.digest_lines import read_digests
from engine.reads.still_true import Told, read_told
from engine.rules.vocabulary import Role, Slip, WaitsFor
from models import Digest, Notification, Person
from notifications.messages import DigestMessage, Line
from notifications.sentences import notes
from tests.factories import build_measure, build_round
from tests.outbox_rows import bundle, say_to, statements
from tests.world import World

TODAY = date(2025, 9, 8)
DUE = date(2025, 9, 3)


def messages(world: World, leave_out: Collection[int] = ()) -> dict[str, DigestMessage]:
    """Return every digest's message by the code of who receives it, without the notifications `leave_out`."""
    says: dict[int, list[Told]] = defaultdict(list)
    with world.sessions() as session:
        for one in read_told(session, session.scalars(select(Digest.id)).all()):
            if one.id not in leave_out:
                says[one.digest].append(one)
        found = read_digests(session, says, on=world.today, calendar=world.calendar, language="zh_CN")
    return {message.code: message for message in found.values()}


def lines(world: World, who: str) -> tuple[Line, ...]:
    return messages(world)[who].lines


def slip(world: World, *people: str, code: str = "1-01", **overrides: Any) -> None:
    """Say to people that the due date of a measure has passed."""
    plain = {
        "kind": "rung",
        "slip": Slip.RED,
        "waits_for": WaitsFor.DUE_DATE,
        "deadline_version": 1,
        "deadline": DUE,
        "data": {"rung": 3, "passed_over": []},
    }
    say_to(world, *people, measure=code, **plain | overrides)


def test_digest_when_read_then_person_and_line_are_told_in_full(either_world: World):
    world = either_world.at(TODAY)
    world.measure(due=DUE, position=7, text="修订制度")
    slip(world, "wang")
    bundle(world)
    message = messages(world)["wang"]
    assert (message.person, message.email, message.language, message.on) == ("王经办", None, "zh_CN", TODAY)
    (line,) = message.lines
    assert (line.code, line.position, line.text, line.unit, line.owner) == ("1-01", 7, "修订制度", "一处", "王经办")
    assert (line.slip, line.role, line.waits_for, line.deadline) == (Slip.RED, Role.OWNER, WaitsFor.DUE_DATE, DUE)
    assert (line.days_late, line.stands_for, line.round) == (3, (), None)
    assert line.data == {"rung": 3, "passed_over": []}


def test_digest_when_it_goes_out_later_then_the_delay_counts_to_that_day(either_world: World):
    world = either_world.at(TODAY)
    world.measure(due=DUE)
    slip(world, "wang")
    bundle(world)
    assert [line.days_late for line in lines(world.at(date(2025, 9, 2)), "wang")] == [-1]
    assert [line.days_late for line in lines(world.at(date(2025, 9, 6)), "wang")] == [2]  # a Saturday
    assert [line.days_late for line in lines(world.at(date(2025, 10, 9)), "wang")] == [21]  # after the holiday


def test_digest_when_the_calendar_does_not_reach_so_far_then_the_delay_is_left_out(either_world: World):
    world = either_world.at(TODAY)
    world.measure(due=DUE)
    slip(world, "wang", deadline=date(2040, 1, 1))
    say_to(world, "wang")
    bundle(world)
    assert [(line.days_late, line.deadline) for line in lines(world, "wang")] == [
        (None, date(2040, 1, 1)),
        (None, None),
    ]


def test_digest_when_some_no_longer_hold_then_only_the_others_are_said(either_world: World):
    world = either_world.at(TODAY)
    for number in range(3):
        world.measure(f"1-0{number}", due=DUE)
        slip(world, "wang", code=f"1-0{number}")
    bundle(world)
    with world.sessions() as session:
        notes = session.scalars(select(Notification.id).order_by(Notification.id)).all()
    (message,) = messages(world, notes[1:2]).values()
    assert [line.code for line in message.lines] == ["1-00", "1-02"]
    assert messages(world, notes) == {}


def test_digest_when_the_reader_has_chosen_a_language_then_it_counts_before_the_houses(either_world: World):
    world = either_world.at(TODAY)
    with world.sessions.begin() as session:
        session.execute(update(Person).where(Person.code == "wang").values(language="en", email="wang@example.cn"))
    say_to(world, "wang", "li")
    bundle(world)
    found = messages(world)
    assert (found["wang"].language, found["wang"].email, found["li"].language) == ("en", "wang@example.cn", "zh_CN")


def test_digest_when_somebody_is_away_then_the_stand_in_reads_whose_duty_it_is(either_world: World):
    world = either_world.at(TODAY)
    world.measure(due=DUE)
    world.act("lin", set_absence, person="wang", substitute="sun", first_day=TODAY, last_day=TODAY)
    slip(world, "wang")
    bundle(world)
    (line,) = lines(world, "sun")
    assert (line.stands_for, line.owner) == (("王经办",), "王经办")


def test_digest_when_one_reads_the_same_for_several_then_it_is_one_line(either_world: World):
    world = either_world.at(TODAY)
    world.measure("1-01", due=DUE)
    world.measure("1-02", due=DUE)
    for person in ("wang", "li"):
        world.act("lin", set_absence, person=person, substitute="sun", first_day=TODAY, last_day=TODAY)
    slip(world, "wang", "li", code="1-01")  # for two others
    slip(world, "wang", "sun", code="1-02")  # for another and in one's own right
    bundle(world)
    assert [(line.code, line.stands_for) for line in lines(world, "sun")] == [
        ("1-01", ("王经办", "李处长")),
        ("1-02", ()),
    ]


def test_digest_when_two_rungs_of_one_wait_come_together_then_they_stay_two_lines(either_world: World):
    world = either_world.at(TODAY)
    world.measure(due=DUE)
    slip(world, "wang")
    slip(world, "wang", data={"rung": 4, "passed_over": []})
    slip(world, "wang", deadline_version=2)
    slip(world, "wang", waits_for=WaitsFor.MONTHLY_REPORT)
    bundle(world)
    assert len(lines(world, "wang")) == 4


def test_digest_when_it_speaks_of_several_rounds_then_each_line_names_its_round(either_world: World):
    world = either_world.at(TODAY)
    with world.sessions.begin() as session:
        other = build_round(session, title="专项巡察整改")
        number = build_measure(session, other, calendar=world.calendar, on=TODAY, code="9-01").round_id
    world.measure("1-01", due=DUE)
    slip(world, "wang", "li", code="1-01")
    slip(world, "wang", code="9-01", round_id=number)
    bundle(world)
    assert [(line.code, line.round) for line in lines(world, "wang")] == [
        ("1-01", "巡察整改"),
        ("9-01", "专项巡察整改"),
    ]
    assert [line.round for line in lines(world, "li")] == [None], "one round alone goes without saying"


def test_digest_when_there_are_many_then_two_queries_do(either_world: World):
    world = either_world.at(TODAY)
    world.measure(due=DUE)
    for _ in range(3):
        slip(world, "wang", "li", "qian", "zhao", "lin")
    bundle(world, cap=99)
    with statements(world.engine) as seen:
        found = messages(world)
    assert len(found) == 5
    assert len([one for one in seen if one.startswith("SELECT")]) == 1 + 2, "the digests' own ids first"


def test_digest_when_a_measure_was_just_given_and_is_reminded_of_then_it_is_told_once(either_world: World):
    world = either_world.at(TODAY)
    for code in ("1-01", "1-02", "1-03"):
        world.measure(code, due=DUE)
    for code in ("1-01", "1-02"):
        say_to(world, "wang", measure=code, kind="assigned", data={"by": "林联络"})
        slip(world, "wang", code=code, slip=Slip.REMINDER, waits_for=WaitsFor.ACCEPTANCE)
    slip(world, "wang", code="1-02")
    slip(world, "wang", code="1-03", slip=Slip.REMINDER)
    bundle(world)
    told = [(line.code, line.kind.value, line.slip) for line in lines(world, "wang")]
    assert told == [
        ("1-01", "assigned", Slip.REMINDER),
        ("1-02", "rung", Slip.RED),
        ("1-03", "rung", Slip.REMINDER),
    ]
    taken_in = next(line for line in lines(world, "wang") if line.code == "1-02")
    assert "It was just assigned to you. Please accept it." in [str(one) for one in notes(taken_in)]
