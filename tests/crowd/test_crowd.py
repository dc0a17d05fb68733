"""Many people at once: nothing fails, and what was answered with yes is there, once.  `make crowd` is the long form."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.crowd.checks import look
from tests.crowd.office import cast_of, fill, workplace
from tests.crowd.people import Done, let_in

pytestmark = pytest.mark.e2e

KINDS = frozenset({"accept", "report", "evidence", "opinion", "submit", "verdict"})


def test_crowd_when_it_works_at_once_meets_no_error_and_loses_nothing(tmp_path: Path):
    cast = cast_of(12, measures=2)
    house = fill(tmp_path / "home", None, cast)
    with workplace(house) as address:
        seen = asyncio.run(let_in(cast, address, kinds=KINDS))
    assert seen.faults == []
    assert look(house, seen) == []
    assert {one.kind for one in seen.done} >= KINDS
    code = next(iter(cast.owners.values()))[0]
    seen.done.append(Done("report", code, "一条没有保存的填报"))  # the check can fail
    assert look(house, seen) == [f"('report', '{code}', '一条没有保存的填报') was answered with yes and is not there"]
