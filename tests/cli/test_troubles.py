"""Nonsense of every kind: one clear line on stderr, the right exit status, never a traceback, nothing on stdout."""

import errno
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from cli.troubles import line_of, trouble_of
from config.settings import Settings
from engine.rules.plan import Fault, Place
from engine.rules.text import N_
from tests.cli.conftest import Line
from tests.world import World

ROOT = Path(__file__).parents[2]

WRONG_LINES = [
    ("nosuch",),
    ("mesure", "list"),
    ("measure", "acept", "1-01"),
    ("--nosuch",),
    ("status", "--nosuch"),
    ("status", "--as-of"),
    ("status", "--as-of", "2025-02-30"),
    ("status", "--as-of", "3.9.2025"),
    ("status", "--as-of", "20250903"),
    ("status", "too", "much"),
    ("run",),
    ("run", "yearly"),
    ("import",),
    ("import", "nosuch.txt"),
    ("import", "."),
    ("import", "a\0b"),
    ("measure", "show"),
    ("measure", "accept", "1-01"),
    ("measure", "list", "--state", "finished"),
    ("measure", "report", "1-01", "--percent", "120", "--text", "x", "--as", "wang"),
    ("measure", "report", "1-01", "--percent", "many", "--text", "x", "--as", "wang"),
    ("measure", "cancel", "1-01", "--how", "forget", "--reason", "x", "--as", "zhao"),
    ("measure", "acknowledge", "1-01", "--days", "0", "--as", "wang"),
    ("measure", "evidence", "1-01", "--as", "wang"),
    ("verify", "start", "--as", "lin"),
    ("meeting", "record", "--meeting", "2025-09-10", "--decide", "sleep", "--text", "x", "--as", "lin"),
    ("calendar", "show", "ninety"),
    ("calendar", "import", "nosuch.txt"),
    ("calendar", "set", "2025-06-20", "--as", "lin"),
    ("simulate", "--from", "2025-09-30", "--to", "2025-09-01"),
    ("simulate", "--from", "2025-09-01", "--to", "2025-09-30", "--ladder", "nosuch.yaml"),
    ("ledger", "--out", "ledger.pdf"),
    ("ledger", "--out", "nosuch/ledger.xlsx"),
    ("agenda", "--meeting", "2025-09-10", "--out", "agenda.pdf"),
    ("demo", "--notice", "nosuch.txt"),
]


@pytest.mark.parametrize("words", WRONG_LINES, ids=" ".join)
@pytest.mark.usefixtures("house")
def test_input_when_it_is_wrong_is_told_in_one_line_and_ends_with_2(duban: Line, words: tuple[str, ...]):
    said = duban(*words)
    assert (said.status, said.out) == (2, "")
    assert said.err.count("\n") == 1
    chinese = duban(*words, language="zh_CN")
    assert chinese.status == 2
    assert chinese.err != said.err, "this is not translated"


REFUSED_LINES = [
    ("status", "--round", "nosuch"),
    ("measure", "show", "nosuch"),
    ("measure", "accept", "1-01", "--as", "nobody"),
    ("measure", "accept", "nosuch", "--as", "wang"),
    ("measure", "accept", "1-01", "--as", "sun"),
    ("measure", "submit", "1-01", "--as", "wang"),
    ("verify", "pass", "1-01", "--as", "wang"),
    ("verify", "start", "1-01", "--as", "lin"),
    ("measure", "assign", "1-01", "--owner", "nobody", "--as", "lin"),
    ("explain", "nosuch"),
    ("inbox", "--as", "nobody"),
    ("calendar", "show", "1999"),
    ("calendar", "set", "2025-06-20", "--off", "--as", "nobody"),
    ("person", "absence", "wang", "--substitute", "sun", "--from", "2025-07-02", "--to", "2025-07-01", "--as", "lin"),
    ("meeting", "record", "--meeting", "2025-09-10", "--decide", "close", "--text", "x", "--as", "lin"),
]


