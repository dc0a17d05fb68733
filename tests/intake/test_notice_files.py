"""Notices as PDF, as files of an old Word and as Markdown; what holds no text is refused by what it is."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path

import docx
import pytest

from engine.rules.plan import InputRefused
from engine.rules.vocabulary import Level, MeasureClass
from intake.kind import tell_kind
from intake.notice.read_notice import read_notice
from tests.pdf_files import write_pdf, write_scan

LINES = (
    "某县水利局党组关于巡察整改进展情况的通报",
    "2025 年 1 月 10 日,县委巡察组反馈了意见。",
    "(一)关于“工程管理不力”问题的整改",
    "1.针对“验收滞后”的问题。一是对八个项目限期验收并逐项登记造册,",
    "逐月通报进度。二是建立验收台账(2025 年 9 月 30 日前完成)。",
    "- 2 -",
    "2.针对“巡查少”的问题。一是配备人员。",
)


def _read(path: Path) -> tuple[date | None, list[tuple[str, date | None]]]:
    plan = read_notice(path)
    return plan.feedback_on, [(one.text, one.due) for one in plan.measures()]


def test_pdf_when_it_holds_text_is_read_as_paragraphs_without_blanks_in_days(tmp_path: Path):
    path = write_pdf(tmp_path / "通报.pdf", LINES)
    assert tell_kind(path) == "notice"
    assert _read(path) == (
        date(2025, 1, 10),
        [
            ("对八个项目限期验收并逐项登记造册,逐月通报进度。", None),
            ("建立验收台账(2025年9月30日前完成)。", date(2025, 9, 30)),
            ("配备人员。", None),
        ],
    )


def _locked(path: Path) -> Path:
    whole = write_pdf(path, LINES).read_bytes()
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O (%s) /U (%s) /P -4 >> /ID [(a) (a)] " % (b"x" * 32, b"y" * 32)
    path.write_bytes(whole.replace(b"trailer\n<< ", b"trailer\n<< " + lock))
    return path


@pytest.mark.parametrize(
    ("write", "why"),
    [
        (write_scan, "this PDF is a scan"),
        (_locked, "locked with a password"),
        (lambda path: path.write_bytes(b"%PDF-1.7\n%cut") and path, "damaged"),
        (lambda path: write_pdf(path, ()), "the file holds no text"),
    ],
)
def test_pdf_when_it_holds_no_text_is_refused_by_what_it_is(tmp_path: Path, write, why: str):  # type: ignore[no-untyped-def]  # noqa: ANN001
    with pytest.raises(InputRefused) as refused:
        read_notice(write(tmp_path / "通报.pdf"))
    assert why in str(refused.value.faults[0].message)


OLD = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500) + "WordDocument".encode("utf-16-le")


def test_old_word_when_libreoffice_is_missing_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "通报.doc").write_bytes(OLD)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputRefused) as refused:
        read_notice(tmp_path / "通报.doc")
    (fault,) = refused.value.faults
    assert "LibreOffice, which could read it, is not installed" in str(fault.message)
    assert "save it as .docx" in str(fault.message)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_old_word_when_libreoffice_is_there_is_read_as_the_new(tmp_path: Path):
    written = docx.Document()
    for line in (*LINES[:3], LINES[3] + LINES[4], LINES[6]):
        written.add_paragraph(line)
    written.save(str(tmp_path / "通报.docx"))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    words = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "doc",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "通报.docx"),
    ]
    subprocess.run(words, check=True, capture_output=True, timeout=120)
    assert tell_kind(tmp_path / "通报.doc") == "notice"
    new, old = read_notice(tmp_path / "通报.docx"), read_notice(tmp_path / "通报.doc")
    assert [(one.text, one.due) for one in old.measures()] == [(one.text, one.due) for one in new.measures()]
    (tmp_path / "坏.doc").write_bytes(OLD)
    with pytest.raises(InputRefused):
        read_notice(tmp_path / "坏.doc")


MARKDOWN = """# 某县水利局党组关于巡察整改进展情况的通报

2025年1月10日,县委巡察组**反馈**了意见。

## (一)关于“工程管理不力”问题的整改

### 1.针对“验收滞后”的问题

1. **限期验收**。责任单位:建管科。
2. 建立[台账](https://example.cn)。完成时限:`6月底`。

---
> 2.针对“巡查少”的问题。一是配备人员。
"""
MARKDOWN_TABLE = """# 关于整改情况的公示

2025年1月10日,巡察组反馈了意见。

| 序号 | 存在问题 | 整改措施 | 完成时限 |
|---|---|---|---|
| 1 | 巡查少 | **建日志**<br>配人员 | 3月底<br>6月底 |
| 2 | 设备旧 | 买设备 | 长期坚持 |
"""


def test_markdown_when_read_has_none_of_its_signs(tmp_path: Path):
    (tmp_path / "通报.md").write_text(MARKDOWN, encoding="utf-8")
    plan = read_notice(tmp_path / "通报.md")
    assert [plan.count(level) for level in (Level.ASPECT, Level.PROBLEM)] == [1, 2]
    assert _read(tmp_path / "通报.md")[1] == [
        ("限期验收。", None),
        ("建立台账。", date(2025, 6, 30)),
        ("配备人员。", None),
    ]


def test_markdown_when_it_has_a_table_is_read_as_one(tmp_path: Path):
    (tmp_path / "通报.md").write_text(MARKDOWN_TABLE, encoding="utf-8")
    plan = read_notice(tmp_path / "通报.md")
    assert plan.count(Level.PROBLEM) == 2
    assert [(one.text, one.due, one.measure_class) for one in plan.measures()] == [
        ("建日志", date(2025, 3, 31), None),
        ("配人员", date(2025, 6, 30), None),
        ("买设备", None, MeasureClass.CONTINUOUS),
    ]
