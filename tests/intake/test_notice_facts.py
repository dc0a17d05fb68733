"""What a notice says about the round: day of the feedback, visit, declared totals, contacts, in usual wordings."""

from datetime import date

import pytest

from engine.rules.plan import Declared
from intake.notice.facts import Facts, read_facts
from intake.notice.source import text_lines
from intake.notice.totals import read_declared
from tests.notice_files import WIDE

TITLE = "中共云溪市文化局委员会关于市委第三巡视组巡视整改进展情况的通报\n"


def _facts(text: str) -> Facts:
    return read_facts(text_lines(text))


FEEDBACK = {
    "并于2025年3月3日反馈了巡视意见。": date(2025, 3, 3),
    "2025年3月3日,市委第三巡视组向中共云溪市文化局委员会领导班子反馈了巡视意见。": date(2025, 3, 3),
    "根据市委第三巡视组2025年3月3日反馈的意见,现公布如下。": date(2025, 3, 3),
    "2025 年 3 月 3 日上午,巡视组召开反馈会。": date(2025, 3, 3),
    "反馈会于2025年3月3日召开。": date(2025, 3, 3),
    "反馈意见时间:2025年3月3日": date(2025, 3, 3),
    "反馈日期:2025-03-03": date(2025, 3, 3),
    "二〇二五年三月三日,巡视组反馈了意见。": date(2025, 3, 3),
    "二○二五年三月三日,巡视组反馈了意见。": date(2025, 3, 3),
    "2025年3月3日至5日,分别向8家单位反馈;2025年3月6日,向局党委反馈。": date(2025, 3, 6),
    "2025年4月8日至6月20日,巡视组进行了巡视。7月15日,反馈了意见。": date(2025, 7, 15),
    "2025年4月至6月,巡视组进行了巡视。7月15日反馈。": date(2025, 7, 15),
    "2024年10月18日至12月20日,巡视组进行了巡视。1月6日,反馈了意见。": date(2025, 1, 6),
    "2024年10月18日至12月20日巡视,次年1月6日反馈。": date(2025, 1, 6),
    "2024年3月1日至4月30日巡视,同年6月6日反馈。": date(2024, 6, 6),
    "2024年12月5日至2025年1月24日巡视。3月20日,巡视组向党委反馈。": date(2025, 3, 20),
    "2025.3.3,巡视组反馈意见。": date(2025, 3, 3),
    "发布时间:2026-02-04\n2025年3月3日,巡视组反馈了意见。": date(2025, 3, 3),
    "截至2025年9月10日,反馈的46项问题已完成32项。": None,
    "2024年10月18日至12月20日,巡视组进行了巡视并反馈。": None,
    "7月15日,巡视组反馈了意见。": None,
    "2025年3月3日,召开会议。巡视组反馈了意见。": None,
    "没有日期。": None,
}


@pytest.mark.parametrize("text", FEEDBACK)
@pytest.mark.parametrize("wide", [False, True])
def test_feedback_when_told_in_usual_words_is_that_day(text: str, wide: bool):  # noqa: FBT001 - a parameter of the test
    facts = _facts(TITLE + (text.translate(WIDE) if wide else text))
    assert facts.feedback_on == FEEDBACK[text]
    assert facts.no_such_day is None


@pytest.mark.parametrize("said", ["2025年2月30日", "2025年13月3日", "2025年4月31日", "2025-02-29"])
def test_feedback_when_there_is_no_such_day_tells_what_stands_there(said: str):
    facts = _facts(f"{TITLE}巡视组于{said}反馈了意见。")
    assert (facts.feedback_on, facts.no_such_day) == (None, said)


def test_feedback_when_a_measure_speaks_of_one_is_not_that_day():
    lines = text_lines(TITLE + "(一)关于“甲”问题的整改\n1.针对“乙”的问题。一是于2025年5月6日反馈办理结果。")
    assert read_facts(lines, (2, 3)).feedback_on is None


VISITS = {
    "2024年10月18日至12月20日,市委第三巡视组进行了巡视。": (date(2024, 10, 18), date(2024, 12, 20)),
    "市委第三巡视组于2024年10月18日到2025年1月20日开展巡视。": (date(2024, 10, 18), date(2025, 1, 20)),
    "2024年12月2日至1月20日,市委第三巡视组进驻。": (date(2024, 12, 2), date(2025, 1, 20)),
    "2024年12月2日至次年1月20日,市委第三巡视组进驻。": (date(2024, 12, 2), date(2025, 1, 20)),
    "2024年10月8日至25日,市委第三巡视组开展专项检查。": (date(2024, 10, 8), date(2024, 10, 25)),
    "2024年10月8日—12月25日,市委第三巡视组巡视。": (date(2024, 10, 8), date(2024, 12, 25)),
    "2024.10.8-2024.12.25,市委第三巡视组巡视。": (date(2024, 10, 8), date(2024, 12, 25)),
    "学习教育自2024年1月1日至6月30日。2024年10月8日至12月25日,市委第三巡视组巡视。": (
        date(2024, 10, 8),
        date(2024, 12, 25),
    ),
    "2024年10月中旬至12月,市委第三巡视组巡视。": (None, None),
    "2024年12月25日至2024年10月8日,市委第三巡视组巡视。": (None, None),
}


