"""`duban demo` in a pipe: plain lines on stdout, nothing on stderr, no box."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Line

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
NOTICE = """中共某市水务局委员会关于巡视整改进展情况的通报
2025年3月3日,市委第五巡视组向市水务局党组反馈了巡视意见。
二、重点整改任务落实情况
(一)贯彻落实党的路线方针政策方面
1.关于“规划滞后”问题的整改。
一是修订规划。二是召开评审会。
"""


def test_demo_when_piped_draws_no_box_and_says_nothing_on_stderr(duban: Line, tmp_path: Path):
    notice = tmp_path / "notice.txt"
    notice.write_text(NOTICE, encoding="utf-8")
    words = [
        sys.executable,
        "-c",
        "from cli.main import run; run()",
        "demo",
        "--notice",
        str(notice),
        "--home",
        str(duban.home),
    ]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
    assert not set(said.stdout) & set("┏━┃│└─\x1b")
    assert "agenda.docx" in said.stdout
    assert ("outbox" in said.stdout) is (duban.home / "outbox").is_dir()
    assert duban("status", "--as-of", "2025-04-03", "--json").json["measures"] == 2


def test_demo_plays_anew_in_its_folder_but_never_over_a_round_of_somebody_else(duban: Line, tmp_path: Path):
    notice, own = tmp_path / "notice.txt", tmp_path / "own.txt"
    notice.write_text(NOTICE, encoding="utf-8")
    own.write_text(NOTICE.replace("水务局", "林业局").replace("2025年3月", "2025年2月"), encoding="utf-8")
    play = ("demo", "--notice", str(notice), "--home", str(duban.home))
    first = duban(*play)
    again = duban(*play)
    assert (first.status, again.status) == (0, 0), again.out + again.err
    duban("import", str(own), "--round", "OWN-1", "--as-of", "2025-04-01")
    refused = duban(*play)
    assert refused.status == 1
    assert "OWN-1" in refused.err
    assert "LX-2025" not in refused.err
    assert duban("status", "--round", "OWN-1", "--as-of", "2025-04-03", "--json").json["measures"] == 2