@pytest.mark.parametrize("words", REFUSED_LINES, ids=" ".join)
def test_request_when_refused_is_told_in_one_line_and_ends_with_1(duban: Line, house: World, words: tuple[str, ...]):
    house.measure()
    said = duban(*words)
    assert (said.status, said.out) == (1, "")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [("status",), ("measure", "list"), ("run", "daily"), ("lint",), ("inbox", "--as", "x")]
)
def test_command_when_nothing_is_set_up_says_how_to_begin_and_makes_nothing(duban: Line, words: tuple[str, ...]):
    said = duban(*words)
    assert said.status == 1
    assert "duban init" in said.err
    assert not duban.home.exists()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"language": "fr"}, "DUBAN_LANGUAGE"),
        ({"batch": "many"}, "DUBAN_BATCH"),
        ({"batch": "0"}, "DUBAN_BATCH"),
        ({"channels": "inbox"}, "DUBAN_CHANNELS"),
        ({"channels": '["mail"]'}, "DUBAN_CHANNELS"),
        ({"channels": "[]"}, "DUBAN_CHANNELS"),
        ({"channels": '["smtp"]'}, "DUBAN_SMTP_HOST"),
        ({"smtp_from": "duban"}, "DUBAN_SMTP_FROM"),
        ({"smtp_host": "m", "smtp_password": "x", "smtp_security": "none"}, "DUBAN_SMTP_SECURITY"),
        ({"address": "duban.office.example"}, "DUBAN_ADDRESS"),
        ({"address": "https://office.example/duban"}, "DUBAN_ADDRESS"),
        ({"proxies": '["*"]'}, "DUBAN_PROXIES"),
        ({"proxies": '["proxy.office.example"]'}, "DUBAN_PROXIES"),
        ({"oidc_issuer": "https://login.example"}, "DUBAN_OIDC_CLIENT_ID"),
        ({"oidc_issuer": "http://login.cn", "oidc_client_id": "x", "oidc_client_secret": "x"}, "DUBAN_OIDC_ISSUER"),
        ({"database_url": "no address"}, "DUBAN_DATABASE_URL"),
        ({"database_url": "oracle://duban@host/duban"}, "DUBAN_DATABASE_URL"),
    ],
)
def test_setting_when_broken_is_named_and_ends_with_2(founded: Line, settings: dict[str, str], told: str):
    said = founded("measure", "list", **settings)
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    assert told in said.err


@pytest.mark.parametrize(
    "name", [name for name, one in Settings.model_fields.items() if "SecretStr" in str(one.annotation)]
)
def test_setting_when_it_is_a_secret_and_broken_is_told_without_it(name: str):
    with pytest.raises(ValidationError) as refused:
        Settings(**{name: ["s3cret"]})
    (line,) = trouble_of(refused.value, None).lines("en")
    assert line.startswith(f"DUBAN_{name.upper()}")
    assert "s3cret" not in line + str(refused.value)


def test_policy_when_broken_is_told_with_file_and_line(founded: Line):
    own = founded.home / "config" / "ladder.yaml"
    own.parent.mkdir()
    own.write_text("version: 1\nwaits: [\n", encoding="utf-8")
    said = founded("measure", "list")
    assert (said.status, said.out) == (2, "")
    assert "ladder.yaml" in said.err
    assert "row 3" in said.err


def _as_folder(home: Path) -> None:
    (home / "duban.db").unlink()
    (home / "duban.db").mkdir()


def _as_text(home: Path) -> None:
    (home / "duban.db").write_text("this is no database, but it is long enough to be looked at" * 20, encoding="utf-8")


def _as_empty(home: Path) -> None:
    (home / "duban.db").write_bytes(b"")


@pytest.mark.parametrize("spoil", [_as_folder, _as_text, _as_empty])
def test_database_when_it_is_none_is_told_in_one_line(founded: Line, spoil: Callable[[Path], None]):
    spoil(founded.home)
    said = founded("measure", "list")
    assert (said.status, said.out, said.err.count("\n")) == (1, "", 1)
    assert "unforeseen" not in said.err


def test_home_when_it_is_a_file_is_told_in_one_line(duban: Line):
    duban.home.write_text("a file", encoding="utf-8")
    said = duban("init")
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.status in {1, 2}


