"""Who may verify, close or decide is widened by more roles, more states and fewer needs, and by nothing else."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from config.files import SHIPPED, load_policies
from engine.rules.lifecycle import parse_lifecycle
from engine.rules.widening import widened, widening_words

STEPS = deepcopy(dict(load_policies(SHIPPED).lifecycle))


def told(step: str, **changes: Any) -> list[str]:
    """Return what is wider, in words, when one step is changed from the shipped lifecycle."""
    after = deepcopy(STEPS)
    after["transitions"].setdefault(step, {}).update({name.rstrip("_"): value for name, value in changes.items()})
    found = widened(parse_lifecycle(STEPS), parse_lifecycle(after))
    return [str(widening_words(one.plain)) for one in found]


@pytest.mark.parametrize(
    ("step", "changes", "words"),
    [
        ("pass", {"by": ["verifier", "coordinator"]}, ["passing the verification also by coordinator"]),
        ("pass", {"needs": ["four_eyes"]}, ["passing the verification without the evidence that was seen"]),
        ("close", {"from_": ["verified", "submitted"]}, ["closing out also from the state submitted"]),
        ("cancel", {"by": ["leading_group", "coordinator"]}, ["cancelling also by coordinator"]),
        (
            "drop",
            {"from_": ["assigned"], "to": "cancelled", "by": ["owner"], "needs": []},
            ["a new step, drop, by task owner"],
        ),
        ("cancel", {"needs": ["reason", "evidence"]}, []),
        ("accept", {"by": ["owner", "unit_head"]}, []),
        ("merge", {"from_": ["assigned"]}, []),
    ],
)
def test_lifecycle_when_a_step_changes_then_only_what_is_wider_is_told(
    step: str, changes: dict[str, Any], words: list[str]
):
    assert told(step, **changes) == words
