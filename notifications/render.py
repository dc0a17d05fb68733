"""Turns a digest into subject, text and HTML, in Chinese or English.

Called by `notifications.delivery`.  Everything is said here, once; the templates only lay out plain strings.  A value
that a template misses is an error; in HTML everything is escaped; nothing is loaded from elsewhere by who opens the
mail.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import i18n
from engine.rules.colours import SLIP_COLOURS
from engine.rules.notices import Notice
from engine.rules.text import N_, Text
from notifications import sentences
from notifications.kinds import kind_of
from notifications.mail_links import LinkMaker
from notifications.messages import TIMED, DigestMessage, Line, Section
from notifications.template_set import TemplateSet, sayer, shipped_templates
from notifications.typed_words import ABSENT, each, words

Links = tuple[tuple[str, str], ...]
#: How much of a measure's text is shown.
SHOWN = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One message, ready to be handed to a sender."""

    subject: str
    text: str
    html: Callable[[], str]  #: makes the same in HTML, for channels that show it; with links
    text_with_links: Callable[[], str]  #: the text for channels that carry it away; `text` is what is kept
    unsubscribe: str | None  #: where the reader says that they want no such mail; None: they cannot do without it


class _SaidLine(NamedTuple):
    """A line in the reader's language."""

    number: int
    code: str  #: "": it is about no measure
    text: str
    sentence: str
    facts: tuple[str, ...]
    when: str  #: how many working days are left or overrun; "": that is nobody's concern here
    notes: tuple[str, ...]
    is_late: bool
    is_news: bool
    links: Links  #: (what it does, address), in what leaves Duban


class _SaidSection(NamedTuple):
    """Lines of one urgency in the reader's language, with their colours."""

    heading: str
    edge: str
    ink: str
    lines: tuple[_SaidLine, ...]


class Renderer:
    """Renders digests in one language; what many lines share is put into words once, and remembered for the run."""

    def __init__(self, language: str, templates: TemplateSet | None = None, links: LinkMaker | None = None) -> None:
        self._language = language
        self._templates = templates or shipped_templates()
        self._links = links
        self._said: dict[tuple[object, ...], str] = {}

    def render(self, digest: DigestMessage) -> Rendered:
        """Return the message, written with the templates of its kind."""
        said, kind = self.said(digest), kind_of(digest).value
        subject = " ".join(self._templates.render(f"{kind}/subject.txt", said).split())
        said["subject"] = subject
        text = self._templates.render(f"{kind}/body.txt", said)
        unsubscribe = self._links.unsubscribe(digest) if self._links else None
        away = (
            said
            if self._links is None
            else said | {"sections": self._with_links(digest, self._links), "unsubscribe": unsubscribe or ""}
        )
        return Rendered(
            subject=subject,
            text=text,
            html=partial(self._templates.render, f"{kind}/body.html", away),
            text_with_links=partial(self._templates.render, f"{kind}/body.txt", away)
            if away is not said
            else lambda: text,
            unsubscribe=unsubscribe,
        )

    def said(self, digest: DigestMessage) -> dict[str, Any]:
        """Return what the templates of a message say, all of it in the reader's language."""
        subject = " ".join(self._say(sentences.subject(digest)).split())
        code = digest.lines[0].code
        return {
            "_": sayer(self._language),
            "kind": kind_of(digest).value,
            "language": self._language,
            "subject": subject,
            "summary_subject": subject,
            "code": words(code) if code else "",
            "person": words(digest.person),
            "greeting": self._say(N_("Dear {person},", person=words(digest.person))),
            "summary": self._say(sentences.summary(digest)),
            "standing_in": self._standing_in(digest.stands_for),
            "sections": [self._section(section) for section in digest.sections],
            "brand": self._say(N_("Duban")),
            "unsubscribe": "",  # a secret of the reader: only in what leaves Duban
            "closing": self._say(N_("Written by Duban. What was settled before this message left is not in it.")),
        }

    def _with_links(self, digest: DigestMessage, links: LinkMaker) -> list[_SaidSection]:
        return [
            self._section(
                section,
                [tuple((self._say(name), path) for name, path in links.links(digest, line)) for line in section.lines],
            )
            for section in digest.sections
        ]

    def _say(self, text: Text) -> str:
        return i18n.say(text, self._language)

    def _standing_in(self, people: tuple[str, ...]) -> str:
        if not people:
            return ""
        return self._say(N_("You also receive, as a substitute, what is meant for {people}.", people=each(people)))

    def _section(self, section: Section, links: Sequence[Links] | None = None) -> _SaidSection:
        """Return a section under its heading, which begins with a capital where the language has them."""
        named = self._say(section.heading)
        heading = N_("{heading} ({count})", heading=named[:1].upper() + named[1:], count=len(section.lines))
        look = SLIP_COLOURS[section.slip]
        lines = tuple(
            [
                self._line(number, line, links[number - 1] if links else ())
                for number, line in enumerate(section.lines, 1)
            ]
        )
        return _SaidSection(self._say(heading), look.edge, look.ink, lines)

    def _line(self, number: int, line: Line, links: Links) -> _SaidLine:
        notes = sentences.notes(line)
        return _SaidLine(
            number,
            words(line.code) if line.code else "",
            shortened(line.text) if line.text else ABSENT,
            self._sentence(line),
            tuple([self._fact(fact) for fact in sentences.facts(line)]),
            self._when(line),
            tuple(map(self._say, notes)) if notes else (),
            line.is_late,
            line.is_news,
            links,
        )

    def _sentence(self, line: Line) -> str:
        if line.kind is not Notice.RUNG:
            return self._say(sentences.sentence(line))
        alike = (line.waits_for, line.role, line.is_late)  # nothing else counts for what a rung asks
        said = self._said.get(alike)
        if said is None:
            said = self._said[alike] = self._say(sentences.sentence(line))
        return said

    def _fact(self, fact: tuple[str, object]) -> str:
        said = self._said.get(fact)
        if said is None:
            said = self._said[fact] = self._say(sentences.fact(*fact))
        return said

    def _when(self, line: Line) -> str:
        alike = (line.kind in TIMED, line.days_late, line.deadline == line.on)
        said = self._said.get(alike)
        if said is None:
            timing = sentences.timing(line)
            said = self._said[alike] = self._say(timing) if timing else ""
        return said


def render_digest(digest: DigestMessage) -> Rendered:
    """Return one message in the reader's language."""
    return Renderer(digest.language).render(digest)


def shortened(text: str, most: int = SHOWN) -> str:
    """Return `text` on one line, cut where it is too long.

    >>> shortened("Publish the rules for procurement", 12)
    'Publish the…'
    """
    line = words(text)
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
