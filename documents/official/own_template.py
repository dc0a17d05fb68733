"""The office's own Word templates: where they lie, and what is wrong with one, told before anything is printed.

A template is a Word file with places such as {{ title }} and one {{ body }}.  What stands in a place is a name, with
`or` and filters at most: nothing is called and nothing is reached into.  `documents.official.word_template` fills it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.rules.plan import Fault, Place
from engine.rules.text import N_, Text

#: What a template may name.
NAMES = frozenset(
    {
        "addressee",
        "body",
        "copies",
        "day",
        "draft",
        "mark",
        "number",
        "opposite",
        "organisation",
        "printed_on",
        "printer",
        "record",
        "signer",
        "title",
    }
)
STYLES = ("Heading 1", "Heading 2", "Heading 3", "Body Text", "Table Grid")
PLACE = re.compile(r"\{\{.*?\}\}")
_LARGEST = 20_000_000  #: bytes, unpacked
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_ACTIVE = re.compile(r"vbaProject|vbaData|embeddings/|activeX|afchunk", re.IGNORECASE)
#: The parts of a Word file in which text is printed.
_TEXT_PART = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes|styles|numbering)\.xml")
#: Changes that are neither accepted nor rejected, and comments: printing programs differ in what they show of them.
_TRACKED = re.compile(rb"<\w+:(ins|del|moveFrom|moveTo|cellIns|cellDel|cellMerge|\w+Change|commentReference)\b")
_OUTSIDE = re.compile(r"<Relationship\b[^>]*TargetMode=[\"']External[\"'][^>]*>")
_LINK = re.compile(r"Type=[\"'][^\"']*/hyperlink[\"']")


@dataclass(frozen=True, slots=True)
class OwnTemplate:
    """One that holds."""

    content: bytes

    @property
    def sha256(self) -> str:
        """Return the hash by which kept documents name it."""
        return sha256(self.content).hexdigest()


def load_own_templates(folder: Path, kinds: frozenset[str]) -> tuple[Mapping[str, OwnTemplate], tuple[Fault, ...]]:
    """Return the templates in `folder` that hold, by kind, and what is wrong with the others."""
    found: dict[str, OwnTemplate] = {}
    faults: list[Fault] = []
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    for path in (one for one in paths if not one.name.startswith((".", "~$"))):
        if path.suffix != ".docx" or path.stem not in kinds:
            told = N_(
                "Duban has no such template; there are: {names}", names=tuple(f"{one}.docx" for one in sorted(kinds))
            )
            faults.append(_fault(path, None, None, told))
            continue
        try:
            content = path.read_bytes()
        except OSError as error:
            faults.append(_fault(path, None, None, N_("cannot be read: {problem}", problem=error.strerror)))
            continue
        wrong = list(look(content))
        faults += [_fault(path, row, value, told) for row, value, told in wrong]
        if not wrong:
            found[path.stem] = OwnTemplate(content)
    return found, tuple(faults)


def look(content: bytes) -> Iterator[tuple[int | None, str | None, Text]]:
    """Yield what is wrong with a template: the number of the paragraph where it has one, what stands there, and why."""
    if (told := _unfit(content)) is not None:
        yield None, None, told
        return
    from docx import Document  # noqa: PLC0415 - python-docx is only needed where there are templates

    try:
        document = Document(io.BytesIO(content))
        styles = {style.name for style in document.styles}
    except Exception:  # noqa: BLE001 - whatever a file that is no Word file makes the library raise
        yield None, None, _NO_WORD_FILE
        return
    for name in STYLES:
        if name not in styles:
            yield None, None, N_("the style {name} is missing; Duban sets the text in it", name=name)
    bodies = 0
    for row, line in enumerate(document.element.body.iter(_tag("p")), 1):
        text = text_of(line)
        is_body = _asks_for_body(text)
        bodies += is_body
        if is_body and (text.strip() != "{{ body }}" or line.getparent() is not document.element.body):
            yield row, text[:60], N_("{place} stands alone in a paragraph of its own, in no table", place="{{ body }}")
        for value, told in _wrong_places(text):
            yield row, value, told
    if bodies != 1:
        yield (
            None,
            None,
            N_("{place} must stand in it once; it stands there {count} times", place="{{ body }}", count=bodies),
        )
    yield from _heads(document)


_NO_WORD_FILE = N_("a Word file (.docx) was expected")
_IS_ACTIVE = N_("it holds macros or embedded objects; a plain Word file was expected")

_IS_TRACKED = N_(
    "it holds tracked changes or comments; accept or reject all changes and delete all comments, then save it again"
)


def _unfit(content: bytes) -> Text | None:
    """Return why a file is not even opened; None: it may be."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if sum(one.file_size for one in entries) > _LARGEST:
                return N_("the file is too large")
            types = archive.read("[Content_Types].xml").decode("utf-8", "replace")
            archive.read("word/document.xml")
            relations = [one for one in entries if one.filename.endswith(".rels")]
            outside = "".join(archive.read(one).decode("utf-8", "replace") for one in relations)
            parts = [archive.read(one) for one in entries if _TEXT_PART.fullmatch(one.filename)]
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError):
        return _NO_WORD_FILE
    if "macroEnabled" in types or any(_ACTIVE.search(one.filename) for one in entries):
        return _IS_ACTIVE
    if _MAIN not in types:
        return _NO_WORD_FILE
    if any(not _LINK.search(one) for one in _OUTSIDE.findall(outside)):
        return N_("it loads something from elsewhere, such as a picture or a template; insert it instead")
    return _IS_TRACKED if any(_TRACKED.search(one) for one in parts) else None


