"""Surroundings that are not as they should be: settings, folders, databases of others, days out of the world."""

import sqlite3
from pathlib import Path

import pytest

from models.schema import upgrade
from tests.cli.conftest import Line
from tests.world import World

FAR_DAYS = ["0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31"]


@pytest.mark.parametrize("day", FAR_DAYS)
def test_day_when_it_is_out_of_this_world_is_bad_input(duban: Line, house: World, day: str):
    code = house.measure()
    for words in (
        ("status", "--as-of", day),
        ("run", "daily", "--as-of", day),
        ("explain", code, "--until", day),
        ("meeting", "agenda", "--meeting", day),
    ):
        said = duban(*words)
        assert (said.status, said.out, said.err.count("\n")) == (2, "", 1), words
        assert day in said.err


@pytest.mark.parametrize("name", ["daily", "monthly", "deliver", "watchdog"])
def test_run_when_its_day_lies_beyond_the_calendar_is_refused_and_sets_nothing_aside(
    duban: Line, house: World, name: str
):
    house.in_progress()
    said = duban("run", name, "--as-of", "2052-09-03")
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    with sqlite3.connect(duban.home / "duban.db") as connection:
        assert connection.execute("SELECT count(*) FROM stuck_timer").fetchone() == (0,)


def test_timer_when_it_is_set_aside_leaves_its_details_in_the_log_only(duban: Line, house: World):
    house.in_progress()
    with sqlite3.connect(duban.home / "duban.db") as connection:
        connection.execute("UPDATE timer SET deadline = '2020-01-02', rung = 0, fires_on = '2025-03-01'")
    said = duban("run", "daily", "--as-of", "2025-03-11", "--json")
    assert said.json["failed"] > 0
    assert said.err == ""
    assert "Traceback" in (duban.home / "logs" / "duban.log").read_text(encoding="utf-8")


def test_look_back_when_run_says_that_it_is_not_built(duban: Line, house: World):
    house.measure()
    for name in ("look-back", "look_back"):
        said = duban("run", name, "--json")
        assert said.status == 1
        assert said.json["errors"][0]["message"] == said.err.strip()
        assert "not built yet" in said.err


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_when_asked_shortly_is_shown(duban: Line, option: str):
    for words in ((), ("measure",), ("measure", "accept")):
        assert duban(*words, option).out == duban(*words, "--help").out


@pytest.mark.parametrize("name", [" ", ""])
def test_name_when_empty_is_bad_input(duban: Line, house: World, name: str):
    code = house.measure()
    for words in (("measure", "show", name), ("measure", "accept", code, "--as", name), ("inbox", "--as", name)):
        said = duban(*words)
        assert (said.status, said.out, said.err.count("\n")) == (2, "", 1), words


def test_list_when_the_person_or_unit_does_not_exist_says_so(duban: Line, house: World):
    house.measure()
    for words in (("--person", "nobody"), ("--unit", "无此处")):
        said = duban("measure", "list", *words)
        assert (said.status, said.out) == (1, "")
        assert words[1] in said.err


def test_folder_of_policies_when_it_is_missing_is_told_not_passed_over(founded: Line, tmp_path: Path):
    missing = str(tmp_path / "policies")
    said = founded("measure", "list", config=missing)
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    assert "DUBAN_CONFIG" in said.err
    assert founded("init", "--with-config", config=missing).status == 0
    assert (tmp_path / "policies" / "ladder.yaml").exists()


def test_setting_when_empty_is_as_if_not_set(duban: Line, tmp_path: Path):
    assert duban("init", home="", config="", database_url="", channels="").status == 0
    assert (tmp_path / "duban-data" / "duban.db").exists()


def test_address_when_no_database_is_there_makes_none(duban: Line, tmp_path: Path):
    path = tmp_path / "elsewhere.db"
    said = duban("status", database_url=f"sqlite:///{path}")
    assert said.status == 1
    assert "duban init" in said.err
    assert not path.exists()
    assert duban("init", database_url=f"sqlite:///{path}").status == 0
    assert path.exists()


def test_address_when_it_names_no_driver_is_understood(duban: Line):
    said = duban("init", database_url="postgresql://nobody@127.0.0.1:1/nothing")
    assert (said.status, said.out, said.err.count("\n")) == (1, "", 1)
    assert "database" in said.err
    assert "unforeseen" not in said.err


@pytest.mark.parametrize("other", ["CREATE TABLE bookmark (id INTEGER)", "CREATE TABLE alembic_version (version_num)"])
def test_database_when_another_program_s_is_never_touched(duban: Line, other: str):
    duban.home.mkdir()
    with sqlite3.connect(duban.home / "duban.db") as connection:
        connection.execute(other)
        if "alembic" in other:
            connection.execute("INSERT INTO alembic_version VALUES ('abc123')")
    for words in (("status",), ("init",), ("serve",)):
        said = duban(*words)
        assert (said.status, said.out, said.err.count("\n")) == (1, "", 1), words
        assert "unforeseen" not in said.err
    with sqlite3.connect(duban.home / "duban.db") as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)


def test_file_when_it_may_not_be_read_is_named_with_all_keys(
    duban: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "secret.xlsx"
    path.write_bytes(b"PK")
    may = Path.open

    def may_not(self: Path, *args: object, **extra: object) -> object:
        if self.name == path.name:
            raise PermissionError(13, "Permission denied", str(self))
        return may(self, *args, **extra)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", may_not)
    monkeypatch.setattr("os.access", lambda *_a, **_k: False)
    said = duban("import", path, "--dry-run", "--json")
    assert said.status in {1, 2}
    assert {"kind", "declared", "errors"} <= said.json.keys()


def test_upgrade_when_done_twice_changes_nothing(house: World):
    upgrade(house.engine)
