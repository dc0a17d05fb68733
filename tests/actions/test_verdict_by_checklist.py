"""The checklist and the record of a visit: who may, what is kept, what freezes, and what a verdict asks of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.actions.answer_checklist import answer_checklist
from engine.actions.attach_evidence import attach_evidence
from engine.actions.desk import Desk
from engine.actions.judge_verification import Answered, pass_verification, return_measure
from engine.actions.record_site_visit import Photo, record_site_visit
from engine.actions.set_absence import set_absence
from engine.actions.start_verification import start_verification
from engine.rules.checklist import Answer, Given
from engine.rules.refusal import FourEyes, NotAllowed, NotReady, Refusal, WrongState
from engine.rules.vocabulary import State
from models import Checklist, ChecklistAnswer, Event, SitePhoto, SiteVisit, Verification
from tests.world import World

CODE = "1-01"
ASKS = {
    "version": 1,
    "questions": [
        {"id": "complete", "zh": "材料是否齐全？", "en": "Complete?", "need": "needed"},
        {"id": "rule", "zh": "制度是否印发？", "en": "Published?", "need": "needed"},
        {"id": "agreed", "zh": "群众是否认可？", "en": "Agreed?", "need": "optional"},
    ],
}
YES = Given(Answer.YES)
ALL_YES = {"complete": YES, "rule": YES}


def started(world: World, **asked: Any) -> World:
    """Let wang hand the measure in and lin ask wu, with the checklist."""
    world.submitted(verifier=None)
    world.act("lin", start_verification, [CODE], verifier="wu", checklist=asked.get("checklist", ASKS))
    return world


def answers(world: World) -> dict[str, tuple[Answer, str]]:
    with world.sessions() as session:
        return {one.question: (one.answer, one.note) for one in session.scalars(select(ChecklistAnswer))}


def told(world: World, kind: str) -> list[dict[str, Any]]:
    with world.sessions() as session:
        return list(session.scalars(select(Event.data).where(Event.kind == kind).order_by(Event.id)))


def answer(given: dict[str, Given], *, checklist: dict[str, Any] | None = None) -> Callable[[Desk], object]:
    return lambda desk: answer_checklist(desk, CODE, given, checklist=checklist or ASKS)


def visit(desk: Desk, **overrides: Any) -> object:
    plain: dict[str, Any] = {
        "on": desk.moment.on,
        "place": "城东泵站",
        "present": "王经办",
        "checked": "水泵",
        "found": "已更换",
        "photos": (Photo(name="IMG 1.jpg", sha256="cd" * 32, size=9),),
    }
    return record_site_visit(desk, CODE, **plain | overrides)


def test_answers_when_kept_are_replaced_and_the_record_tells_what_differs(either_world: World):
    world = started(either_world)
    world.act("wu", answer({"complete": YES, "agreed": Given(Answer.NO, " 未走访 ")}))
    version = world.get(CODE).version
    world.act("wu", answer({"complete": YES, "agreed": Given(Answer.NO, "未走访")}))
    assert world.get(CODE).version == version, "the same once more is nothing new"
    world.act("wu", answer({"complete": YES, "rule": YES}))
    assert answers(world) == {"complete": (Answer.YES, ""), "rule": (Answer.YES, "")}
    assert [one["answers"] for one in told(world, "measure:verification:answer")] == [
        {"complete": ["yes", ""], "agreed": ["no", "未走访"]},
        {"rule": ["yes", ""], "agreed": None},
    ]
    assert world.get(CODE).state is State.SUBMITTED


def test_pass_when_the_needed_questions_are_met_keeps_verdict_and_answers_together(either_world: World):
    world = started(either_world)
    lacking = Answered(given={"complete": YES}, checklist=ASKS)
    with pytest.raises(NotReady, match="no answer yet: 2"):
        world.act("wu", pass_verification, CODE, answered=lacking)
    assert answers(world) == {}, "what is refused keeps no answer"
    world.act("wu", pass_verification, CODE, answered=Answered(given=ALL_YES, checklist=ASKS))
    assert world.get(CODE).state is State.VERIFIED
    assert answers(world) == {"complete": (Answer.YES, ""), "rule": (Answer.YES, "")}
    assert world.events(CODE)[-2:] == ["measure:verification:answer", "measure:state:pass"]
    assert "vouched" not in told(world, "measure:state:pass")[0]


def test_return_when_a_question_failed_needs_a_reason_and_keeps_the_answers(either_world: World):
    world = started(either_world)
    answered = Answered(given={"complete": Given(Answer.NO, "缺签到表")}, checklist=ASKS)
    with pytest.raises(NotReady, match="a reason is needed"):
        world.act("wu", return_measure, CODE, reason=" ", answered=answered)
    world.act("wu", return_measure, CODE, reason="缺签到表", answered=answered)
    assert (world.get(CODE).state, answers(world)) == (State.IN_PROGRESS, {"complete": (Answer.NO, "缺签到表")})


def test_pass_when_no_question_is_shown_vouches_for_the_whole_but_never_over_an_answer(either_world: World):
    world = started(either_world)
    world.act("wu", answer({"complete": Given(Answer.NO)}))
    with pytest.raises(NotReady):
        world.act("wu", pass_verification, CODE)
    world.act("wu", answer({}))
    assert world.act("wu", pass_verification, CODE).state is State.VERIFIED
    assert told(world, "measure:state:pass") == [{"vouched": True}]


def test_verification_when_it_has_begun_keeps_its_checklist_whatever_it_becomes(either_world: World):
    world = started(either_world)
    newer = {"version": 1, "questions": [*ASKS["questions"], {"id": "more", "zh": "还有？", "en": "More?"}]}  # type: ignore[misc]
    with pytest.raises(NotReady, match="more is not asked"):
        world.act("wu", answer({"more": YES}, checklist=newer))
    world.act("wang", attach_evidence, CODE, name="补充材料")
    world.act("lin", start_verification, [CODE], checklist=newer)
    world.act("wu", pass_verification, CODE, answered=Answered(given=ALL_YES, checklist=newer))
    world.submitted("1-02", verifier=None)
    world.act("lin", start_verification, ["1-02"], verifier="wu", checklist=newer)
    with world.sessions() as session:
        first, second = session.scalars(select(Verification).order_by(Verification.id))
        assert first.checklist_id != second.checklist_id
        assert len(session.scalars(select(Checklist)).all()) == 2


def test_verification_when_it_began_without_a_checklist_takes_the_one_that_is_answered_first(either_world: World):
    world = either_world
    world.submitted()
    world.act("wu", answer({"complete": YES}))
    with pytest.raises(NotReady, match="no answer yet: 2"):
        world.act("wu", pass_verification, CODE)
    with world.sessions() as session:
        assert session.scalars(select(Verification)).one().checklist_id is not None


def test_answers_when_the_evidence_changed_since_are_asked_again(either_world: World):
    world = started(either_world)
    world.act("wu", answer(ALL_YES))
    world.act("wang", attach_evidence, CODE, name="补充材料")
    with pytest.raises(NotReady, match="start it again"):
        world.act("wu", pass_verification, CODE)
    world.act("lin", start_verification, [CODE])
    with pytest.raises(NotReady, match="no answer yet: 1, 2"):
        world.act("wu", pass_verification, CODE)
    world.act("wu", pass_verification, CODE, answered=Answered(given=ALL_YES, checklist=ASKS))
    assert answers(world).keys() == ALL_YES.keys()


def test_verdict_when_later_evidence_voids_it_is_asked_with_the_same_questions_anew(either_world: World):
    world = started(either_world)
    world.act("wu", pass_verification, CODE, answered=Answered(given=ALL_YES, checklist=ASKS))
    world.at(world.today + timedelta(days=1)).act("wang", attach_evidence, CODE, name="补充材料")
    with world.sessions() as session:
        voided, again = session.scalars(select(Verification).order_by(Verification.id))
        assert (voided.verdict, again.verdict) == ("voided", None)
        assert again.checklist_id == voided.checklist_id
    with pytest.raises(NotReady, match="no answer yet"):
        world.act("wu", pass_verification, CODE, answered=Answered(given={}, checklist=ASKS))


@pytest.mark.parametrize("person", ["zhou", "wang", "li", "lin", "jian", "tang"])
def test_answers_and_visits_when_somebody_else_gives_them_are_refused(world: World, person: str):
    started(world)
    for act in (answer(ALL_YES), visit):
        with pytest.raises((NotAllowed, FourEyes)):
            world.act(person, act)
    with pytest.raises((NotAllowed, FourEyes)):
        world.act(person, pass_verification, CODE, answered=Answered(given=ALL_YES, checklist=ASKS))
    assert answers(world) == {}


def test_answers_when_the_verifier_is_away_are_the_substitutes_but_not_the_owners(world: World):
    started(world)
    on = world.today
    world.act("lin", set_absence, person="wu", substitute="tang", first_day=on, last_day=on)
    world.confirm_trust()
    world.act("tang", answer(ALL_YES))
    assert answers(world).keys() == ALL_YES.keys()
    world.act("lin", set_absence, person="wu", substitute="sun", first_day=on, last_day=on)
    world.confirm_trust()
    with pytest.raises(Refusal):
        world.act("sun", answer({}))  # of the owner's unit


def test_answers_when_nobody_was_asked_yet_wait_for_the_coordinator(world: World):
    world.submitted(verifier=None)
    for act in (answer(ALL_YES), visit):
        with pytest.raises(NotReady, match="nobody was asked to verify 1-01 yet"):
            world.act("wu", act)


def test_answers_and_visits_when_nothing_is_submitted_are_refused(world: World):
    world.in_progress()
    for act in (answer(ALL_YES), visit):
        with pytest.raises(WrongState):
            world.act("wu", act)


def test_visit_when_recorded_is_kept_with_its_photos_and_their_hashes_stand_in_the_record(either_world: World):
    world = started(either_world)
    world.act("wu", visit)
    with world.sessions() as session:
        kept = session.scalars(select(SiteVisit)).one()
        photo = session.scalars(select(SitePhoto)).one()
    assert (kept.place, kept.found, photo.name, photo.visit_id) == ("城东泵站", "已更换", "IMG 1.jpg", kept.id)
    (data,) = told(world, "measure:verification:visit")
    assert (data["photos"], data["place"]) == (["cd" * 32], "城东泵站")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"place": " "}, "needs a place and what was found"),
        ({"found": ""}, "needs a place and what was found"),
        ({"on": date(2030, 1, 1)}, "still to come"),
    ],
)
def test_visit_when_something_is_missing_is_refused(world: World, wrong: dict[str, Any], message: str):
    started(world)
    with pytest.raises(NotReady, match=message):
        world.act("wu", lambda desk: visit(desk, **wrong))
