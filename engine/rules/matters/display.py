"""Reads where matters of a kind are shown: sections of the agenda, the sheet of the ledger, and to whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.rules.matters.kind import Field, Section, Sheet, Wait
from engine.rules.matters.phases import Phase
from engine.rules.matters.values import body_at, check_name, names_at, one_of, text_at
from engine.rules.matters.visibility import Circle
from engine.rules.matters.vocabulary import BUILT_IN, Raised
from engine.rules.policy_words import Path, unknown_word, words_at
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_
from engine.rules.vocabulary import Role

#: Sections that every agenda has, in words that need not be given again.
SECTIONS = ("escalated", "due_soon", "close_out", "extensions", "unassigned", "other")
_NO_SHEET = re.compile(r"[\[\]:*?/\\]")
_LONGEST_SHEET = 31  #: characters that a workbook allows


def agenda_of(plain: Mapping[str, Any], waits: Mapping[str, Wait]) -> tuple[Section, ...]:
    """Return when a matter stands on the agenda, and in which sections."""
    values = plain.get("agenda", [])
    if not isinstance(values, list):
        raise PolicyFault(("agenda",), N_("a list in [ ] was expected under {key}", key="agenda"))
    sections = []
    for index, value in enumerate(values):
        path: Path = ("agenda", index)
        body = body_at(value, path, ("section", "name", "when"))
        section = check_name(text_at(body, "section", path), (*path, "section"))
        when = names_at(body, "when", path)
        for number, word_of in enumerate(when):
            one_of(word_of, (*Raised, *Phase, *waits), (*path, "when", number))
        if not when:
            raise PolicyFault(
                path, N_("when: at least one of {expected} was expected", expected=(*Raised, *Phase, *waits))
            )
        if section in SECTIONS and "name" in body:
            raise PolicyFault(
                (*path, "name"), N_("every agenda has the section {section}; it has its name", section=section)
            )
        words_of = None if section in SECTIONS else words_at(body, "name", path)
        sections.append(Section(section=section, words=words_of, when=when))
    return tuple(sections)


def ledger_of(plain: Mapping[str, Any], fields: Mapping[str, Field]) -> Sheet | None:
    """Return the sheet of the ledger workbook; None: the kind has none."""
    if "ledger" not in plain:
        return None
    path: Path = ("ledger",)
    body = body_at(plain["ledger"], path, ("sheet", "columns"))
    name = text_at(body, "sheet", path)
    if len(name) > _LONGEST_SHEET or _NO_SHEET.search(name):
        raise PolicyFault((*path, "sheet"), N_("a sheet's name has at most 31 characters, none of them [ ] : * ? / \\"))
    columns = names_at(body, "columns", path)
    for index, column in enumerate(columns):
        one_of(column, (*fields, "class", *sorted(BUILT_IN)), (*path, "columns", index))
    if "code" not in columns:
        raise PolicyFault(
            (*path, "columns") if columns else path,
            N_("the column code is needed: by it rows are known again when they are read in"),
        )
    return Sheet(name=name, columns=columns)


def visible_of(plain: Mapping[str, Any]) -> tuple[Role | Circle, ...]:
    """Return who sees matters of the kind."""
    found: list[Role | Circle] = []
    for index, value in enumerate(names_at(plain, "visible", ())):
        if value in set(Role):
            found.append(Role(value))
        elif value in set(Circle):
            found.append(Circle(value))
        else:
            raise unknown_word(value, [*Circle, *Role], ("visible", index))
    if not found:
        raise PolicyFault(
            ("visible",) if "visible" in plain else (), N_("visible: who sees matters of this kind was expected")
        )
    return tuple(found)
