"""What is written in ledgers made by a grammar is what is read, or it is told; never neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import EXAMPLES
from tests.intake.made_ledgers import judge_ledger


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_made_ledger_is_read_as_it_was_written_or_told(tmp_path: Path, seed: int):
    found = judge_ledger(seed, tmp_path)
    assert sum(found.values()) > 1, "the whole file was refused"
    assert not [form for (form, verdict) in found if verdict == "silent"]
