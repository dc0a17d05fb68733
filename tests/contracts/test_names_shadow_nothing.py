"""Our flat top-level packages share an environment with the pinned dependencies: none ships a module of our names."""

import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = frozenset(found.parent.name for found in ROOT.glob("*/__init__.py"))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _top_level_names(distribution: Distribution) -> set[str]:
    """Return what the distribution declares and what its list of files shows; either alone may be incomplete."""
    declared = set((distribution.read_text("top_level.txt") or "").split())
    for file in distribution.files or ():
        first = file.parts[0]
        if len(file.parts) > 1:
            declared.add(first)
        elif first.endswith((".py", ".so", ".pyd")):
            declared.add(first.split(".")[0])
    return declared


def test_pinned_dependencies_ship_no_module_of_our_names():
    clashes = {
        f"{distribution.name} ships {name}"
        for distribution in distributions()
        if _normal(distribution.name) != "duban"
        for name in _top_level_names(distribution) & OURS
    }
    assert not clashes


def test_pinned_dependencies_when_asked_are_all_installed_here():
    pins = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==\S+\s*(;?)", _lock(), flags=re.MULTILINE)
    installed = {_normal(distribution.name) for distribution in distributions()}
    # A pin with a marker is for other platforms; every other one must be here, else the test above saw too little.
    assert not {name for name, marker in pins if not marker and _normal(name) not in installed}


def test_our_names_when_compared_are_not_the_standard_librarys():
    assert not OURS & sys.stdlib_module_names


def _lock() -> str:
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")
