"""Every monthly document can be printed again from the record as it stood then, byte for byte."""

from datetime import date

import pytest
from sqlalchemy import text

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.desk import Desk
from engine.actions.reassign_measure import reassign_measure
from engine.actions.report_progress import report_progress
from engine.actions.submit_measure import submit_measure
from engine.reads.round_figures import read_figures
from engine.rules.moment import day_end
from engine.rules.vocabulary import Role
from flows.house import House
from flows.monthly import run_monthly
from flows.reprint import reprint
from models import LedgerSnapshot, Round
from models.database import reading
from tests.factories import ZONE, at
from tests.plans import PEOPLE, UNITS, ledger, measure, notice, person, store, tree, unit
from tests.world import real_calendar

APRIL, MAY, JUNE = date(2025, 4, 10), date(2025, 5, 12), date(2025, 6, 10)


@pytest.fixture
def half_year(house: House) -> House:
    """Give a round that went on after each of its three monthly runs, in every way that shows in a document."""
    rows = [measure("1-1"), measure("1-2"), measure("1-3", owner=None, unit=None)]
    store(house.sessions, ledger(*rows))
    run_monthly(house, at(APRIL))
    act(house, APRIL, accept_measure, "1-1", hour=15)
    act(house, APRIL, report_progress, "1-1", percent=30, text="初稿", hour=16)
    changed = measure("1-2", due=date(2025, 10, 31), co_units=("财务处",), progress="已调研")
    store(house.sessions, ledger(measure("1-1"), changed, measure("1-3"), measure("1-4")), date(2025, 5, 6))
    run_monthly(house, at(MAY))
    moved = person("zhaozq", "赵志强（财务）", "财务处", Role.COORDINATOR)
    people = (*PEOPLE[:-1], moved, person("sunq", "孙强", "审计处"))
    corrected = tree(measure("1-1"), item="规划未及时修订（更正）")
    plan = ledger(units=(*UNITS, unit("审计处", "局党委")), people=people, findings=(corrected,))
    store(house.sessions, plan, date(2025, 5, 13))
    with house.sessions.begin() as session:
        code = session.query(Round).one().code
    store(house.sessions, notice(title="更名后的通报"), date(2025, 5, 14), round=code)
    act(house, date(2025, 5, 20), attach_evidence, "1-1", name="会议纪要.pdf", sha256="ab" * 32)
    act(house, date(2025, 5, 20), submit_measure, "1-1")
    act(house, date(2025, 5, 21), reassign_measure, "1-2", who="zhaozq", owner="lihm", reason="调岗")
    run_monthly(house, at(JUNE))
    return house


def act(
    house: House, day: date, action: object, code: str, *, who: str = "zhangw", hour: int = 10, **told: object
) -> None:
    with house.sessions.begin() as session:
        desk = Desk(session=session, moment=at(day, hour=hour), calendar=real_calendar(), person=who)
        action(desk, code, **told)  # type: ignore[operator]


def test_documents_when_printed_again_then_every_byte_is_the_same(half_year: House):
    found = list(reprint(half_year))
    assert len(found) == 15
    assert [one.path for one in found if not (one.is_same and one.is_kept)] == []


def test_documents_when_the_ledger_or_a_file_was_changed_past_the_record_then_it_shows(half_year: House):
    with half_year.engine.begin() as connection:
        connection.execute(text("UPDATE measure SET text = 'x' WHERE code = '1-4'"))
    path = half_year.home / "documents" / "2025-03" / "2025-04" / "agenda.md"
    path.write_text("x", encoding="utf-8")
    found = {one.path.split("/", 2)[2]: one for one in reprint(half_year)}
    assert [name for name, one in found.items() if not one.is_same] == ["2025-05/ledger.xlsx", "2025-06/ledger.xlsx"]
    assert [name for name, one in found.items() if not one.is_kept] == ["2025-04/agenda.md"]


def test_figures_when_read_later_then_those_of_the_monthly_snapshots(half_year: House):
    with reading(half_year.sessions) as session:
        round_ = session.query(Round).one()
        for kept in session.query(LedgerSnapshot).order_by(LedgerSnapshot.period):
            figures = read_figures(session, round_.id, at(kept.as_of), real_calendar())
            assert {name: getattr(figures, name) for name in kept.figures} == kept.figures
        evening = read_figures(session, round_.id, day_end(APRIL, ZONE), real_calendar())
        assert (evening.in_progress, evening.measures) == (1, 3)
