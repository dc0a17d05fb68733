"""The published notice that the reader was asked for, where it lies beside the repository."""

from datetime import date
from pathlib import Path

import pytest

from engine.rules.import_report import ImportReport, differences
from engine.rules.plan import Declared, RoundPlan
from engine.rules.vocabulary import Level
from intake.kind import tell_kind
from intake.notice.read_notice import read_notice

NOTICE = Path(__file__).parents[3] / "shared" / "data" / "000_86f4339dc22fa576.txt"
pytestmark = pytest.mark.skipif(not NOTICE.exists(), reason="the published notice is not part of the repository")
#: measures by problem, counted by hand
MEASURES = [[2, 6, 8, 5], [4], [4, 2], [3, 3, 4], [2, 3, 2]]


@pytest.fixture(scope="module")
def plan() -> RoundPlan:
    return read_notice(NOTICE)


def test_notice_when_published_has_the_totals_of_a_human_count(plan: RoundPlan):
    assert tell_kind(NOTICE) == "notice"
    assert [[len(problem.measures) for problem in aspect.children] for aspect in plan.findings] == MEASURES
    assert [plan.count(level) for level in Level] == [5, 13, 0]
    assert len(plan.measures()) == 48


def test_notice_when_published_tells_the_round(plan: RoundPlan):
    assert plan.kind == "notice"
    assert plan.title == "中共上海市科学技术工作委员会关于十二届市委第五轮巡视整改进展情况的通报"
    assert plan.organisation == "中共上海市科学技术工作委员会"
    assert plan.inspecting_body == "市委第五巡视组"
    assert (plan.inspected_from, plan.inspected_to) == (date(2024, 10, 18), date(2024, 12, 20))
    assert plan.feedback_on == date(2025, 3, 3)
    assert plan.declared == Declared(
        aspects=5,
        problems=14,
        items=46,
        items_done=32,
        measures=160,
        measures_done=142,
        as_of=date(2025, 9, 10),
    )
    assert plan.contacts.telephone == "021-23112950"
    assert plan.contacts.email == "dwbgs@stcsm.sh.gov.cn"
    assert plan.contacts.postcode == "200003"
    assert (plan.contacts.address or "").startswith("人民大道200号813B中共上海市科学技术工作委员会办公室")


def test_notice_when_published_gives_first_and_last_texts_whole(plan: RoundPlan):
    first, last = plan.findings[0], plan.findings[-1]
    assert first.text == "服务国家创新驱动发展战略,加快推动上海国际科技创新中心建设有不足"
    assert last.text == "落实新时代党的组织路线有欠缺"
    assert first.children[0].text == "学思践悟习近平总书记关于科技创新的重要论述不够全面深入"
    assert first.children[1].text == "激发科创策源‘强功能’不够有力"
    assert last.children[-1].text == "党建工作存在薄弱环节"
    measures = plan.measures()
    assert measures[0].text == (
        "严格落实“第一议题”制度,深入学思践悟习近平总书记关于科技创新的重要论述。"
        "将“第一议题”交流研讨纳入党委学习计划,每两个月组织1次。"
    )
    assert measures[-1].text == (
        "加强党建工作分类指导,指导相关单位完成党委换届选举。指导相关单位修订完善所属非公企业党组织建设指导意见,"
        "排摸所属非公企业党组织设置、人员配置及建设情况,实施分类指导。创新两新党组织设置方式,"
        "选派3名经验丰富的同志分别担任3家公司的党建指导员,常态化开展党建指导工作。"
    )
    assert (measures[0].place.row, measures[-1].place.row) == (33, 65)
    assert not [one.text for one in measures if "截至2025年9月10日" in one.text or "欢迎广大干部群众" in one.text]


def test_notice_when_published_differs_from_its_own_totals_and_says_so(plan: RoundPlan):
    report = ImportReport(kind="notice", round="2025-03", aspects=5, problems=13, measures=48, declared=plan.declared)
    assert [str(one) for one in differences(report)] == [
        "problems: the text declares 14, 13 were read",
        "items: the text declares 46, 0 were read",
        "measures: the text declares 160, 48 were read",
    ]
