"""Find the English sentences that the code says: the msgids a catalogue must have.

Reads Python by its syntax tree and templates through Jinja.  Called by `i18n.compile` only, a development tool; it
imports nothing of the product and never runs the code it reads.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: Functions whose first argument is a msgid.
KEYWORDS = frozenset({"_", "N_", "say", "gettext", "pgettext", "ngettext"})
#: Those of them that take the places' values as keyword arguments, so that a forgotten one can be told.
FILLING = frozenset({"N_", "say"})
TEMPLATE_SUFFIXES = frozenset({".html", ".txt", ".md", ".j2", ".xml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One place in the sources that says a msgid."""

    msgid: str
    where: str  #: `path:line`, relative to the project
    missing: frozenset[str] = frozenset()  #: {places} of the msgid that the call gives no value for


def places(sentence: str) -> frozenset[str]:
    """Return the names of the {places} (and Jinja's %(places)s) in `sentence`; empty when it cannot be parsed.

    >>> sorted(places("row {row}, column {column!r}: {value.text}"))
    ['column', 'row', 'value']
    >>> sorted(places("%(count)s measures"))
    ['count']
    """
    try:
        named = {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(sentence) if name}
    except ValueError:
        named = set()
    in_percent = {part.split(")")[0] for part in sentence.split("%(")[1:]}
    return frozenset(named | in_percent)


def find_uses(root: Path, packages: tuple[str, ...]) -> Iterator[Use]:
    """Yield every use of a msgid in the Python files and templates of `packages`, in a stable order."""
    for package in packages:
        for path in sorted((root / package).rglob("*")):
            if path.suffix == ".py":
                yield from _in_python(path, path.relative_to(root).as_posix())
            elif path.suffix in TEMPLATE_SUFFIXES and "templates" in path.parts:
                yield from _in_template(path, path.relative_to(root).as_posix())


def _in_python(path: Path, name: str) -> Iterator[Use]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), name)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", None)
        first = node.args[0]
        if called not in KEYWORDS or not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            continue
        given = {keyword.arg for keyword in node.keywords}
        knows_all = called not in FILLING or None in given  # `None` stands for **values, seen only at run time
        missing = frozenset() if knows_all else places(first.value) - {arg for arg in given if arg}
        if first.value:
            yield Use(msgid=first.value, where=f"{name}:{first.lineno}", missing=missing)


def _in_template(path: Path, name: str) -> Iterator[Use]:
    from jinja2.ext import babel_extract  # noqa: PLC0415 - only sources with templates need Jinja

    options = {"silent": "false", "trimmed": "true", "newstyle_gettext": "true"}
    with path.open("rb") as source:
        for line, _, message, _ in babel_extract(source, sorted(KEYWORDS), (), options):
            first = message[0] if isinstance(message, tuple) else message
            if first:
                yield Use(msgid=first, where=f"{name}:{line}")
