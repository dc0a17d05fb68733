"""`duban document` and `duban notice`: every kind by its name, options that fit it, one JSON object."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cli.documents import KEYS
from documents.kinds import KINDS
from engine.rules.vocabulary import Level
from models import Round
from tests.cli.conftest import Line
from tests.factories import build_finding
from tests.world import World


def test_kinds_when_named_on_the_command_line_are_those_of_the_registry():
    assert set(KEYS) == set(KINDS)


NOTICE = """关于整改进展情况的通报

截至2025年3月10日，反馈的5个方面14个问题细化为46项具体事项，已完成整改32项。

（一）关于“学习”问题的整改

1.针对“学习不深入”的问题。一是制定学习计划。
"""


def measure_of(house: World) -> None:
    with house.sessions.begin() as session:
        round_ = session.get_one(Round, house.round)
        finding = build_finding(session, round_, level=Level.ASPECT, code="1").id
    house.measure(finding_id=finding)


def test_document_when_written_answers_with_its_day(duban: Line, house: World, tmp_path: Path):
    measure_of(house)
    path = tmp_path / "lists.docx"
    said = duban("document", "lists", "--out", path, "--as-of", "2025-03-10", "--json")
    assert said.json == {"file": str(path), "kind": "lists", "as_of": "2025-03-10", "draft": True}
    assert path.stat().st_size > 10_000


def test_notice_when_a_day_of_issue_is_given_stays_a_draft(duban: Line, house: World, tmp_path: Path):
    measure_of(house)
    path = tmp_path / "notice.txt"
    said = duban("notice", "--out", path, "--as-of", "2025-03-10", "--issued", "2025-03-12", "--json")
    assert (said.status, said.json["draft"]) == (0, True)
    text = path.read_text(encoding="utf-8")
    assert "2025年3月12日" in text
    assert "草稿（未经审定，不得印发）" in text


def test_paper_when_drawn_up_submitted_and_approved_is_written_without_draft_mark(
    duban: Line, house: World, tmp_path: Path
):
    measure_of(house)
    drawn = duban("paper", "draw-up", "notice", "--as", "lin", "--as-of", "2025-03-10", "--json").json
    number = drawn["document"]
    assert (drawn["state"], drawn["version"], drawn["period"]) == ("draft", 1, "2025-03")
    early = duban("paper", "approve", number, "--as", "zhao", "--as-of", "2025-03-10")
    assert (early.status, early.err.count("\n")) == (1, 1)
    told = ("--number", "某党〔2025〕3号", "--as", "lin", "--as-of", "2025-03-10", "--json")
    assert duban("paper", "submit", number, *told).json["state"] == "submitted"
    own = duban("paper", "approve", number, "--as", "lin", "--as-of", "2025-03-10")
    assert (own.status, own.err.count("\n")) == (1, 1)
    said = duban("paper", "approve", number, "--as", "zhao", "--as-of", "2025-03-12", "--json").json
    assert (said["state"], said["number"], said["issued"]) == ("approved", "某党〔2025〕3号", "2025-03-12")
    path = tmp_path / "notice.txt"
    assert duban("paper", "write", said["document"], "--out", path).status == 0
    text = path.read_text(encoding="utf-8")
    assert "2025年3月12日" in text
    assert "草稿" not in text
    listed = duban("paper", "list", "--json").json
    assert [one["state"] for one in listed["papers"]] == ["approved"]
    assert "某党〔2025〕3号" in duban("paper", "list").out
    assert duban("audit", "documents").status == 0
    gone = duban("paper", "withdraw", number, "--reason", "附件有误", "--as", "zhao", "--as-of", "2025-03-13", "--json")
    assert gone.json["state"] == "withdrawn"


def test_paper_when_returned_or_unknown_says_so_in_one_line(duban: Line, house: World, tmp_path: Path):
    measure_of(house)
    number = duban("paper", "draw-up", "report", "--as", "lin", "--as-of", "2025-03-10", "--json").json["document"]
    duban("paper", "submit", number, "--as", "lin", "--as-of", "2025-03-10")
    said = duban("paper", "return", number, "--reason", "数字有误", "--as", "zhao", "--as-of", "2025-03-10", "--json")
    assert said.json["state"] == "returned"
    for words in (
        ("submit", "99", "--as", "lin"),
        ("submit", number, "--number", "x", "--as", "lin"),
        ("write", number, "--out", tmp_path / "x.docx"),
        ("draw-up", "agenda", "--as", "lin"),
    ):
        refused = duban("paper", *words)
        assert refused.status in {1, 2}
        assert refused.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("lists", "--out", "x.odt"), 2),
        (("nosuch", "--out", "x.docx"), 2),
        (("lists", "--out", "x.docx", "--measure", "1-01"), 1),
        (("minutes", "--out", "x.docx"), 1),
        (("agenda", "--out", "x.docx"), 1),
        (("slip", "--out", "x.docx", "--measure", "1-01"), 1),
    ],
)
def test_document_when_it_cannot_be_made_says_so_in_one_line(
    duban: Line, house: World, tmp_path: Path, words: tuple[str, ...], status: int
):
    measure_of(house)
    told = [str(tmp_path / word) if word.startswith("x.") else word for word in words]
    said = duban("document", *told)
    assert said.status == status
    assert said.err.count("\n") == 1
    assert not list(tmp_path.glob("x.*"))


def test_notice_when_reconciled_agrees_until_the_ledger_goes_on(duban: Line, house: World, tmp_path: Path):
    measure_of(house)
    path = tmp_path / "notice.txt"
    path.write_text(NOTICE, encoding="utf-8")
    said = duban("reconcile", path, "--json").json
    assert said["declared"] == {"aspects": 5, "problems": 14, "items": 46, "items_done": 32}
    assert (said["as_of"], said["on_record"]["aspects"], said["differences"][0]) == ("2025-03-10", 1, "aspects")
    assert duban("reconcile", tmp_path / "none.txt").status == 2


def test_template_when_written_edited_and_broken_is_told_by_lint_and_prints_nothing(
    duban: Line, house: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    measure_of(house)
    config = tmp_path / "config"
    (config / "documents").mkdir(parents=True)
    monkeypatch.setenv("DUBAN_CONFIG", str(config))
    path = config / "documents" / "notice.docx"
    said = duban("document-template", "notice", "--out", path, "--json")
    assert said.json == {"file": str(path), "kind": "notice"}
    assert duban("document", "notice", "--out", tmp_path / "one.docx", "--as-of", "2025-03-10").status == 0
    path.write_bytes(b"x")
    refused = duban("document", "notice", "--out", tmp_path / "two.docx", "--as-of", "2025-03-10")
    assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert "notice.docx" in refused.err
    assert not (tmp_path / "two.docx").exists()
    found = duban("lint", "--as-of", "2025-03-10", "--json").json["findings"]
    assert [one["text"] for one in found if "notice.docx" in str(one["text"])]


@pytest.mark.e2e
@pytest.mark.skipif(
    shutil.which("soffice") is None or shutil.which("pdftotext") is None, reason="LibreOffice is not installed"
)
@pytest.mark.parametrize(("kind", "wanted"), [("report", "整改工作进展月报"), ("ledger", "修订采购管理办法")])
def test_document_when_written_as_pdf_says_what_the_other_forms_say(duban: Line, house: World, kind: str, wanted: str):
    house.in_progress("1-01", text="修订采购管理办法")
    out = duban.home.parent / f"{kind}.pdf"
    said = duban("document", kind, "--out", out, "--json")
    assert (said.status, said.json["file"]) == (0, str(out))
    told = subprocess.run(["pdftotext", "-raw", out, "-"], check=True, capture_output=True, text=True).stdout
    assert wanted in "".join(told.split())
