"""How the verifiers of the sample come to a verdict: what they answer to the checklist, and what they saw on site.

Called by the cast.  Texts are Chinese by nature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from demo.sample import SampleMeasure
from engine.actions.desk import Desk
from engine.actions.judge_verification import Answered, pass_verification, return_measure
from engine.actions.record_site_visit import record_site_visit
from engine.rules.checklist import Answer, Given, Need, Question, parse_checklist

ON_SITE_EVERY = 4  #: of so many measures one is checked on site
LACKING = "佐证材料不充分"
RULE, SITE = "rule_made", "checked_on_site"


def pass_it(desk: Desk, measure: SampleMeasure, checklist: Mapping[str, Any], *, number: int) -> None:
    """Pass a measure by its answers; some after a visit."""
    is_visited = number % ON_SITE_EVERY == 0
    if is_visited:
        record_site_visit(
            desk,
            measure.code,
            on=desk.moment.on,
            place=f"{measure.unit}现场",
            present=f"{measure.owner}、核验人员2人",
            checked="查阅台账原件，随机抽查3项，与经办人和服务对象座谈",
            found="整改措施已落实，抽查未发现同类问题",
        )
    asked = _asked(measure, checklist)
    given = {one.id: _met(one, is_visited=is_visited, number=number) for one in asked if _is_told(one, number)}
    pass_verification(desk, measure.code, answered=Answered(given=given, checklist=checklist))


def return_it(desk: Desk, measure: SampleMeasure, checklist: Mapping[str, Any], *, reason: str | None) -> None:
    """Return a measure; the first question is what failed."""
    asked = _asked(measure, checklist)
    given = {one.id: Given(Answer.NO, reason or LACKING) for one in asked[:1]}
    return_measure(desk, measure.code, reason=reason or LACKING, answered=Answered(given=given, checklist=checklist))


def _asked(measure: SampleMeasure, checklist: Mapping[str, Any]) -> tuple[Question, ...]:
    return parse_checklist(checklist).asked_of(measure.measure_class)


def _is_told(question: Question, number: int) -> bool:
    """Say whether somebody answers: what is optional is left out now and then."""
    return question.need is Need.NEEDED or question.id == SITE or number % 2 == 0


def _met(question: Question, *, is_visited: bool, number: int) -> Given:
    if question.id == SITE and not is_visited:
        return Given(Answer.NO, "材料审核，未安排现场核查")
    if question.id == RULE and number % 3 == 0:
        return Given(Answer.NOT_APPLICABLE, "本措施不涉及建章立制")
    return Given(Answer.YES)
