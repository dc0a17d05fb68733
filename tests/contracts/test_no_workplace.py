"""No tracked file names a folder of the machine it was written on, and none was built on it."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The names are put together here, so that this file does not find itself.
PRIVATE = re.compile(rf"(?<![\w.*…-])/(?:{'work'}|{'root'}|{'home'}/[a-z]+|{'Users'}/[A-Za-z]+)/")


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git clone: nothing says which files belong to it")
    names = listed.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_tracked_files_when_searched_name_no_private_folder():
    found = []
    for path in _tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in PRIVATE.finditer(text)]
    assert not found


def test_tracked_files_when_listed_hold_nothing_that_was_built():
    built = {".whl", ".gz", ".zip", ".mo", ".pyc", ".db", ".sqlite", ".log", ".pid"}
    assert [str(path.relative_to(ROOT)) for path in _tracked() if path.suffix in built] == []