@pytest.mark.usefixtures("house")
def test_error_when_json_is_asked_is_in_the_object_and_on_stderr(duban: Line):
    for words in (("measure", "show", "nosuch"), ("measure", "list", "--state", "x"), ("import", "nosuch.txt")):
        said = duban(*words, "--json")
        assert said.status
        assert [error["message"] for error in said.json["errors"]] != []
        assert said.json["errors"][0]["message"] in said.err


def test_fault_when_told_names_file_sheet_row_column_value_and_what_was_expected():
    place = Place(file="ledger.xlsx", sheet="台账", row=7, column="整改时限")
    fault = Fault(
        place=place, value="九月", message=N_("a date such as 2025-09-03, 2025年9月3日 or 9月底, or 长期坚持")
    )
    assert line_of(fault, "en") == (
        "ledger.xlsx · sheet 台账 · row 7 · column 整改时限 · “九月”: "
        "a date such as 2025-09-03, 2025年9月3日 or 9月底, or 长期坚持"
    )


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "duban.db"), "disk is full"),
        (OSError(errno.EROFS, "Read-only file system", "duban.db"), "read-only"),
        (PermissionError(errno.EACCES, "Permission denied", "out.xlsx"), "does not allow"),
        (OperationalError("", {}, sqlite3.OperationalError("database is locked")), "busy"),
        (OperationalError("", {}, sqlite3.OperationalError("database or disk is full")), "disk is full"),
        (OperationalError("", {}, sqlite3.OperationalError("disk I/O error")), "disk is full or faulty"),
        (
            OperationalError("", {}, Exception("could not extend file: No space left on device")),
            "server's disk is full",
        ),
        (DBAPIError("", {}, Exception("cannot execute INSERT in a read-only transaction")), "is read-only"),
        (OperationalError("", {}, sqlite3.OperationalError("attempt to write a readonly database")), "read-only"),
        (OperationalError("", {}, sqlite3.OperationalError("no such table: round")), "duban init"),
        (OperationalError("", {}, Exception("connection refused\nis the server running?")), "does not answer"),
        (IntegrityError("", {}, Exception("UNIQUE constraint failed")), "somebody else"),
        (StaleDataError("1 row expected, 0 matched"), "somebody else"),
        (ArgumentError("Could not parse"), "address"),
        (KeyboardInterrupt(), "stopped"),
    ],
)
def test_trouble_when_the_machine_makes_it_is_one_clear_line(error: BaseException, told: str):
    (line,) = trouble_of(error, None).lines("en")
    assert told in line
    assert "\n" not in line


def test_error_when_unforeseen_is_one_line_with_its_details_in_the_log(tmp_path: Path):
    trouble = trouble_of(RuntimeError("first\nsecond"), tmp_path)
    (line,) = trouble.lines("en")
    assert line.startswith("something unforeseen: RuntimeError: first second; details in ")
    log = (tmp_path / "logs" / "duban.log").read_text(encoding="utf-8")
    assert json.loads(log)["error"] == "RuntimeError"
    assert "first" not in log, "a message may name people"
    assert trouble.status == 1


def test_pipe_when_the_reader_leaves_is_quiet(founded: Line):
    code = "import sys; sys.argv = ['duban', 'calendar', 'show', '2025']; from cli.main import run; run()"
    env = {**os.environ, "DUBAN_HOME": str(founded.home)}
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""


def test_interrupt_when_it_comes_ends_with_130(founded: Line, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.reads.calendar.read_calendar", interrupted)
    said = founded("calendar", "show", "2025", "--json")
    assert said.status == 130
    assert json.loads(said.out)["errors"][0]["message"] == "stopped"


def test_database_when_it_is_of_an_older_duban_is_told_what_to_do(duban: Line):
    duban("init")
    with closing(sqlite3.connect(duban.home / "duban.db")) as database:
        database.executescript(
            "DROP INDEX uq_event_house_seq; DROP INDEX uq_event_measure_id_seq; ALTER TABLE event DROP COLUMN seq"
        )
    said = duban("audit", "verify")
    assert said.status == 1
    assert "older Duban; take a copy of it, then run duban init" in said.err
