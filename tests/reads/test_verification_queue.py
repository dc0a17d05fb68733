"""The queues and one verification: what is in each, page by page, in order; and what a verdict saw."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engine.actions.answer_checklist import answer_checklist
from engine.actions.attach_evidence import attach_evidence
from engine.actions.judge_verification import pass_verification, return_measure
from engine.actions.set_absence import set_absence
from engine.actions.start_verification import start_verification
from engine.reads import verification_queue
from engine.reads.verification_page import read_verification
from engine.reads.verification_queue import Queue, count_queues, find_verification, read_queue, read_verifiers
from engine.rules.checklist import Answer, Given
from engine.rules.sight import Sight
from models import Verification
from models.database import reading
from tests.factories import build_round
from tests.world import World

ALL = Sight(everything=True)
ASKS = {"questions": [{"id": "complete", "zh": "材料是否齐全？", "en": "Complete?"}]}


def codes(world: World, queue: Queue, *people: str, round_id: int | None = None) -> list[str]:
    """Return the codes of all pages, one after the other."""
    found, after = list[str](), None
    ids = frozenset(world.people[one] for one in people)
    with reading(world.sessions) as session:
        while True:
            part = read_queue(session, round_id or world.round, queue, people=ids, seen_by=ALL, after=after)
            found += [line.code for line in part.lines]
            if part.next is None:
                return found
            after = part.next


def numbers(world: World) -> list[int]:
    """Return the numbers of all verifications, the oldest first."""
    with world.sessions() as session:
        return list(session.scalars(select(Verification.id).order_by(Verification.id)))


def test_queues_hold_what_waits_for_whom_the_oldest_first(either_world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verification_queue, "PAGE", 2)
    world = either_world
    for number in range(1, 6):
        world.at(date(2025, 3, 2 + number)).submitted(f"1-0{number}", verifier=None if number == 4 else "wu")
    world.at(date(2025, 3, 10)).submitted("1-06", verifier="zhou")
    world.act("wu", pass_verification, "1-02")
    world.at(date(2025, 3, 11)).act("wu", return_measure, "1-03", reason="缺材料")
    assert codes(world, Queue.MINE, "wu") == ["1-01", "1-05"]
    assert codes(world, Queue.MINE, "wu", "zhou") == ["1-01", "1-05", "1-06"]
    assert codes(world, Queue.WAITING) == ["1-04"]
    assert codes(world, Queue.UNDER_WAY) == ["1-01", "1-05", "1-06"]
    assert codes(world, Queue.DECIDED) == ["1-03", "1-02"]
    with world.sessions.begin() as session:
        other = build_round(session).id
    assert [codes(world, queue, "wu", round_id=other) for queue in Queue] == [[], [], [], []]
    with reading(world.sessions) as session:
        counts = count_queues(session, world.round, people=frozenset({world.people["wu"]}))
        first = read_queue(session, world.round, Queue.UNDER_WAY, people=frozenset(), seen_by=ALL).lines[0]
        back = read_queue(session, world.round, Queue.DECIDED, people=frozenset(), seen_by=ALL).lines[0]
    assert counts == {Queue.MINE: 2, Queue.WAITING: 1, Queue.UNDER_WAY: 3}
    assert (first.verifier, first.owner, first.deadline) == ("吴核验", "王经办", date(2025, 3, 10))
    assert (back.verdict, back.reason, back.deadline) == ("returned", "缺材料", None)


def test_queue_when_read_finds_what_waits_in_an_index_of_its_own(world: World):
    world.submitted()
    asked: list[str] = []
    with reading(world.sessions) as session:
        for queue in (Queue.WAITING, Queue.MINE):
            query = verification_queue._lines().where(*verification_queue._belongs(queue, frozenset({1})))
            query = query.order_by(Verification.requested_on, Verification.id)
            plan = session.connection().exec_driver_sql(
                "EXPLAIN QUERY PLAN " + str(query.compile(session.bind, compile_kwargs={"literal_binds": True}))
            )
            asked.append(" ".join(row[3] for row in plan))
    assert all("ix_verification_waiting" in one and "TEMP B-TREE" not in one for one in asked), asked


def test_verification_of_another_round_or_out_of_sight_is_not_found(world: World):
    world.submitted()
    with world.sessions.begin() as session:
        other = build_round(session).id
    nothing = Sight(everything=False)
    with reading(world.sessions) as session:
        assert find_verification(session, world.round, 1, seen_by=ALL) is not None
        assert find_verification(session, other, 1, seen_by=ALL) is None
        assert find_verification(session, world.round, 1, seen_by=nothing) is None


def test_verifiers_are_listed_the_least_busy_first_with_who_is_absent(either_world: World):
    world = either_world
    world.submitted("1-01", verifier="zhou")
    world.submitted("1-02", verifier="zhou")
    world.act("lin", set_absence, person="wu", substitute="tang", first_day=world.today, last_day=world.today)
    with reading(world.sessions) as session:
        found = read_verifiers(session, world.today)
    assert [(one.code, one.open_count, one.is_absent) for one in found] == [("wu", 0, True), ("zhou", 2, False)]


def test_verification_shows_what_the_verdict_saw_and_what_came_later(either_world: World):
    world = either_world
    world.submitted(verifier=None)
    world.act("lin", start_verification, ["1-01"], verifier="wu", checklist=ASKS)
    given = {"complete": Given(Answer.YES, "已核对")}
    world.act("wu", answer_checklist, "1-01", given, checklist=ASKS)
    world.act("wang", attach_evidence, "1-01", name="补充一")
    with reading(world.sessions) as session:
        detail = read_verification(session, numbers(world)[0])
    assert (detail.is_open, detail.is_changed, detail.has_checklist) == (True, True, True)
    assert [(one.name, one.is_new) for one in detail.evidence] == [("会议纪要.pdf", False), ("补充一", True)]
    (asked,) = detail.asked
    assert (asked.is_stale, asked.given, asked.answer, asked.note) == (True, None, Answer.YES, "已核对")
    world.act("lin", start_verification, ["1-01"])
    world.act("wu", answer_checklist, "1-01", given, checklist=ASKS)
    world.act("wu", pass_verification, "1-01")
    world.at(world.today + timedelta(days=1)).act("wang", attach_evidence, "1-01", name="补充二")
    with reading(world.sessions) as session:
        decided, again = (read_verification(session, number) for number in numbers(world))
    assert [one.name for one in decided.evidence] == ["会议纪要.pdf", "补充一"]
    assert (decided.is_changed, decided.asked[0].given) == (False, Given(Answer.YES, "已核对"))
    assert (decided.is_vouched, decided.decided_by) == (False, "吴核验")
    assert [one.name for one in again.evidence] == ["会议纪要.pdf", "补充一", "补充二"]
    assert again.asked[0].answer is None


def test_verification_when_passed_without_its_questions_tells_that_it_was_vouched_for(either_world: World):
    world = either_world
    world.submitted(verifier=None)
    world.act("lin", start_verification, ["1-01"], verifier="wu", checklist=ASKS)
    world.act("wu", pass_verification, "1-01")
    with reading(world.sessions) as session:
        assert read_verification(session, numbers(world)[0]).is_vouched
