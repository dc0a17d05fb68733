import os
import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import i18n
from engine.rules.colours import SLIP_COLOURS
from engine.rules.notices import Notice
from engine.rules.vocabulary import AnyWait, OtherWait, Role, Slip, WaitsFor
from notifications.messages import DigestMessage, Line
from notifications.render import Renderer, render_digest
from notifications.sentences import fact, facts, sentence

GOLDEN = Path(__file__).parent / "golden"
NASTY = "<script>alert('x')</script> & \"“{owner}” %s {{ 1 }} {% if %}\r\nBcc: a@b\x00\x1b[31m"

DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))
ISO = DAYS.map(date.isoformat)
WORDS = st.text(max_size=80) | st.just(NASTY)
#: What `engine.rules.notices` lets each kind carry; every value may also be absent.
DATA = st.fixed_dictionaries(
    {},
    optional={
        "rung": st.integers(0, 40),
        "passed_over": st.lists(ISO, max_size=3),
        "roles": st.lists(st.sampled_from([role.value for role in Role]), max_size=3),
        "by": WORDS,
        "to": WORDS,
        "reason": WORDS | st.none(),
        "owner": WORDS | st.none(),
        "evidence": st.lists(WORDS, max_size=3),
        "verifier": WORDS,
        "how": st.sampled_from(["cancel", "merge", "accept_risk"]),
        "number": st.integers(1, 9),
        "old_due": ISO | st.none(),
        "new_due": ISO,
        "approved": st.booleans(),
        "text": WORDS,
        "meeting": WORDS,
        "old": ISO,
        "new": ISO,
        "note": WORDS | st.none(),
        "error": WORDS,
        "person": WORDS,
        "channel": st.sampled_from(["inbox", "eml"]),
        "held_on": ISO,
        "documents": st.lists(WORDS, max_size=3),
        "oldest": ISO,
        "day": ISO,
        "time": WORDS,
        "code": WORDS,
        "count": st.integers(0, 10**6),
    },
)
LINES = st.builds(
    Line,
    kind=st.sampled_from(Notice),
    slip=st.sampled_from(Slip),
    role=st.sampled_from(Role),
    waits_for=st.none() | st.sampled_from(WaitsFor),
    code=st.none() | st.text(min_size=1, max_size=12),
    position=st.integers(0, 999),
    text=st.none() | WORDS,
    unit=st.none() | WORDS,
    owner=st.none() | WORDS,
    round=st.none() | WORDS,
    deadline=st.none() | DAYS,
    days_late=st.none() | st.integers(-300, 300),
    on=DAYS,
    stands_for=st.lists(WORDS, max_size=2).map(tuple),
    data=DATA,
)
DIGESTS = st.builds(
    DigestMessage,
    digest=st.integers(1, 10**9),
    person=WORDS,
    code=WORDS,
    email=st.none(),
    language=st.sampled_from(i18n.LANGUAGES),
    on=DAYS,
    lines=st.lists(LINES, min_size=1, max_size=5).map(tuple),
)


