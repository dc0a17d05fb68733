from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import chinese_calendar
import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rules.plan import Fault, InputRefused
from engine.rules.working_days import DayRow, WorkingCalendar
from intake.calendar.arrangement import Unclear, read_days
from intake.calendar.official_calendar import known_years, official_days, read_yearly_notice
from intake.calendar.yearly_notice import read_notice_text

Write = Callable[..., Path]
NOTICE_2026 = """\
国务院办公厅关于2026年
部分节假日安排的通知
国办发明电〔2025〕7号

各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
　　根据2024年11月10日公布的放假办法，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
　　一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
　　二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
　　三、清明节：4月4日（周六）至6日（周一）放假，共3天。
　　四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
　　五、端午节：6月19日（周五）至21日（周日）放假，共3天。
　　六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
　　七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
　　节假日期间，各地区、各部门要妥善安排好值班工作，放假前做好检查。鼓励各单位安排职工在除夕（2月16日）前休息。
国务院办公厅
2025年11月4日
"""
WEEKDAYS = "一二三四五六日"


def year_of(year: int) -> list[DayRow]:
    return list(official_days(date(year, 1, 1), date(year, 12, 31)))


def plain(rows: Iterator[DayRow] | list[DayRow] | tuple[DayRow, ...]) -> list[tuple[date, bool, str]]:
    return [(row.day, row.is_working, row.source) for row in rows]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str, name: str = "通知.txt", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def refused(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(InputRefused) as caught:
        read_yearly_notice(path)
    return caught.value.faults


# The library


def test_official_days_from_2010_to_2026_then_agree_with_the_other_library_on_every_day() -> None:
    rows = list(official_days(date(2010, 1, 1), date(2026, 12, 31)))
    assert len(rows) == 6209
    assert [row.day for row in rows if row.is_working != chinese_calendar.is_workday(row.day)] == []
    assert {row.source for row in rows} == {"official"}


def test_official_days_asked_one_by_one_then_are_the_same_as_in_one_go() -> None:
    span = [date(2017, 12, 25) + timedelta(days=offset) for offset in range(14)]
    assert [row for day in span for row in official_days(day, day)] == list(official_days(span[0], span[-1]))


def test_official_days_when_no_notice_is_known_then_are_provisional_with_statutory_days_off() -> None:
    known = known_years(holidays.country_holidays("CN", years=range(2001, 2041)))
    unknown = max(known) + 1
    assert known == set(range(2001, unknown))  # none missing in between
    assert unknown >= 2027
    rows = {row.day: row for row in official_days(date(unknown - 1, 12, 31), date(unknown, 12, 31))}
    assert rows.pop(date(unknown - 1, 12, 31)).source == "official"
    assert {row.source for row in rows.values()} == {"provisional"}
    assert not rows[date(unknown, 10, 1)].is_working
    assert not any(row.is_working and row.day.weekday() >= 5 for row in rows.values())


def test_official_days_on_a_holiday_then_carry_its_name() -> None:
    (row,) = official_days(date(2026, 10, 1), date(2026, 10, 1))
    assert row == DayRow(date(2026, 10, 1), is_working=False, note="国庆节", source="official")


def test_official_days_then_make_a_calendar_with_its_provisional_years() -> None:
    calendar = WorkingCalendar.from_rows(official_days(date(2020, 1, 1), date(2027, 12, 31)))
    assert calendar.shift(date(2025, 9, 28), 3) == date(2025, 10, 9)  # over National Day, from a made-up Sunday
    assert not calendar.is_provisional(date(2026, 12, 31))


# The notice as published


def test_read_yearly_notice_of_2026_then_agrees_with_the_library(write: Write) -> None:
    rows = read_yearly_notice(write(NOTICE_2026))
    assert plain(rows) == plain(year_of(2026))
    assert {row.day: row.note for row in rows}[date(2026, 2, 14)] == "春节"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("（", "(").replace("）", ")").replace("：", ":").replace("，", ","),
        lambda text: text.replace("月", " 月 ").replace("至", " 至 "),
        lambda text: re.sub("(.{17})", "\\1\n", text.replace("\n", "").replace("　　", "\n")),
        lambda text: text.replace("周", "星期"),
        lambda text: re.sub("（[^）]*）", "", text),
        lambda text: re.sub("[一二三四五六七]、", "", text).replace("天。\n", "天\n").replace("班。\n", "班\n"),
        lambda text: text.replace("\n", ""),
        lambda text: text.replace("共3天", "共三天").replace("上班", "正常上班"),
    ],
    ids=["crlf", "bom", "half", "spaces", "broken", "星期", "no-weekdays", "no-numbers", "one-line", "words"],
)
def test_read_yearly_notice_when_pasted_otherwise_then_reads_the_same(
    write: Write, spoil: Callable[[str], str]
) -> None:
    assert plain(read_yearly_notice(write(spoil(NOTICE_2026)))) == plain(year_of(2026))


