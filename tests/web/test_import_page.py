"""Rounds, and files that are looked at before they are taken over."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
from sqlalchemy import func, select

from models import Measure, Person, Unit
from tests.factories import FEEDBACK
from tests.web.house import Page, Premises, Visitor

HEADINGS = ("序号", "方面", "反馈问题", "整改措施", "责任单位", "责任人", "整改时限")
ROW = ("1-1", "贯彻落实方面", "规划滞后", "修订规划", "一处", "王经办", "2025-09-03")


def book(*rows: tuple[str, ...]) -> bytes:
    written = openpyxl.Workbook()
    sheet = written.active
    assert sheet is not None
    sheet.title = "台账"
    for row in (HEADINGS, *rows):
        sheet.append(row)
    content = io.BytesIO()
    written.save(content)
    return content.getvalue()


def upload(visitor: Visitor, content: bytes, name: str = "台账.xlsx") -> Page:
    return visitor.post("/rounds/import", files=[("files", (name, content))])


def count(premises: Premises, table: type = Measure) -> int:
    with premises.world.sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_import_when_uploaded_then_shown_and_only_stored_when_confirmed(either_premises: Premises):
    lin = either_premises.visitor("lin")
    shown = upload(lin, book(ROW))
    assert (shown.status, "1新增措施" in shown.words, count(either_premises)) == (200, True, 0)
    done = lin.client.post(f"{shown.path}/confirm", data=shown.form(f"{shown.path}/confirm"), follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, f"/rounds/{either_premises.round}/ledger")
    assert count(either_premises) == 1
    assert list((either_premises.house.home / "uploads").iterdir()) == []
    changed = upload(lin, book((*ROW[:3], "重新修订规划", *ROW[4:])))
    (row,) = [[cell.text_content() for cell in row] for row in changed.tree.xpath("//tr[td/ins]")]
    assert row == ["1-1", "整改措施", "修订规划", "重新修订规划"]
    assert lin.get(shown.path).status == 404


def test_import_when_the_sheet_has_faults_then_each_is_shown_in_its_cell_and_there_is_nothing_to_confirm(
    premises: Premises,
):
    lin = premises.visitor("lin")
    shown = upload(lin, book(ROW, ("1-2", "贯彻落实方面", "规划滞后", "", "一处", "王经办", "后天")))
    assert shown.status == 422
    wrong = [cell.text_content() for cell in shown.tree.xpath("//td[@class='wrong']")]
    assert [text.partition("应")[0].strip() for text in wrong] == ["空"]
    assert shown.tree.xpath("//table[contains(@class,'sheet')]//th[text()='3']")
    assert f"{shown.path}/confirm" not in shown.text
    lin.post(f"{shown.path}/discard")
    assert lin.get(shown.path).status == 404
    assert count(premises) == 0


def test_import_when_rows_name_who_is_not_on_record_then_those_that_are_ticked_are_created(either_premises: Premises):
    lin = either_premises.visitor("lin")
    shown = upload(lin, book((*ROW[:4], "新设处", "钱新", "2025-09-03"), ("1-2", *ROW[1:4], "新设科", "钱新", "")))
    assert shown.status == 200
    boxes = shown.tree.xpath("//input[@type='checkbox'][@name='create']")
    assert [box.get("value") for box in boxes] == ["新设处", "新设科", "钱新"]
    assert "“新设处”与“新设科”疑似同一名称" in shown.words
    lin.post(f"{shown.path}/confirm", seen=shown.form(f"{shown.path}/confirm")["seen"], create=["新设处", "钱新"])
    with either_premises.world.sessions() as session:
        assert session.scalars(select(Unit.name).where(Unit.name.startswith("新设"))).all() == ["新设处"]
        owners = select(Person.name).join(Measure, Measure.owner_id == Person.id).order_by(Measure.code)
        assert session.scalars(owners).all() == ["钱新", "钱新"]


def test_import_when_no_row_is_on_record_then_the_round_is_asked_for_on_the_page(premises: Premises):
    lin = premises.visitor("lin")
    first = upload(lin, book(ROW))
    lin.client.post(f"{first.path}/confirm", data=first.form(f"{first.path}/confirm"))
    premises.world.at(FEEDBACK + timedelta(days=2))
    lin = premises.visitor("lin")
    other = ("9", "别的方面", "别的问题", "别的措施", "一处", "王经办", "2025-09-03")
    asked = upload(lin, book(other))
    assert "没有一行与轮次" in asked.words
    assert f"{asked.path}/confirm" not in asked.text
    shown = lin.post(f"{asked.path}/into", into=premises.round)
    assert "1新增措施" in shown.words


def test_import_when_asked_for_by_others_then_refused(premises: Premises):
    wang = premises.visitor("wang")
    assert wang.get("/rounds/import").status == 403
    assert upload(wang, book(ROW)).status == 403
    waiting = upload(premises.visitor("lin"), book(ROW)).path
    assert wang.get(waiting).status == wang.post(f"{waiting}/confirm").status == 403
    asked = {"feedback": {"feedback_on": "2025-03-03"}, "answer": {"said": "x"}, "into": {"into": "x"}}
    answers = {form: wang.post(f"{waiting}/{form}", **fields).status for form, fields in asked.items()}
    assert answers == dict.fromkeys(asked, 403)
    assert wang.get("/rounds/import/template.xlsx").status == 403
    assert count(premises) == 0


def test_import_when_nobody_confirms_for_a_day_then_the_files_are_gone(premises: Premises):
    lin = premises.visitor("lin")
    first = upload(lin, book(ROW)).path
    premises.world.at(FEEDBACK + timedelta(days=2))
    lin = premises.visitor("lin")
    second = upload(lin, book((*ROW[:3], "另一措施", *ROW[4:]))).path
    assert (lin.get(first).status, lin.get(second).status) == (404, 200)


def test_import_when_there_is_no_file_or_a_strange_one_then_it_is_said(premises: Premises):
    lin = premises.visitor("lin")
    assert lin.get("/rounds/import/../../etc").status == 404
    assert lin.get(f"/rounds/import/{'0' * 64}").status == 404
    strange = upload(lin, b"\x00\x01\x02", "../../x.bin")
    assert (strange.status, "x.bin" in strange.words, ".." in strange.words) == (422, True, False)


def test_ledger_when_taken_and_given_back_then_nothing_changes(premises: Premises):
    lin = premises.visitor("lin")
    shown = upload(lin, book(ROW))
    confirm = f"{shown.path}/confirm"
    assert lin.post(confirm, **shown.form(confirm)).path == f"/rounds/{premises.round}/ledger"
    taken = lin.client.get(f"/rounds/import/{premises.round}/ledger.xlsx")
    assert taken.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    again = upload(lin, taken.content)
    assert "1未变" in again.words
    assert count(premises, Person) == 11
    empty = lin.client.get("/rounds/import/template.xlsx")
    assert "单位" in openpyxl.load_workbook(io.BytesIO(empty.content)).sheetnames


def test_rounds_when_listed_then_figures_are_told_and_only_coordinators_may_import(either_premises: Premises):
    either_premises.world.measure()
    shown = either_premises.visitor("wang").get("/rounds")
    assert "0 / 1" in shown.words
    assert "/rounds/import" not in shown.text
    assert "/rounds/import" in either_premises.visitor("lin").get("/rounds").text
