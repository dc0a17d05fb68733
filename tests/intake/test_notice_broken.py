"""Files broken in many ways: each is refused with one clear sentence, never another exception, never wrong data."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.rules.plan import Fault, InputRefused, RoundPlan
from i18n import say
from intake.kind import tell_kind
from intake.notice.read_notice import read_notice, unmeasured
from intake.workbook.read_workbook import read_ledger
from tests.broken_notices import BROKEN, LINES, REFUSED_WHEN_STORED, WORD, write_broken

READ = [name for name in BROKEN if name not in REFUSED_WHEN_STORED]


def _read(path: Path) -> RoundPlan:
    return read_notice(path) if tell_kind(path) == "notice" else read_ledger(path).plan


def _read_or_refused(path: Path) -> tuple[tuple[Fault, ...], RoundPlan | None]:
    try:
        return (), _read(path)
    except InputRefused as refused:
        return refused.faults, None


def _refused(path: Path) -> Fault:
    with pytest.raises(InputRefused) as refused:
        _read(path)
    (fault,) = refused.value.faults
    assert fault.place.file == path.name
    assert fault.value is None or len(fault.value) <= 60
    assert say(fault.message, "zh_CN") != str(fault.message)
    return fault


@pytest.mark.parametrize("name", READ)
def test_file_when_broken_is_refused_with_one_clear_fault(tmp_path: Path, name: str):
    fault = _refused(write_broken(tmp_path, name))
    _, row, part = BROKEN[name]
    assert part in str(fault.message)
    assert fault.place.row == row


def test_broken_files_are_as_many_as_promised():
    assert len(BROKEN) >= 40


def test_file_when_it_is_not_there_or_a_folder_is_refused(tmp_path: Path):
    assert "cannot be read" in str(_refused(tmp_path / "通报.txt").message)
    assert "cannot be read" in str(_refused(tmp_path).message)


def test_notice_when_it_is_longer_than_any_is_refused_before_its_grammar_is_looked_at(tmp_path: Path):
    path = tmp_path / "通报.txt"
    path.write_text("一、关于“学习”方面的问题\n" + "一是加强学习。\n" * 100_000, encoding="utf-8")
    fault = _refused(path)
    assert say(fault.message, "zh_CN") == "全文共 700013 字，通报最多 500000 字"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="this system has no file that nobody can read")
def test_file_when_reading_it_fails_is_refused(tmp_path: Path):
    path = tmp_path / "通报.txt"
    path.symlink_to("/proc/self/mem")  # the system refuses its first byte, to root too
    assert "cannot be read" in str(_refused(path).message)


def test_notice_when_it_has_several_faults_tells_all_of_them(tmp_path: Path):
    long = "1.针对“乙”的问题。" + "整改。" * 7_000
    lines = ["2025年2月30日,巡视组反馈了意见。", "(一)关于“甲”问题的整改", long, long.replace("1.", "2.")]
    (tmp_path / "通报.txt").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        read_notice(tmp_path / "通报.txt")
    assert [fault.place.row for fault in refused.value.faults] == [1, 3, 4]


def test_finding_when_nothing_stands_below_it_is_told(tmp_path: Path):
    lines = ["(一)关于“甲”问题的整改", "1.针对“乙”的问题。", "2.针对“丙”的问题。一是整改。", "(二)关于“丁”问题的整改"]
    (tmp_path / "通报.txt").write_text("\n".join(lines), encoding="utf-8")
    assert [str(note) for note in unmeasured(read_notice(tmp_path / "通报.txt"))] == [
        "row 2: no measure was recognised under “乙”",
        "row 4: no measure was recognised under “丁”",
    ]


@pytest.mark.parametrize("name", ["台账.xlsx", "通报.pdf", "无后缀"])
def test_notice_when_its_name_says_otherwise_is_read_by_its_content(tmp_path: Path, name: str):
    path = tmp_path / name
    path.write_text("\n".join(LINES), encoding="utf-8")
    assert len(_read(path).measures()) == 8
    path.write_bytes(WORD)
    assert len(_read(path).measures()) == 8


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, len(WORD) - 1), length=st.integers(1, 400), byte=st.integers(0, 255))
def test_word_document_when_some_bytes_are_overwritten_is_read_whole_or_refused(
    tmp_path: Path, place: int, length: int, byte: int
):
    path = tmp_path / "通报.docx"
    path.write_bytes(WORD[:place] + bytes([byte]) * length + WORD[place + length :])
    faults, plan = _read_or_refused(path)
    assert len(faults) == 1 or (plan and len(plan.measures()) == 8)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_when_read_as_a_file_are_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "通报.txt"
    path.write_bytes(content)
    with pytest.raises(InputRefused):
        _read(path)


PIECES = (
    "(一)",
    "一、",
    "1.",
    "(1)",
    "①",
    "关于",
    "针对",
    "“",
    "”",
    "问题",
    "方面",
    "。",
    ":",
    "一是",
    "二是",
    "整改措施:",
    "\n",
    "责任单位:",
    "甲",
    "截至",
    "2025年1月8日",
    "反馈",
    "<p>",
    "<table><tr><td>",
    "</td><td>",
    "5项",
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_any_mixture_of_a_notices_words_when_read_gives_a_plan_or_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "通报.txt"
    path.write_text(text, encoding="utf-8")
    faults, plan = _read_or_refused(path)
    assert len(faults) == 1 or (plan and plan.measures() and all(one.text.strip() for one in plan.measures()))
