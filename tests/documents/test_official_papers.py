"""Papers that an office signs: layout, same bytes, figures of their day; and the notice reads back."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from docx import Document
from lxml import html
from openpyxl import load_workbook
from sqlalchemy import update
from sqlalchemy.orm import Session

from demo.sample import NOTICE, load_sample, write_sample_ledger
from documents.kinds import KINDS
from documents.papers.asked import Asked
from documents.unit_ledgers import changes
from engine.actions.accept_measure import accept_measure
from engine.actions.desk import Desk, find_round
from engine.actions.freeze_agenda import meeting_of
from engine.actions.keep_minutes import write_minutes
from engine.actions.record_decision import record_decision
from engine.actions.report_progress import report_progress
from engine.actions.sweep_deadlines import sweep_deadlines
from engine.reads.paper_facts import read_paper_facts
from engine.rules.moment import day_end
from engine.rules.refusal import NotFound, NotReady
from engine.rules.vocabulary import Level, State
from intake.notice.read_notice import read_notice
from intake.workbook.read_workbook import read_ledger
from models import DecisionKind, Measure, Round
from models.database import Sessions, open_database, sessions_of
from tests.documents.official_layout import check_layout
from tests.factories import ZONE, at
from tests.plans import store
from tests.world import real_calendar

BEGUN, DAY, LATER = date(2025, 3, 10), date(2025, 4, 10), date(2025, 5, 12)
PAPERS = [key for key, kind in KINDS.items() if ".txt" in kind.endings]
TOLD = "初稿已成；二是征求意见，<b>三是</b>修改"
LATE = "2.3.2-01"  #: due on 21 March
DONE = ("1.1.1-01", "1.1.1-02", "1.1.1-03", "1.1.1-04", "1.1.2-01")


@dataclass
class Office:
    """A round that began, with a slip, a held meeting and its minutes."""

    sessions: Sessions

    def asked(self, day: date = DAY, **told: object) -> Asked:
        return Asked(until=day_end(day, ZONE), calendar=real_calendar(), **told)  # type: ignore[arg-type]

    def write(self, key: str, path: Path, day: date = DAY, **told: object) -> Path:
        with self.sessions() as session:
            KINDS[key].write(path, session, session.query(Round).one(), self.asked(day, **(needs(key) | told)))
        return path

    @contextmanager
    def desk(self, person: str, day: date, hour: int = 10) -> Iterator[Desk]:
        with self.sessions.begin() as session:
            yield Desk(session=session, moment=at(day, hour=hour), calendar=real_calendar(), person=person)


def needs(key: str) -> dict[str, object]:
    return {"period": "2025-04"} if key == "minutes" else {"measure": LATE} if key == "slip" else {}


def close(session: Session) -> None:
    session.execute(
        update(Measure).where(Measure.code.in_(DONE)).values(state=State.CLOSED, closed_on=date(2025, 4, 1))
    )


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    shutil.copyfile(sqlite_template, folder / "duban.db")
    engine = open_database(f"sqlite:///{folder / 'duban.db'}")
    office = Office(sessions_of(engine))
    with as_file(files("demo") / "data" / NOTICE) as path:
        store(office.sessions, read_notice(path), BEGUN)
    write_sample_ledger(folder / "ledger.xlsx")
    with office.sessions() as session:
        code = session.query(Round).one().code
    store(office.sessions, read_ledger(folder / "ledger.xlsx").plan, BEGUN, round=code)
    owner = next(one.owner for one in load_sample().measures() if one.code == LATE)
    with office.desk(owner, date(2025, 3, 11)) as desk:
        accept_measure(desk, LATE)
    with office.sessions.begin() as session:
        close(session)
    sweep_deadlines(office.sessions, moment=at(date(2025, 3, 24)), calendar=real_calendar(), batch=1000)
    with office.desk(owner, date(2025, 3, 25)) as desk:
        report_progress(desk, LATE, percent=60, text=TOLD)
    with office.desk("tang.zhixia", DAY, hour=15) as desk:
        meeting_of(desk.session, find_round(desk.session, None).id, DAY, desk.moment)
        due = date(2025, 4, 17)
        task = {"kind": DecisionKind.TASK, "text": "报送防汛预案", "owner": "tang.zhixia", "due": due}
        record_decision(desk, meeting=DAY, **task)  # type: ignore[arg-type]
    with office.desk("tang.zhixia", LATER) as desk:
        meeting = meeting_of(desk.session, find_round(desk.session, None).id, DAY, desk.moment)
        write_minutes(desk, meeting, present="沈润川、陆明澍", text="会议强调，汛前隐患必须清零。")
    yield office
    engine.dispose()


@pytest.mark.parametrize("key", PAPERS)
def test_paper_when_written_keeps_the_national_layout_and_its_bytes(office: Office, tmp_path: Path, key: str):
    first, second = (office.write(key, tmp_path / name) for name in ("one.docx", "two.docx"))
    check_layout(first, DAY)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("ending", [".txt", ".docx", ".html"])
def test_notice_when_read_back_has_the_findings_the_measures_and_the_totals(
    office: Office, tmp_path: Path, ending: str
):
    plan = read_notice(office.write("notice", tmp_path / f"notice{ending}"))
    assert [plan.count(level) for level in Level] == [5, 14, 46]
    read = [one for aspect in plan.findings for problem in aspect.children for one in problem.children]
    assert [one.text for one in read] == [one.text for one in load_sample().findings() if one.level is Level.ITEM]
    assert sum(len(one.measures) for one in read) == 160
    assert plan.declared is not None
    declared = plan.declared
    assert (declared.aspects, declared.problems, declared.items, declared.items_done) == (5, 14, 46, 1)
    assert (declared.measures, declared.measures_done, declared.as_of) == (160, 5, DAY)


def test_notice_when_somebody_wrote_ordinals_or_markup_keeps_them_as_text(office: Office, tmp_path: Path):
    text = office.write("notice", tmp_path / "notice.txt").read_text(encoding="utf-8")
    assert "目前进展：初稿已成；其二，征求意见，<b>三是</b>修改。" in text
    page = html.fromstring(office.write("notice", tmp_path / "notice.html").read_bytes())
    assert not page.xpath("//b|//script|//@src|//@href")
    assert "<b>三是</b>修改" in page.text_content()


def test_notice_when_told_of_an_earlier_day_is_what_it_was_then(office: Office, tmp_path: Path):
    early = office.write("notice", tmp_path / "early.txt", date(2025, 3, 24)).read_text(encoding="utf-8")
    assert "初稿已成" not in early
    assert "该项已超过2025年3月21日的时限" in early


def test_paper_when_not_issued_is_marked_on_every_page(office: Office, tmp_path: Path):
    draft = Document(str(office.write("report", tmp_path / "draft.docx")))
    heads = [head.paragraphs[0].text for one in draft.sections for head in (one.header, one.even_page_header)]
    assert heads == ["草稿（未经审定，不得印发）"] * 2
    path = office.write("report", tmp_path / "issued.docx", issued=date(2025, 4, 11), is_approved=True)
    issued = Document(str(path))
    assert issued.sections[0].header.is_linked_to_previous
    assert "2025年4月11日" in [one.text for one in issued.paragraphs]


def test_report_when_written_draws_native_charts_with_its_figures(office: Office, tmp_path: Path):
    document = Document(str(office.write("report", tmp_path / "report.docx")))
    charts = [part for part in document.part.package.iter_parts() if part.partname.startswith("/word/charts/")]
    told = [part.blob.decode() for part in charts]
    assert [one.count("<c:ser>") for one in told] == [2, 3]
    assert all("TargetMode" not in one and "externalData" not in one for one in told)
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    assert ["其中：已销号", "5", "5", "0"] in [row[:4] for row in rows]


def test_slip_when_written_fits_its_rung_and_keeps_its_number(office: Office, tmp_path: Path):
    form, receipt = Document(str(office.write("slip", tmp_path / "slip.docx"))).tables[1:]
    told = {row.cells[at].text: row.cells[at + 1].text for row in form.rows for at in (0, 2)}
    assert told["督办措施"].startswith("2.3.2-01　立即停止与一家无处置资质运输企业的合作")
    assert told["办理时限"] == "2025-03-21\n逾期1个工作日"
    assert told["发出日期"] == "2025年3月24日"
    assert receipt.rows[1].cells[1].text == told["督办编号"]
    again = Document(str(office.write("slip", tmp_path / "later.docx", LATER))).tables[1]
    assert again.rows[0].cells[1].text == told["督办编号"]


def test_slip_when_none_was_handed_out_is_refused(office: Office, tmp_path: Path):
    with pytest.raises(NotFound):
        office.write("slip", tmp_path / "slip.docx", date(2025, 3, 20))
    with pytest.raises(NotFound):
        office.write("slip", tmp_path / "slip.docx", measure=None)
    assert not list(tmp_path.iterdir())


def test_minutes_when_written_tell_what_was_on_record_then(office: Office, tmp_path: Path):
    early = office.write("minutes", tmp_path / "early.txt").read_text(encoding="utf-8")
    assert "（一）交办事项1项" in early
    assert "1｜报送防汛预案｜" in early
    assert "汛前隐患" not in early
    late = office.write("minutes", tmp_path / "late.txt", LATER).read_text(encoding="utf-8")
    assert "会议强调，汛前隐患必须清零。" in late
    assert "出席：沈润川、陆明澍" in late


def test_minutes_when_the_meeting_is_not_told_or_not_held_are_refused(office: Office, tmp_path: Path):
    with pytest.raises(NotReady):
        office.write("minutes", tmp_path / "x.docx", period=None)
    with pytest.raises(NotReady):
        office.write("minutes", tmp_path / "x.docx", date(2025, 4, 9))


def test_sheets_of_one_unit_when_asked_for_leave_out_the_others(office: Office, tmp_path: Path):
    text = office.write("letter", tmp_path / "one.txt", unit="局办公室").read_text(encoding="utf-8")
    assert text.count("整改责任状") == 1
    assert "局办公室承担" in text
    with pytest.raises(NotFound):
        office.write("task-book", tmp_path / "none.txt", unit="没有的单位")


def test_lists_when_written_hold_every_item_measure_and_unit(office: Office, tmp_path: Path):
    problems, tasks, units = Document(str(office.write("lists", tmp_path / "lists.docx"))).tables
    assert len(problems.rows) == 1 + 46
    assert len(tasks.rows) == 1 + 160
    assert sum(int(row.cells[4].text) for row in units.rows[1:]) == 160


def test_unit_ledgers_when_written_hold_the_changes_and_a_sheet_for_each_unit(office: Office, tmp_path: Path):
    first, second = (office.write("unit-ledgers", tmp_path / name) for name in ("one.xlsx", "two.xlsx"))
    assert first.read_bytes() == second.read_bytes()
    book = load_workbook(first)
    changed, *units = book.worksheets
    assert changed.title == "本月变动"
    assert sum(sheet.max_row - 2 for sheet in units) == 160
    for sheet in book.worksheets:
        assert (sheet.freeze_panes, sheet.print_title_rows, sheet.auto_filter.ref is not None) == ("C3", "$1:$2", True)
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 8)
    row = next(row for sheet in units for row in sheet.iter_rows(min_row=3) if row[1].value == LATE)
    assert (row[8].value, row[8].fill.fgColor.rgb) == ("已报领导小组（13个工作日）", "FF6B1D5E")
    assert (row[10].value, row[11].value) == ("60%", TOLD)


def test_changes_when_a_month_passed_are_told_with_before_and_after(office: Office):
    with office.sessions() as session:
        round_ = session.query(Round).one()
        late, early = (
            read_paper_facts(session, round_, day_end(day, ZONE), real_calendar()) for day in (DAY, date(2025, 3, 11))
        )
    told = [row[1:2] + row[4:] for row in changes(late, early)]  # type: ignore[index]
    assert told == [(LATE, "进度", "0%", "60%")]


def test_ask_when_changed_is_another_paper(office: Office):
    asked = office.asked()
    assert replace(asked, issued=DAY).draft is not None
    assert replace(asked, issued=DAY, is_approved=True).draft is None
    assert asked.draft
