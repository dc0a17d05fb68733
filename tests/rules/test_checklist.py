"""The checklist: what a file may say, what may be answered, and when the answers let a measure pass."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.checklist import (
    MOST_QUESTIONS,
    Answer,
    Given,
    Need,
    Question,
    check_answers,
    failed_lines,
    parse_checklist,
    permit_pass,
)
from engine.rules.refusal import NotReady, PolicyFault
from engine.rules.vocabulary import MeasureClass
from tests.factories import shipped_policies


def plain(**overrides: Any) -> dict[str, Any]:
    return {"id": "done", "zh": "是否到位？", "en": "Done?"} | overrides


def asked(**needs: Need) -> list[Question]:
    everybody = frozenset(MeasureClass)
    return [Question(id=name, zh=name, en=name, need=need, classes=everybody) for name, need in needs.items()]


def test_shipped_checklist_asks_more_of_what_has_a_rule_to_be_made():
    checklist = parse_checklist(shipped_policies().checklist)
    at_once = {one.id for one in checklist.asked_of(MeasureClass.AT_ONCE)}
    staged = {one.id for one in checklist.asked_of(MeasureClass.STAGED)}
    assert staged - at_once == {"rule_made", "may_rebound"}
    assert at_once < staged


@pytest.mark.parametrize(
    ("content", "path", "message"),
    [
        ({}, ("questions",), "a list of questions was expected"),
        ({"questions": [], "question": []}, ("question",), "question is not a setting; expected: questions, version"),
        ({"questions": ["a"]}, ("questions", 0), "a question was expected: id, zh, en, need"),
        ({"questions": [plain(id="Done")]}, ("questions", 0, "id"), "id: small letters, digits and _ were expected"),
        ({"questions": [plain(zh=" ")]}, ("questions", 0, "zh"), "zh: the question's words were expected"),
        (
            {"questions": [plain(need="must")]},
            ("questions", 0, "need"),
            "must is not known; expected one of: needed, optional",
        ),
        ({"questions": [plain(), plain()]}, ("questions", 1, "id"), "there are two questions done"),
        (
            {"questions": [plain(), plain(id="b", **{"for": []})]},
            ("questions", 1, "for"),
            "a class was expected; without it the question is asked of all",
        ),
        (
            {"questions": [plain(id=f"q{number}") for number in range(MOST_QUESTIONS + 1)]},
            ("questions", MOST_QUESTIONS),
            f"at most {MOST_QUESTIONS} questions",
        ),
    ],
)
def test_checklist_when_its_file_is_wrong_then_the_place_is_told(
    content: dict[str, Any], path: tuple[str | int, ...], message: str
):
    with pytest.raises(PolicyFault) as fault:
        parse_checklist(content)
    assert (fault.value.path, str(fault.value)) == (path, message)


def test_checklist_when_it_asks_nothing_then_everything_passes():
    permit_pass(parse_checklist({"questions": []}).asked_of(MeasureClass.STAGED), {})


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({}, "have no answer yet: 1, 3"),
        ({"a": Given(Answer.YES), "c": Given(Answer.NO)}, "are answered no: 3"),
        (
            {"a": Given(Answer.NOT_APPLICABLE, " "), "c": Given(Answer.YES)},
            "why these needed questions do not apply: 1",
        ),
    ],
)
def test_pass_when_a_needed_question_is_not_met_then_its_number_is_told(answers: dict[str, Given], message: str):
    with pytest.raises(NotReady, match=message):
        permit_pass(asked(a=Need.NEEDED, b=Need.OPTIONAL, c=Need.NEEDED), answers)


def test_pass_when_only_what_is_optional_is_open_or_no_then_it_may():
    questions = asked(a=Need.NEEDED, b=Need.OPTIONAL, c=Need.OPTIONAL)
    permit_pass(questions, {"a": Given(Answer.NOT_APPLICABLE, "不涉及"), "b": Given(Answer.NO)})


_ANSWERS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d"]), st.builds(Given, st.sampled_from(Answer), st.sampled_from(["", " ", "说明"]))
)


@given(_ANSWERS)
def test_pass_when_allowed_never_has_a_no_or_an_open_needed_question(answers: dict[str, Given]):
    questions = asked(a=Need.NEEDED, b=Need.OPTIONAL, c=Need.NEEDED, d=Need.OPTIONAL)
    met = all(
        (one := answers.get(name)) is not None
        and (one.answer is Answer.YES or (one.answer is Answer.NOT_APPLICABLE and bool(one.note.strip())))
        for name in ("a", "c")
    )
    try:
        permit_pass(questions, answers)
    except NotReady:
        assert not met
    else:
        assert met


def test_answers_when_they_are_to_nothing_that_is_asked_or_without_an_end_then_refused():
    with pytest.raises(NotReady, match="z is not asked"):
        check_answers(asked(a=Need.NEEDED), {"z": Given(Answer.YES)})
    with pytest.raises(NotReady, match="at most 2000 signs"):
        check_answers(asked(a=Need.NEEDED), {"a": Given(Answer.YES, "长" * 2001)})


def test_reason_when_questions_failed_tells_each_in_the_language_asked_for():
    questions = asked(a=Need.NEEDED, b=Need.OPTIONAL)
    answers = {"a": Given(Answer.YES), "b": Given(Answer.NO, " 缺签到表 ")}
    assert failed_lines(questions, answers, "zh_CN") == ("2. b——否：缺签到表",)
    assert failed_lines(questions, answers, "en") == ("2. b — no: 缺签到表",)
