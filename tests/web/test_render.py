"""Templates: plain sentences are put in when they are compiled, in each language, escaped as all else."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from web.render import Translated


def rendered(source: str, language: str, **context: object) -> str:
    environment = Translated(autoescape=True)
    environment.language = language
    return environment.from_string(source).render(**context)


@pytest.mark.parametrize(("language", "word"), [("zh_CN", "台账"), ("en", "Ledger")])
def test_template_when_it_says_a_plain_sentence_then_no_call_is_left(language: str, word: str):
    assert rendered('<b title="{{ _("Ledger") }}">{{ _("Ledger") }}</b>', language) == f'<b title="{word}">{word}</b>'
    assert rendered("{% for one in 'ab' %}{{ _('Ledger') if one == 'a' else one }}{% endfor %}", language) == f"{word}b"


def test_template_when_a_sentence_has_signs_of_html_then_they_are_escaped():
    assert rendered('{{ _("a & <b>") }}', "en") == "a &amp; &lt;b&gt;"


def test_template_when_a_sentence_has_places_then_it_is_said_while_rendering():
    said = rendered(
        '{{ _("row {row}", row=n) }} {{ _(name) }}', "en", n=3, name="x", _=lambda *told, **places: (told, places)
    )
    assert said == "((&#39;row {row}&#39;,), {&#39;row&#39;: 3}) ((&#39;x&#39;,), {})"
    with pytest.raises(UndefinedError):
        rendered('{{ _("row {row}", row=3) }}', "en")