def _heads(document: Any) -> Iterator[tuple[int | None, str | None, Text]]:
    """Look at heads and feet of pages; each head that is used must hold the draft mark."""
    two_sided = document.settings.odd_and_even_pages_header_footer
    for number, section in enumerate(document.sections):
        first = section.different_first_page_header_footer
        heads = [section.header, *([section.even_page_header] if two_sided else [])]
        heads += [section.first_page_header] if first else []
        feet = [section.footer, *([section.even_page_footer] if two_sided else [])]
        feet += [section.first_page_footer] if first else []
        for part in heads:
            if part.is_linked_to_previous and number:
                continue  # it is that of the section before
            texts = _texts_of_edge(part)
            yield from _wrong_at_edge(texts)
            if not any("draft" in _names(place) for text in texts for place in PLACE.findall(text)):
                yield None, None, N_("{place} must stand in every head of a page", place="{{ draft }}")
        for part in feet:
            yield from _wrong_at_edge(_texts_of_edge(part))


def _texts_of_edge(part: Any) -> list[str]:
    """Return the paragraphs of a page's head or foot, those of tables and boxes too."""
    if part.is_linked_to_previous:
        return []
    return [text_of(line) for line in part._element.iter(_tag("p"))]  # noqa: SLF001 - it has no other door


def _wrong_at_edge(texts: list[str]) -> Iterator[tuple[int | None, str | None, Text]]:
    for text in texts:
        yield from ((None, value, told) for value, told in _wrong_places(text))
        if _asks_for_body(text):
            yield None, text[:60], N_("{place} cannot stand at the head or foot of a page", place="{{ body }}")


def _asks_for_body(text: str) -> bool:
    return any("body" in _names(place) for place in PLACE.findall(text))


def _wrong_places(text: str) -> Iterator[tuple[str, Text]]:
    rest = PLACE.sub("", text)
    for sign in ("{%", "{#", "{{", "}}"):
        if sign in rest:
            yield text[:60], N_("{sign} is not known here; a place is written {place}", sign=sign, place="{{ title }}")
            break
    for place in PLACE.findall(text):
        if (told := _wrong(place)) is not None:
            yield place[:60], told


@cache
def _wrong(place: str) -> Text | None:
    """Return what is wrong with what stands in a place."""
    from jinja2 import TemplateSyntaxError, nodes  # noqa: PLC0415 - only needed where there are templates

    try:
        tree = places().parse(place)
    except TemplateSyntaxError as error:
        return N_("this is not valid: {problem}", problem=error.message or "")
    allowed = (nodes.Output, nodes.Name, nodes.Const, nodes.Or, nodes.And, nodes.Not, nodes.CondExpr, nodes.Filter)
    if not all(isinstance(one, allowed) for one in tree.find_all(nodes.Node)):
        return N_("a place holds a name, with or and filters at most: nothing is called or reached into")
    for one in tree.find_all(nodes.Filter):
        if one.name not in FILTERS:
            return N_("{name} is not known; known are: {names}", name=one.name, names=FILTERS)
    unknown = sorted(_names(place) - NAMES)
    if unknown:
        return N_("{name} is not known; known are: {names}", name=unknown[0], names=tuple(sorted(NAMES)))
    return None


FILTERS = ("default", "replace", "trim")


@cache
def _names(place: str) -> frozenset[str]:
    from jinja2 import TemplateSyntaxError, meta  # noqa: PLC0415 - only needed where there are templates

    try:
        return frozenset(meta.find_undeclared_variables(places().parse(place)))
    except TemplateSyntaxError:
        return frozenset()


@cache
def places() -> Any:
    """Return what renders a place: sandboxed, unknown names refused.

    What it gives becomes text of the document, which writes every sign as such: there is no markup to escape here.
    """
    from jinja2 import StrictUndefined  # noqa: PLC0415 - only needed where there are templates
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    return environment


def text_of(line: Any) -> str:
    """Return the text of a paragraph's own runs, however Word has split them."""
    return "".join(one.text or "" for one in texts_of(line))


def texts_of(line: Any) -> list[Any]:
    """Return the elements that hold a paragraph's text; not those of a text box within it, which has its own."""
    return [one for one in line.iter(_tag("t")) if next(one.iterancestors(_tag("p"))) is line]


def _tag(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/wordprocessingml/2006/main}}{name}"


def _fault(path: Path, row: int | None, value: str | None, message: Text) -> Fault:
    return Fault(place=Place(file=str(path), row=row), value=value, message=message)
