"""A sentence for people that is not yet in any language: a gettext msgid and its parameters.

Rules and actions say what they mean with `N_("…", name=value)`; the edges (cli, documents, notifications) turn it
into Chinese or English with `i18n.say`.  English is the msgid itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Text:
    """A translatable sentence.

    >>> str(N_("row {row} has no date", row=7))
    'row 7 has no date'
    """

    msgid: str  #: the English sentence with {named} places; key of the catalogue
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))  #: what fills the places

    def __str__(self) -> str:
        """Return the English sentence."""
        filled = {
            name: ", ".join(map(str, value)) if isinstance(value, tuple) else value
            for name, value in self.params.items()
        }
        return self.msgid.format(**filled)


def N_(msgid: str, /, **params: object) -> Text:  # noqa: N802 - gettext's conventional name for a deferred message
    """Mark `msgid` for the catalogue and keep it with its parameters.

    A parameter may be a `Text`
    itself, or a tuple of them (a list in the sentence).
    """
    return Text(msgid, MappingProxyType(params))
