"""Which kind of matter uses which word of the format: the table in docs/glossary.md.

`python -m tests.contracts.kind_words` writes it there; a test holds it true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from config.files import SHIPPED
from config.kinds import read_kinds
from engine.rules.matters.kind import Kind, Table
from engine.rules.matters.phases import Phase
from engine.rules.matters.visibility import Circle
from engine.rules.matters.vocabulary import (
    About,
    Beyond,
    DueHow,
    FieldType,
    Itself,
    Listener,
    Need,
    Raised,
    Since,
    Verb,
    When,
)

PAGE = Path(__file__).parents[2] / "docs" / "glossary.md"
BEGIN, END = "<!-- words: begin -->\n", "<!-- words: end -->"
#: By group: every word of it.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "whole file": tuple(
        "key publish restricted outcomes children extension classes agenda ledger".split()  # noqa: SIM905 - a list of words
    ),
    "about": (*About, "a kind"),
    "opened": ("by", "effect", "import", "public", "schedule"),
    "field type": tuple(FieldType),
    "field option": ("needed", "asked_by", "column", "sum", "from", "show_when", "sees", "keep"),
    "due": (*DueHow, "counted", "a table"),
    "state": (*Phase, "waits", "sleeps", "clock", "outcome"),
    "wait for": ("a role", *Beyond),
    "wait since": tuple(Since),
    "wait when": tuple(When),
    "step": ("to", "to by an answer", "by", "by a table", "itself", "each", "delegated_to", "minor", "undo", "tells"),
    "step itself": tuple(Itself),
    "step needs": (*Need, "a field"),
    "step tells": ("a role", *Listener, "a field"),
    "effect": tuple(Verb),
    "children": ("join", "then", "drop"),
    "agenda when": (*Raised, "a phase", "a wait"),
    "visible": ("a role", *Circle),
}


def table() -> str:
    """Return the table as Markdown."""
    used: dict[tuple[str, str], list[str]] = {}
    for name, kind in sorted(read_kinds(SHIPPED).kinds.items()):
        for one in dict.fromkeys(words_of(kind)):
            used.setdefault(one, []).append(name)
    lines = ["| where | word | used by |", "|---|---|---|"]
    for group, words in GROUPS.items():
        lines += [
            f"| {group} | `{word}` | {', '.join(used.get((group, str(word)), ['no kind yet']))} |" for word in words
        ]
    unlisted = {one for one in used if one[1] not in map(str, GROUPS.get(one[0], ()))}
    assert not unlisted, unlisted
    return "\n".join(lines) + "\n"


def words_of(kind: Kind) -> Iterator[tuple[str, str]]:
    """Yield every word that a kind uses, with its group."""
    yield from _of_the_whole(kind)
    for field in kind.fields.values():
        for one in (field, *(field.of or {}).values()):
            yield "field type", one.type
            options = {
                "needed": one.needed,
                "asked_by": one.asked_by,
                "column": one.column,
                "sum": one.sum,
                "from": one.source,
                "show_when": one.show_when,
                "sees": one.sees,
                "keep": one.keep,
            }
            yield from (("field option", name) for name, value in options.items() if value)
    for state in kind.states.values():
        yield "state", state.phase
        has = {"waits": state.waits, "sleeps": state.sleeps, "clock": state.is_stopped, "outcome": state.outcome}
        yield from (("state", name) for name, value in has.items() if value)
    for wait in kind.waits.values():
        yield "wait for", wait.waiting_for if isinstance(wait.waiting_for, Beyond) else "a role"
        if wait.ladder is not None:
            yield "wait since", wait.since
        if wait.when is not None:
            yield "wait when", wait.when
    yield from _of_steps(kind)


def _of_the_whole(kind: Kind) -> Iterator[tuple[str, str]]:
    whole = {
        "key": kind.key,
        "publish": kind.is_published,
        "restricted": kind.is_restricted,
        "outcomes": kind.outcomes,
        "children": kind.children,
        "extension": kind.extension,
        "classes": kind.classes,
        "agenda": kind.agenda,
        "ledger": kind.ledger,
    }
    yield from (("whole file", name) for name, value in whole.items() if value)
    yield from (("about", about if about in set(About) else "a kind") for about in kind.about)
    opened = kind.opened
    ways = {
        "by": opened.by,
        "effect": opened.effect,
        "import": opened.imported,
        "public": opened.public,
        "schedule": opened.schedule,
    }
    yield from (("opened", name) for name, value in ways.items() if value)
    yield "due", "a table" if isinstance(kind.due.span, Table) else str(kind.due.how or "counted")
    if kind.children is not None:
        yield "children", "join"
        yield from (("children", name) for name in ("then", "drop") if getattr(kind.children, name))
    for section in kind.agenda:
        yield from (
            ("agenda when", _known(word, Raised, "a phase" if word in set(Phase) else "a wait"))
            for word in section.when
        )
    yield from (("visible", _known(one, Circle, "a role")) for one in kind.visible)


def _of_steps(kind: Kind) -> Iterator[tuple[str, str]]:
    for step in kind.steps.values():
        has = {
            "to": step.target,
            "to by an answer": step.answer,
            "by": step.by and not isinstance(step.by, Table),
            "by a table": isinstance(step.by, Table),
            "itself": step.itself,
            "each": step.each,
            "delegated_to": step.delegated_to,
            "minor": step.is_minor,
            "undo": step.may_undo,
            "tells": step.tells,
        }
        yield from (("step", name) for name, value in has.items() if value)
        if step.itself is not None:
            yield "step itself", step.itself
        yield from (("step needs", need) for need in step.needs)
        yield from (("step needs", "a field") for _ in step.asks)
        for listener in step.tells or ():
            yield "step tells", _known(listener, Listener, "a field" if listener in kind.fields else "a role")
        yield from (("effect", effect.verb) for effect in step.effects)


def _known(word: str, words: type[StrEnum], otherwise: str) -> str:
    return word if word in set(words) else otherwise


if __name__ == "__main__":
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + table() + END + rest.partition(END)[2], encoding="utf-8")
