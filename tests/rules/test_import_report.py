"""What an import reports: every field of DESIGN's object, and plainly where the text and what was read differ."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from engine.rules.import_report import Change, ImportReport, differences
from engine.rules.plan import Declared
from engine.rules.text import N_

COUNTED = ("aspects", "problems", "items", "measures")

counts = st.integers(0, 300)
claims = st.none() | counts
totals = st.fixed_dictionaries(dict.fromkeys(COUNTED, counts))
declarations = st.builds(
    Declared,
    aspects=claims,
    problems=claims,
    items=claims,
    items_done=claims,
    measures=claims,
    measures_done=claims,
    as_of=st.none() | st.dates(),
)


def build_report(**overrides: object) -> ImportReport:
    return ImportReport(**{"kind": "notice", "round": "2025-03"} | overrides)


def test_differences_when_a_total_was_not_met_then_it_says_which_and_by_how_much():
    declared = Declared(aspects=5, problems=14, items=46, items_done=32, measures=160, measures_done=142)
    report = build_report(aspects=5, problems=14, items=45, measures=158, declared=declared)
    assert [str(text) for text in differences(report)] == [
        "items: the text declares 46, 45 were read",
        "measures: the text declares 160, 158 were read",
    ]


def test_differences_when_nothing_is_declared_then_none():
    assert differences(build_report(measures=3)) == []
    assert differences(build_report(measures=3, declared=Declared())) == []


@given(totals, declarations)
def test_differences_when_compared_then_one_for_each_claim_that_was_not_met(read: dict[str, int], declared: Declared):
    report = build_report(**read, declared=declared)
    told = {str(text.params["what"]): (text.params["declared"], text.params["read"]) for text in differences(report)}
    assert told == {
        name: (claimed, read[name])
        for name in COUNTED
        if (claimed := getattr(declared, name)) is not None and claimed != read[name]
    }


@given(totals, st.none() | declarations)
def test_report_when_printed_then_plain_json_with_every_field(read: dict[str, int], declared: Declared | None):
    report = build_report(**read, declared=declared)
    plain = report.as_json()
    assert json.loads(json.dumps(plain)) == plain
    assert set(plain) == {field.name for field in fields(ImportReport)} | {"differences", "errors"}
    assert {name: plain[name] for name in COUNTED} == read
    claimed = None if declared is None else {name: one for name, one in asdict(declared).items() if name != "as_of"}
    assert plain["declared"] == claimed
    assert len(plain["differences"]) == len(differences(report))
    assert plain["errors"] == []


def test_report_when_the_record_stands_against_the_file_then_both_are_told():
    change = Change(code="1-01", field="due", before="2025-09-03", after=None)
    kept = N_("{code}: the {what} stays", code="1-02", what=N_("owner"))
    report = build_report(kind="ledger", changes=[change], kept=[kept], declared=Declared(as_of=date(2025, 9, 10)))
    assert report.as_json()["changes"] == [{"code": "1-01", "field": "due", "before": "2025-09-03", "after": None}]
    assert report.as_json()["kept"] == ["1-02: the owner stays"]


def test_report_when_two_are_made_then_they_share_no_list():
    first, second = build_report(), build_report()
    first.changes.append(Change(code="1-01", field="text", before=None, after="x"))
    assert second.changes == []
