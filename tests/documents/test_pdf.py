"""Documents as PDF: every kind may be, and where it cannot be made nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.kinds import KINDS
from documents.pdf import with_pdf, write_or_convert
from engine.rules.refusal import NotReady

ENDINGS = (".docx", ".html")


def write(path: Path) -> None:
    path.write_bytes(b"a document")


def test_every_kind_may_be_written_as_pdf():
    assert {key for key, kind in KINDS.items() if ".pdf" in with_pdf(kind.endings)} == set(KINDS)


@pytest.mark.parametrize(
    ("script", "told"),
    [(None, "PDF needs LibreOffice"), ("exit 1", "LibreOffice made no PDF"), ("exit 0", "LibreOffice made no PDF")],
)
def test_pdf_when_it_cannot_be_made_is_refused_and_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, told: str
):
    programs, out = tmp_path / "bin", tmp_path / "report.pdf"
    programs.mkdir()
    if script:
        office = programs / "soffice"
        office.write_text(f"#!/bin/sh\n{script}\n")
        office.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    out.write_bytes(b"the earlier one")
    with pytest.raises(NotReady, match=told):
        write_or_convert(out, ENDINGS, write)
    assert out.read_bytes() == b"the earlier one"
    assert {one.name for one in tmp_path.iterdir()} == {"bin", "report.pdf"}


def test_document_when_it_is_no_pdf_is_written_as_it_is(tmp_path: Path):
    write_or_convert(tmp_path / "report.html", ENDINGS, write)
    assert (tmp_path / "report.html").read_bytes() == b"a document"
