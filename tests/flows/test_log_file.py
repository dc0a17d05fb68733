"""The log: what runs did, as JSON lines that name nobody, whole however many processes write them."""

import io
import json
import logging
import os
import pty
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from engine.actions.report_progress import report_progress
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Slip, WaitsFor
from flows.daily import run_daily
from flows.deliver import run_deliver
from flows.house import House
from flows.log_file import FIELDS, OURS, JsonLines, LogFile, PlainLines, about, logging_to, logging_to_stream
from flows.verification import run_verification
from flows.watchdog import run_watchdog
from models import Escalation, Fate, Measure, Person
from notifications.senders import Mail
from tests.factories import at
from tests.flows.conftest import ROOT, refuse_writes
from tests.world import World

OVERDUE = date(2025, 9, 4)
TEXT = "对照检查违规发放津贴补贴问题"
REASON = "因为家人住院无法按期完成"


class Gossip:
    """A sender that fails, and tells everything it knows in its error."""

    channel = "inbox"

    def close(self) -> None:
        pass

    def send(self, mail: Mail) -> None:
        message = f"{mail.to_name} <{mail.to_address}> refused {mail.text[:400]}"
        raise RuntimeError(message)


@pytest.fixture
def gossiping(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Give a house in which no message gets through."""
    monkeypatch.setattr("flows.deliver.senders_of", lambda _settings: {"inbox": Gossip()})
    settings = house.settings.model_copy(update={"channels": ("inbox",)})
    return replace(house, settings=settings)


@pytest.fixture
def full(town: World) -> World:
    """Give a town with mail addresses, measures near and past their dates, and one whose timer cannot be handled."""
    town.measure("1-01", text=f"{TEXT}一", due=date(2025, 9, 3))
    town.in_progress("1-02", text=f"{TEXT}二", due=date(2025, 9, 3))
    town.in_progress("1-03", text=f"{TEXT}三", due=date(2025, 9, 3))
    town.act("wang", report_progress, "1-02", percent=30, text=REASON)
    town.submitted("1-04", text=f"{TEXT}四", verifier=None)
    rung = {"waits_for": WaitsFor.DUE_DATE, "deadline_version": 1, "rung": 3, "slip": Slip.RED, "fate": Fate.CLIMBED}
    when = {"deadline": date(2025, 9, 3), "planned_on": OVERDUE, "climbed_on": OVERDUE, "at": at(OVERDUE).at}
    spoilt = town.get("1-03").id
    with town.sessions.begin() as session:
        session.execute(update(Person).values(email=Person.code + "@duban-office.example"))
        session.execute(insert(Escalation), [{"measure_id": spoilt, **rung, **when}])
    return town


def lines(home: Path) -> list[dict[str, Any]]:
    log = home / "logs" / "duban.log"
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def secrets(town: World) -> Iterator[str]:
    """Yield what may not be in the log: names, mail addresses, texts and reasons."""
    yield from ("@duban-office.example", TEXT, REASON, "会议纪要")
    with town.sessions() as session:
        for person in session.scalars(select(Person)):
            yield person.name
        yield from session.scalars(select(Measure.text))


@pytest.mark.parametrize("form", ["json", "plain"])
def test_log_when_everything_goes_wrong_names_nobody(gossiping: House, full: World, form: str):
    with logging_to(gossiping.home, form):  # type: ignore[arg-type]
        report = run_daily(gossiping, at(OVERDUE))
        run_verification(gossiping, at(OVERDUE, hour=10), person="lin")
        run_deliver(gossiping, at(OVERDUE, hour=11))
        run_watchdog(gossiping, at(OVERDUE, hour=12))
        with full.sessions() as session:
            wang = session.scalars(select(Person).where(Person.code == "wang")).one()
        logging.getLogger("some.library").error(f"{wang.name} <{wang.email}> was refused")  # noqa: G004 - a careless one
        logging.getLogger("flows.daily").error("refused", extra={"person": wang.name, "measure": f"1-01 {TEXT}"})
        refused = NotReady(N_("{person} must say why", person=wang.name))
        refused.__cause__ = ValueError(REASON)
        logging.getLogger("flows.daily").error("refused too", exc_info=refused)
    assert (report.failed, report.sent) == (1, 0), "a timer is set aside, and no message goes out"
    text = (gossiping.home / "logs" / "duban.log").read_text(encoding="utf-8")
    assert text.count("timer set aside") == 1
    assert text.count("message not sent") > 1
    assert "RuntimeError" in text
    assert "NotReady: {person} must say why" in text
    assert [secret for secret in secrets(full) if secret in text] == []


def test_log_when_a_run_ends_tells_its_counts_and_how_long_it_took(house: House, full: World):
    with logging_to(house.home):
        report = run_daily(house, at(OVERDUE))
    began, aside, finished = lines(house.home)
    assert began["event"] == "run began"
    run = {"run": "daily", "period": "2025-09-04", "version": 1, "as_of": "2025-09-04"}
    for line in (began, aside, finished):
        assert run.items() <= line.items(), "every line of a run names it"
        assert set(line) <= {"time", "level", "event", "logger", "process", "trace", *FIELDS}
        assert datetime.fromisoformat(line["time"]).tzinfo == UTC
        assert line["process"] == os.getpid()
    assert (aside["level"], aside["measure"], aside["error"]) == ("error", full.get("1-03").id, "IntegrityError")
    assert finished["event"] == "run finished"
    counts = {name: value for name, value in report.as_json().items() if type(value) is int}
    assert counts.items() <= finished.items()
    assert counts["sent"] > 0
    assert 0 <= finished["seconds"] < 60


def test_log_when_a_run_was_done_before_stays_silent(house: House, full: World):
    run_daily(house, full.moment)
    with logging_to(house.home):
        assert run_daily(house, full.moment).repeated
    assert lines(house.home) == []


def test_log_when_a_run_is_cut_short_says_so(house: House, town: World):
    town.in_progress(due=date(2025, 9, 3))
    refuse_writes(house, "digest")
    with logging_to(house.home), pytest.raises(Exception, match="disk full"):
        run_daily(house, at(OVERDUE))
    last = lines(house.home)[-1]
    assert (last["event"], last["level"], last["run"]) == ("run cut short", "warning", "daily")
    assert last["error"] == "IntegrityError"


def test_log_when_switched_off_again_leaves_logging_as_it_was(tmp_path: Path):
    logger = logging.getLogger("flows")
    before = (logger.level, list(logging.getLogger().handlers))
    with logging_to(tmp_path):
        assert logger.level == logging.INFO
    assert (logger.level, list(logging.getLogger().handlers)) == before
    assert list(tmp_path.iterdir()) == [], "the file is made with its first line"


def test_log_when_a_library_speaks_keeps_warnings_with_nothing_filled_in(tmp_path: Path):
    library = logging.getLogger("some.library")
    with logging_to(tmp_path):
        library.info("of no interest")
        library.warning("slow answer from %s", "王经办")
        library.warning("put together from 王经办")
    template, place = lines(tmp_path)
    assert template["event"] == "slow answer from %s"
    assert re.fullmatch(r"test_log_file:\d+", place["event"])


def test_plain_lines_when_written_are_the_same_fields_as_words():
    record = logging.LogRecord("flows.daily", logging.WARNING, __file__, 7, "something is late", None, None)
    with about(run="watchdog", stuck=2, name_of_somebody="王经办"):
        plain, parsed = PlainLines().format(record), json.loads(JsonLines().format(record))
    assert plain.startswith(f"{parsed['time']} warning something is late logger=flows.daily process=")
    assert plain.endswith(" run=watchdog stuck=2")


def test_stream_when_it_is_no_terminal_gets_the_lines_and_when_it_is_one_gets_none():
    with io.StringIO() as stream, logging_to_stream(stream):
        logging.getLogger("flows.daily").info("run began", extra={"run": "daily"})
        assert json.loads(stream.getvalue())["run"] == "daily"
    above, below = pty.openpty()
    with os.fdopen(below, "w") as terminal, logging_to_stream(terminal):
        logging.getLogger("flows.daily").info("run began")
        terminal.write("|")
    assert os.read(above, 100) == b"|"
    os.close(above)


def test_our_packages_when_compared_are_those_of_the_wheel():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) | {"duban"} == OURS


WRITER = """
import sys
from pathlib import Path
from flows.log_file import LogFile
log = LogFile(Path(sys.argv[1]), most_bytes=5000, older_files=200)
for number in range(400):
    log.append(f"{sys.argv[2]}-{number} " + "x" * (number % 90))
"""


def test_log_when_four_processes_write_and_rotate_it_loses_and_breaks_no_line(tmp_path: Path):
    path = tmp_path / "duban.log"
    command = [sys.executable, "-c", WRITER, str(path)]
    writers = [subprocess.Popen([*command, name], cwd=ROOT) for name in "abcd"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    written = [line for file in tmp_path.iterdir() for line in file.read_text(encoding="utf-8").splitlines()]
    wanted = {f"{name}-{number} " + "x" * (number % 90) for name in "abcd" for number in range(400)}
    assert len(written) == 1600
    assert set(written) == wanted
    assert all(file.stat().st_size < 5000 + 4 * 100 for file in tmp_path.iterdir())
    older = [file.stat().st_size for file in tmp_path.glob("duban.log.*")]
    assert len(older) > 10
    assert min(older) > 5000, "one is put aside only once, when it is full"


def test_log_when_it_grows_keeps_only_as_many_older_files_as_wanted(tmp_path: Path):
    log = LogFile(tmp_path / "duban.log", most_bytes=10, older_files=2)
    for number in range(6):
        log.append(f"line number {number}")
    kept = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    assert kept == {"duban.log.1": "line number 5\n", "duban.log.2": "line number 4\n"}


def test_log_when_its_place_cannot_be_written_lets_the_work_go_on(tmp_path: Path):
    (tmp_path / "logs").write_text("a file where the folder should be")
    with logging_to(tmp_path):
        logging.getLogger("flows.daily").error("nobody hears this")
