"""What was put on an agenda by hand, or deferred, comes to the next meeting until something is decided about it."""

from __future__ import annotations

from datetime import date

from engine.rules.agenda_carried import PastMeeting, carry
from engine.rules.agenda_draft import Added, LeftOut

JULY, AUGUST = date(2025, 7, 10), date(2025, 8, 12)
TOPIC = Added(key="added:1", text="通报暗访情况", by="林联络")


def meeting(held_on: date, *added: Added, off: tuple[LeftOut, ...] = (), decided: tuple[str, ...] = ()) -> PastMeeting:
    return PastMeeting(held_on=held_on, added=added, removed={one.key: one for one in off}, decided=frozenset(decided))


def left_out(key: str, *, is_deferred: bool) -> LeftOut:
    return LeftOut(
        key=key, code="1-07", text="完善制度", measure=7, reason="材料不全", by="林联络", is_deferred=is_deferred
    )


def test_topic_when_nothing_was_decided_about_it_is_carried_from_meeting_to_meeting():
    (waiting,) = carry([meeting(JULY, TOPIC), meeting(AUGUST)])
    assert (waiting.key, waiting.text, waiting.carried_from) == ("added:1", "通报暗访情况", AUGUST)


def test_topic_when_decided_or_left_out_waits_no_longer():
    assert carry([meeting(JULY, TOPIC), meeting(AUGUST, decided=("added:1",))]) == ()
    assert carry([meeting(JULY, TOPIC), meeting(AUGUST, off=(left_out("added:1", is_deferred=False),))]) == ()


def test_line_when_deferred_is_carried_with_the_reason_and_one_left_out_is_not():
    (waiting,) = carry([meeting(JULY, off=(left_out("measure:7", is_deferred=True),))])
    assert (waiting.measure, waiting.note, waiting.carried_from) == (7, "材料不全", JULY)
    assert carry([meeting(JULY, off=(left_out("measure:7", is_deferred=False),))]) == ()


def test_topic_when_deferred_keeps_its_words_and_tells_why_it_waits():
    (waiting,) = carry([meeting(JULY, TOPIC, off=(left_out("added:1", is_deferred=True),))])
    assert (waiting.text, waiting.note) == ("通报暗访情况", "材料不全")


def test_line_when_deferred_and_decided_all_the_same_waits_no_longer():
    assert carry([meeting(JULY, off=(left_out("measure:7", is_deferred=True),), decided=("measure:7",))]) == ()
