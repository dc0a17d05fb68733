"""The printed agenda as LibreOffice and Chromium show it; skipped where they are not installed."""

import re
import shutil
import struct
import subprocess
import zlib
from datetime import date
from pathlib import Path

import pytest

from documents.agenda import write_agenda
from documents.agenda_view import say_agenda
from engine.reads.agenda_document import AgendaDocument, PrintedAspect, PrintedLine
from engine.rules.agenda import Section
from engine.rules.text import N_
from engine.rules.vocabulary import Slip
from i18n import CHINESE

CODES = [f"{number}.1.1-01" for number in range(1, 31)]
LINES = tuple(
    PrintedLine(
        code=code,
        text="修订党委理论学习中心组年度计划，每个专题由一名班子成员领学并提交调研提纲。<script>1</script>",
        unit="局办公室",
        leader="钱一",
        owner="王二",
        deadline=date(2025, 9, 2),
        lateness=8,
        slip=Slip.RED,
        reason="正在收尾" + "W" * 60,
        ask=N_("decide on close-out"),
    )
    for code in CODES
)
AGENDA = AgendaDocument(
    organisation="局党委",
    round_title="整改进展情况的通报",
    round_code="LX-2024-4",
    held_on=date(2025, 9, 10),
    as_of=date(2025, 9, 9),
    version=1,
    figures={"items": 46, "items_done": 10, "measures": 160, "closed": 106, "overdue": 5},
    change={},
    aspects=(PrintedAspect(code="1", text="守牢底线不够有力", measures=160, closed=106, overdue=5),),
    sections=tuple((section, LINES if section is Section.ESCALATED else ()) for section in Section),
)
SAID = say_agenda(AGENDA, CHINESE)
HEADINGS = (SAID.decisions.heading, SAID.progress_heading, *(section.heading for section in SAID.sections))


def program(*names: str) -> str:
    """Return the path of the first of these programs; without any the test is skipped."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"{names[0]} is not installed: what it shows cannot be looked at")
    return found


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


def chromium(folder: Path, *options: str) -> str:
    browser = program("chromium", "chromium-browser", "google-chrome")
    fixed = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={folder}")
    return run(browser, *fixed, *options)


def pages_of(pdf: Path) -> list[str]:
    """Return the text of every page without its spaces: where a line breaks says nothing."""
    return ["".join(page.split()) for page in run(program("pdftotext"), "-raw", str(pdf), "-").split("\f")[:-1]]


def shades(picture: Path) -> int:
    """Return how many different bytes a PNG's pixels have: one or two where nothing is drawn."""
    content, at, pixels = picture.read_bytes(), 8, b""
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        if content[at + 4 : at + 8] == b"IDAT":
            pixels += content[at + 8 : at + 8 + length]
        at += length + 12
    return len(set(zlib.decompress(pixels)))


def check_pages(pages: list[str]) -> None:
    """Check that everything is on paper: in order, numbered, with heads on each page and no heading left alone."""
    assert len(pages) > 2
    assert SAID.title in pages[0]
    assert HEADINGS[-1] in pages[-1]
    assert re.findall(r"\d+\.1\.1-01", "".join(pages)) == CODES
    for number, page in enumerate(pages, 1):
        assert f"—{number}—" in page
        assert not page.replace(f"—{number}—", "").endswith(HEADINGS)
        if ".1.1-01" in page:
            assert "提请会议" in page


def test_word_document_when_printed_by_libreoffice_is_complete(tmp_path: Path):
    office = program("soffice", "libreoffice")
    source = tmp_path / "agenda.docx"
    write_agenda(source, AGENDA)
    profile = (tmp_path / "profile").as_uri()
    run(
        office,
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(source),
    )
    check_pages(pages_of(tmp_path / "agenda.pdf"))


def test_page_when_printed_by_chromium_is_complete(tmp_path: Path):
    source, printed = tmp_path / "agenda.html", tmp_path / "agenda.pdf"
    write_agenda(source, AGENDA)
    chromium(tmp_path / "profile", "--no-pdf-header-footer", f"--print-to-pdf={printed}", source.as_uri())
    check_pages(pages_of(printed))


def test_page_when_shown_by_chromium_is_not_blank_and_runs_nothing(tmp_path: Path):
    source, picture = tmp_path / "agenda.html", tmp_path / "agenda.png"
    write_agenda(source, AGENDA)
    shown = chromium(tmp_path / "profile", f"--screenshot={picture}", "--dump-dom", source.as_uri())
    assert "<script" not in shown
    assert shades(picture) > 20
