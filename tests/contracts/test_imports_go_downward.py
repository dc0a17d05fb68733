"""The imports of every module against the layers of docs/architecture.md: only downward, function-level ones too."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: From the top: a module imports its own entry and those of rows below it.  The longest name that fits decides.
LAYERS = (
    ("bench",),
    ("cli",),
    ("demo",),
    ("web",),
    ("flows",),
    ("documents", "intake", "notifications"),
    ("engine.actions",),
    ("engine.reads",),
    ("models", "notifications.messages"),
    ("engine", "engine.rules"),
)
#: Beside the layers: who alone may import these.
BESIDE = {
    "config": ("bench", "cli", "demo", "flows"),
    "engine.now": ("bench", "cli", "demo", "flows"),
    "i18n": (
        "cli",
        "config",
        "demo",
        "documents",
        "engine.actions",
        "engine.reads",
        "flows",
        "intake",
        "models",
        "notifications",
        "notifications.messages",
        "web",
    ),
}
#: What those beside may import themselves.
BELOW_BESIDE = ("engine", "engine.rules")
#: Libraries that only some layers may touch.
LIBRARIES = {
    "prefect": ("flows",),
    "apscheduler": ("config", "flows"),
    "typer": ("cli",),
    "alembic": ("models",),
    "fastapi": ("web",),
    "prometheus_client": ("web",),
    "uvicorn": ("bench", "web"),
    "argon2": ("engine.actions",),
    "authlib": ("web",),
    "apprise": ("notifications",),
}

ENTRIES = tuple(entry for row in LAYERS for entry in row) + tuple(BESIDE)
DEPTH = {entry: depth for depth, row in enumerate(LAYERS) for entry in row}


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _modules() -> dict[str, Path]:
    packages = [found.parent for found in ROOT.glob("*/__init__.py")]
    return {_module_name(path): path for package in packages for path in package.rglob("*.py")}


MODULES = _modules()


def _entry_of(module: str) -> str | None:
    fitting = [entry for entry in ENTRIES if module == entry or module.startswith(f"{entry}.")]
    return max(fitting, key=len, default=None)


def _imports(module: str, path: Path) -> Iterator[tuple[str, int]]:
    """Yield what `module` imports with the line; `from a import b` is a.b where that is a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module if path.name == "__init__.py" else module.rpartition(".")[0]
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield (inner if inner in MODULES else source), node.lineno


def _may_import(importer: str, imported: str) -> bool:
    if importer == imported:
        return True
    if imported in BESIDE:
        return importer in BESIDE[imported]
    if importer in BESIDE:
        return imported in BELOW_BESIDE
    return DEPTH[imported] > DEPTH[importer]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_of_a_module_go_only_downward(module: str):
    importer = _entry_of(module)
    assert importer is not None, f"{module} is in no layer: add it to LAYERS here and to docs/architecture.md"
    wrong = []
    for imported, line in _imports(module, MODULES[module]):
        top = imported.split(".")[0]
        if top in MODULES:
            below = _entry_of(imported)
            if below is None or not _may_import(importer, below):
                wrong.append(f"line {line}: {module} ({importer}) must not import {imported}")
        elif importer == "engine.rules" and top not in sys.stdlib_module_names:
            wrong.append(f"line {line}: rules are standard library only, not {imported}")
        elif top in LIBRARIES and importer not in LIBRARIES[top]:
            wrong.append(f"line {line}: only {', '.join(LIBRARIES[top])} may import {top}")
        elif top == "tests":
            wrong.append(f"line {line}: the product never imports its tests")
    assert not wrong, "\n".join(wrong)


def test_layers_are_the_ones_that_the_architecture_shows():
    shown = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for row in LAYERS:
        assert f"\n{'   '.join(row)}\n" in shown, f"docs/architecture.md lacks the row {row}"
    for beside, importers in BESIDE.items():
        told = f"| `{beside}` | {', '.join(importers)} |"
        assert told in shown, f"docs/architecture.md lacks {told}"
    for library, importers in LIBRARIES.items():
        told = f"| `{library}` | {', '.join(importers)} |"
        assert told in shown, f"docs/architecture.md lacks {told}"
