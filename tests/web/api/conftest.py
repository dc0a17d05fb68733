"""Programs with tokens, calling the interface of the small house."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.actions.api_tokens import Scope, make_token
from tests.web.house import ORIGIN, Premises
from tests.world import World


class Program:
    """A program that acts for a person."""

    def __init__(self, premises: Premises, who: str, scope: Scope = Scope.ACT) -> None:
        self.premises = premises
        self.token = premises.world.act(who, make_token, name="程序", scope=scope, days=30)
        self.client = TestClient(premises.app, base_url=f"{ORIGIN}/api/v1", raise_server_exceptions=False)
        self.client.headers |= {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}

    def get(self, path: str, **query: Any) -> Any:
        """Look at something."""
        return self.client.get(path, params=query or None)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Do something; `headers` with underscores for dashes."""
        plain = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, json=body, headers=plain)

    def measure(self, code: str = "1-01") -> str:
        """Return the path of a measure."""
        return f"/rounds/{self.premises.round}/measures/{code}"


class Office:
    """A house, and programs of its people."""

    def __init__(self, world: World, home: Path, **settings: Any) -> None:
        self.world = world
        self.premises = Premises(world, home, **settings)
        self._programs: dict[str, Program] = {}

    @property
    def root(self) -> str:
        """The path of the round."""
        return f"/rounds/{self.premises.round}"

    def program(self, who: str, scope: Scope = Scope.ACT) -> Program:
        """Return the program of a person; one for each scope."""
        key = f"{who}:{scope}"
        if key not in self._programs:
            self._programs[key] = Program(self.premises, who, scope)
        return self._programs[key]


@pytest.fixture
def office(world: World, tmp_path: Path) -> Office:
    return Office(world, tmp_path)


@pytest.fixture
def either_office(either_world: World, tmp_path: Path) -> Office:
    return Office(either_world, tmp_path)
