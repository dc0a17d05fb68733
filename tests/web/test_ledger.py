"""The ledger: narrowed, searched, paged through, exported; orders for many measures; each sees their own."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from engine.rules.vocabulary import MeasureClass, State
from models import CoUnit, Measure, SavedView
from tests.factories import build_person
from tests.web.house import Page, Premises, plant_findings


def ledger(premises: Premises) -> str:
    return f"/rounds/{premises.round}/ledger"


def codes(page: Page) -> list[str]:
    """Return the codes that are listed, in order."""
    found = page.tree.xpath("//table[contains(@class, 'ledger')]/tbody/tr/td[contains(@class, 'nowrap')][1]/a")
    return [one.text_content() for one in found]


@pytest.fixture
def filled(either_premises: Premises) -> Premises:
    """Give a ledger of many kinds, on both databases."""
    world = either_premises.world
    problems = plant_findings(world)
    first, second = problems["1.1"], problems["2.1"]
    world.measure("1-01", due=date(2025, 3, 10), text="制定100%覆盖的采购制度", finding_id=first)
    world.measure("1-02", due=date(2025, 9, 1), text="修订_台账_办法", owner="sun", finding_id=second)
    world.measure("2-01", due=None, measure_class=MeasureClass.CONTINUOUS, text="坚持学习制度", finding_id=first)
    world.measure(
        "2-02",
        finding_id=second,
        due=date(2025, 4, 1),
        unit_id=world.units["二处"],
        owner="tang",
        lead=None,
        text="清理挂账",
    )
    world.in_progress("2-03", finding_id=second, due=date(2025, 2, 20), text="补齐资料")
    world.verified("2-04", finding_id=second, due=date(2025, 5, 1), text="整改完毕")
    return either_premises


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, ["2-03", "1-01", "2-02", "2-04", "1-02", "2-01"]),
        ({"sort": "ledger"}, ["1-01", "1-02", "2-01", "2-02", "2-03", "2-04"]),
        ({"q": "制度"}, ["1-01", "2-01"]),
        ({"q": "100%"}, ["1-01"]),
        ({"q": "%"}, ["1-01"]),
        ({"q": "_台账_"}, ["1-02"]),
        ({"q": "2-0"}, ["2-03", "2-02", "2-04", "2-01"]),
        ({"q": "不存在"}, []),
        ({"q": "采购　制定"}, ["1-01"]),
        ({"q": "\x0b采购\0"}, ["1-01"]),
        ({"finding": "1"}, ["1-01", "2-01"]),
        ({"finding": "2.1"}, ["2-03", "2-02", "2-04", "1-02"]),
        ({"unit": "二处"}, ["2-02"]),
        ({"unit": "没有这个处"}, []),
        ({"leader": "钱副局长", "state": "in_progress"}, ["2-03"]),
        ({"owner": "sun"}, ["1-02"]),
        ({"kind": "continuous"}, ["2-01"]),
        ({"state": "overdue"}, ["2-03"]),
        ({"state": ["verified", "in_progress"]}, ["2-03", "2-04"]),
        ({"light": "red"}, ["2-03"]),
        ({"light": "green"}, ["2-02", "1-02"]),
        ({"light": "none"}, ["2-04"]),
        ({"due_from": "2025-04-01", "due_until": "2025-05-01"}, ["2-02", "2-04"]),
        ({"light": "pink", "state": "gone", "sort": "x", "due_from": "soon", "finding": "';--"}, None),
    ],
)
def test_ledger_when_narrowed_lists_what_fits(filled: Premises, query: dict[str, str], wanted: list[str] | None):
    page = filled.visitor("lin").get(ledger(filled), **query)
    assert page.status == 200
    expected = ["2-03", "1-01", "2-02", "2-04", "1-02", "2-01"] if wanted is None else wanted
    assert codes(page) == expected


def test_ledger_when_seen_by_a_unit_holds_what_is_its_own(filled: Premises):
    with filled.world.sessions.begin() as session:
        helped = session.scalars(select(Measure).where(Measure.code == "1-02")).one()
        session.add(CoUnit(measure_id=helped.id, unit_id=filled.world.units["二处"]))
    seen = {code: codes(filled.visitor(code).get(ledger(filled), sort="ledger")) for code in ("tang", "wang", "qian")}
    assert seen == {
        "tang": ["1-02", "2-02"],
        "wang": ["1-01", "1-02", "2-01", "2-03", "2-04"],
        "qian": ["1-01", "1-02", "2-01", "2-03", "2-04"],
    }
    assert codes(filled.visitor("tang").get(ledger(filled))) == ["2-02", "1-02"]
    assert codes(filled.visitor("tang").get(ledger(filled), q="制度")) == []
    assert codes(filled.visitor("tang").get(ledger(filled), unit="一处")) == ["1-02"]
    assert codes(filled.visitor("tang").get(ledger(filled), owner="sun")) == ["1-02"]


def test_pages_when_walked_show_everything_once_and_lead_back(premises: Premises):
    world = premises.world
    for number in range(120):
        world.measure(f"M{number:03}", due=date(2025, 6, 1) + timedelta(days=number % 7))
    visitor, seen = premises.visitor("lin"), []
    page = visitor.get(ledger(premises), q="制度")
    seen.append(codes(page))
    while following := page.tree.xpath("//a[@rel='next']/@href"):
        page = visitor.get(following[0])
        seen.append(codes(page))
    assert [len(part) for part in seen] == [50, 50, 20]
    assert len({code for part in seen for code in part}) == 120
    (back,) = page.tree.xpath("//a[@rel='prev']/@href")
    middle = visitor.get(back)
    assert codes(middle) == seen[1]
    (first,) = middle.tree.xpath("//a[@rel='prev']/@href")
    assert codes(visitor.get(first)) == seen[0]


def test_ledger_without_a_measure_says_what_can_be_done(premises: Premises):
    for who, way in (("lin", "/rounds/import"), ("wang", "/work")):
        (empty,) = premises.visitor(who).get(ledger(premises)).tree.xpath("//div[@class='empty']")
        assert empty.xpath(".//a/@href") == [way]
    (empty,) = premises.visitor("lin").get(ledger(premises), light="red").tree.xpath("//div[@class='empty']")
    assert empty.xpath(".//a/@href") == [ledger(premises)]


@pytest.mark.parametrize(("who", "offered"), [("lin", ["assign", "remind"]), ("zhao", ["assign"]), ("jian", [])])
def test_orders_for_many_are_offered_to_whom_the_engine_lets_give_them(
    premises: Premises, who: str, offered: list[str]
):
    premises.world.measure()
    tree = premises.visitor(who).get(ledger(premises)).tree
    ways = tree.xpath("//form[.//input[@name='codes']]/@action | //form//button/@formaction")
    assert [way.rpartition("/")[2] for way in ways if "codes" not in way] == offered


def test_cursor_of_another_list_is_told_readably(premises: Premises):
    premises.world.measure()
    page = premises.visitor("lin").get(ledger(premises), after="nonsense")
    assert page.status == 404
    assert "nonsense" in page.words


def test_export_when_narrowed_holds_just_that_and_no_formula(filled: Premises):
    with filled.world.sessions.begin() as session:
        session.scalars(select(Measure).where(Measure.code == "1-01")).one().text = "=cmd()制度"
    visitor = filled.visitor("lin")
    answer = visitor.client.get(f"{ledger(filled)}.xlsx", params={"q": "制度"})
    sheet = load_workbook(io.BytesIO(answer.content))["台账"]
    values = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {"1-01", "2-01"} <= set(values)
    assert "2-02" not in values
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    plain = visitor.client.get(f"{ledger(filled)}.csv", params={"unit": "二处"}).content.decode("utf-8-sig")
    assert "2-02" in plain
    assert "1-01" not in plain
    assert filled.visitor("tang").client.get(f"{ledger(filled)}.csv").text.count("1-01") == 0


def exported(premises: Premises, who: str, **query: str) -> dict[str, list[str]]:
    """Return the first column of each sheet, below its heading."""
    answer = premises.visitor(who).client.get(f"{ledger(premises)}.xlsx", params=query)
    book = load_workbook(io.BytesIO(answer.content))
    return {sheet.title: [row[0].value for row in sheet.iter_rows(min_row=2) if row[0].value] for sheet in book}


def test_export_when_taken_is_in_the_order_shown_and_holds_people_for_coordinators_alone(filled: Premises):
    whole, own = exported(filled, "lin"), exported(filled, "wang", sort="ledger")
    assert [code for code in whole["台账"] if code[:1] in "12"] == ["2-03", "1-01", "2-02", "2-04", "1-02", "2-01"]
    assert [code for code in own["台账"] if code[:1] in "12"] == ["1-01", "1-02", "2-01", "2-03", "2-04"]
    assert (len(whole["人员"]) > 5, own["人员"]) == (True, [])


def test_export_when_too_much_fits_is_refused_instead_of_cut_off(filled: Premises, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("web.pages.ledger.MOST_EXPORTED", 5)
    page = filled.visitor("lin").get(f"{ledger(filled)}.xlsx")
    assert (page.status, "超过5条" in page.words) == (409, True)
    assert filled.visitor("lin").client.get(f"{ledger(filled)}.xlsx", params={"q": "制度"}).status_code == 200


def test_ledger_of_two_leaders_of_one_name_holds_what_either_leads(filled: Premises):
    with filled.world.sessions.begin() as session:
        other = build_person(session, code="qian2", name="钱副局长", unit_id=filled.world.units["二处"])
        filled.world.people["qian2"] = other.id
    filled.world.measure("3-01", lead="qian2", due=date(2025, 12, 1))
    assert codes(filled.visitor("lin").get(ledger(filled), leader="钱副局长"))[-2:] == ["3-01", "2-01"]
    assert codes(filled.visitor("lin").get(ledger(filled), leader="qian2")) == ["3-01"]


def test_owners_when_reminded_twice_on_a_day_hear_it_once(filled: Premises):
    visitor = filled.visitor("lin")
    chosen = {"codes": ["1-01", "1-02", "2-04"], "back": ledger(filled)}
    assert "2条提醒" in visitor.post(f"{ledger(filled)}/remind", **chosen).words
    assert "0条提醒" in visitor.post(f"{ledger(filled)}/remind", **chosen).words
    assert {line.to for line in filled.world.said(kind="reminded")} == {"wang", "sun"}
    assert filled.visitor("wang").post(f"{ledger(filled)}/remind", **chosen).status == 403


def test_measures_when_assigned_together_go_all_or_none(filled: Premises):
    visitor = filled.visitor("lin")
    chosen = {"codes": ["1-01", "2-04"], "owner": "sun", "reason": "分工调整", "back": ledger(filled)}
    refused = visitor.post(f"{ledger(filled)}/assign", **chosen)
    assert (refused.status, "2-04" in refused.words) == (409, True)
    assert filled.world.get("1-01").owner_id == filled.world.people["wang"]
    done = visitor.post(f"{ledger(filled)}/assign", **{**chosen, "codes": ["1-01", "2-03"]})
    assert "2条措施交由sun负责" in done.words
    assert {filled.world.get(code).owner_id for code in ("1-01", "2-03")} == {filled.world.people["sun"]}
    assert filled.world.get("2-03").state is State.ASSIGNED
    asked = {**chosen, "codes": ["1-02"], "owner": "wang"}
    assert filled.visitor("li").post(f"{ledger(filled)}/assign", **asked).status == 403


def test_sign_that_a_database_does_not_keep_is_refused_readably(filled: Premises):
    page = filled.visitor("lin").post(f"{ledger(filled)}/assign", codes=["1-01"], owner="\0", back=ledger(filled))
    assert page.status in {404, 409, 422}  # SQLite looks for somebody of this name
    assert "出错" not in page.words


def test_view_when_kept_is_ones_own_and_can_be_dropped(premises: Premises):
    premises.world.measure()
    visitor, other = premises.visitor("lin"), premises.visitor("wang")
    page = visitor.post(f"{ledger(premises)}/views", name=" 红灯 ", query="light=red&unit=%E4%B8%80%E5%A4%84")
    assert page.tree.xpath("//span[@class='view']/a[text()='红灯']/@href") == [
        f"{ledger(premises)}?light=red&unit=%E4%B8%80%E5%A4%84"
    ]
    assert "红灯" not in other.get(ledger(premises)).words
    with premises.world.sessions() as session:
        number = session.scalars(select(SavedView.id)).one()
    other.post(f"{ledger(premises)}/views/{number}/drop")
    assert "红灯" in visitor.get(ledger(premises)).words
    visitor.post(f"{ledger(premises)}/views/{number}/drop")
    assert "红灯" not in visitor.get(ledger(premises)).words


def test_ledger_when_opened_begins_with_what_is_open_and_most_urgent(filled: Premises):
    world = filled.world
    with world.sessions.begin() as session:
        done = update(Measure).where(Measure.code == "2-03").values(state=State.CLOSED, closed_on=world.today)
        session.execute(done)
    lin = filled.visitor("lin")
    assert codes(lin.get(ledger(filled))) == ["1-01", "2-02", "2-04", "1-02", "2-01", "2-03"]
    assert codes(lin.get(ledger(filled), sort="due"))[0] == "2-03"


def test_ledger_when_opened_then_tabs_tell_how_many_are_overdue(filled: Premises, monkeypatch: pytest.MonkeyPatch):
    filled.world.at(date(2025, 4, 10))

    def told(**asked: str) -> str:
        (tab,) = filled.visitor("lin").get(ledger(filled), **asked).tree.xpath("//a[contains(@href,'state=overdue')]")
        return " ".join(tab.text_content().split())

    assert told() == told(unit="二处") == "逾期 3"
    monkeypatch.setattr("engine.reads.ledger_choices.MOST_LATE", 2)
    assert told() == "逾期 2+"
