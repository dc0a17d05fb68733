"""Whatever is written in a colour can be read, and the areas of a chart are told from each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.rules.colours import SLIP_COLOURS, STATE_COLOURS
from engine.rules.vocabulary import Slip, State

READABLE, TOLD_APART = 4.5, 3.0  #: WCAG AA, for writing and for marks
SHEET = Path(__file__).parents[2] / "web" / "static" / "duban.css"


def contrast(one: str, other: str) -> float:
    """Return how well one colour is told from another, from 1 to 21, as WCAG counts it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_is_counted_as_it_is_meant():
    assert round(contrast("#ffffff", "#000000")) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


def test_colours_are_there_for_every_slip_and_state():
    assert set(SLIP_COLOURS) == {*Slip, None}
    assert set(STATE_COLOURS) == set(State)


@pytest.mark.parametrize("slip", SLIP_COLOURS, ids=str)
def test_slip_when_written_on_white_is_readable(slip: Slip | None):
    assert contrast(SLIP_COLOURS[slip].ink, "#ffffff") >= READABLE


@pytest.mark.parametrize("state", State)
def test_state_when_a_figure_stands_in_its_area_is_readable(state: State):
    look = STATE_COLOURS[state]
    assert contrast(look.ink, look.fill) >= READABLE
    assert contrast("#000000", look.pale) >= READABLE


def test_closed_and_every_open_state_are_told_apart_without_colour():
    closed = STATE_COLOURS[State.CLOSED].fill
    assert all(
        contrast(closed, STATE_COLOURS[state].fill) >= TOLD_APART for state in State if state is not State.CLOSED
    )


@pytest.mark.parametrize("slip", [Slip.GROUP, Slip.RED, Slip.YELLOW, Slip.BLUE])
def test_slip_when_pages_show_its_mark_has_the_same_colour(slip: Slip):
    mark = re.search(rf"\.light-{slip.value}::before {{ background: (#\w{{6}});", SHEET.read_text(encoding="utf-8"))
    assert mark is not None
    assert mark[1] == SLIP_COLOURS[slip].edge
