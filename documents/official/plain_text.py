"""Sets an official paper as plain text, line by line, as a notice is put on a web site.  Called by `write`."""

from __future__ import annotations

from collections.abc import Iterator

from documents.official.blocks import Block, Heading, Paper, Paragraph, Signature, Table, TearLine, Title
from documents.official.words import long_day
from engine.rules.ledger_layout import showable


def paper_text(paper: Paper) -> str:
    """Return the text; charts are left out, as tables tell their figures."""
    return "\n\n".join(" ".join(showable(line).split()) for line in _lines(paper) if line.strip()) + "\n"


def _lines(paper: Paper) -> Iterator[str]:
    yield "".join(paper.title)
    if paper.draft:
        yield paper.draft
    if paper.addressee:
        yield f"{paper.addressee}："
    for block in paper.body:
        yield from _block(block)
    if paper.imprint and paper.imprint.copies:
        yield f"抄送：{paper.imprint.copies}"
    if paper.record:
        yield paper.record


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Title):
        yield "".join(block.lines)
    elif isinstance(block, Heading):
        yield block.text + block.rest
    elif isinstance(block, Paragraph):
        yield "".join(run.text for run in block.runs)
    elif isinstance(block, Table):
        if block.heads:
            yield "｜".join(block.heads)
        for row in block.rows:
            yield "｜".join("、".join("".join(run.text for run in line) for line in one.lines) for one in row)
    elif isinstance(block, Signature):
        yield block.organisation
        if block.day:
            yield long_day(block.day)
    elif isinstance(block, TearLine):
        yield block.text
