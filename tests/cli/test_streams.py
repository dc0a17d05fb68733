"""Where output goes wrong: an encoding without Chinese, a full disk, a closed stream, a reader that leaves."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Line
from tests.world import World

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
PROGRAM = "from cli.main import run; run()"


def started(duban: Line, *words: str, redirected: str = "", **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process of its own; `redirected` is what a shell does to its streams."""
    child = [sys.executable, "-c", PROGRAM, *words]
    known = {**os.environ, "DUBAN_HOME": str(duban.home), "PYTHONPATH": str(ROOT), **env}
    if redirected:
        child = ["sh", "-c", f'exec "$@" {redirected}', "sh", *child]
    return subprocess.run(child, cwd=duban.home.parent, capture_output=True, check=False, env=known, timeout=60)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk", "utf-8"])
def test_answer_when_the_encoding_lacks_a_sign_is_still_told(duban: Line, house: World, encoding: str):
    house.measure(text="整改措施💥")
    people = started(duban, "measure", "list", PYTHONIOENCODING=encoding, DUBAN_LANGUAGE="zh_CN")
    assert (people.returncode, people.stderr) == (0, b"")
    said = started(duban, "measure", "list", "--json", PYTHONIOENCODING=encoding)
    (measure,) = json.loads(said.stdout.decode(encoding))["measures"]
    assert (said.returncode, said.stderr, measure["text"]) == (0, b"", "整改措施💥")


def test_help_when_the_encoding_lacks_chinese_is_still_told(duban: Line):
    said = started(duban, "--help", PYTHONIOENCODING="ascii", DUBAN_LANGUAGE="zh_CN")
    assert (said.returncode, said.stderr) == (0, b"")
    assert b"duban import" in said.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("measure", "list"), "the answer cannot be written"),
        (("measure", "list", "--json"), "the answer cannot be written"),
        (("measure", "show", "nosuch", "--json"), "the answer cannot be written"),
        (("status", "--nosuch", "--json"), "no option --nosuch"),
        (("--help",), "disk is full"),
    ],
)
def test_answer_when_it_cannot_be_written_is_told_in_one_line(
    duban: Line, house: World, words: tuple[str, ...], told: str
):
    house.measure()
    said = started(duban, *words, redirected="> /dev/full")
    assert said.returncode in {1, 2}
    assert said.stderr.count(b"\n") == 1
    assert told in said.stderr.decode()


def test_stream_when_closed_is_no_trouble(duban: Line, house: World):
    house.measure()
    out = started(duban, "measure", "list", redirected=">&-")
    assert (out.returncode, out.stderr) == (0, b"")
    err = started(duban, "measure", "show", "nosuch", redirected="2>&-")
    assert (err.returncode, err.stdout) == (1, b"")
    assert started(duban, "measure", "list", redirected="<&-").returncode == 0


@pytest.mark.parametrize("words", [("measure", "list", "--json"), ("calendar", "show", "2025"), ("--help",)])
def test_answer_when_its_reader_has_left_ends_quietly(duban: Line, house: World, words: tuple[str, ...]):
    house.measure()
    said = started(duban, *words, redirected="| head -c 1 >/dev/null")
    assert said.stderr == b""
