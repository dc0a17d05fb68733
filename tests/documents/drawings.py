"""Reads a drawing as a viewer would: its texts with the room they take, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree

from documents.charts.svg import SIZE
from documents.charts.text_width import width_of

NAMESPACE = "{http://www.w3.org/2000/svg}"
#: What a page with a strict content policy would refuse, or what would run.
FORBIDDEN_TAGS, FORBIDDEN_ATTRIBUTES = (
    {"style", "script", "foreignObject", "image"},
    {"style", "onclick", "onload", "href"},
)


@dataclass(frozen=True, slots=True)
class Writing:
    """One text and the span that it takes."""

    text: str
    left: float
    right: float
    y: float


def parse(svg: str) -> Any:
    """Return the drawing's tree; fails for what is no XML."""
    tree = etree.fromstring(svg.encode())
    for one in tree.iter():
        assert one.tag.removeprefix(NAMESPACE) not in FORBIDDEN_TAGS
        assert not FORBIDDEN_ATTRIBUTES & set(one.attrib)
        assert not any(word in value for value in one.attrib.values() for word in ("nan", "inf"))
    return tree


def writings(tree: Any) -> list[Writing]:
    """Return every text that is drawn."""
    found = []
    for one in tree.iter(f"{NAMESPACE}text"):
        text, x = one.text or "", float(one.get("x"))
        wide = width_of(text, float(one.get("font-size", SIZE)))
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[one.get("text-anchor", "start")]
        found.append(Writing(text, left, left + wide, float(one.get("y"))))
    return found


def check(svg: str) -> Any:
    """Return the tree of a drawing in which everything is as it must be: named, described, within its bounds."""
    tree = parse(svg)
    _, _, width, height = map(float, tree.get("viewBox").split())
    assert tree.get("role") == "img"
    named = [tree.xpath(f"//*[@id='{name}']")[0].tag for name in tree.get("aria-labelledby").split()]
    assert named == [f"{NAMESPACE}title", f"{NAMESPACE}desc"]
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    for one in writings(tree):
        assert one.left >= -1, one
        assert one.right <= width + 1, (one, width)
        assert 0 < one.y < height, (one, height)
    for one in tree.iter(f"{NAMESPACE}rect"):
        if one.getparent().tag != f"{NAMESPACE}pattern":
            assert float(one.get("x", 0)) + float(one.get("width")) <= width + 1
            assert float(one.get("y", 0)) + float(one.get("height")) <= height + 1
            assert float(one.get("width")) >= 0
            assert float(one.get("height")) >= 0
    return tree
