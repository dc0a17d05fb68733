"""The Chinese catalogues say all that the code says and nothing else; `duban.mo` is fresh; the tool sees faults."""

from pathlib import Path

import pytest

from i18n.compile import CatalogueBroken, Entry, compile_entries, faults_of_project, find_faults, read_catalogues
from i18n.extract import Use, find_uses

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def _uses(tmp_path: Path, source: str, name: str = "said.py") -> list[Use]:
    file = tmp_path / "pack" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")
    return list(find_uses(tmp_path, ("pack",)))


def test_catalogue_when_compared_with_the_code_has_no_fault():
    assert faults_of_project() == []


def test_uses_in_python_when_nested_or_joined_are_found(tmp_path: Path):
    source = 'def f(n):\n    return text.N_("first " "half {n}", n=n), say("second", "en"), say(text), N_(f"{n}")\n'
    assert {use.msgid for use in _uses(tmp_path, source)} == {"first half {n}", "second"}


def test_uses_when_a_place_gets_no_value_are_told(tmp_path: Path):
    (use,) = _uses(tmp_path, 'N_("row {row} of {total}", row=1)')
    assert list(find_faults({use.msgid: Entry(sentence="第{row}行,共{total}行", where="a.po:1")}, [use])) == [
        "pack/said.py:1: no value for {total}: 'row {row} of {total}'",
    ]


def test_uses_in_a_template_when_called_or_in_a_block_are_found(tmp_path: Path):
    template = "{{ say('Agenda') }}{{ gettext('Due') }}{% trans n=1 %}\n  {{ n }} measures\n{% endtrans %}"
    found = {use.msgid for use in _uses(tmp_path, template, "templates/body.html")}
    assert found == {"Agenda", "Due", "%(n)s measures"}


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ({}, "pack/said.py:1: not translated: 'late by {days}'"),
        ({"late by {days}": Entry(sentence="", where="a.po:1")}, "pack/said.py:1: not translated: 'late by {days}'"),
        (
            {"late by {days}": Entry(sentence="逾期{day}天", where="a.po:1")},
            "a.po:1: other places than the English (days): '逾期{day}天'",
        ),
        (
            {
                "late by {days}": Entry(sentence="逾期{days}天", where="a.po:1"),
                "gone": Entry(sentence="无", where="a.po:9"),
            },
            "a.po:9: no code says this any more: 'gone'",
        ),
    ],
)
def test_faults_when_code_and_catalogue_disagree_are_told(tmp_path: Path, entries: dict[str, Entry], fault: str):
    assert list(find_faults(entries, _uses(tmp_path, 'N_("late by {days}", days=1)'))) == [fault]


def test_catalogues_when_two_contradict_each_other_are_refused(tmp_path: Path):
    (tmp_path / "a.po").write_text(HEADER + 'msgid "close"\nmsgstr "销号"\n', encoding="utf-8")
    (tmp_path / "b.po").write_text(HEADER + 'msgid "close"\nmsgstr "关闭"\n', encoding="utf-8")
    with pytest.raises(CatalogueBroken, match="close"):
        read_catalogues(tmp_path)


def test_catalogues_when_one_repeats_or_lacks_a_translation_are_merged(tmp_path: Path):
    (tmp_path / "a.po").write_text(HEADER + 'msgid "close"\nmsgstr ""\n', encoding="utf-8")
    (tmp_path / "b.po").write_text(HEADER + 'msgid "close"\nmsgstr "销号"\n', encoding="utf-8")
    (tmp_path / "c.po").write_text(HEADER + 'msgid "close"\nmsgstr "销号"\n', encoding="utf-8")
    assert read_catalogues(tmp_path) == {"close": Entry(sentence="销号", where="b.po:4")}


def test_compiled_catalogue_when_made_in_another_order_has_the_same_bytes():
    entries = {"a": Entry(sentence="甲", where="x"), "b": Entry(sentence="乙", where="y")}
    assert compile_entries(entries) == compile_entries(dict(reversed(entries.items())))
