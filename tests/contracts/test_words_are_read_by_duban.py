"""Every word of the command line but plain text is read by Duban itself, and so told in its user's language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

from typer.models import ParameterInfo

from cli.main import app

PLAIN = {str, bool, Path, type(None)}  #: nothing can be wrong with these but what the command itself says


def callbacks(group: Any, path: str = "duban") -> Iterator[tuple[str, Any]]:
    for command in group.registered_commands:
        yield f"{path} {command.name}", command.callback
    for below in group.registered_groups:
        yield from callbacks(below.typer_instance, f"{path} {below.typer_instance.info.name or ''}".strip())


def kinds(hint: Any) -> Iterator[Any]:
    """Yield the plain types that a hint names."""
    parts = get_args(hint)
    if not parts:
        yield hint
    for part in parts:
        yield from kinds(part)


def test_words_when_they_are_no_plain_text_are_read_by_a_reader_of_dubans():
    asked, raw = 0, []
    for path, callback in callbacks(app):
        for name, hint in get_type_hints(callback, include_extras=True).items():
            plain, *extras = get_args(hint) if hasattr(hint, "__metadata__") else (hint,)
            info = next((one for one in extras if isinstance(one, ParameterInfo)), None)
            if info is None:
                continue
            asked += 1
            if info.parser is None and set(kinds(plain)) - PLAIN:
                raw.append(f"{path}: {name}")
    assert asked > 200, "the options were not found"
    assert raw == []