def test_read_yearly_notice_in_gb18030_then_reads_the_same(write: Write) -> None:
    assert plain(read_yearly_notice(write(NOTICE_2026, encoding="gb18030"))) == plain(year_of(2026))


def composed(year: int) -> str:
    """Return a notice for `year` in the published form, made from what the library knows."""

    def told(day: date) -> str:
        before = f"{day.year}年" if day.year != year else ""
        return f"{before}{day.month}月{day.day}日（星期{WEEKDAYS[day.weekday()]}）"

    rows = list(official_days(date(year - 1, 12, 1), date(year, 12, 31)))
    off = [row.day for row in rows if row.note and not row.is_working and row.day.year == year]
    # A day that this year's notice moved out of last December.
    moved = {row.day for row in rows if row.day.year < year and f"{year}" in str(row.note)}
    runs: list[list[date]] = []
    for before, day in pairwise([date.min, *off]):
        if (day - before).days == 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    made_up = [row.day for row in rows if row.is_working and row.day.weekday() >= 5 and row.day not in moved]
    lines = [f"国务院办公厅关于{year}年部分节假日安排的通知"]
    for number, run in zip("一二三四五六七八九十" * 4, runs, strict=False):
        span = f"{told(run[0])}至{run[-1].day}日" if run[0].month == run[-1].month != run[0] else ""
        span = span if len(run) > 1 and span else "、".join(told(day) for day in run)
        lines.append(f"{number}、假期：{span}放假调休，共{len(run)}天。")
    lines[-1] += "".join(f"{told(day)}上班。" for day in made_up)
    return "\n".join(lines)


@pytest.mark.parametrize("year", range(2010, 2027))
def test_read_yearly_notice_composed_for_each_year_then_agrees_with_the_library(write: Write, year: int) -> None:
    rows = [row for row in read_yearly_notice(write(composed(year))) if row.day.year == year]
    assert plain(rows) == plain(year_of(year))


def test_read_yearly_notice_when_new_year_reaches_into_december_then_names_days_of_the_year_before(
    write: Write,
) -> None:
    text = NOTICE_2026.replace("2026", "2019").split("　　一、")[0] + (
        "一、元旦：2018年12月30日至2019年1月1日放假调休，共3天。2018年12月29日（星期六）上班。\n"
        "二、春节：2月4日至10日放假调休，共7天。2月2日（星期六）、3日（星期日）上班。\n"
        "三、清明节：4月5日放假，与周末连休。\n"
        "四、劳动节：5月1日至4日放假调休。4月28日、5月5日（星期日）上班。\n"
        "五、端午节：6月7日放假，与周末连休，共3天。\n"
        "六、中秋节：9月13日放假，与周末连休。\n"
        "七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。\n"
    )
    rows = read_yearly_notice(write(text))
    assert plain(rows[:3]) == [
        (date(2018, 12, 29), True, "official"),
        (date(2018, 12, 30), False, "official"),
        (date(2018, 12, 31), False, "official"),
    ]
    assert plain(rows[3:]) == plain(year_of(2019))
    without_year = text.replace("2018年", "").replace("至2019年", "至")
    assert plain(read_yearly_notice(write(without_year))) == plain(rows)


NOTICE_2023 = """关于2023年部分节假日安排的通知
一、元旦：{span}放假调休，共3天。
二、春节：1月21日至27日放假调休，共7天。1月28日（星期六）、1月29日（星期日）上班。
三、清明节：4月5日放假，共1天。
四、劳动节：4月29日至5月3日放假调休，共5天。4月23日（星期日）、5月6日（星期六）上班。
五、端午节：6月22日至24日放假调休，共3天。6月25日（星期日）上班。
六、中秋节、国庆节：9月29日至10月6日放假调休，共8天。10月7日（星期六）、10月8日（星期日）上班。
"""


@pytest.mark.parametrize(
    "span",
    [
        "2022年12月31日至2023年1月2日",
        "12月31日至1月2日",
        "12月31日（周六）至1月2日（周一）",
        "2022年12月31日（星期六）至1月2日（星期一）",
        "12月31日至2023年1月2日",
        "12月31日、1月1日、2日",
    ],
)
def test_read_yearly_notice_when_a_span_crosses_the_year_then_december_is_last_years(write: Write, span: str) -> None:
    rows = read_yearly_notice(write(NOTICE_2023.format(span=span)))
    assert plain(rows) == [(date(2022, 12, 31), False, "official"), *plain(year_of(2023))]


