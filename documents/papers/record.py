"""The version at the foot of a paper's last page: which one it is, what it tells of, and a digest of what it says.

The digest is that of the paper as plain text, without marks and this line: whoever has the text can count it again.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from documents.official.blocks import Paper
from documents.official.plain_text import paper_text
from documents.official.words import long_day
from documents.papers.asked import Asked
from engine.rules.names import DOCUMENT_NAMES
from i18n import CHINESE, say

_SHOWN = 16  #: digits of the digest


def with_record(paper: Paper, asked: Asked) -> Paper:
    """Return the paper with its version; as it was where it is printed again in the layout before there was one."""
    if asked.layout < 2:  # noqa: PLR2004 - layouts are counted
        return paper
    digest = sha256(paper_text(replace(paper, draft=None, record=None)).encode()).hexdigest()
    parts = (
        f"版本：{_which(asked)}",
        f"数据截至{long_day(asked.until.on)}",
        f"内容摘要 {digest[:_SHOWN]}",
    )
    return replace(paper, record="　".join(parts))


def _which(asked: Asked) -> str:
    kept = asked.kept
    if kept is None:
        return "未留存"
    name = say(DOCUMENT_NAMES[kept.kind], CHINESE)
    replaced = f"（替代第{kept.replaces}版）" if kept.replaces else ""
    state = "" if asked.is_approved else "草稿"
    return f"{name} {kept.period} 第{kept.number}版{state}{replaced}"
