"""The figures of a printed document on its pages: all of them, one with its measures, and who may look."""

from datetime import date

import pytest
from sqlalchemy import select, update

from models import Document, Measure
from tests.web.house import Premises, plant_findings

DAY = date(2025, 9, 10)


@pytest.fixture
def printed(either_premises: Premises) -> Premises:
    """Print the documents of a September meeting: two measures are late, one is verified."""
    world = either_premises.world
    problem = plant_findings(world)["1.1"]
    world.verified("1-01", finding_id=problem)
    for number in (2, 3):
        world.in_progress(f"1-0{number}", finding_id=problem, due=date(2025, 8, 20 + number))
    world.at(DAY)
    either_premises.visitor("lin").post(f"/rounds/{either_premises.round}/documents", held_on="2025-09-10")
    return either_premises


def figures_of(printed: Premises, file: str = "report.docx") -> str:
    with printed.world.sessions() as session:
        number = session.scalars(select(Document.id).where(Document.path.endswith(file))).one()
    return f"/rounds/{printed.round}/documents/{number}/figures"


def test_figures_when_listed_stand_with_what_they_count_and_agree_with_the_record(printed: Premises):
    visitor = printed.visitor("lin")
    listed = visitor.get(f"/rounds/{printed.round}/documents")
    assert figures_of(printed) in {link.get("href") for link in listed.tree.xpath("//a[@href]")}
    for file in ("report.docx", "agenda.docx", "agenda.md", "ledger.xlsx"):
        page = visitor.get(figures_of(printed, file))
        assert (page.status, "均一致" in page.words) == (200, True), file
    rows = [" ".join(row.text_content().split()) for row in visitor.get(figures_of(printed)).tree.xpath("//tbody/tr")]
    assert any("整改措施：逾期" in row and "【2】" in row for row in rows)


def test_figure_when_opened_leads_to_the_measures_that_it_counts(printed: Premises):
    visitor, root = printed.visitor("zhao"), figures_of(printed)
    rows = visitor.get(root).tree.xpath("//tbody/tr")
    number = next(place for place, row in enumerate(rows, 1) if "逾期【2】条" in row.text_content())
    page = visitor.get(f"{root}/{number}")
    links = page.tree.xpath("//td/a")
    assert [link.text for link in links] == ["1-02", "1-03"]
    assert visitor.get(links[0].get("href")).status == 200
    assert "FROM measure m" in page.tree.xpath("//pre")[0].text


def test_figures_when_the_database_was_changed_without_an_event_differ_and_say_so(printed: Premises):
    visitor, root = printed.visitor("lin"), figures_of(printed, "agenda.docx")
    with printed.world.sessions.begin() as session:
        session.execute(update(Measure).where(Measure.code == "1-02").values(due=date(2026, 8, 20)))
    page = visitor.get(root)
    assert "与记录不一致" in page.words
    only = visitor.get(root, only="differing").tree.xpath("//tbody/tr")
    assert 0 < len(only) < len(page.tree.xpath("//tbody/tr"))
    assert all("文书为" in row.text_content() for row in only)


def test_figures_are_closed_to_owners_and_to_documents_that_are_not_there(printed: Premises):
    root = figures_of(printed)
    for path in (root, f"{root}/1"):
        assert printed.visitor("wang").get(path).status == 403
    lin = printed.visitor("lin")
    assert lin.get(f"{root}/9999").status == 404
    assert lin.get(f"/rounds/{printed.round}/documents/99999/figures").status == 404
