"""What a round is called where its notice's whole title would be too long.  Pure."""

from __future__ import annotations

import re

#: 中共…委员会关于 [市委第四巡视组巡视整改] 进展情况的通报
_SUBJECT = re.compile(
    r"^(?:.*?关于)?(?P<subject>.+?)(?:工作)?(?:落实|进展|完成)?(?:情况)?的?(?:通报|公告|公示|报告|台账)$"
)


def subject_of(title: str) -> str:
    """Return what the notice with this title is about; the title itself where it tells no more.

    >>> subject_of("中共某市水务局委员会关于市委第四巡视组巡视整改进展情况的通报")
    '市委第四巡视组巡视整改'
    >>> subject_of("2025年审计整改")
    '2025年审计整改'
    """
    found = _SUBJECT.search(title)
    return found["subject"] if found else title


def ledger_title(title: str) -> str:
    """Return what the ledger of the round with this title is headed.

    >>> ledger_title("关于市委第四巡视组巡视整改进展情况的通报"), ledger_title("专项检查"), ledger_title("")
    ('市委第四巡视组巡视整改台账', '专项检查整改台账', '整改台账')
    """
    subject = subject_of(title)
    return f"{subject}台账" if subject.endswith("整改") else f"{subject}整改台账"
