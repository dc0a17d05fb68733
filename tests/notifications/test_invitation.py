"""Invitations to meetings in mails: asked, moved and called off, as calendar programs understand it."""

import email
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from icalendar import Calendar

from engine.actions.call_off_meeting import call_off_meeting
from engine.actions.draft_agenda import set_meeting
from engine.actions.freeze_agenda import freeze_agenda
from engine.actions.invite_group import announce_agenda, invite_newcomers
from engine.actions.record_decision import record_decision
from engine.actions.set_absence import set_absence
from engine.rules.notices import Notice
from engine.rules.refusal import NotAllowed, NotFound, NotReady
from engine.rules.vocabulary import Role, Slip
from models import DecisionKind, Meeting, RoleGrant, Round
from notifications.delivery import deliver_outbox
from notifications.invitation import Invitation
from notifications.senders import Mail
from notifications.senders.eml import FROM
from notifications.senders.letter import compose
from tests.notifications.test_senders import MAIL
from tests.outbox_rows import fates, say_to
from tests.reads.test_person_calendar import entries
from tests.world import World

ONE = Invitation(
    uid="meeting-7-2025@duban",
    sequence=2,
    day=date(2025, 9, 10),
    title="领导小组会议：巡察整改",
    since=datetime(2025, 9, 3, 0, 30, tzinfo=UTC),
    is_off=False,
)


def _parts(mail: Mail) -> list[tuple[str, str | None, Calendar]]:
    """Return (type, method, calendar) of the calendars in a mail as it arrives."""
    message = email.message_from_bytes(compose(mail, FROM).as_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return [
        (part.get_content_disposition() or "beside", part["Content-Type"].params.get("method"), _calendar(part))
        for part in message.walk()
        if part.get_content_type() == "text/calendar"
    ]


def _calendar(part: Any) -> Calendar:
    found = Calendar.from_ical(part.get_payload(decode=True))
    assert isinstance(found, Calendar)
    return found


def test_mail_with_an_invitation_carries_it_beside_the_text_and_as_a_file():
    parts = _parts(replace(MAIL, invitations=(ONE,)))
    assert [part[:2] for part in parts] == [("beside", "REQUEST"), ("attachment", "REQUEST")]
    for _, _, calendar in parts:
        (event,) = calendar.walk("VEVENT")
        assert calendar["METHOD"] == "REQUEST"
        assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (ONE.uid, 2, "CONFIRMED")
        assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2025, 9, 10), date(2025, 9, 11))
        assert event["ORGANIZER"] == "mailto:duban@localhost"
        assert (event["ATTENDEE"], event["ATTENDEE"].params["CN"]) == ("mailto:wang@example.cn", "王芳")


