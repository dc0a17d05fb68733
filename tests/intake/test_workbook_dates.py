"""The deadlines that offices type."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.vocabulary import MeasureClass
from intake.workbook.dates import FIRST_YEAR, LAST_YEAR, Deadline, NotADate, ShownMonth, ShownYear, read_deadline

DAYS = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))
_NUMERALS = "零一二三四五六七八九"


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else f"{_NUMERALS[tens]}十"
    return ten + (_NUMERALS[ones] if ones or not tens else "")


#: How a day is typed; each must be read back as the same day.
FORMS = {
    "iso": lambda day: day.isoformat(),
    "slashes": lambda day: f"{day.year}/{day.month}/{day.day}",
    "slashes-padded": lambda day: f"{day:%Y/%m/%d}",
    "points": lambda day: f"{day.year}.{day.month}.{day.day}",
    "points-closed": lambda day: f"{day.year}.{day.month}.{day.day}.",
    "words": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "words-号": lambda day: f"{day.year}年{day.month}月{day.day}号",
    "words-spaced": lambda day: f" {day.year} 年 {day.month} 月 {day.day} 日 ",
    "words-before": lambda day: f"{day.year}年{day.month}月{day.day}日前",
    "words-by": lambda day: f"于{day.year}年{day.month}月{day.day}日之前完成",
    "words-and-on": lambda day: f"{day.year}年{day.month}月{day.day}日前完成并长期坚持",
    "numerals": lambda day: (
        "".join(_NUMERALS[int(digit)] for digit in str(day.year)) + f"年{_chinese(day.month)}月{_chinese(day.day)}日"
    ),
    "full-width": lambda day: day.isoformat().translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)}),
    "short-year": lambda day: f"{day.year % 100:02d}年{day.month}月{day.day}日",
    "digits": lambda day: f"{day:%Y%m%d}",
    "digits-number": lambda day: int(f"{day:%Y%m%d}"),
    "midnight": lambda day: f"{day.isoformat()} 00:00:00",
    "excel-date": lambda day: datetime(day.year, day.month, day.day),  # noqa: DTZ001 - Excel knows no zones
    "serial": lambda day: (day - date(1899, 12, 30)).days,
    "serial-fraction": lambda day: (day - date(1899, 12, 30)).days + 0.25,
    "serial-text": lambda day: str((day - date(1899, 12, 30)).days),
    "span": lambda day: f"{FIRST_YEAR}年1月至{day.year}年{day.month}月{day.day}日",
}


@pytest.mark.parametrize("form", FORMS)
@given(day=DAYS)
def test_deadline_when_typed_in_any_form_is_read_as_the_same_day(form: str, day: date):
    found = read_deadline(FORMS[form](day))
    assert (found.due, found.open_ended) == (day, False)


@given(day=DAYS)
def test_deadline_without_a_year_takes_the_year_given(day: date):
    for text in (f"{day.month}月{day.day}日", f"{day.month}月{day.day}日前", f"{day.month}.{day.day}"):
        found = read_deadline(text, year=day.year)
        assert (found.due, found.told_year) == (day, None)


@given(day=DAYS)
def test_deadline_when_only_a_month_is_told_is_its_last_day(day: date):
    last = (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    for text in (f"{day.year}年{day.month}月", f"{day.year}年{day.month}月底前", f"{day.year}-{day.month}"):
        assert read_deadline(text).due == last
    assert read_deadline(f"{day.month}月底", year=day.year).due == last


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2025年底", date(2025, 12, 31)),
        ("2025年年底前", date(2025, 12, 31)),
        ("年底前", date(2025, 12, 31)),
        ("2025年", date(2025, 12, 31)),
        (2025, date(2025, 12, 31)),
        ("三季度末", date(2025, 9, 30)),
        ("2026年第一季度", date(2026, 3, 31)),
        ("2025年上半年", date(2025, 6, 30)),
        ("11月上旬", date(2025, 11, 10)),
        ("11月中旬", date(2025, 11, 20)),
        ("二月底", date(2025, 2, 28)),
        ("明年3月", date(2026, 3, 31)),
        ("2025.3-2025.9", date(2025, 9, 30)),
        ("2024年10月至2025年3月", date(2025, 3, 31)),
        (2025.9, date(2025, 9, 30)),
        ("2025.10", date(2025, 10, 31)),
    ],
)
def test_deadline_when_typed_loosely_is_its_last_day(typed: object, expected: date):
    assert read_deadline(typed, year=2025).due == expected


@pytest.mark.parametrize(
    "typed", ["长期坚持", "长期", "持续整改", "立行立改,长期坚持", "常态化推进", "立行立改并长期坚持"]
)
def test_deadline_when_it_never_ends_is_open(typed: str):
    found = read_deadline(typed)
    assert (found.due, found.open_ended) == (None, True)


@pytest.mark.parametrize("typed", [None, "", "  ", "　"])
def test_deadline_when_empty_says_nothing(typed: object):
    found = read_deadline(typed)
    assert (found.due, found.open_ended) == (None, False)


@pytest.mark.parametrize(
    "typed",
    [
        *("2025-02-30", "2025-13-01", "2025年9月31日", "9月0日", "20250931", "1999-01-01", "2100-01-01", "9月底"),
        *(
            "前",
            "尽快",
            "10个工作日内",
            "反馈后3个月内",
            "9/3/2025",
            "12.11.25",
            "立行立改(待研究)办理",
            "9-30",
            "1",
            "²",
            "十",
            "2025年2月至2024年3月",
            "前" * 32_000,
        ),
        *(2025.1, 9.3, 0, -1, 1e300, float("nan"), float("inf"), True, timedelta(days=1), 10**30, "9" * 40),
    ],
)
def test_deadline_when_it_cannot_be_relied_on_is_refused(typed: object):
    with pytest.raises(NotADate):
        read_deadline(typed)


@pytest.mark.parametrize("typed", ["2025/9/30 0:00", "2025/9/30 0:00:00", "2025-09-30 9:05", "2025/9/30 12:00:00 AM"])
def test_deadline_with_a_time_of_one_digit_keeps_its_day(typed: str):
    assert read_deadline(typed).due == date(2025, 9, 30)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("25.9.30", date(2025, 9, 30)),
        ("25/9/30", date(2025, 9, 30)),
        ("2025-09-30T00:00:00Z", date(2025, 9, 30)),
        ("2025-09-30T08:00:00+08:00", date(2025, 9, 30)),
        ("Sep 30, 2025", date(2025, 9, 30)),
        ("30-Sep-25", date(2025, 9, 30)),
        ("Sep-25", date(2025, 9, 30)),
        ("9/30/2025", date(2025, 9, 30)),
        ("30/9/2025", date(2025, 9, 30)),
        ("9月30日17时前", date(2025, 9, 30)),
        ("2025年9-12月", date(2025, 12, 31)),
        ("反馈后3个月内", date(2025, 6, 3)),
        ("反馈之日起三个月内", date(2025, 6, 3)),
        ("自反馈之日起30日内", date(2025, 4, 2)),
        ("立行立改，6月底前完成", date(2025, 6, 30)),
    ],
)
def test_deadline_in_the_ways_of_offices_is_its_day(typed: str, expected: date):
    assert read_deadline(typed, year=2025, feedback_on=date(2025, 3, 3)).due == expected


@pytest.mark.parametrize("typed", ["/", "\\", "无", "—", "-", "--", "N/A", "暂无", "待定", "未定", "不涉及"])
def test_deadline_when_nothing_is_meant_says_nothing(typed: str):
    found = read_deadline(typed)
    assert (found.due, found.open_ended, found.is_done) == (None, False, False)


@pytest.mark.parametrize(
    "typed", ["立行立改", "立行立改。", "立知立改", "即知即改", "立即整改", "立即", "立行立改(已部署)"]
)
def test_deadline_when_at_once_sets_the_class(typed: str):
    assert read_deadline(typed) == Deadline(
        due=None, measure_class=MeasureClass.AT_ONCE, remark="(已部署)" if "(" in typed else None
    )


@pytest.mark.parametrize("typed", ["已完成", "已办结", "完成", "已整改到位", "已完成(2025年5月)", "已销号"])
def test_deadline_when_it_says_done_is_no_day_but_a_state(typed: str):
    found = read_deadline(typed)
    assert (found.due, found.is_done) == (None, True)


@pytest.mark.parametrize("remark", ["(省委要求)", "（延期至10月31日）", "【已报备】", "[待核]"])
def test_deadline_with_a_remark_in_brackets_is_the_day_and_tells_the_remark(remark: str):
    found = read_deadline(f"2025年9月30日前{remark}")
    assert (found.due, found.remark) == (date(2025, 9, 30), remark)


def test_deadline_when_shown_as_a_month_or_year_is_its_last_day():
    assert read_deadline(ShownMonth(2025, 9, 1)).due == date(2025, 9, 30)
    assert read_deadline(ShownYear(2025, 3, 1)).due == date(2025, 12, 31)


@given(typed=st.one_of(st.text(), st.floats(), st.integers(), st.text("0123456789年月日底前-/.至 长期", max_size=14)))
def test_deadline_whatever_is_typed_is_read_or_refused(typed: object):
    try:
        found = read_deadline(typed, year=2025)
    except NotADate:
        return
    assert found.due is None or FIRST_YEAR <= found.due.year <= LAST_YEAR


def test_deadline_when_the_file_counts_from_1904_is_shifted():
    assert read_deadline(44441, epoch_1904=True).due == read_deadline(45903).due == date(2025, 9, 3)
