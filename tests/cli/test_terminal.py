"""On a terminal: tables fit its columns, a narrow one gets cards, progress is on stderr and gone at the end."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.layout import columns_of
from tests.cli.conftest import Line
from tests.world import World

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def shown(duban: Line, *words: str, columns: int, **env: str) -> list[str]:
    """Return the lines that a terminal of `columns` shows, without colours."""
    ours, theirs = pty.openpty()
    known = {**os.environ, "DUBAN_HOME": str(duban.home), "COLUMNS": str(columns), "TERM": "xterm", **env}
    child = [sys.executable, "-c", "from cli.main import run; run()", *words]
    with subprocess.Popen(child, cwd=ROOT, stdout=theirs, stderr=subprocess.PIPE, env=known) as running:
        os.close(theirs)
        read = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed: this is how a terminal ends on Linux
                break
            if not piece:
                break
            read += piece
        assert running.stderr is not None
        assert running.stderr.read() == b""
    os.close(ours)
    assert running.returncode == 0
    return [_COLOUR.sub("", line).rstrip() for line in read.decode().splitlines()]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("words", [("status",), ("measure", "list"), ("explain", "1-01"), ("person", "list")])
def test_table_when_the_terminal_has_80_columns_fits_and_keeps_dates_and_names_whole(
    duban: Line, house: World, words: tuple[str, ...], language: str
):
    house.in_progress("1-01", text="修订完善科研经费管理办法,明确审批权限和报销流程,并组织全员培训" * 2)
    lines = shown(duban, *words, columns=80, DUBAN_LANGUAGE=language)
    tables = [line for line in lines if "  " in line.strip() and not line.startswith("1-01  修订完善")]
    assert tables
    assert all(columns_of(line) <= 80 for line in tables)
    text = "\n".join(lines)
    assert {("status",): "一处", ("person", "list"): "王经办"}.get(words, "2025-09-03") in text


def test_table_when_the_terminal_is_narrow_becomes_cards(duban: Line, house: World):
    house.in_progress("1-01")
    lines = shown(duban, "measure", "list", "--as-of", "2025-03-10", columns=40)
    assert {"code: 1-01", "due: 2025-09-03", "state: in progress"} <= set(lines)


def test_list_when_piped_has_the_long_text_last(duban: Line, house: World):
    text = "修订完善科研经费管理办法" * 20
    house.in_progress("1-01", text=text)
    assert duban("measure", "list").out.splitlines()[1].endswith(text)