def test_mail_with_a_meeting_called_off_cancels_it():
    (_, method, calendar), _ = _parts(replace(MAIL, invitations=(replace(ONE, sequence=3, is_off=True),)))
    (event,) = calendar.walk("VEVENT")
    assert (method, calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCEL", "CANCELLED", 3)


def test_mail_with_several_invitations_carries_them_as_files_alone():
    parts = _parts(replace(MAIL, invitations=(ONE, replace(ONE, uid="meeting-8-2025@duban"))))
    assert [part[0] for part in parts] == ["attachment", "attachment"]


def test_mail_with_an_invitation_when_composed_again_has_the_same_bytes():
    mail = replace(MAIL, invitations=(ONE,))
    assert compose(mail, FROM).as_bytes() == compose(mail, FROM).as_bytes()


def test_mail_when_nobody_has_an_address_invites_nobody():
    assert _parts(replace(MAIL, invitations=(ONE,), to_address=None)) == []


class _Post:
    channel = "eml"

    def __init__(self) -> None:
        self.taken: list[Mail] = []

    def send(self, mail: Mail) -> None:
        self.taken.append(mail)

    def close(self) -> None:
        pass


def _meet(world: World, held_on: date, *, again: bool = False) -> None:
    with world.sessions.begin() as session:
        round_ = session.get_one(Round, world.round)
        agenda = freeze_agenda(
            session, round_id=round_.id, held_on=held_on, moment=world.moment, calendar=world.calendar, again=again
        )
        meeting = session.get_one(Meeting, agenda.meeting_id)
        announce_agenda(session, meeting, version=agenda.version, documents=[], moment=world.moment)


def _sent(world: World, batch: str) -> list[Invitation]:
    post = _Post()
    deliver_outbox(
        world.sessions,
        moment=world.moment,
        now=lambda: world.moment.at,
        batch=batch,
        senders={"eml": post},
        calendar=world.calendar,
        digests_per_day=9,
        language="zh_CN",
    )
    return [one for mail in post.taken if mail.to_code == "zhao" for one in mail.invitations]


def test_meeting_when_invited_moved_and_called_off_keeps_its_uid_and_counts_up(world: World):
    _meet(world.at(date(2025, 4, 7)), date(2025, 4, 10))
    sent = _sent(world, "first")
    _meet(world, date(2025, 4, 14), again=True)
    sent += _sent(world, "second")
    world.act("lin", call_off_meeting, date(2025, 4, 14), reason="与上级会议冲突")
    sent += _sent(world, "third")
    _meet(world, date(2025, 4, 15), again=True)
    sent += _sent(world, "fourth")
    assert len({one.uid for one in sent}) == 1
    assert [(one.sequence, one.day.day, one.method) for one in sent] == [
        (1, 10, "REQUEST"),
        (3, 14, "REQUEST"),
        (4, 14, "CANCEL"),
        (6, 15, "REQUEST"),
    ]


def _draw_up(world: World, held_on: date) -> None:
    """Draw up a new version of the agenda and announce nothing, as `duban meeting agenda --again` does."""
    with world.sessions.begin() as session:
        given = {"round_id": world.round, "held_on": held_on, "moment": world.moment, "calendar": world.calendar}
        freeze_agenda(session, again=True, **given)


@pytest.mark.parametrize("change", [lambda world, day: world.act("lin", set_meeting, day), _draw_up])
def test_meeting_when_announced_and_moved_then_whoever_is_invited_is_told_once(change: Any, either_world: World):
    world = either_world
    change(world.at(date(2025, 4, 7)), date(2025, 4, 9))
    assert _sent(world, "not announced") == []
    _meet(world, date(2025, 4, 10), again=True)
    (first,) = _sent(world, "first")
    for _ in range(2):
        change(world, date(2025, 4, 14))
    (moved,) = _sent(world, "second")
    assert (moved.uid, moved.day, moved.method) == (first.uid, date(2025, 4, 14), "REQUEST")
    assert moved.sequence > first.sequence
    assert [line.data["was_on"] for line in world.said(to="zhao", kind="meeting_set")] == ["2025-04-10"]


def test_meeting_when_called_off_and_drawn_up_again_is_in_calendars_again(either_world: World):
    world = either_world
    _meet(world.at(date(2025, 4, 7)), date(2025, 4, 10))
    world.act("lin", call_off_meeting, date(2025, 4, 10), reason="冲突")
    world.act("lin", set_meeting, date(2025, 4, 11))
    (off,) = _sent(world, "first")
    assert off.method == "CANCEL", "one that is off is moved without a word"
    _draw_up(world, date(2025, 4, 11))
    (held,) = _sent(world, "second")
    assert (held.uid, held.method, held.day, held.sequence > off.sequence) == (
        off.uid,
        "REQUEST",
        date(2025, 4, 11),
        True,
    )


def test_meeting_when_somebody_joins_the_group_later_they_are_invited_once(either_world: World):
    world = either_world
    _meet(world.at(date(2025, 4, 7)), date(2025, 4, 10))
    _sent(world, "first")
    with world.sessions.begin() as session:
        session.add(RoleGrant(person_id=world.people["jian"], role=Role.LEADING_GROUP, unit_id=None))
    for day in (8, 9, 11):
        with world.at(date(2025, 4, day)).sessions.begin() as session:
            invite_newcomers(session, world.moment)
    assert len(world.said(to="jian", kind="meeting_set")) == 1
    assert not world.said(to="zhao", kind="meeting_set")


def test_meeting_when_a_member_is_away_then_they_and_who_stands_in_on_the_day_hear_every_word(either_world: World):
    world = either_world.at(date(2025, 4, 7))
    world.act(
        "lin", set_absence, person="zhao", substitute="qian", first_day=date(2025, 4, 7), last_day=date(2025, 4, 11)
    )
    _meet(world, date(2025, 4, 10))
    world.act("lin", set_meeting, date(2025, 4, 14))  # when zhao is back
    post = _Post()
    deliver_outbox(
        world.sessions,
        moment=world.moment,
        now=lambda: world.moment.at,
        batch="first",
        senders={"eml": post},
        calendar=world.calendar,
        digests_per_day=9,
        language="zh_CN",
    )
    told = {
        one.to_code: [(each.day.day, each.method) for each in one.invitations] for one in post.taken if one.invitations
    }
    assert told == {"zhao": [(14, "REQUEST")], "qian": [(14, "REQUEST")]}


def test_meeting_when_called_off_then_only_on_its_own_day_and_while_that_is_to_come(either_world: World):
    world = either_world
    _meet(world.at(date(2025, 4, 7)), date(2025, 4, 10))
    with pytest.raises(NotFound):
        world.act("lin", call_off_meeting, date(2025, 4, 11), reason="冲突")
    with pytest.raises(NotReady):
        world.at(date(2025, 4, 11)).act("lin", call_off_meeting, date(2025, 4, 10), reason="冲突")
    assert not world.said(kind="meeting_off")


def test_meeting_when_called_off_in_the_same_digest_is_only_cancelled(world: World):
    _meet(world.at(date(2025, 4, 7)), date(2025, 4, 10))
    world.act("lin", call_off_meeting, date(2025, 4, 10), reason="冲突")
    assert [one.method for one in _sent(world, "first")] == ["CANCEL"]


def test_meeting_when_called_off_is_off_in_private_calendars_until_it_is_taken_up(either_world: World):
    world = either_world
    seen = []
    for step in range(3):
        if step == 1:
            world.act("lin", call_off_meeting, date(2025, 4, 10), reason="冲突")
        else:
            _meet(world.at(date(2025, 4, 7)), date(2025, 4, 10), again=step == 2)
        (entry,) = entries(world, "zhao")
        seen.append((entry.version, entry.is_off))
    assert seen == [(1, False), (2, True), (4, False)]


def test_meeting_when_it_cannot_be_called_off_is_refused(world: World):
    day = date(2025, 4, 10)
    with pytest.raises(NotFound):
        world.act("lin", call_off_meeting, day, reason="冲突")
    _meet(world.at(date(2025, 4, 7)), day)
    with pytest.raises(NotAllowed):
        world.act("zhao", call_off_meeting, day, reason="冲突")
    with pytest.raises(NotReady):
        world.act("lin", call_off_meeting, day, reason=" ")
    world.act("lin", call_off_meeting, day, reason="冲突")
    with pytest.raises(NotReady):
        world.act("lin", call_off_meeting, day, reason="冲突")
    _meet(world, day, again=True)
    world.at(day).act("lin", record_decision, meeting=day, kind=DecisionKind.TASK, text="办", owner="wang", due=day)
    with pytest.raises(NotReady):
        world.act("lin", call_off_meeting, day, reason="冲突")


def test_notice_of_a_release_before_invitations_is_sent_without(world: World):
    say_to(world, "zhao", kind=Notice.MEETING.value, role=Role.LEADING_GROUP, slip=Slip.REMINDER, data={})
    assert _sent(world, "first") == []
    assert fates(world) == [("meeting", "sent", None)]
