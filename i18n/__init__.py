"""Chinese and English: turns `Text` into a sentence.  Chinese is the default; English is the msgid itself.

Catalogues are `zh_CN/LC_MESSAGES/<package>.po`, one per top-level package, compiled by the build into the one
`duban.mo` that is read here (a contract test holds them together).
"""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

from engine.rules.text import Text, Words

CHINESE = "zh_CN"
ENGLISH = "en"
LANGUAGES = (CHINESE, ENGLISH)


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the catalogue for `language`; English, and any unknown language, answers with the msgid."""
    return gettext.translation("duban", Path(__file__).parent, [language], fallback=True)


def say(text: Text | Words | str, language: str = CHINESE, /, **params: object) -> str:
    """Return `text` in `language`; parameters that are `Text` themselves are said first.

    >>> from engine.rules.text import N_
    >>> say(N_("row {row}", row=3), "en")
    'row 3'
    """
    if isinstance(text, Words):
        return text.zh if language == CHINESE else text.en
    if isinstance(text, str):
        text = Text(text, params)
    filled = {name: _filled(value, language) for name, value in text.params.items()}
    # gettext answers an empty msgid with the catalogue's own header.
    sentence = catalogue(language).gettext(text.msgid) if text.msgid else ""
    return sentence.format(**filled) if filled else sentence


def _filled(value: object, language: str) -> object:
    if isinstance(value, Text | Words):
        return say(value, language)
    if isinstance(value, tuple):
        return ("、" if language == CHINESE else ", ").join(str(_filled(part, language)) for part in value)
    return value
