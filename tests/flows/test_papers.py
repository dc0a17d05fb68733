"""Papers from the draft to the signature: who may, what is printed, what replaces what; and every byte again later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from docx import Document as WordFile
from sqlalchemy import select, text, update

from documents.official.word_template import begin
from documents.papers.shapes import SHAPES
from engine.actions.desk import Desk, find_actor
from engine.actions.report_progress import report_progress
from engine.actions.return_paper import return_paper
from engine.actions.set_absence import set_absence
from engine.actions.withdraw_paper import withdraw_paper
from engine.reads.audit import audit_record
from engine.reads.papers import find_paper, read_papers, read_papers_for
from engine.rules.plan import InputRefused
from engine.rules.refusal import FourEyes, NotAllowed, NotFound, NotReady, WrongState
from engine.rules.signing import PaperState
from engine.rules.vocabulary import Level, Role
from flows import papers
from flows.house import House
from flows.monthly import run_monthly
from flows.reprint import reprint
from models import Absence, Agenda, Document, Event, Paper, RoleGrant, Round
from tests.factories import build_finding
from tests.world import World

DAY, NEXT = date(2025, 9, 10), date(2025, 9, 12)
NUMBER = "某党〔2025〕18号"
MARK = "草稿（未经审定，不得印发）"


@pytest.fixture
def office(town: World) -> World:
    """Give a round with two measures on the day."""
    with town.sessions.begin() as session:
        round_ = session.get_one(Round, town.round)
        round_.code = "XS"
        aspect = build_finding(session, round_, level=Level.ASPECT, code="1")
    town.in_progress("1-01", finding_id=aspect.id)
    town.in_progress("1-02", finding_id=aspect.id)
    return town.at(DAY)


def done(house: House, office: World, who: str, what: Callable[[Desk], Paper]) -> Paper:
    with house.sessions.begin() as session:
        return what(house.desk(session, who, office.moment))


def drawn_up(house: House, office: World, kind: str = "notice", **told: object) -> int:
    return done(house, office, "lin", lambda desk: papers.draw_up(house, desk, kind, **told)).draft_id  # type: ignore[arg-type]


def submitted(house: House, office: World, **told: object) -> int:
    number = drawn_up(house, office, **told)
    done(house, office, "lin", lambda desk: papers.submit(desk, number, document_number=NUMBER))
    return number


def approved(house: House, office: World, number: int, **told: object) -> Paper:
    return done(house, office, "zhao", lambda desk: papers.approve(house, desk, number, **told))  # type: ignore[arg-type]


def file_of(house: House, number: int | None) -> Path:
    with house.sessions() as session:
        document = session.get_one(Document, number)
        path = house.home / document.path
        assert sha256(path.read_bytes()).hexdigest() == document.sha256
    return path


def all_text(path: Path) -> str:
    word = WordFile(str(path))
    heads = [line.text for one in word.sections for line in (*one.header.paragraphs, *one.even_page_header.paragraphs)]
    return "\n".join([*heads, *(line.text for line in word.paragraphs)])


def test_paper_when_approved_is_final_and_the_same_at_any_later_time(house: House, office: World):
    number = submitted(house, office)
    draft = all_text(file_of(house, number))
    assert draft.count(MARK) == 2
    assert "第1版草稿" in draft
    office.at(NEXT)
    paper = approved(house, office, number)
    final = all_text(file_of(house, paper.final_id))
    assert MARK not in final
    assert "第1版" in final.splitlines()[-1]
    assert "草稿" not in final
    for told in (NUMBER, "2025年9月12日", "截至2025年9月10日"):
        assert told in final
    assert (paper.state, paper.number, paper.issued_on) == (PaperState.APPROVED, NUMBER, NEXT)
    office.at(date(2025, 10, 9))
    with house.sessions.begin() as session:
        report_progress(house.desk(session, "wang", office.moment), "1-01", percent=40, text="初稿已成")
    found = list(reprint(house))
    assert [(one.is_same, one.is_kept) for one in found] == [(True, True)] * 2
    with house.engine.begin() as connection:
        connection.execute(text("UPDATE paper SET number = 'x'"))
    assert [one.is_same for one in reprint(house)] == [True, False]


def test_paper_when_approved_is_told_to_the_record_with_its_hash(house: House, office: World):
    paper = approved(house, office, submitted(house, office))
    with house.sessions() as session:
        events = session.scalars(select(Event).where(Event.kind.startswith("document:paper:")).order_by(Event.id)).all()
        final = session.get_one(Document, paper.final_id)
        assert audit_record(session).broken == []
    assert [one.kind.rpartition(":")[2] for one in events] == ["draw_up", "submit", "approve"]
    told = events[-1].data
    assert (told["sha256"], told["number"], told["issued_on"]) == (final.sha256, NUMBER, DAY.isoformat())
    assert events[-1].actor_id == office.people["zhao"]


def test_paper_when_asked_for_is_told_to_who_signs_and_answered_to_the_office(house: House, office: World):
    number = submitted(house, office)
    assert [(one.to, one.data["document"]) for one in office.said(kind="paper_asked")] == [("zhao", "notice")]
    done(house, office, "zhao", lambda desk: return_paper(desk, number, reason="数字有误"))
    assert [(one.to, one.data["approved"]) for one in office.said(kind="paper_decided")] == [("lin", False)]
    with house.sessions() as session:
        actor = find_actor(house.desk(session, "lin", office.moment))
        assert [one.reason for one in read_papers_for(session, actor, office.today)] == ["数字有误"]
    office.at(NEXT)
    done(house, office, "lin", lambda desk: papers.submit(desk, number))
    assert len(office.said(kind="paper_asked")) == 2
    approved(house, office, number)
    with house.sessions() as session:
        zhao = find_actor(house.desk(session, "zhao", office.moment))
        assert read_papers_for(session, zhao, office.today) == ()


def test_paper_when_a_later_version_is_approved_is_replaced_and_the_later_one_says_so(house: House, office: World):
    first = approved(house, office, submitted(house, office))
    office.at(NEXT)
    number = submitted(house, office)
    second = approved(house, office, number)
    assert "第2版（替代第1版）" in all_text(file_of(house, second.final_id))
    with house.sessions() as session:
        old, new = find_paper(session, office.round, first.draft_id), find_paper(session, office.round, number)
        assert (old.state, new.state) == (PaperState.REPLACED, PaperState.APPROVED)
        lines = {one.version: one for one in read_papers(session, office.round, office.today)}
    assert (lines[1].replaced_by, lines[2].replaces) == (2, 1)
    assert all(one.is_same for one in reprint(house))
    done(house, office, "zhao", lambda desk: withdraw_paper(desk, number, reason="附件有误"))
    with pytest.raises(WrongState):
        done(house, office, "zhao", lambda desk: withdraw_paper(desk, number, reason="附件有误"))


def test_paper_when_approved_then_by_nobody_who_had_a_hand_in_it_or_an_earlier_version(house: House, office: World):
    with house.sessions.begin() as session:
        session.add(RoleGrant(person_id=office.people["jian"], role=Role.COORDINATOR))
        session.add(RoleGrant(person_id=office.people["jian"], role=Role.LEADING_GROUP))
        session.add(RoleGrant(person_id=office.people["qian"], role=Role.LEADING_GROUP))
    number = drawn_up(house, office)
    done(house, office, "jian", lambda desk: papers.submit(desk, number))
    done(house, office, "zhao", lambda desk: return_paper(desk, number, reason="数字有误"))
    done(house, office, "lin", lambda desk: papers.submit(desk, number))
    given = {"person_id": office.people["lin"], "substitute_id": office.people["qian"]}
    with house.sessions.begin() as session:
        session.add(Absence(**given, first_day=office.today, last_day=office.today))
    office.at(NEXT)
    later = submitted(house, office)
    for paper, people in ((number, ("jian", "qian")), (later, ("jian",))):
        for person in people:
            with pytest.raises(FourEyes, match="an earlier version of it"):
                done(house, office, person, lambda desk, paper=paper: papers.approve(house, desk, paper))
            with house.sessions() as session:
                actor = find_actor(house.desk(session, person, office.moment))
                asked = [one.draft for one in read_papers_for(session, actor, office.today)]
            assert paper not in asked, "nor are they asked to"
    asked = [one.to for one in office.said(kind="paper_asked")]
    assert "jian" not in asked[-2:]
    approved(house, office, number)


def test_number_when_borne_by_another_paper_in_force_is_refused(house: House, office: World):
    approved(house, office, submitted(house, office))
    other = drawn_up(house, office, told_on=date(2025, 8, 29))
    done(house, office, "lin", lambda desk: papers.submit(desk, other, document_number=NUMBER))
    with pytest.raises(NotReady, match="borne by another"):
        approved(house, office, other)


def test_report_when_printed_by_the_monthly_run_is_submitted_and_approved(house: House, office: World):
    run_monthly(house, office.moment)
    with house.sessions() as session:
        number = session.scalars(select(Document.id).where(Document.kind == "report")).one()
        agenda = session.scalars(select(Document.id).where(Document.kind == "agenda")).first()
    assert MARK in all_text(file_of(house, number))
    done(house, office, "lin", lambda desk: papers.submit(desk, number))
    paper = approved(house, office, number)
    assert MARK not in all_text(file_of(house, paper.final_id))
    assert all(one.is_same and one.is_kept for one in reprint(house))
    with pytest.raises(NotReady, match="not a document that is signed"):
        done(house, office, "lin", lambda desk: papers.submit(desk, agenda or 0))


def test_approval_when_not_by_other_eyes_is_refused_and_prints_nothing(house: House, office: World):
    number = submitted(house, office)
    with house.sessions.begin() as session:
        session.add(RoleGrant(person_id=office.people["lin"], role=Role.LEADING_GROUP))
    for who, refusal in (("lin", FourEyes), ("wang", NotAllowed)):
        with pytest.raises(refusal):
            done(house, office, who, lambda desk: papers.approve(house, desk, number))
    with house.sessions.begin() as session:
        desk = house.desk(session, "lin", office.moment)
        set_absence(desk, person="lin", substitute="zhao", first_day=DAY, last_day=NEXT)
    with pytest.raises(FourEyes):
        approved(house, office, number)
    assert not list(house.home.rglob("notice-1.docx"))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("agenda", {}),
        ("minutes", {}),
        ("lists", {"unit": "一处"}),
        ("notice", {"told_on": date(2025, 9, 11)}),
        ("report", {"meeting": DAY}),
    ],
)
def test_draft_when_it_cannot_be_made_is_refused(house: House, office: World, kind: str, told: dict[str, object]):
    with pytest.raises(NotReady):
        drawn_up(house, office, kind, **told)
    assert not (house.home / "documents").exists()


def test_draft_when_of_an_earlier_day_tells_that_day(house: House, office: World):
    number = drawn_up(house, office, told_on=date(2025, 9, 1))
    assert "截至2025年9月1日" in all_text(file_of(house, number))
    with pytest.raises(NotFound):
        drawn_up(house, office, "nothing")
    done(house, office, "lin", lambda desk: papers.submit(desk, number))
    with pytest.raises(NotReady, match="issued"):
        approved(house, office, number, issued_on=date(2025, 8, 31))


def test_paper_when_printed_before_there_was_a_version_is_printed_again_without_one(house: House, office: World):
    run_monthly(house, office.moment)
    with house.sessions.begin() as session:
        report = session.scalars(select(Document).where(Document.kind == "report")).one()
        session.execute(update(Document).where(Document.id == report.id).values(layout=1))
    assert [Path(one.path).name for one in reprint(house) if not one.is_same] == ["report.docx"]


def own_template(house: House, kind: str, told: str) -> Path:
    """Put a template of the office's own into its config."""
    folder = house.settings.config_folder / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind}.docx"
    path.write_bytes(begin(SHAPES[kind]))
    word = WordFile(str(path))
    word.paragraphs[0].insert_paragraph_before(told)
    word.save(str(path))
    return path