class _Seen(HTMLParser):
    """Collects what a mail program would make of the HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") or name in {"src", "href", "background"} for name, _ in attrs)
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@given(DIGESTS)
def test_digest_with_any_valid_data_renders_in_both_languages(digest: DigestMessage):
    rendered = render_digest(digest)
    assert "\n" not in rendered.subject
    assert rendered.subject
    seen = _Seen(rendered.html())
    assert not seen.open
    assert seen.tags <= {"html", "head", "meta", "title", "body", "table", "tr", "td", "p", "div", "span", "b"}


@given(
    st.lists(DIGESTS, min_size=2, max_size=4),
    st.lists(st.sampled_from(Role), min_size=2, max_size=2, unique=True),
    st.sampled_from(i18n.LANGUAGES),
)
def test_renderer_that_remembers_what_it_said_says_what_a_new_one_says(
    digests: list[DigestMessage], roles: list[Role], language: str
):
    renderer = Renderer(language)
    for digest in digests:
        lines = tuple(line._replace(role=role) for line in digest.lines for role in roles)
        alike = replace(digest, language=language, lines=lines)
        old, new = renderer.render(alike), render_digest(alike)
        assert (old.subject, old.text, old.html()) == (new.subject, new.text, new.html())


@pytest.mark.parametrize("name", sorted(set(Line._fields) - {"stands_for", "data"}))
def test_renderer_when_lines_differ_in_one_thing_does_not_take_one_for_the_other(name: str, full_digest: DigestMessage):
    line = full_digest.lines[0]
    other = Line(
        kind=Notice.ASSIGNED,
        slip=Slip.BLUE,
        role=Role.OWNER,
        on=date(2025, 8, 29),
        waits_for=WaitsFor.ACCEPTANCE,
        code="other",
        position=99,
        text="other",
        unit="other",
        owner="other",
        round="other",
        deadline=date(2025, 8, 1),
        days_late=0,
    )
    renderer = Renderer("en")
    for one in (line, line._replace(**{name: getattr(other, name)})):
        message = replace(full_digest, lines=(one,), language="en")
        assert renderer.render(message).text == render_digest(message).text


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("kind", Notice)
def test_kind_when_it_carries_nothing_still_says_a_sentence(kind: Notice, language: str):
    line = Line(kind=kind, slip=Slip.REMINDER, role=Role.OWNER, on=date(2025, 9, 3))
    assert len(i18n.say(sentence(line), language)) > 4


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("waits_for", [*WaitsFor, *OtherWait])
def test_rung_of_every_wait_when_it_has_a_deadline_is_rendered(waits_for: AnyWait, language: str):
    day = date(2025, 9, 3)
    line = Line(kind=Notice.RUNG, slip=Slip.RED, role=Role.OWNER, on=day, waits_for=waits_for, deadline=day)
    message = DigestMessage(
        digest=0, person="李建国", code="lijg", email=None, language=language, on=day, lines=(line,), receiver=0
    )
    assert str(day.year) in Renderer(language).render(message).text


@pytest.mark.parametrize("waits_for", WaitsFor)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("days_late", [-3, 0, 3, None])
def test_rung_for_every_wait_role_and_lateness_says_what_is_asked(
    waits_for: WaitsFor, role: Role, days_late: int | None
):
    line = Line(
        kind=Notice.RUNG, slip=Slip.RED, role=role, waits_for=waits_for, days_late=days_late, on=date(2025, 9, 3)
    )
    english, chinese = i18n.say(sentence(line), "en"), i18n.say(sentence(line), "zh_CN")
    assert english != chinese
    assert "overdue" in english or (waits_for, days_late) != (WaitsFor.DUE_DATE, 3)


def test_html_when_text_is_nasty_shows_it_and_runs_nothing(full_digest: DigestMessage):
    (first, *rest) = full_digest.lines
    line = first._replace(text=NASTY, unit=NASTY, owner=NASTY, data={"reason": NASTY}, stands_for=(NASTY,))
    rendered = render_digest(replace(full_digest, person=NASTY, lines=(line, *rest)))
    seen = _Seen(rendered.html())
    assert "script" not in seen.tags
    assert "<script>alert('x')</script>" in seen.text
    assert "Bcc: a@b" in rendered.text
    assert not re.search(r"^Bcc", rendered.text, re.MULTILINE)
    assert "\x1b" not in rendered.text


def test_html_when_opened_loads_nothing_from_elsewhere(full_digest: DigestMessage):
    html = render_digest(full_digest).html()
    assert "http" not in html
    assert "max-width:640px" in html


def test_sections_when_sorted_begin_with_the_most_urgent_and_the_latest(full_digest: DigestMessage):
    assert [section.slip for section in full_digest.sections] == [
        Slip.GROUP,
        Slip.RED,
        Slip.YELLOW,
        Slip.BLUE,
        Slip.REMINDER,
        None,
    ]
    line = full_digest.lines[0]
    lines = tuple(line._replace(days_late=late, code=str(late)) for late in (1, 9, None, -2))
    (section,) = replace(full_digest, lines=lines).sections
    assert [one.days_late for one in section.lines] == [9, 1, -2, None]


def test_slips_when_shown_have_a_colour_and_their_name_in_words(full_digest: DigestMessage):
    html = render_digest(full_digest).html()
    for section in full_digest.sections:
        assert f"border-left:4px solid {SLIP_COLOURS[section.slip].edge}" in html


def test_substitute_when_receiving_is_told_for_whom(full_digest: DigestMessage):
    text = render_digest(replace(full_digest, language="en")).text
    assert "You also receive, as a substitute, what is meant for 赵敏." in text
    assert "You receive this in the place of 赵敏." in text


def test_digest_of_news_alone_asks_nothing(full_digest: DigestMessage):
    news = replace(full_digest, lines=full_digest.lines[-2:], language="en")
    rendered = render_digest(news)
    assert rendered.subject == "Duban, 2025-09-03: 2 for your information"
    assert "There is nothing for you to do." in rendered.text


def test_day_of_the_deadline_when_off_work_is_not_called_late(full_digest: DigestMessage):
    line = full_digest.lines[0]._replace(days_late=0, deadline=full_digest.on - timedelta(days=1), data={})
    text = render_digest(replace(full_digest, lines=(line,), language="en")).text
    assert "late" not in text
    assert "due today" not in text


def test_deadline_of_a_notice_when_bound_to_a_wait_is_the_due_date_and_not_the_end_of_the_wait():
    asked = Line(
        kind=Notice.VERIFICATION_WANTED,
        slip=Slip.REMINDER,
        role=Role.COORDINATOR,
        waits_for=WaitsFor.VERIFICATION,
        deadline=date(2025, 9, 2),
        on=date(2025, 9, 10),
    )
    climbed = asked._replace(kind=Notice.RUNG)
    assert [i18n.say(fact(*one), "en") for one in facts(asked)] == ["Due 2025-09-02"]
    assert [i18n.say(fact(*one), "en") for one in facts(climbed)] == ["verification by 2025-09-02"]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_full_digest_when_rendered_reads_as_agreed(full_digest: DigestMessage, language: str):
    """After a wanted change: DUBAN_WRITE_GOLDEN=1 pytest tests/notifications, then read the difference."""
    rendered = render_digest(replace(full_digest, language=language))
    found = {"txt": f"{rendered.subject}\n\n{rendered.text}", "html": rendered.html()}
    for ending, content in found.items():
        path = GOLDEN / f"digest.{language}.{ending}"
        if os.environ.get("DUBAN_WRITE_GOLDEN"):
            path.write_text(content, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == content
