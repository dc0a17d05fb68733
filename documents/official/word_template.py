"""Fills the office's own Word template with a paper; and writes the template that an office begins with.

The text is set in the styles of the template (Body Text, Heading 1 to 3, Table Grid): whatever Duban's own layout would
say of typeface, size, pitch and indent is left to them.  The same paper and template give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

from documents.official.blocks import BODY, Head, Imprint, Paper, Signature, text
from documents.official.own_template import PLACE, places, text_of, texts_of
from documents.official.sheet import set_style
from documents.official.word import HEADING_FACES, paper_docx, saved, set_blocks
from documents.official.words import long_day

_INDENT = Pt(32)
_MARK, _SIGNER = 13, 10  #: characters for which their places leave room
_DAY = date(2025, 1, 1)  #: of the file's properties
_WIDE = date(2025, 9, 12)  #: as wide as most days: the signer stands centred above it


def fill(template: bytes, paper: Paper) -> bytes:
    """Return the paper, set in the template, which `own_template.look` has found in order."""
    document = Document(io.BytesIO(template))
    body = document.element.body
    said = _said(paper)
    signature = paper.body[-1] if paper.body and isinstance(paper.body[-1], Signature) else None
    place = next(line for line in body.iter(qn("w:p")) if text_of(line).strip() == "{{ body }}")
    held = list(body)
    set_blocks(document, paper.body[:-1] if signature else paper.body)
    made = [one for one in body if not any(one is other for other in held)]
    for one in made:
        _leave_to_styles(document, one)
        place.addprevious(one)
    body.remove(place)
    fresh = {id(line) for one in made for line in one.iter(qn("w:p"))}
    for line in [one for one in body.iter(qn("w:p")) if id(one) not in fresh]:
        _fill_line(line, said)
    for part in _edges(document):
        for line in list(part.iter(qn("w:p"))):
            _fill_line(line, said)
    return saved(document, paper)


def begin(kind_paper: Paper) -> bytes:
    """Return the template of a paper: its page, head, title, signature and record as places, styles for its text."""
    paper = kind_paper
    signed = bool(paper.body) and isinstance(paper.body[-1], Signature)
    made = paper_docx(
        Paper(
            title=("{{ title }}",) if paper.title else (),
            author="",
            as_of=_DAY,
            name=paper.name or "Duban",
            head=replace(
                paper.head,
                mark="　" * _MARK,
                number="{{ number }}",
                opposite="{{ opposite }}" if paper.head.opposite else None,
            )
            if paper.head
            else None,
            addressee="{{ addressee }}" if paper.addressee else None,
            body=(text("{{ body }}"), *((Signature(organisation="　" * _SIGNER, day=_WIDE),) if signed else ())),
            imprint=Imprint(
                copies="{{ copies }}" if paper.imprint.copies else None,
                printer="{{ printer }}",
                printed_on="{{ printed_on }}",
            )
            if paper.imprint
            else None,
            draft="{{ draft }}",
            landscape=paper.landscape,
            record="{{ record }}",
        )
    )
    document = Document(io.BytesIO(made))
    for name, face in {
        "Body Text": BODY,
        **{f"Heading {level}": face for level, face in HEADING_FACES.items()},
    }.items():
        set_style(document.styles[name], face)
        document.styles[name].paragraph_format.first_line_indent = _INDENT
    for line in document.element.body.iter(qn("w:p")):
        told = text_of(line)
        if told == "　" * _MARK:
            texts_of(line)[0].text = "{{ mark }}"
        elif told == "　" * _SIGNER:
            texts_of(line)[0].text = "{{ signer }}"
        elif told == long_day(_WIDE):
            texts_of(line)[0].text = "{{ day }}"
    return saved(document, Paper(title=(), author="", as_of=_DAY, body=(), name="Duban"))


def _said(paper: Paper) -> Mapping[str, str]:
    last = paper.body[-1] if paper.body else None
    signer, day = ("", "")
    if isinstance(last, Signature):
        signer, day = last.organisation, long_day(last.day) if last.day else "　　　　年　　月　　日"
    head, imprint = paper.head or Head(mark=""), paper.imprint or Imprint(copies=None, printer="", printed_on="")
    return {
        "title": "\n".join(paper.title),
        "organisation": paper.author,
        "mark": head.mark,
        "number": (head.number or "〔　　　　〕　　号") if paper.head else "",
        "opposite": head.opposite or "",
        "addressee": paper.addressee or "",
        "signer": signer,
        "day": day,
        "copies": imprint.copies or "",
        "printer": imprint.printer,
        "printed_on": imprint.printed_on,
        "draft": paper.draft or "",
        "record": paper.record or "",
    }


def _fill_line(line: Any, said: Mapping[str, str]) -> None:
    """Put values into the places of a paragraph; one whose places are all empty goes, with what is written around."""
    found = PLACE.findall(text_of(line))
    if not found:
        return
    values = {place: str(places().from_string(place).render(said)) for place in found}
    if not any(values.values()):
        _drop(line)
        return
    for place in found:
        _put(texts_of(line), place, values[place])
    for one in texts_of(line):
        _break_lines(one)


def _put(texts: list[Any], place: str, value: str) -> None:
    """Replace the first `place`, which may begin in one run and end in another, by `value` in the first of them."""
    start = "".join(one.text or "" for one in texts).index(place)
    end, at = start + len(place), 0
    for one in texts:
        told = one.text or ""
        left, right = max(start - at, 0), min(end - at, len(told))
        if left < right:
            begins = at + left == start
            one.text = told[:left] + (value if begins else "") + told[right:]
            one.set(qn("xml:space"), "preserve")
        at += len(told)


def _break_lines(one: Any) -> None:
    first, *rest = (one.text or "").split("\n")
    one.text = first
    before = one
    for told in rest:
        line = one.makeelement(qn("w:br"), {})
        words = one.makeelement(qn("w:t"), {qn("xml:space"): "preserve"})
        words.text = told
        before.addnext(line)
        line.addnext(words)
        before = words


def _drop(line: Any) -> None:
    """Take a paragraph away; where it is the only one of a page's head or of a cell, its text alone."""
    parent = line.getparent()
    is_needed = parent.tag != qn("w:body") and len(parent.findall(qn("w:p"))) == 1
    holds_section = line.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None
    if not (is_needed or holds_section):
        parent.remove(line)
        return
    for one in texts_of(line):
        one.text = ""