def test_paper_when_the_office_has_a_template_is_printed_through_it_and_again_when_that_has_changed(
    house: House, office: World
):
    own_template(house, "report", "内部资料 {{ organisation }}")
    own_template(house, "notice", "市局专用")
    run_monthly(house, office.moment)
    paper = approved(house, office, submitted(house, office))
    assert all_text(file_of(house, paper.final_id)).split("\n")[2] == "市局专用"
    with house.sessions() as session:
        report = session.scalars(select(Document).where(Document.kind == "report")).one()
    assert "内部资料" in all_text(file_of(house, report.id))
    assert report.template is not None
    found = list(reprint(house))
    assert all(one.is_same and one.is_kept for one in found)
    assert not any(one.template_changed for one in found)
    own_template(house, "notice", "市局新版")
    later = {Path(one.path).name: (one.is_same, one.template_changed) for one in reprint(house)}
    assert (later["notice-1.docx"], later["report.docx"]) == ((True, True), (True, False))
    (house.home / papers.TEMPLATES / f"{report.template}.docx").write_bytes(b"x")
    assert [Path(one.path).name for one in reprint(house) if not one.is_same] == ["report.docx"]


def test_template_when_it_is_broken_stops_the_run_before_anything_is_frozen_or_printed(house: House, office: World):
    own_template(house, "report", "{{ nothing }}")
    with pytest.raises(InputRefused) as refused:
        run_monthly(house, office.moment)
    (fault,) = refused.value.faults
    assert (Path(fault.place.file).name, fault.place.row, fault.value) == ("report.docx", 1, "{{ nothing }}")
    with pytest.raises(InputRefused):
        drawn_up(house, office, "report")
    assert not (house.home / "documents").exists()
    with house.sessions() as session:
        assert session.scalars(select(Agenda)).all() == []
    assert drawn_up(house, office, "notice")  # another kind is not concerned
