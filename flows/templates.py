"""The templates of an office, in its config folder: those of messages, and those of the papers that it signs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from config.settings import Settings
from documents.official.own_template import OwnTemplate, load_own_templates
from documents.papers.shapes import SHAPES
from engine.rules.plan import Fault, InputRefused
from notifications.samples import samples
from notifications.template_set import TemplateSet, load_templates


def message_templates(settings: Settings) -> tuple[TemplateSet, tuple[Fault, ...]]:
    """Return the templates of messages, the office's own before Duban's, and what is wrong with any of those."""
    return load_templates(settings.config_folder / "templates", samples)


def paper_templates(settings: Settings) -> tuple[Mapping[str, OwnTemplate], tuple[Fault, ...]]:
    """Return the office's own Word templates by kind of document, and what is wrong with any of them."""
    return load_own_templates(settings.config_folder / "documents", frozenset(SHAPES))


def paper_templates_of(settings: Settings, *kinds: str) -> Mapping[str, OwnTemplate]:
    """Return those of some kinds.  Raises InputRefused where one of them does not hold: nothing is printed then."""
    found, faults = paper_templates(settings)
    if wrong := tuple(one for one in faults if Path(one.place.file).stem in kinds):
        raise InputRefused(wrong)
    return {kind: found[kind] for kind in kinds if kind in found}
