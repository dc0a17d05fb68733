"""requirements.lock: names no host, and pins everything that pyproject.toml asks for."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins() -> dict[str, Requirement]:
    lines = [line for line in LOCK.splitlines() if line and not line.lstrip().startswith("#")]
    return {_normal(pin.name): pin for pin in map(Requirement, lines)}


def test_lock_when_read_names_no_host_and_no_option():
    assert "://" not in LOCK
    assert " @ " not in LOCK
    assert not [line for line in LOCK.splitlines() if line.startswith("-")]
    assert not re.search(r"\b[\w-]+\.(com|org|net|io|cn|local)\b", LOCK)


def test_lock_when_read_gives_one_exact_version_each():
    for pin in _pins().values():
        assert [specifier.operator for specifier in pin.specifier] == ["=="], str(pin)


def test_lock_when_compared_pins_every_dependency_of_the_project():
    pins = _pins()
    for asked in map(Requirement, PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]):
        pin = pins.get(_normal(asked.name))
        assert pin is not None, f"{asked} is not pinned: run `make lock`"
        (specifier,) = pin.specifier
        assert asked.specifier.contains(specifier.version), f"{pin} is outside {asked}: run `make lock`"
        assert asked.extras <= pin.extras, f"{pin} lacks the extras of {asked}"
