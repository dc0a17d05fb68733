"""The monthly run: snapshot, agenda, documents and invitations, once per round and month; old versions never change."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine.rules.vocabulary import Level
from flows.house import House
from flows.monthly import run_monthly
from models import Agenda, Document, LedgerSnapshot, Meeting, Outcome, Round, Run
from tests.factories import at, build_finding, build_round
from tests.flows.conftest import allow_writes, files, refuse_writes, rows
from tests.world import World

DAY = date(2025, 9, 10)
NAMES = ("agenda.docx", "agenda.html", "agenda.md", "ledger.xlsx", "report.docx")
SECOND_NAMES = ("agenda-v2.docx", "agenda-v2.html", "agenda-v2.md", "ledger-v2.xlsx", "report-v2.docx")


@pytest.fixture
def month(town: World) -> World:
    """Give a round with one measure to close and one that is overdue."""
    with town.sessions.begin() as session:
        round_ = session.get_one(Round, town.round)
        round_.code = "XS"
        aspect = build_finding(session, round_, level=Level.ASPECT, code="1")
    town.verified("1-01", finding_id=aspect.id)
    town.in_progress("1-02", finding_id=aspect.id)
    return town


def aspect_of(month: World) -> int:
    return month.get("1-01").finding_id


def paths(names: Sequence[str], *, code: str = "XS") -> list[str]:
    return [f"documents/{code}/2025-09/{name}" for name in names]


def agenda_versions(house: House, code: str = "XS") -> list[int]:
    query = select(Agenda.version).join(Meeting).join(Round, Round.id == Meeting.round_id).where(Round.code == code)
    with house.sessions() as session:
        return list(session.scalars(query.order_by(Agenda.version)))


def the_runs(house: House) -> list[Run]:
    with house.sessions() as session:
        return list(session.scalars(select(Run).where(Run.kind == "monthly").order_by(Run.id)))


def invitations(month: World) -> list[str]:
    return [line.to for line in month.said(kind="meeting")]


def test_monthly_when_run_keeps_snapshot_agenda_ledger_and_invitations(house: House, month: World):
    report = run_monthly(house, at(DAY))
    assert (report.run, report.as_of, report.version, report.failed) == ("monthly", "2025-09-10", 1, 0)
    assert report.documents == paths(NAMES)
    with house.sessions() as session:
        (snapshot,) = session.scalars(select(LedgerSnapshot))
        kept = {document.path: document.sha256 for document in session.scalars(select(Document))}
    assert (snapshot.period, snapshot.figures["measures"], snapshot.figures["overdue"]) == ("2025-09", 2, 1)
    assert kept == {path: sha256((house.home / path).read_bytes()).hexdigest() for path in report.documents}
    agenda = (house.home / "documents/XS/2025-09/agenda.md").read_text(encoding="utf-8")
    assert "1-01" in agenda
    assert "1-02" in agenda
    sheets = load_workbook(BytesIO((house.home / report.documents[3]).read_bytes()))
    cells = {cell for sheet in sheets for line in sheet.iter_rows(values_only=True) for cell in line}
    assert {"1-01", "1-02"} <= cells
    assert invitations(month) == ["zhao"]
    mails = [name for name in files(house.home) if name.startswith("outbox/2025-09-10/zhao-")]
    assert len(mails) == 1


@pytest.mark.usefixtures("month")
def test_monthly_when_the_month_is_done_does_nothing_more(house: House):
    first = run_monthly(house, at(DAY))
    before, kept = rows(house.engine), files(house.home)
    assert run_monthly(house, at(date(2025, 9, 25))) == replace(first, repeated=True)
    assert (rows(house.engine), files(house.home)) == (before, kept)


def test_monthly_when_asked_again_makes_version_2_beside_version_1(house: House, month: World):
    run_monthly(house, at(DAY))
    kept = files(house.home)
    month.at(DAY).in_progress("1-03", due=date(2025, 9, 9), finding_id=aspect_of(month))
    report = run_monthly(house, at(DAY, hour=15), again=True)
    assert (report.version, report.documents) == (2, paths(SECOND_NAMES))
    after = files(house.home)
    assert kept.items() < after.items()
    assert set(report.documents) <= after.keys()
    assert b"1-03" in after[report.documents[2]]
    assert b"1-03" not in after[paths(NAMES)[2]]
    assert agenda_versions(house) == [1, 2]
    assert invitations(month) == ["zhao", "zhao"], "who was invited hears that there is a newer agenda"
    with house.sessions() as session:
        assert len(session.scalars(select(Document)).all()) == 10


def test_monthly_when_documents_cannot_be_written_is_told_and_printed_later(house: House, month: World):
    blocked = house.home / "documents"
    blocked.write_text("not a folder")
    with pytest.raises(OSError, match="documents"):
        run_monthly(house, at(DAY))
    (run,) = the_runs(house)
    assert (run.state, agenda_versions(house), invitations(month)) == (Outcome.FAILED, [1], [])
    assert run.report is not None
    assert "documents" in run.report["error"]

    blocked.unlink()
    report = run_monthly(house, at(DAY, hour=10))
    assert (report.version, report.repeated, report.documents) == (1, False, paths(NAMES))
    assert (agenda_versions(house), invitations(month)) == ([1], ["zhao"])
    assert [run.state for run in the_runs(house)] == [Outcome.DONE]


@pytest.mark.parametrize("table", ["document", "notification", "delivery"])
def test_monthly_when_cut_short_at_any_step_is_completed_with_nothing_double(house: House, month: World, table: str):
    refuse_writes(house, table)
    with pytest.raises(IntegrityError, match="disk full"):
        run_monthly(house, at(DAY))
    allow_writes(house, table)
    report = run_monthly(house, at(DAY, hour=10))
    assert (report.documents, report.failed) == (paths(NAMES), 0)
    assert (agenda_versions(house), invitations(month)) == ([1], ["zhao"])
    counted = rows(house.engine)
    assert (counted["document"], counted["ledger_snapshot"], counted["run"]) == (5, 1, 1)
    assert sum("/zhao-" in name for name in files(house.home)) == 1


@pytest.mark.parametrize("hour", [9, 15])
def test_monthly_when_version_2_is_cut_short_completes_version_2(house: House, month: World, hour: int):
    with house.sessions.begin() as session:
        build_round(session, code="ZZ", policy_id=session.get_one(Round, month.round).policy_id)
    run_monthly(house, at(DAY))
    blocked = house.home / "documents" / "ZZ" / "2025-09" / "agenda-v2.docx"
    blocked.mkdir()
    with pytest.raises(OSError, match="agenda-v2"):
        run_monthly(house, at(DAY, hour=hour), again=True)
    assert (agenda_versions(house), agenda_versions(house, "ZZ")) == ([1, 2], [1, 2])

    blocked.rmdir()
    report = run_monthly(house, at(DAY, hour=16))
    assert (report.version, report.repeated) == (2, False)
    assert report.documents == paths(SECOND_NAMES) + paths(SECOND_NAMES, code="ZZ")
    assert (agenda_versions(house), agenda_versions(house, "ZZ")) == ([1, 2], [1, 2])
    assert all((house.home / path).is_file() for path in report.documents)


def test_monthly_when_the_meeting_has_its_day_never_moves_it_by_itself(house: House, month: World):
    run_monthly(house, at(DAY), held_on=date(2025, 9, 17))
    run_monthly(house, at(date(2025, 9, 12)), again=True)
    with house.sessions() as session:
        assert session.scalars(select(Meeting.held_on)).all() == [date(2025, 9, 17)]
    assert not month.said(kind="meeting_set")


@pytest.mark.usefixtures("month")
def test_monthly_when_one_round_is_meant_leaves_the_others(house: House):
    with house.sessions.begin() as session:
        build_round(session, code="../ZZ")
    report = run_monthly(house, at(DAY), round_code="../ZZ", held_on=date(2025, 9, 12))
    assert report.documents == [f"documents/_ZZ/2025-09/{name}" for name in NAMES]
    assert all((house.home / path).is_file() for path in report.documents)
    assert all(Path(path).is_relative_to("documents") for path in files(house.home) if "outbox" not in path)
    assert agenda_versions(house) == []
