"""The checklist of a verification: what is asked, what may be answered, and whether the answers let a measure pass.

Pure.  `config` reads the questions from checklist.yaml; a verification keeps the version that it began with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.rules.policy_words import known_keys, word, words
from engine.rules.refusal import NotReady, PolicyFault
from engine.rules.text import N_, Text
from engine.rules.vocabulary import MeasureClass

_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
MOST_QUESTIONS = 60
LONGEST_NOTE = 2000


class Need(StrEnum):
    """Whether a verdict waits for an answer."""

    NEEDED = "needed"
    OPTIONAL = "optional"


class Answer(StrEnum):
    """What may be answered."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "na"


ANSWERS: dict[Answer, Text] = {
    Answer.YES: N_("yes"),
    Answer.NO: N_("no"),
    Answer.NOT_APPLICABLE: N_("does not apply"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of the checklist."""

    id: str  #: stable; answers are kept under it
    zh: str
    en: str
    need: Need
    classes: frozenset[MeasureClass]  #: whom it is asked of

    def text(self, language: str) -> str:
        """Return the question in a language."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Checklist:
    """All questions, in the order in which they are asked."""

    questions: tuple[Question, ...]

    def asked_of(self, kind: MeasureClass) -> tuple[Question, ...]:
        """Return the questions that are asked of a measure of this class."""
        return tuple(one for one in self.questions if kind in one.classes)


@dataclass(frozen=True, slots=True)
class Given:
    """One answer with its note."""

    answer: Answer
    note: str = ""


def parse_checklist(plain: Mapping[str, Any]) -> Checklist:
    """Build the checklist from `plain` (the content of checklist.yaml).  Raises PolicyFault with the path."""
    known_keys(plain, {"version", "questions"}, ())
    listed = plain.get("questions")
    if not isinstance(listed, list):
        raise PolicyFault(("questions",), N_("a list of questions was expected"))
    if len(listed) > MOST_QUESTIONS:
        raise PolicyFault(("questions", MOST_QUESTIONS), N_("at most {count} questions", count=MOST_QUESTIONS))
    questions: list[Question] = []
    for place, body in enumerate(listed):
        question = _question(body, ("questions", place))
        if question.id in {one.id for one in questions}:
            raise PolicyFault(("questions", place, "id"), N_("there are two questions {id}", id=question.id))
        questions.append(question)
    return Checklist(tuple(questions))


def _question(body: object, path: tuple[str | int, ...]) -> Question:
    if not isinstance(body, Mapping):
        raise PolicyFault(path, N_("a question was expected: id, zh, en, need"))
    known_keys(body, {"id", "zh", "en", "need", "for"}, path)
    found = body.get("id")
    if not isinstance(found, str) or not _ID.fullmatch(found):
        place = (*path, "id") if "id" in body else path
        raise PolicyFault(place, N_("{key}: small letters, digits and _ were expected", key="id"))
    classes = words(MeasureClass, body, "for", path) if "for" in body else tuple(MeasureClass)
    if not classes:
        raise PolicyFault((*path, "for"), N_("a class was expected; without it the question is asked of all"))
    need = word(Need, body["need"], (*path, "need")) if "need" in body else Need.NEEDED
    return Question(
        id=found, zh=_sentence(body, "zh", path), en=_sentence(body, "en", path), need=need, classes=frozenset(classes)
    )


def _sentence(body: Mapping[str, Any], key: str, path: tuple[str | int, ...]) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value.strip():
        place = (*path, key) if key in body else path
        raise PolicyFault(place, N_("{key}: the question's words were expected", key=key))
    return value.strip()


def check_answers(questions: Iterable[Question], given: Mapping[str, Given]) -> None:
    """Refuse answers to what is not asked, and notes without an end.  Raises NotReady."""
    known = {one.id for one in questions}
    for name, one in given.items():
        if name not in known:
            raise NotReady(N_("{question} is not asked in this verification", question=name))
        if len(one.note) > LONGEST_NOTE:
            raise NotReady(N_("a note of at most {count} signs was expected", count=LONGEST_NOTE))


def permit_pass(questions: Iterable[Question], given: Mapping[str, Given]) -> None:
    """Refuse, while a needed question is open, answered no, or said not to apply without a word why.

    What is optional keeps nobody.  Raises NotReady with the questions' numbers, as they are shown.
    """
    listed = list(enumerate(questions, start=1))
    needed = [(number, given.get(one.id)) for number, one in listed if one.need is Need.NEEDED]
    if open_ := tuple(str(number) for number, one in needed if one is None):
        raise NotReady(N_("needed questions of the checklist have no answer yet: {numbers}", numbers=open_))
    if failed := tuple(str(number) for number, one in needed if one and one.answer is Answer.NO):
        told = N_("needed questions are answered no: {numbers}; the measure can only be returned", numbers=failed)
        raise NotReady(told)
    bare = tuple(
        str(number) for number, one in needed if one and one.answer is Answer.NOT_APPLICABLE and not one.note.strip()
    )
    if bare:
        raise NotReady(N_("say in the note why these needed questions do not apply: {numbers}", numbers=bare))


def failed_lines(questions: Iterable[Question], given: Mapping[str, Given], language: str) -> tuple[str, ...]:
    """Return what was answered no, each with its note, for the reason of a return.

    >>> ask = Question(id="a", zh="是否到位？", en="Done?", need=Need.NEEDED, classes=frozenset())
    >>> failed_lines([ask], {"a": Given(Answer.NO, "缺签到表")}, "zh_CN")
    ('1. 是否到位？——否：缺签到表',)
    """
    no, colon = ("——否", "：") if language.startswith("zh") else (" — no", ": ")
    return tuple(
        f"{number}. {one.text(language)}{no}{colon + told.note.strip() if told.note.strip() else ''}"
        for number, one in enumerate(questions, start=1)
        if (told := given.get(one.id)) and told.answer is Answer.NO
    )
