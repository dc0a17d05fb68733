"""The board's page: its figures, its ways to the ledger, its screens and its files."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from engine.actions.close_measure import close_measure
from tests.documents.drawings import check
from tests.web.house import Page, Premises, english

BOARD = "/rounds/{round}/board"


@pytest.fixture
def lived(premises: Premises) -> Premises:
    """Give the premises after three months: one closed, one overdue, one verified, one of another unit in time."""
    world = premises.world
    world.at(date(2025, 3, 4)).verified("1", due=date(2025, 4, 9))
    world.verified("2", due=date(2025, 6, 30))
    world.in_progress("3", due=date(2025, 3, 20), text="<b>完善</b>制度")
    world.measure("4", unit_id=world.units["二处"], due=date(2025, 8, 29), owner="tang", lead=None)
    world.at(date(2025, 4, 10)).act("zhao", close_measure, "1")
    world.at(date(2025, 6, 3))
    return premises


def board(premises: Premises, person: str = "lin", **query: str) -> Page:
    return premises.visitor(person).get(BOARD.format(round=premises.round), **query)


def key_figures(page: Page) -> dict[str, str]:
    return {
        item.xpath("string(text()[last()])").strip(): item.xpath("string(b)").strip()
        for item in page.tree.xpath("//ul[@class='key-figures']/li")
    }


def table(page: Page, name: str) -> list[list[str]]:
    rows = page.tree.xpath(f"//section[contains(@class, 'chart-{name}')]//tbody/tr")
    return [["".join(cell.itertext()).strip() for cell in row] for row in rows]


def test_board_when_opened_shows_the_figures_and_the_same_in_every_chart(lived: Premises):
    page = board(lived)
    assert page.status == 200
    figures = key_figures(page)
    assert (figures["已销号措施"], figures["销号率"], figures["逾期"]) == ("1/4", "25%", "1")
    assert table(page, "units") == [
        ["一处", "1", "1", "0", "1", "0", "3", "33%", "1", "0"],
        ["二处", "0", "0", "0", "0", "1", "1", "0%", "0", "0"],
    ]
    assert [row[0] for row in table(page, "leaders")] == ["钱副局长", "未定责任领导"]
    assert [row[1] for row in table(page, "lights")] == ["1", "0", "0", "0", "1", "2"]
    charts = page.tree.xpath("//*[local-name()='svg' and @role='img']")
    assert [chart.get("aria-labelledby").split("-title")[0] for chart in charts] == [
        *("burn-up", "lights", "aspects", "leaders", "lateness", "units")
    ]
    ids = page.tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert not page.tree.xpath("//@style | //style | //*[@onclick]")


def test_board_when_it_shows_what_people_typed_escapes_it(lived: Premises):
    page = board(lived)
    assert "<b>完善" not in page.text
    assert "&lt;b&gt;完善" in page.text


def test_board_when_told_of_a_past_day_is_that_day_s_and_leads_nowhere(lived: Premises):
    page = board(lived, on="2025-03-25")
    assert "截至2025年3月25日" in page.words
    assert key_figures(page)["已销号措施"] == "0/4"
    assert not page.tree.xpath("//a[contains(@href, '/ledger?')]"), "the ledger shows today"
    for on in ("2031-01-01", "yesterday", ""):
        assert "截至2025年6月3日" in board(lived, on=on).words
    assert "截至2025年3月3日" in board(lived, on="2020-01-01").words


def test_board_when_a_figure_is_followed_leads_to_the_ledger_narrowed_alike(lived: Premises):
    page = board(lived)
    row = page.tree.xpath("//section[contains(@class, 'chart-units')]//tbody/tr")[0]
    links = [parse_qs(urlsplit(one).query) for one in row.xpath(".//a/@href")]
    assert links[0] == {"unit": ["一处"]}
    assert {"unit": ["一处"], "state": ["closed"]} in links
    assert {urlsplit(one).path for one in row.xpath(".//a/@href")} == {f"/rounds/{lived.round}/ledger"}
    assert {"unit": ["一处"], "state": ["overdue"]} in links
    assert page.tree.xpath(f"//a[@href='/rounds/{lived.round}/measures/3']")
    visitor = lived.visitor("lin")
    for link in {*row.xpath(".//a/@href"), *page.tree.xpath("//ul[@class='key-figures']//a/@href")}:
        assert visitor.get(link).status == 200, link


def test_board_when_narrowed_to_a_unit_counts_that_unit_alone(lived: Premises):
    unit = str(lived.world.units["二处"])
    page = board(lived, unit=unit)
    assert "看板 · 二处" in page.words
    assert table(page, "units") == [["二处", "0", "0", "0", "0", "1", "1", "0%", "0", "0"]]
    assert board(lived, unit="999999").status == 404
    assert board(lived, unit="9" * 30).status == 200, "no number of a unit narrows nothing"


def test_board_when_opened_by_a_member_of_a_unit_counts_what_they_see(lived: Premises):
    page = board(lived, "tang")
    assert "此处只统计与您有关的措施" in page.words
    assert [row[0] for row in table(page, "units")] == ["二处"]
    assert "完善" not in page.words, "the worst of other units is not told"
    assert not page.tree.xpath("//select[@name='unit']")
    assert [row[0] for row in table(board(lived, "wang"), "units")] == ["一处"]
    assert [row[0] for row in table(board(lived, "qian"), "units")] == ["一处"], "those that he leads"


def test_board_when_projected_turns_from_screen_to_screen_until_it_is_halted(lived: Premises):
    visitor, seen = lived.visitor("lin"), []
    path = f"{BOARD.format(round=lived.round)}?show=projector&on=2025-06-02"
    for _ in range(4):
        page = visitor.get(path)
        assert page.tree.xpath("//body/@class") == ["projected"]
        seen.append([chart.get("aria-labelledby").split("-title")[0] for chart in page.tree.xpath("//*[@role='img']")])
        seconds, path = re.fullmatch(r"(\d+); url=(/.*)", page.answer.headers["refresh"]).groups()
        assert int(seconds) >= 20
    assert seen == [["burn-up", "lights", "lateness"], ["aspects", "leaders"], ["units"], []]
    assert "screen=1" in path
    assert "on=2025-06-02" in path
    (halt,) = page.tree.xpath("//a[text()='停在本屏']/@href")
    stays = visitor.get(halt).answer.headers["refresh"].partition("url=")[2]
    assert parse_qs(urlsplit(stays).query) == parse_qs(urlsplit(halt).query)
    assert "refresh" not in board(lived).answer.headers


@pytest.mark.parametrize("chart", ["aspects", "units", "leaders", "burn-up", "lights", "lateness"])
def test_chart_when_downloaded_is_a_drawing_of_its_own(lived: Premises, chart: str):
    visitor = lived.visitor("lin")
    answer = visitor.client.get(f"{BOARD.format(round=lived.round)}/{chart}.svg", params={"on": "2025-06-02"})
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{chart}-2025-06-02.svg"')
    check(answer.text.partition("\n")[2])
    with english(visitor):
        assert visitor.get(f"{BOARD.format(round=lived.round)}/{chart}.svg").text != answer.text


def test_chart_when_there_is_none_of_that_name_is_not_found(lived: Premises):
    assert lived.visitor("lin").get(f"{BOARD.format(round=lived.round)}/passwd.svg").status == 404
    assert lived.visitor().client.get(BOARD.format(round=lived.round), follow_redirects=False).status_code == 303


def test_board_when_nothing_is_on_record_is_shown_empty(either_premises: Premises):
    page = board(either_premises)
    assert page.status == 200
    assert "没有逾期措施" in page.words


def test_board_when_something_was_closed_late_says_so_in_its_figures_and_unit_by_unit(lived: Premises):
    page = board(lived)
    figures = key_figures(page)
    assert (figures["按期完成率"], figures["逾期完成"], figures["逾期销号"]) == ("100%", "0", "1"), "handed in in time"
    assert [row[-1] for row in table(page, "units")] == ["0", "0"]
    assert "逾期完成" not in key_figures(board(lived, on="2025-04-09")), "nothing was closed yet"
    path = f"/rounds/{lived.round}"
    assert "逾期1个工作日销号（按原定期限）" in lived.visitor("lin").get(f"{path}/ledger").words
    assert "逾期1个工作日销号（按原定期限）" in lived.visitor("lin").get(f"{path}/measures/1").words