@pytest.mark.parametrize(
    ("old", "new", "row", "told"),
    [
        ("2月14日（周六）", "2月14日（周五）", 8, "2026-02-14 does not fall on 周五"),
        ("共9天", "共8天", 8, "says 8 days off, its dates make 9"),
        ("至23日", "至30日", 8, "no such day exists"),
        ("至23日（农历正月初七、周一）", "至2日", 8, "must come after its first"),
        ("5月9日（周六）上班", "5月9日（周六）班", 10, "not clear whether"),
        ("5月9日（周六）上班", "其中5月9日上斑", 10, "not clear whether"),
        ("2月14日（周六）、", "2月14日左右、", 8, "not clear whether"),
        ("5月9日（周六）上班", "5月4日上班", 10, "says the opposite of 2026-05-04"),
        ("5月9日（周六）上班", "5月12日上班", 10, "must be a Saturday or a Sunday"),
        ("5月9日（周六）上班", "2025年5月10日上班", 10, "cannot arrange this day"),
        ("五、端午节：6月19日", "五、端午节：19日", 11, "the month is missing"),
        ("2026年", "今年", 1, "must say which year"),
    ],
)
def test_read_yearly_notice_when_something_is_wrong_then_refuses_with_its_line(
    write: Write, old: str, new: str, row: int, told: str
) -> None:
    assert old in NOTICE_2026
    faults = refused(write(NOTICE_2026.replace(old, new)))
    assert any(told in str(fault.message) and fault.place.row == row for fault in faults), faults
    assert all(fault.place.file == "通知.txt" for fault in faults)


def test_read_yearly_notice_of_a_year_out_of_reach_then_refuses(write: Write) -> None:
    without_weekdays = re.sub("（[^）]*）", "", NOTICE_2026)
    (fault,) = refused(write(without_weekdays.replace("2026年", "2206年")))
    assert str(fault.message) == "a year from 2001 to 2100 was expected"


def test_read_yearly_notice_when_cut_off_then_names_the_missing_holidays(write: Write) -> None:
    faults = refused(write(NOTICE_2026.split("　　六、", maxsplit=1)[0]))
    missing = [fault.message.params["day"] for fault in faults]
    assert missing == [date(2026, 9, 25), *(date(2026, 10, day) for day in (1, 2, 3))]


def test_read_yearly_notice_with_several_faults_then_tells_them_all(write: Write) -> None:
    faults = refused(write(NOTICE_2026.replace("1月4日（周日）", "1月4日（周一）").replace("共5天", "共6天")))
    assert [fault.place.row for fault in faults] == [7, 10]


def test_read_yearly_notice_when_it_is_no_notice_or_not_there_then_refuses(write: Write, tmp_path: Path) -> None:
    assert "no day off" in str(refused(write("关于2027年节假日安排的通知\n另行通知。"))[0].message)
    assert "which year" in str(refused(write(""))[0].message)
    assert "cannot be read" in str(refused(tmp_path / "没有.txt")[0].message)
    (tmp_path / "坏.txt").write_bytes(b"\xff\xff\xff")
    assert "UTF-8 or GB18030" in str(refused(tmp_path / "坏.txt")[0].message)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([*re.findall(r"\d+|[一-鿿]|.", NOTICE_2026, re.DOTALL), "13月", "32日", "0000年", "("]),
        max_size=120,
    ).map("".join)
)
def test_read_notice_text_of_any_scraps_then_gives_days_or_faults(text: str) -> None:
    arrangement = read_notice_text("关于2026年部分节假日安排的通知\n一、元旦：" + text, "x.txt")
    assert arrangement.days or arrangement.faults


# The operator's own forms

YAML_2026 = """\
年份: 2026
节假日:
  - {名称: 元旦, 从: 2026-01-01, 至: 2026-01-03}
  - 2026-02-15至2026-02-23
  - {名称: 清明节, 从: 2026-04-04, 至: 2026-04-06}
  - {name: 劳动节, from: 2026/5/1, to: 2026/5/5}
  - {name: 端午节, on: 2026年6月19日}
  - {name: 中秋节, on: 2026-09-25}
  - {name: 国庆节, from: 2026.10.1, to: 2026.10.7}
上班日: [2026-01-04, 2026-02-14, 2026-02-28, 2026-05-09, 2026-09-20, {名称: 国庆节, 日期: 2026-10-10}]
"""


def test_read_yearly_notice_from_yaml_with_a_year_then_arranges_the_whole_year(write: Write) -> None:
    assert plain(read_yearly_notice(write(YAML_2026, "2026.yaml"))) == plain(year_of(2026))


