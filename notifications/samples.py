"""A sample of each kind of message: to try an office's templates with, and to look at (`duban message preview`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import i18n
from engine.rules.mail_links import KEY_BYTES
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, Slip, WaitsFor
from notifications.kinds import MessageKind
from notifications.mail_links import LinkMaker
from notifications.messages import DigestMessage, Line
from notifications.render import Renderer
from notifications.template_set import Samples

ON = date(2025, 9, 3)
NOBODY = 0  #: the number of no person: links signed for it open nothing
_MEASURE: dict[str, Any] = {
    "code": "1.2.1-01",
    "position": 1,
    "text": "制定并印发《采购管理办法》，明确采购计划、审批权限、合同签订和履约验收各环节的责任分工。",
    "unit": "规划建设处",
    "owner": "王芳",
    "on": ON,
    "measure": 0,
}


def _about(kind: Notice, slip: Slip = Slip.REMINDER, role: Role = Role.OWNER, **facts: Any) -> Line:
    return Line(kind=kind, slip=slip, role=role, **(_MEASURE | facts))


def _rung(slip: Slip, late: int, role: Role = Role.OWNER, **facts: Any) -> Line:
    return _about(
        Notice.RUNG,
        slip,
        role,
        waits_for=WaitsFor.DUE_DATE,
        deadline=ON - timedelta(days=late),
        days_late=late,
        **facts,
    )


def _of_the_house(kind: Notice, slip: Slip, role: Role, **data: Any) -> Line:
    return Line(kind=kind, slip=slip, role=role, on=ON, data=data)


_LINES: dict[MessageKind, Line] = {
    MessageKind.REMINDER: _rung(Slip.REMINDER, -7),
    MessageKind.BLUE: _rung(Slip.BLUE, -5),
    MessageKind.YELLOW: _rung(Slip.YELLOW, -2, stands_for=("赵敏",)),
    MessageKind.RED: _rung(Slip.RED, 1, Role.UNIT_HEAD),
    MessageKind.LEADER: _rung(Slip.RED, 5, Role.LEADER),
    MessageKind.LEADING_GROUP: _rung(Slip.GROUP, 12, Role.LEADING_GROUP),
    MessageKind.VERIFICATION_ASKED: _about(
        Notice.VERIFICATION_ASKED, role=Role.VERIFIER, data={"owner": "王芳", "evidence": ["采购管理办法.pdf"]}
    ),
    MessageKind.RETURNED: _about(
        Notice.RETURNED,
        deadline=ON + timedelta(days=9),
        days_late=-7,
        data={"verifier": "周正", "reason": "合同台账缺少2025年6月以后的记录，请补齐。"},
    ),
    MessageKind.PASSED: _about(Notice.PASSED, data={"verifier": "周正"}),
    MessageKind.EXTENSION_DECIDED: _about(
        Notice.EXTENSION_DECIDED, data={"approved": True, "old_due": "2025-09-12", "new_due": "2025-11-28"}
    ),
    MessageKind.MEETING: _of_the_house(
        Notice.MEETING,
        Slip.REMINDER,
        Role.LEADING_GROUP,
        meeting="领导小组第7次会议",
        held_on="2025-09-10",
        documents=["议程.docx", "台账.xlsx"],
        invitation={"meeting": 0, "round": "sample", "sequence": 2, "is_off": False},
    ),
    MessageKind.MEETING_OFF: _of_the_house(
        Notice.MEETING_OFF,
        Slip.REMINDER,
        Role.LEADING_GROUP,
        meeting="领导小组第7次会议",
        held_on="2025-09-10",
        reason="与上级会议冲突",
    ),
    MessageKind.LINK_MADE: _of_the_house(
        Notice.LINK_MADE, Slip.REMINDER, Role.OWNER, by="林岚", day="2025-09-03", time="09:12", code="lijg"
    ),
    MessageKind.PAPER_ASKED: _of_the_house(
        Notice.PAPER_ASKED,
        Slip.REMINDER,
        Role.LEADING_GROUP,
        document="notice",
        period="2025-09",
        version=2,
        as_of="2025-09-01",
        by="唐知夏",
    ),
    MessageKind.PAPER_DECIDED: _of_the_house(
        Notice.PAPER_DECIDED,
        Slip.REMINDER,
        Role.COORDINATOR,
        document="report",
        period="2025-08",
        version=1,
        as_of="2025-08-29",
        approved=False,
        by="沈润川",
        reason="逾期数与台账不一致，请核对。",
    ),
    MessageKind.TRUST_ASKED: _of_the_house(
        Notice.TRUST_ASKED,
        Slip.REMINDER,
        Role.OWNER,
        request=3,
        asks="role",
        asked={"name": "周正", "role": "supervisor"},
        by="唐知夏",
        is_asked=True,
        until="2025-09-10",
    ),
    MessageKind.TRUST_DECIDED: _of_the_house(
        Notice.TRUST_DECIDED,
        Slip.REMINDER,
        Role.OWNER,
        request=4,
        asks="way_in",
        asked={"name": "李建国", "email": ["lijg@old.example.cn", "lijg@example.cn"]},
        by="沈润川",
        how="confirmed",
        former="lijg@old.example.cn",
    ),
    MessageKind.WATCHDOG: _of_the_house(
        Notice.OVERDUE_SWEEP, Slip.RED, Role.COORDINATOR, oldest="2025-09-01", count=12
    ),
}


def sample(kind: MessageKind, language: str) -> DigestMessage:
    """Return a message of a kind, to somebody who does not exist."""
    lines = tuple(_LINES.values()) if kind is MessageKind.DIGEST else (_LINES[kind],)
    numbered = tuple(_renumbered(line, number) for number, line in enumerate(lines, 1)) if len(lines) > 1 else lines
    return DigestMessage(
        digest=0, person="李建国", code="lijg", email=None, language=language, on=ON, lines=numbered, receiver=NOBODY
    )


def sample_links(address: str | None, moment: Moment) -> LinkMaker:
    """Return what makes links to look at; they open nothing."""
    return LinkMaker(address=address or "https://duban.office.example", keys={NOBODY: bytes(KEY_BYTES)}, moment=moment)


def _renumbered(line: Line, number: int) -> Line:
    return line._replace(code=f"1.2.{number}-{number:02}", position=number) if line.code else line


def samples() -> Samples:
    """Return what every kind of message says, in the languages alternately."""
    found: dict[MessageKind, Mapping[str, Any]] = {}
    for number, kind in enumerate(MessageKind):
        language = i18n.LANGUAGES[number % len(i18n.LANGUAGES)]
        found[kind] = Renderer(language).said(sample(kind, language))
    return found
