"""What is not W1 to W4: import of a large workbook, start-up of the command, and two sweepers beside one."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import openpyxl
import xlsxwriter

from bench.contest import Contest
from bench.ledgers import FEEDBACK, ROUND, calendar, fill_duban, moment, policies
from bench.plain import TEXT, UNITS, Size
from bench.sweep import answer_of, start_sweeper
from bench.timing import Figure, Results, Turn, interleaved, stopwatch
from engine.actions.fill_calendar import fill_calendar
from engine.actions.import_round import import_round
from engine.actions.import_target import ImportGround
from engine.rules.ledger_layout import LEDGER, PEOPLE, Field
from engine.rules.ledger_layout import UNITS as UNIT_SHEET
from intake.calendar.official_calendar import official_days
from intake.workbook.read_workbook import read_workbook
from models.database import open_database, sessions_of
from models.schema import upgrade

OWNERS = 500
HELP = "from cli.main import run; run()"


def measure_import(contest: Contest) -> None:
    """Measure reading and storing a large workbook beside reading it with the library alone."""
    rows = contest.scale.import_rows
    empty = contest.place.fresh(contest.name("duban"))
    engine = open_database(empty)
    upgrade(engine)
    with sessions_of(engine).begin() as session:
        fill_calendar(session, official_days(date(2020, 1, 1), date(2032, 12, 31)), moment=moment(FEEDBACK))
    engine.dispose()
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "ledger.xlsx"
        write_book(book, rows)

        def whole() -> float:
            with contest.copied(empty) as url:
                return import_book(url, book, rows)

        turns: dict[str, Turn] = {
            "openpyxl alone": partial(read_alone, book),
            "duban, reading": partial(read_only, book, rows),
            "duban": whole,
        }
        contest.run("import", rows, "s", turns, repeats=2 if rows > OWNERS * 100 else None)
    contest.place.drop(empty)


def write_book(path: Path, rows: int) -> None:
    """Write a ledger with units, people and `rows` measures."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    units = book.add_worksheet(UNIT_SHEET.name)
    units.write_row(0, 0, [UNIT_SHEET.heading(field) for field in (Field.NAME, Field.KIND)])
    for number in range(1, UNITS + 1):
        units.write_row(number, 0, [f"{number}处", "直属单位"])
    people = book.add_worksheet(PEOPLE.name)
    people.write_row(0, 0, [PEOPLE.heading(field) for field in (Field.NAME, Field.ACCOUNT, Field.UNIT)])
    for number in range(1, OWNERS + 1):
        people.write_row(number, 0, [f"姓名{number}", f"o{number}", f"{number % UNITS + 1}处"])
    ledger = book.add_worksheet(LEDGER.name)
    fields = (Field.CODE, Field.ASPECT, Field.PROBLEM, Field.MEASURE, Field.UNIT, Field.OWNER, Field.DUE)
    ledger.write_row(0, 0, [LEDGER.heading(field) for field in fields])
    for number in range(1, rows + 1):
        due = (date(2025, 4, 1) + timedelta(days=number % 150)).isoformat()
        aspect, problem = f"方面{number * 10 // (rows + 1) + 1}", f"问题{number * 1000 // (rows + 1) + 1}"
        owner = number % OWNERS + 1
        unit = f"{owner % UNITS + 1}处"
        ledger.write_row(number, 0, [f"M{number}", aspect, problem, TEXT, unit, f"姓名{owner}", due])
    book.close()


def read_alone(book: Path) -> float:
    """Return the seconds in which openpyxl hands out every cell."""
    with stopwatch() as watch:
        opened = openpyxl.load_workbook(book, read_only=True, data_only=True)
        for sheet in opened.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    cell.value  # noqa: B018 - to look at it is the work
        opened.close()
    return watch.seconds


def read_only(book: Path, rows: int) -> float:
    """Return the seconds in which Duban reads and checks the workbook."""
    with stopwatch() as watch:
        plan = read_workbook(book, feedback_on=FEEDBACK)
    assert len(plan.measures()) == rows
    return watch.seconds


def import_book(url: str, book: Path, rows: int) -> float:
    """Return the seconds of the whole import: read, check, store, arm the timers, tell the owners, commit."""
    engine = open_database(url)
    known = policies()
    with stopwatch() as watch:
        plan = read_workbook(book, feedback_on=FEEDBACK)
        with sessions_of(engine).begin() as session:
            ground = ImportGround(
                moment=moment(FEEDBACK),
                calendar=calendar(),
                rules=known.round,
                zone=known.schedule.zone,
                lifecycle=dict(known.lifecycle),
                ladder=dict(known.ladder),
                round=ROUND,
                feedback_on=FEEDBACK,
            )
            report = import_round(session, plan, ground)
    engine.dispose()
    assert report.created == rows
    return watch.seconds


def measure_help(results: Results, repeats: int) -> None:
    """Measure the processor time of `duban --help`, beside a Python that does nothing."""
    turns = {
        "duban --help": partial(processor_seconds, "-c", HELP, "--help"),
        "python alone": partial(processor_seconds, "-c", "pass"),
    }
    for system, runs in interleaved(turns, repeats).items():
        results.add(Figure(work="start", system=system, database="none", size=0, unit="s", runs=runs))


def processor_seconds(*arguments: str) -> float:
    """Return the processor seconds, user and system, of a Python child."""

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = spent()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return spent() - before


def measure_two_workers(contest: Contest) -> None:
    """Measure W2 with one and with two sweepers at once; they only share the work on PostgreSQL."""
    if contest.place.kind != "postgresql":
        return
    due = contest.scale.two_workers_due
    ledger = contest.place.fresh(contest.name("duban"))
    fill_duban(ledger, Size(measures=due, due=due))

    def sweepers(count: int) -> float:
        with contest.copied(ledger) as url:
            processes = [start_sweeper(url) for _ in range(count)]
            for process in processes:
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            return max(answer_of(process)["seconds"] for process in processes)

    turns = {"duban, one worker": partial(sweepers, 1), "duban, two workers": partial(sweepers, 2)}
    contest.run("W2 workers", due, "s", turns, repeats=1 if due > OWNERS * 100 else 2)
    contest.place.drop(ledger)