@pytest.mark.parametrize("text", VISITS)
def test_visit_when_told_in_usual_words_is_that_span(text: str):
    facts = _facts(TITLE + text)
    assert (facts.inspected_from, facts.inspected_to) == VISITS[text]
    assert facts.inspecting_body == "市委第三巡视组"


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("2024年,省委第一巡视组对我校党委开展了常规巡视。", "省委第一巡视组"),
        ("县委巡察三组对我局党组开展了巡察。", "县委巡察三组"),
        ("区委第十二巡察组对我局党组开展了巡察。", "区委第十二巡察组"),
        ("中央第六生态环境保护督察。", None),
        ("集团党委第二巡察组进驻。", "集团党委第二巡察组"),
        ("国家审计组进驻。", "国家审计组"),
    ],
)
def test_inspecting_body_when_named_is_that_name(text: str, body: str | None):
    assert _facts("关于整改情况的通报\n" + text).inspecting_body == body


@pytest.mark.parametrize(
    ("text", "title", "organisation"),
    [
        (
            "首页 > 通知公告\n中共云溪市委统战部关于整改情况的通报\n正文",
            "中共云溪市委统战部关于整改情况的通报",
            "中共云溪市委统战部",
        ),
        (
            "中共云溪市文化局委员会\n关于巡视整改进展情况的通报\n正文",
            "中共云溪市文化局委员会关于巡视整改进展情况的通报",
            "中共云溪市文化局委员会",
        ),
        (
            "中共云溪市文化局委员会关于市委第三巡视组\n巡视整改进展情况的通报\n正文",
            "中共云溪市文化局委员会关于市委第三巡视组巡视整改进展情况的通报",
            "中共云溪市文化局委员会",
        ),
        (
            "关于巡察整改进展情况的公示\n正文。\n中共云溪县水利局党组\n2025年9月1日",
            "关于巡察整改进展情况的公示",
            "中共云溪县水利局党组",
        ),
        ("整改情况通报\n正文。", "整改情况通报", None),
    ],
)
def test_title_when_broken_or_below_a_menu_is_whole(text: str, title: str, organisation: str | None):
    facts = _facts(text)
    assert (facts.title, facts.organisation) == (title, organisation)


#: text → (items, done, measures, done)
TOTALS = {
    "反馈的46项问题已完成整改32项;提出整改措施160条,已经完成142条。": (46, 32, 160, 142),
    "提出整改措施160条,已经完成142条;反馈的46项问题已完成整改32项。": (46, 32, 160, 142),
    "巡视反馈的46个问题,已整改完成32个,正在推进14个;制定整改措施160条,完成142条。": (46, 32, 160, 142),
    "46项具体问题中,已完成32项;160项整改举措中,已落实142项。": (46, 32, 160, 142),
    "整改问题46个,完成32个;整改措施160条,落实142条。": (46, 32, 160, 142),
    "共制定整改措施160条,已落实142条,涉及的46个问题已销号32个。": (46, 32, 160, 142),
    "反馈问题46个,已办结32个,办结率69.6%;制定措施160项,已完成142项,完成率88.8%。": (46, 32, 160, 142),
    "反馈的46个问题已全部完成整改,160条整改措施全部落实到位。": (46, 46, 160, 160),
    "已完成整改32项,占反馈问题46项的69.6%;已完成142条,占整改措施160条的88.8%。": (46, 32, 160, 142),
    "32项问题已完成整改,14项正在推进;142条整改措施已完成,18条正在推进。": (46, 32, 160, 142),
    "应完成整改46项问题,已完成32项;应落实整改措施160条,已落实142条。": (46, 32, 160, 142),
    "反馈的5个方面14个问题,细化为46项具体问题,已完成整改32项。制定措施160条,已完成142条,其余18条持续推进。": (
        46,
        32,
        160,
        142,
    ),
    "巡视反馈的46项整改任务,目前已完成32项。160条整改措施,目前已完成142条。": (46, 32, 160, 142),
    "反馈的四十六个问题已完成整改三十二个,一百六十条措施已完成一百四十二条。": (46, 32, 160, 142),
    "截至目前,46个问题已完成整改32个(其余14个正在推进),160条措施已完成142条。": (46, 32, 160, 142),
    "指出的问题46个,已全部完成整改。措施160条,均已落实。": (46, 46, 160, 160),
    "排查隐患1200处,整改1100处。反馈的46项问题已完成32项。": (46, 32, None, None),
    "移交问题线索12件,已办结10件。新建制度23项,修订完善10项。": (None, None, None, None),
    "反馈的46项问题已完成整改92项。": (None, None, None, None),
    "细化为46项具体问题,制定160条整改措施。": (46, None, 160, None),
    "46项具体问题已按期完成32项,160条整改措施已如期完成142条。": (46, 32, 160, 142),
    "细化为160条整改措施。目前,142条整改措施已按时完成,其余需要长期整改的18条正在推进。": (None, None, 160, 142),
    "制定160条措施。截至2025年6月30日,142条整改措施已按计划完成。": (None, None, 160, 142),
    "细化为46个具体问题,制定160条措施。目前,已完成整改32个问题,14个问题正在推进;已落实措施142条,其余18条长期坚持。": (
        *(46, 32),
        *(160, 142),
    ),
    "涉及12个单位共计46项具体问题,金额5万元,报告日已整改32项,正在整改14项。财政问题2项,已整改1项。": (
        46,
        32,
        None,
        None,
    ),
}


