"""The documents keep their promises: make targets exist, links lead somewhere, settings and commands are told.

Also the "docs check" of `make check`.
"""

import importlib
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from config.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
READMES = ("README.md", "README.zh-CN.md")


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+):.*## ", _read("Makefile"), flags=re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_make_targets_when_a_document_names_them_exist(document: Path):
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z0-9-]+)", text, flags=re.MULTILINE))
    assert named <= _targets()


def test_make_help_when_run_lists_every_target():
    shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([a-z0-9-]+) ", shown, flags=re.MULTILINE)) == _targets()


@pytest.mark.parametrize("readme", READMES)
def test_readme_when_read_begins_with_two_commands(readme: str):
    first_block = re.search(r"```sh\n(.*?)```", _read(readme), flags=re.DOTALL)
    assert first_block is not None
    assert first_block[1].split("\n") == ["make demo", "make test", ""]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_when_followed_lead_to_something(document: Path):
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, heading = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        found = (document.parent / path).resolve() if path else document
        if not found.exists() or (heading and heading not in _anchors(found)):
            dead.append(target)
    assert not dead


def _anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_decisions_when_listed_are_numbered_without_a_gap_and_have_all_parts():
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert headings == ["Context", "Options", "Decision", "Cost"], path.name


def test_recipes_when_they_name_a_file_name_one_that_exists():
    named = re.compile(r"`([\w./-]+/[\w.-]+\.(?:py|po|yaml|md)|[\w./-]+/)`")
    recipes = sorted((ROOT / "docs" / "how-to").glob("*.md"))
    gone = [
        f"{path.name}: {name}"
        for path in recipes
        for name in named.findall(path.read_text(encoding="utf-8"))
        if not (ROOT / name).exists()
    ]
    assert not gone


def test_engine_files_when_listed_are_all_told_and_none_that_is_gone():
    rows = re.findall(
        r"^\| `([\w/]+)` \| [a-zA-Z“]", _read("docs/architecture.md").partition("file by file")[2], re.MULTILINE
    )
    packages = [path for path in (ROOT / "engine").iterdir() if path.is_dir()]
    files = [
        path.relative_to(package).with_suffix("").as_posix()
        for package in packages
        for path in package.rglob("*.py")
        if path.stem != "__init__"
    ]
    assert sorted(rows) == sorted(files)


def test_dependencies_when_listed_are_all_told():
    told = _read("docs/dependencies.md")
    asked = tomllib.loads(_read("pyproject.toml"))["project"]["dependencies"]
    names = [re.split(r"[\[<>=~!; ]", line)[0] for line in asked]
    assert [name for name in names if f"\n| {name} |" not in told] == []


def test_settings_when_listed_are_all_told_with_their_default():
    told = _read("docs/settings.md")
    for name, field in Settings.model_fields.items():
        assert f"`DUBAN_{name.upper()}`" in told, f"docs/settings.md lacks DUBAN_{name.upper()}"
        assert field.description, f"{name} needs a description"


def test_commands_when_listed_are_all_told():
    commands = getattr(get_command(importlib.import_module("cli.main").app), "commands", {})
    rows = {name: re.search(rf"^\| `duban {name}\b.*$", _read("docs/commands.md"), re.MULTILINE) for name in commands}
    lacking = [name for name, row in rows.items() if row is None]
    lacking += [
        f"{name} {inner}"
        for name, row in rows.items()
        for inner in getattr(commands[name], "commands", {})
        if row is not None and not re.search(rf"(?<![\w-]){inner}(?![\w-])", row[0])
    ]
    assert not lacking, f"docs/commands.md lacks {lacking}"


def test_options_when_listed_are_all_told_in_their_commands_section():
    told = re.findall(r"^##+ (duban [\w -]+)\n(.*?)(?=^##|\Z)", _read("docs/commands.md"), re.MULTILINE | re.DOTALL)
    sections = {path: re.sub(r"```.*?```", "", body, flags=re.DOTALL) for path, body in told}
    lacking = [
        f"{path} {option}"
        for path, command in _commands(get_command(importlib.import_module("cli.main").app), "duban")
        for param in command.params
        for option in (*param.opts, *param.secondary_opts)
        if option.startswith("--") and not re.search(rf"`[^`\n]*{option}(?![\w-])", sections.get(path, ""))
    ]
    assert not lacking, f"docs/commands.md lacks {lacking}"


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command
