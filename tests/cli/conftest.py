"""A command line to try: a home of its own, the small house of `tests.world` in it, and both languages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli.main import app
from engine.actions.fill_calendar import fill_calendar
from intake.calendar.official_calendar import official_days
from models.database import open_database, sessions_of
from tests.factories import FEEDBACK, at
from tests.world import World, real_calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Return the one JSON object that standard output holds."""
        assert self.out.count("\n") == 1, f"more than one line on stdout:\n{self.out}\n{self.err}"
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


@pytest.fixture(scope="session", autouse=True)
def built_once() -> Iterator[None]:
    """Let the runner build the commands once, as a process does, not for every line it runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(typer.main.get_command))
        yield


class Line:
    """Runs commands in this process."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.runner = CliRunner()

    def __call__(self, *words: object, **env: str) -> Said:
        """Run `duban` with `words`; settings are given by name: home="…"."""
        result = self.runner.invoke(
            app,
            [str(word) for word in words],
            env={f"DUBAN_{name.upper()}": value for name, value in env.items()},
        )
        said = Said(status=result.exit_code, out=result.stdout, err=result.stderr)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in said.out + said.err
        return said


@pytest.fixture
def duban(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """Give the command with an empty home, in English, in a folder of its own."""
    home = tmp_path / "home"
    for name in ("DATABASE_URL", "CONFIG", "CHANNELS", "BATCH"):
        monkeypatch.delenv(f"DUBAN_{name}", raising=False)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("DUBAN_HOME", str(home))
    monkeypatch.setenv("DUBAN_LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    return Line(home)


@pytest.fixture(scope="session")
def founded_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the database of a founded home once: schema and calendar."""
    path = tmp_path_factory.mktemp("founded") / "duban.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_database(f"sqlite:///{path}")
    calendar = real_calendar()
    with sessions_of(engine).begin() as session:
        fill_calendar(session, official_days(calendar.first, calendar.last), moment=at(FEEDBACK))
    engine.dispose()
    return path


@pytest.fixture
def founded(duban: Line, founded_template: Path) -> Line:
    """Give the command with a home that has a database, a calendar, and no round."""
    duban.home.mkdir()
    shutil.copyfile(founded_template, duban.home / "duban.db")
    return duban


@pytest.fixture
def house(founded: Line) -> Iterator[World]:
    """Give the small house of the stories, living in the home of `duban`."""
    engine = open_database(f"sqlite:///{founded.home / 'duban.db'}")
    yield World(engine)
    engine.dispose()
