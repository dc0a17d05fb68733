"""What the tests of messages share: the catalogue as the .po files have it now, and one full digest."""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

import i18n
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, Slip, WaitsFor
from i18n.compile import CATALOGUES, compile_entries, read_catalogues
from notifications.messages import DigestMessage, Line

TODAY = date(2025, 9, 3)


@pytest.fixture(scope="session", autouse=True)
def _fresh_catalogue() -> Iterator[None]:
    """Say Chinese as the .po files have it, whether or not they were compiled since."""
    compiled = gettext.GNUTranslations(io.BytesIO(compile_entries(read_catalogues(CATALOGUES))))
    asked = i18n.catalogue
    i18n.catalogue = lambda language: compiled if language == i18n.CHINESE else gettext.NullTranslations()  # type: ignore[assignment]
    yield
    i18n.catalogue = asked


def _line(kind: Notice, number: int, **facts: Any) -> Line:
    text = (
        "制定并印发《采购管理办法》，明确采购计划、审批权限、合同签订和履约验收各环节的责任分工，"
        f"第{number}季度开展一次专项检查并通报结果。"
    )
    plain: dict[str, Any] = {
        "slip": Slip.REMINDER,
        "role": Role.OWNER,
        "code": f"1.2.{number}-0{number}",
        "position": number,
        "text": text,
        "unit": "规划建设处",
        "owner": "王芳",
        "on": TODAY,
    }
    return Line(kind=kind, **plain | facts)


@pytest.fixture
def full_digest() -> DigestMessage:
    """Give a digest with every section, late and early matters, reasons, and somebody stood in for."""
    due = {"waits_for": WaitsFor.DUE_DATE}
    return DigestMessage(
        digest=17,
        person="李建国",
        code="lijg",
        email="lijg@example.cn",
        language="zh_CN",
        on=TODAY,
        lines=(
            _line(
                Notice.RUNG,
                1,
                slip=Slip.RED,
                role=Role.UNIT_HEAD,
                deadline=date(2025, 8, 29),
                days_late=3,
                data={"rung": 3, "passed_over": ["2025-08-20", "2025-08-26"]},
                **due,
            ),
            _line(
                Notice.RUNG,
                2,
                slip=Slip.GROUP,
                role=Role.LEADING_GROUP,
                deadline=date(2025, 8, 20),
                days_late=10,
                **due,
            ),
            _line(
                Notice.RUNG, 3, slip=Slip.YELLOW, deadline=date(2025, 9, 8), days_late=-3, stands_for=("赵敏",), **due
            ),
            _line(
                Notice.RUNG,
                4,
                slip=Slip.BLUE,
                waits_for=WaitsFor.ACCEPTANCE,
                owner="李建国",
                deadline=TODAY,
                days_late=0,
            ),
            _line(
                Notice.RETURNED,
                5,
                owner="李建国",
                deadline=date(2025, 9, 30),
                days_late=-19,
                data={"verifier": "周正", "reason": "合同台账缺少\n2025年6月以后的记录，请补齐。"},
            ),
            _line(
                Notice.EXTENSION_ASKED,
                6,
                role=Role.LEADER,
                deadline=date(2025, 9, 12),
                days_late=-7,
                data={
                    "number": 1,
                    "old_due": "2025-09-12",
                    "new_due": "2025-11-28",
                    "reason": "招标流标，需重新组织采购",
                    "owner": "王芳",
                },
            ),
            _line(Notice.CLOSED, 7, owner="李建国", deadline=date(2025, 8, 1)),
            Line(
                kind=Notice.MEETING,
                slip=Slip.REMINDER,
                role=Role.LEADING_GROUP,
                on=TODAY,
                data={
                    "meeting": "领导小组第7次会议",
                    "held_on": "2025-09-05",
                    "documents": ["议程.docx", "台账.xlsx"],
                },
            ),
        ),
    )
