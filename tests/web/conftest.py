"""The pages of the small house, on SQLite and on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.house import Premises
from tests.world import World


@pytest.fixture
def premises(world: World, tmp_path: Path) -> Premises:
    """Give the application over the small house, on SQLite."""
    return Premises(world, tmp_path)


@pytest.fixture
def either_premises(either_world: World, tmp_path: Path) -> Premises:
    """Give the application over the small house, on SQLite and again on PostgreSQL."""
    return Premises(either_world, tmp_path)
