"""Notices in the varied styles of published ones, each counted by hand.  All names in them are invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import docx
import pytest
from lxml import html

from engine.rules.plan import Declared, RoundPlan
from engine.rules.vocabulary import Level
from intake.kind import tell_kind
from intake.notice.read_notice import read_notice
from tests.notice_files import outline_of, write_word

NOTICES = Path(__file__).parent / "notices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a human finds in a notice."""

    organisation: str
    visit: tuple[date, date]
    feedback_on: date
    declared: Declared
    aspects: tuple[str, ...]  #: none: the problems stand at the top
    measures: list[list[int]]  #: by aspect and problem
    first: str
    last: str
    telephone: str | None


COUNTED = {
    "transport-bureau.txt": Counted(
        organisation="中共岚江市交通运输局党组",
        visit=(date(2023, 11, 20), date(2024, 1, 19)),
        feedback_on=date(2024, 2, 28),
        declared=Declared(
            aspects=3,
            problems=9,
            problems_done=7,
            items=9,
            items_done=7,
            measures=32,
            measures_done=28,
            as_of=date(2024, 9, 30),
        ),
        aspects=("学习贯彻党的理论和重大决策部署", "群众身边不正之风和腐败", "基层党组织建设"),
        measures=[[2, 3, 1], [2, 3], [2, 2, 1]],
        first="健全学习制度。修订《局党组理论学习中心组学习规则》,明确每月至少集中学习一次,缺席须书面补学。",
        last="已全面摸排在职干部兼职情况,清理兼职6人,收缴违规取酬2.4万元。",
        telephone="0999-8123456",
    ),
    "county-hospital.html": Counted(
        organisation="中共青禾县人民医院委员会",
        visit=(date(2025, 3, 10), date(2025, 4, 25)),
        feedback_on=date(2025, 5, 20),
        declared=Declared(aspects=2, problems=6, problems_done=5, items=6, items_done=5, measures=12, measures_done=11),
        aspects=("党委领导下的院长负责制落实", "行业作风"),
        measures=[[2, 3, 2], [3, 1, 1]],
        first="修订议事规则",
        last="设立“一站式”投诉中心,实行“首诉负责”和限时办结,每月通报。",
        telephone="0888-6655443",
    ),
    "university.txt": Counted(
        organisation="中共松屿师范学院委员会",
        visit=(date(2024, 4, 8), date(2024, 6, 25)),
        feedback_on=date(2024, 8, 30),
        declared=Declared(
            aspects=4, problems=11, items=23, items_done=20, measures=74, measures_done=70, as_of=date(2025, 2, 28)
        ),
        aspects=("贯彻党的教育方针存在差距", "办学治校能力有待提升", "重点领域廉洁风险防控不严"),
        measures=[[3, 1, 3], [3, 1], [4, 1]],
        first="修订人才培养方案28个,增加实践学分",
        last="已注销校办企业4家,划转2家,剩余1家正在办理股权转让手续。",
        telephone="0777-2345678",
    ),
    "audit.txt": Counted(
        organisation="白鹭区城市管理局",
        visit=(date(2025, 2, 17), date(2025, 3, 28)),
        feedback_on=date(2025, 5, 12),
        declared=Declared(items=7, items_done=7),
        aspects=(),
        measures=[[2, 1, 4, 3, 1, 2, 1]],
        first="组织财务人员培训",
        last="重新设定绩效目标,聘请第三方开展绩效评价。",
        telephone=None,
    ),
    "street-office.txt": Counted(
        organisation="中共望川市云桥街道工作委员会",
        visit=(date(2024, 12, 2), date(2025, 1, 17)),
        feedback_on=date(2025, 2, 26),
        declared=Declared(measures=25, measures_done=24),
        aspects=(),
        measures=[[3, 2, 1, 3]],
        first="强化党建引领。建立“街道—社区—网格—楼栋”四级组织体系,划分网格86个。",
        last="组织项目管理人员签订廉洁承诺书。",
        telephone="0666-1234567",
    ),
}


def _half(text: str) -> str:
    return text.translate({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})


def _check(plan: RoundPlan, counted: Counted) -> None:
    assert plan.organisation == counted.organisation
    assert (plan.inspected_from, plan.inspected_to) == counted.visit
    assert plan.feedback_on == counted.feedback_on
    assert plan.declared == counted.declared
    assert plan.contacts.telephone == counted.telephone
    tops = [aspect.children for aspect in plan.findings] if counted.aspects else [plan.findings]
    assert tuple(_half(one.text) for one in plan.findings)[: len(counted.aspects)] == counted.aspects
    assert [[len(problem.measures) for problem in top] for top in tops] == counted.measures
    assert plan.count(Level.PROBLEM) == sum(map(len, counted.measures))
    measures = plan.measures()
    assert (_half(measures[0].text), _half(measures[-1].text)) == (counted.first, counted.last)


@pytest.mark.parametrize("name", COUNTED)
def test_notice_when_written_in_another_style_is_read_as_a_human_counts(name: str):
    assert tell_kind(NOTICES / name) == "notice"
    _check(read_notice(NOTICES / name), COUNTED[name])


def test_every_notice_is_counted():
    assert {path.name for path in NOTICES.iterdir()} == set(COUNTED)


@pytest.mark.parametrize("name", [name for name in COUNTED if name.endswith(".txt")])
def test_notice_when_saved_as_a_word_document_is_read_the_same(tmp_path: Path, name: str):
    content = (NOTICES / name).read_bytes()
    encoding = "gb18030" if name == "university.txt" else "utf-8-sig"
    lines = [line.strip() for line in content.decode(encoding).splitlines() if line.strip()]
    _check(read_notice(write_word(tmp_path / "通报.docx", lines)), COUNTED[name])


def test_table_of_findings_when_in_a_word_document_with_merged_cells_is_read_the_same(tmp_path: Path):
    page = html.fromstring((NOTICES / "county-hospital.html").read_bytes())
    document = docx.Document()
    for paragraph in page.xpath("//div[@class='article']/h1 | //div[@class='article']/p[following::table]"):
        document.add_paragraph(paragraph.text_content())
    rows = page.xpath("//table//tr")
    table = document.add_table(rows=len(rows), cols=7)
    covered: dict[tuple[int, int], bool] = {}
    for top, row in enumerate(rows):
        column = 0
        for cell in row.xpath("td|th"):
            while (top, column) in covered:
                column += 1
            bottom = top + int(cell.get("rowspan", "1")) - 1
            covered |= {(below, column): True for below in range(top, bottom + 1)}
            target = table.cell(top, column).merge(table.cell(bottom, column))
            texts = [one.text_content() for one in cell.xpath("p")] or [cell.text_content()]
            target.text = "\n".join(texts)
            column += 1
    document.add_paragraph("公示期间如有意见建议,请反映。监督电话:0888-6655443")
    document.save(str(tmp_path / "公示.docx"))
    assert outline_of(read_notice(tmp_path / "公示.docx")) == outline_of(read_notice(NOTICES / "county-hospital.html"))
