"""Papers on the pages: drawn up and submitted by the office, found by who signs under My work, approved or returned."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.web.house import Page, Premises, plant_findings

DAY = date(2025, 9, 10)


@pytest.fixture
def office(either_premises: Premises) -> Premises:
    """Give a round with a measure, on both databases."""
    world = either_premises.world
    world.in_progress("1-01", finding_id=plant_findings(world)["1.1"])
    world.at(DAY)
    return either_premises


def root(premises: Premises) -> str:
    return f"/rounds/{premises.round}/documents"


def documents_on(page: Page) -> list[int]:
    """Return the numbers of the documents that a page offers, in its order."""
    links = page.tree.xpath("//table//a/@href")
    return [int(found[1]) for link in links if (found := re.search(r"/documents/(\d+)$", link))]


def drawn_up(page: Page) -> int:
    """Return the number of the one document there is."""
    (number,) = documents_on(page)
    return number


def test_paper_when_it_goes_from_hand_to_hand_ends_without_draft_mark(office: Premises):
    lin, zhao, there = office.visitor("lin"), office.visitor("zhao"), root(office)
    draft = drawn_up(lin.post(f"{there}/papers", kind="notice", until="2025-09-09"))
    page = lin.post(f"{there}/{draft}/submit", document_number="某党〔2025〕3号")
    assert "待审定" in page.words
    work = zhao.get("/work")
    assert "整改进展情况通报" in work.words
    assert "待您审定" in work.words
    form = zhao.get(there).form(f"{there}/{draft}/approve")
    assert (form["issued_on"], form["document_number"]) == ("2025-09-10", "某党〔2025〕3号")
    assert zhao.post(f"{there}/{draft}/return", reason=" ").status == 409
    zhao.post(f"{there}/{draft}/return", reason="数字有误")
    assert "已退回给您" in lin.get("/work").words
    assert "数字有误" in lin.get(there).words
    lin.post(f"{there}/{draft}/submit")
    page = zhao.post(f"{there}/{draft}/approve", issued_on="2025-09-10", document_number="某党〔2025〕4号")
    assert page.status == 200
    assert "某党〔2025〕4号" in page.words
    assert "赵书记" in page.words
    assert zhao.get("/work").words.count("待您审定") == 0
    final = next(one for one in documents_on(page) if one != draft)
    assert lin.client.get(f"{there}/{final}").status_code == 200
    assert zhao.post(f"{there}/{draft}/approve", issued_on="2025-09-10").status == 409
    assert "已撤回" in zhao.post(f"{there}/{final}/withdraw", reason="另行印发").words
    assert "已重新生成2份文书：逐字节一致" in lin.post(f"{there}/check").words


def test_paper_when_a_form_is_wrong_is_refused_readably(office: Premises):
    lin, there = office.visitor("lin"), root(office)
    for fields in ({"kind": "minutes"}, {"kind": "agenda"}, {"kind": "lists", "until": "x"}, {"kind": "x"}):
        assert lin.post(f"{there}/papers", **fields).status in {404, 409}
    assert lin.post(f"{there}/999999/submit").status == 404
