"""Columns of Chinese and English: nothing longer than asked, nothing lost."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from cli import layout
from cli.layout import aligned, columns_of, listed, shortened, wrapped

TEXT = st.text(st.sampled_from("ab 整改，。（）时限-x\n"), max_size=80)


def test_layout_when_its_examples_run_keeps_its_word():
    assert doctest.testmod(layout).failed == 0


@given(TEXT, st.integers(min_value=30, max_value=60))
def test_text_when_wrapped_loses_nothing_but_spaces(text: str, columns: int):
    assert "".join("".join(wrapped(text, columns)).split()) == "".join(text.split())


@given(st.text(st.sampled_from("整改措施"), min_size=1, max_size=80), st.integers(min_value=10, max_value=40))
def test_text_when_wrapped_or_shortened_fits(text: str, columns: int):
    assert all(columns_of(line) <= columns for line in wrapped(text, columns))
    assert columns_of(shortened(text, columns)) <= columns


def test_list_when_a_name_is_too_long_puts_its_meaning_below():
    lines = listed([("--a", "short"), ("--" + "long" * 10, "told below")], 40)
    assert lines[0].startswith("  --a")
    assert lines[1:] == ["  --" + "long" * 10, " " * 24 + "told below"]


def test_table_when_it_has_no_rows_has_no_lines():
    assert aligned([]) == []