def _edges(document: Any) -> list[Any]:
    """Return the heads and feet of pages."""
    parts = [
        part
        for section in document.sections
        for part in (
            *(section.header, section.even_page_header, section.first_page_header),
            *(section.footer, section.even_page_footer, section.first_page_footer),
        )
    ]
    return [part._element for part in parts if not part.is_linked_to_previous]  # noqa: SLF001 - boxes in it count too


def _leave_to_styles(document: Any, made: Any) -> None:
    """Take off what the styles of the template say: typeface, pitch, size and indent of plain text and headings."""
    headings = {document.styles[f"Heading {level}"].style_id: face for level, face in HEADING_FACES.items()}
    in_table = made.tag == qn("w:tbl")
    for style in made.iter(qn("w:tblStyle")):
        style.set(qn("w:val"), document.styles["Table Grid"].style_id)
    for line in made.iter(qn("w:p")):
        properties = line.find(qn("w:pPr"))
        style = None if properties is None else properties.find(qn("w:pStyle"))
        if properties is not None and not in_table:
            _plain_line(properties, None if style is not None else document.styles["Body Text"].style_id)
        own = BODY if style is None else headings.get(style.get(qn("w:val")), BODY)
        for run in line.iter(qn("w:rPr")):
            _plain_run(run, own, keeps_size=in_table)


def _plain_line(properties: Any, body_style: str | None) -> None:
    """Leave pitch and indent to the style; what is set in becomes Body Text where it has no style yet."""
    indent, spacing = properties.find(qn("w:ind")), properties.find(qn("w:spacing"))
    if indent is not None and indent.get(qn("w:firstLine")) == str(_INDENT.twips):
        properties.remove(indent)
        if body_style is not None:
            properties.insert(0, properties.makeelement(qn("w:pStyle"), {qn("w:val"): body_style}))
    if spacing is not None and dict(spacing.attrib) == {qn("w:line"): "560", qn("w:lineRule"): "exact"}:
        properties.remove(spacing)


def _plain_run(run: Any, own: str, *, keeps_size: bool) -> None:
    faces = run.find(qn("w:rFonts"))
    if faces is None or faces.get(qn("w:eastAsia")) != own:
        return
    run.remove(faces)
    for name, value in (("w:b", "0"), ("w:color", "000000"), ("w:sz", "32")):
        one = run.find(qn(name))
        if one is not None and one.get(qn("w:val")) == value and not (keeps_size and name == "w:sz"):
            run.remove(one)
