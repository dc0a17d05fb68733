"""What Duban keeps in files lasts through a power cut: by the order of system calls, as strace sees it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STRACE = shutil.which("strace")
SYNCED = r"sync\(\d+<([^>]+)>"
KEEPERS = {
    "evidence": "from intake.evidence_store import keep_file; keep_file(here / 'photo.txt', here / 'home')",
    "mail": (
        "from tests.notifications.test_senders import MAIL; from notifications.senders.eml import EmlSender; "
        "EmlSender(here / 'home/outbox').send(MAIL)"
    ),
    "policy": "from config.files import write_policy_text; write_policy_text(here / 'home/config', 'a.yaml', 'a: 1')",
    "document": "from engine.whole_file import write_whole; write_whole(here / 'home/a.docx', b'x')",
}


@pytest.mark.skipif(STRACE is None, reason="strace is not installed: nobody sees the order of system calls")
@pytest.mark.parametrize("keeper", KEEPERS)
def test_file_when_kept_is_synced_before_it_has_its_name_and_its_folders_after(keeper: str, tmp_path: Path):
    (tmp_path / "photo.txt").write_text("现场照片说明", encoding="utf-8")
    (tmp_path / "home").mkdir()
    seen = tmp_path / "calls"
    traced = "trace=openat,fsync,fdatasync,rename,renameat,renameat2,mkdir"
    command = [str(STRACE), "-f", "-y", "-e", traced, "-o", str(seen), sys.executable, "-c"]
    code = f"from pathlib import Path; here = Path.cwd(); {KEEPERS[keeper]}"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([*command, code], cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=120)
    calls = [line for line in seen.read_text(encoding="utf-8", errors="replace").splitlines() if str(tmp_path) in line]
    renamed = next(number for number, line in enumerate(calls) if " rename" in line)
    before, after = re.findall(r'"([^"]+)"', calls[renamed])[-2:]
    synced = [
        (number, found[1]) for number, line in enumerate(calls) if (found := re.search(r"sync\(\d+<([^>]+)>", line))
    ]
    assert [path for number, path in synced if number < renamed][-1] == before
    assert str(Path(after).parent) in [path for number, path in synced if number > renamed]
    made = [Path(re.findall(r'"([^"]+)"', line)[0]) for line in calls if " mkdir(" in line and " = 0" in line]
    assert {str(folder.parent) for folder in made} <= {path for _, path in synced}