def test_read_yearly_notice_from_csv_with_a_year_then_arranges_the_whole_year(write: Write) -> None:
    named = [row for row in year_of(2026) if row.is_working != (row.day.weekday() < 5) or row.note]
    lines = [f"2026,{row.day},{'班' if row.is_working else '休'},{row.note or ''}" for row in named]
    path = write("\n".join(["年份,日期,安排,名称", *lines]), "2026.csv", "gb18030")
    assert plain(read_yearly_notice(path)) == plain(year_of(2026))


def test_read_yearly_notice_without_a_year_then_holds_the_named_days_as_own(write: Write) -> None:
    rows = (
        DayRow(date(2026, 5, 4), is_working=True, note="值班", source="own"),
        DayRow(date(2026, 7, 6), is_working=False, note="单位活动", source="own"),
        DayRow(date(2026, 7, 7), is_working=False, note="单位活动", source="own"),
    )
    sheet = "日期,安排,说明\n2026-07-06至2026-07-07,休,单位活动\n\n2026/5/4,班,值班\n"
    form = """
holidays: [{name: 单位活动, from: 2026-07-06, to: 2026-07-07}]
make_up_days: [{name: 值班, on: 2026-05-04}]
"""
    assert read_yearly_notice(write(sheet, "own.csv")) == rows
    assert read_yearly_notice(write(form, "own.yml")) == rows


@pytest.mark.parametrize(
    ("name", "text", "row", "told"),
    [
        ("a.csv", "日期,安排\n2026-02-30,休\n", 2, "no such day exists"),
        ("a.csv", "日期,安排\n明天,休\n", 2, "a date such as"),
        ("a.csv", "日期,安排\n2026-02-03至2026-02-05至2026-02-07,休\n", 2, "a date such as"),
        ("a.csv", "日期,安排\n2026-02-03,也许\n", 2, "休 or 班"),
        ("a.csv", "日期,安排\n2026-02-03\n", 2, "休 or 班"),
        ("a.csv", "日期,安排\n2026-02-03,休\n2026-02-03,班\n", 3, "opposite"),
        ("a.csv", "日期,安排,年份\n2026-02-03,休,2026\n2026-02-04,班,2027\n", 3, "one file arranges one year"),
        ("a.csv", "日期,安排,年份\n2026-02-03,休,26\n", 2, "a year such as"),
        ("a.csv", "日子,安排\n2026-02-03,休\n", 1, "headings"),
        ("a.csv", "", 1, "headings"),
        ("a.csv", "安排,日期\n休\n", 2, "a date such as"),
        ("a.csv", "日期,安排\n" + "9" * 200_000, 2, "cannot be read as CSV"),
        ("a.csv", "日期,安排\n", None, "names no day"),
        ("a.yaml", "year: 2026\nholidays: [2026-01-01\n", 3, "YAML cannot be read"),
        ("a.yaml", "[" * 5000, None, "YAML cannot be read"),
        ("a.yaml", "year: \x07", None, "YAML cannot be read"),
        ("a.yaml", "", 1, "were expected"),
        ("a.yaml", "- 2026-01-01", 1, "were expected"),
        ("a.yaml", "year: 2026\nholydays: [2026-01-01]", 2, "was expected"),
        ("a.yaml", "holidays:\n  - {name: 元旦, of: 2026-01-01}", 2, "name with on"),
        ("a.yaml", "holidays:\n  - [2026-01-01]", 2, "name with on"),
        ("a.yaml", "holidays:\n  - 2026-13-01", 2, "no such day exists"),
        ("a.yaml", "holidays:\n  - {from: 2026-01-03, to: 2026-01-01}", 2, "must come after"),
        ("a.yaml", "year: 0000\nholidays: [2026-01-01]", None, "from 2001 to 2100"),
        ("a.yaml", "year: [2026]\nholidays: [2026-01-01]", 1, "was expected"),
        ("a.yaml", "? [a]\n: 1", 1, "was expected"),
    ],
)
def test_read_yearly_notice_when_a_form_is_wrong_then_refuses_with_its_line(
    write: Write, name: str, text: str, row: int | None, told: str
) -> None:
    faults = refused(write(text, name))
    assert any(told in str(fault.message) and fault.place.row == row for fault in faults), faults


@given(st.text(max_size=20))
def test_read_days_of_any_text_then_gives_days_or_is_unclear(written: str) -> None:
    try:
        assert read_days(written)
    except Unclear as unclear:
        assert unclear.message.msgid  # noqa: PT017 - either answer is right
