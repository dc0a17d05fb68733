"""docs/promises.md and the invariants of the seeded year tell the same, both ways."""

from __future__ import annotations

import re
from pathlib import Path

import tests.year.year  # noqa: F401 - it registers every promise
from tests.year.promise import PROMISES
from tests.year.twins import TWINS

PAGE = (Path(__file__).parents[2] / "docs" / "promises.md").read_text(encoding="utf-8")


def test_promises_when_told_are_those_that_are_looked_at():
    rows = re.findall(r"^\| `(.+?)` \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
    told = {name: (sentence, lacks) for name, sentence, lacks in rows}
    lacking = {twin.promise: twin.lacks for twin in TWINS}
    assert told == {name: (one.sentence, lacking[name]) for name, one in PROMISES.items()}


def test_promises_when_told_say_what_is_not_promised():
    assert "## What is not promised" in PAGE
