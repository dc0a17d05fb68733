"""The sample notice, read like any other, gives the tree of the sample."""

from collections.abc import Iterator
from importlib.resources import as_file, files

import pytest

from demo.sample import NOTICE, SampleFinding, load_sample
from engine.rules.plan import FindingPlan, RoundPlan
from engine.rules.vocabulary import Level
from intake.notice.read_notice import read_notice

SAMPLE = load_sample()


@pytest.fixture(scope="module")
def plan() -> RoundPlan:
    with as_file(files("demo") / "data" / NOTICE) as path:
        return read_notice(path)


def _walk(finding: FindingPlan) -> Iterator[FindingPlan]:
    yield finding
    for child in finding.children:
        yield from _walk(child)


def _sample_measures(finding: SampleFinding) -> list[str]:
    return [measure.text for measure in finding.measures]


def test_sample_notice_when_read_then_its_findings_are_the_samples(plan: RoundPlan):
    read = [(one.level, one.text) for aspect in plan.findings for one in _walk(aspect)]
    assert read == [(one.level, one.text) for one in SAMPLE.findings()]
    assert [plan.count(level) for level in Level] == [5, 14, 46]


def test_sample_notice_when_read_then_its_measures_are_the_samples(plan: RoundPlan):
    read = [[measure.text for measure in one.measures] for aspect in plan.findings for one in _walk(aspect)]
    assert read == [_sample_measures(one) for one in SAMPLE.findings()]
    assert len(plan.measures()) == 160


def test_sample_notice_when_read_then_its_facts_are_the_samples(plan: RoundPlan):
    assert plan.title == "中共临汐市水务局委员会关于市委第四巡视组巡视整改进展情况的通报"
    for fact in ("organisation", "inspecting_body", "inspected_from", "inspected_to", "feedback_on"):
        assert getattr(plan, fact) == getattr(SAMPLE, fact), fact
    assert (plan.declared, plan.contacts) == (SAMPLE.declared, SAMPLE.contacts)