@pytest.mark.parametrize("text", TOTALS)
@pytest.mark.parametrize("wide", [False, True])
def test_totals_when_claimed_in_usual_words_are_read(text: str, wide: bool):  # noqa: FBT001 - a parameter of the test
    declared = _facts(TITLE + (text.translate(WIDE) if wide else text)).totals.declared
    assert (declared.items, declared.items_done, declared.measures, declared.measures_done) == TOTALS[text]


@pytest.mark.parametrize(
    ("text", "aspects", "problems"),
    [
        ("反馈的5个方面14个问题", 5, 14),
        ("指出了五个方面十四项突出问题", 5, 14),
        ("反馈的5个方面、14个具体问题", 5, 14),
        ("反馈了4个方面的问题", 4, None),
        ("反馈的三大类21个问题", 3, 21),
        ("反馈了4个方面16类问题", 4, 16),
        ("从3个方面发力,解决2个问题", None, None),
    ],
)
def test_aspects_when_claimed_are_read_with_their_problems(text: str, aspects: int, problems: int | None):
    declared = read_declared(text)
    assert (declared.aspects, declared.problems) == (aspects, problems)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("截至2025年9月10日,完成。", date(2025, 9, 10)),
        ("2025年3月3日反馈。截止到9月10日,完成。", date(2025, 9, 10)),
        ("截至目前(2025年9月10日),完成。", date(2025, 9, 10)),
        ("截至目前,完成。", None),
    ],
)
def test_totals_when_they_hold_for_a_day_tell_it(text: str, day: date | None):
    assert read_declared(text).as_of == day


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("反馈的5个方面14个问题,14个问题已完成整改12个。", 12),
        ("反馈的5个方面14个问题。截至目前,反馈的14个问题已全部完成整改。", 14),
        ("反馈的5个方面14个问题,细化为46项具体问题,已完成32项。", None),
        ("反馈的46项问题已完成32项。", None),
    ],
)
def test_problems_done_when_as_many_are_spoken_of_as_there_are_problems_is_told(text: str, done: int | None):
    assert read_declared(text).problems_done == done


def test_totals_when_none_are_claimed_are_absent():
    assert read_declared("坚持问题导向。") == Declared()


@pytest.mark.parametrize(
    "text",
    [
        "联系电话:0571-88888888\n电子邮箱:zg@yx.example\n通讯地址:云溪市文化路8号(信封注明“整改”)\n邮政编码:310000",
        "联系电话:0571-88888888;电子邮箱:zg@yx.example;通讯地址:云溪市文化路8号(信封注明“整改”);邮政编码:310000。",
        "通信地址:云溪市文化路8号(信封注明“整改”),邮编:310000,联系电话:0571-88888888,邮箱:zg@yx.example。",
        "监督电话 0571-88888888\nE-mail:zg@yx.example\n来信地址: 云溪市文化路8号(信封注明“整改”) 邮编 310000",
    ],
)
@pytest.mark.parametrize("wide", [False, True])
def test_contacts_when_below_the_text_are_read(text: str, wide: bool):  # noqa: FBT001 - a parameter of the test
    contacts = _facts(TITLE + "设立举报电话和意见箱。\n" + (text.translate(WIDE) if wide else text)).contacts
    assert (contacts.telephone, contacts.email, contacts.postcode) == ("0571-88888888", "zg@yx.example", "310000")
    written = "云溪市文化路8号(信封注明“整改”)"
    assert contacts.address == (written.translate(WIDE) if wide else written)


def test_contacts_when_there_are_two_telephones_are_both_read():
    contacts = _facts(TITLE + "联系电话:0571-88888888、88888889(工作日)").contacts
    assert contacts.telephone == "0571-88888888、88888889"
