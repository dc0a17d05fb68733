"""Every help page: in both languages, with an example that parses; and `duban --help` loads nothing heavy."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cli.layout import columns_of
from cli.main import app
from tests.cli.conftest import Line

ROOT = Path(__file__).parents[2]
HEAVY = {
    *("sqlalchemy", "prefect", "pydantic", "openpyxl", "alembic", "rich", "jinja2", "yaml"),
    *("config", "models", "flows", "documents", "intake"),
}
_CJK = re.compile("[一-鿿]")


def _commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in getattr(get_command(app), "commands", {}).items():
        inner = getattr(command, "commands", {})
        yield (name,), command
        yield from (((name, below), one) for below, one in inner.items())


COMMANDS = dict(_commands())
PAGES = [path for path, command in COMMANDS.items() if not hasattr(command, "commands")]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_when_shown_speaks_the_language_that_is_set(duban: Line, path: tuple[str, ...]):
    english, chinese = duban(*path, "--help", language="en"), duban(*path, "--help", language="zh_CN")
    assert (english.status, english.err) == (chinese.status, chinese.err) == (0, "")
    assert english.out.startswith(f"Usage: duban {' '.join(path)}")
    assert chinese.out.startswith(f"用法：duban {' '.join(path)}")
    words = re.findall(r"^  -.*?  (\S.*)$", chinese.out, flags=re.MULTILINE)
    assert words
    assert all(_CJK.search(word) for word in words), "an option is not translated"
    assert all(columns_of(line) <= 100 for line in (chinese.out + english.out).splitlines() if "duban" not in line)


def test_help_when_nothing_is_asked_is_shown_and_all_is_well(duban: Line):
    for words in ((), ("measure",)):
        said = duban(*words)
        assert (said.status, said.err) == (0, "")
        assert said.out == duban(*words, "--help").out


@pytest.mark.parametrize("path", PAGES, ids=" ".join)
def test_example_when_parsed_is_accepted_by_its_command(path: tuple[str, ...]):
    examples = COMMANDS[path].epilog
    assert examples, f"duban {' '.join(path)} has no example"
    for example in examples.splitlines():
        words = [word for word in shlex.split(example) if not word.startswith("DUBAN_")]
        assert words[: len(path) + 1] == ["duban", *path]
        COMMANDS[path].make_context(path[-1], words[len(path) + 1 :])


def test_help_when_shown_loads_no_heavy_library():
    code = (
        "import json, sys\n"
        "sys.argv = ['duban', '--help']\n"
        "from cli.main import run\n"
        "try:\n    run()\nexcept SystemExit:\n    print(json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in json.loads(shown.stderr)}
    assert loaded & HEAVY == set()


def test_command_that_only_reads_when_run_loads_nothing_that_others_need(founded: Line):
    code = (
        "import json, sys\n"
        "sys.argv = ['duban', 'calendar', 'show', '2025', '--json']\n"
        "from cli.main import run\n"
        "try:\n    run()\nexcept SystemExit:\n    print(json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
    )
    env = {**os.environ, "DUBAN_HOME": str(founded.home)}
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, env=env)
    loaded = {name.split(".")[0] for name in json.loads(shown.stderr)}
    assert loaded & {"prefect", "alembic", "holidays", "openpyxl", "xlsxwriter", "docx", "rich"} == set()


def test_version_when_asked_is_one_line(duban: Line):
    said = duban("--version")
    assert (said.status, said.err, said.out.count("\n")) == (0, "", 1)


def test_completion_when_asked_offers_commands_and_their_options():
    def offered(line: str) -> str:
        env = {"_DUBAN_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line, "DUBAN_LANGUAGE": "en"}
        code = "import sys; sys.argv = ['duban']; from cli.main import run; run()"
        asked = [sys.executable, "-c", code]
        return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False, env=env).stdout

    assert "measure" in offered("duban me")
    assert "accept" in offered("duban measure acc")
    assert "--as-of" in offered("duban status --as")
