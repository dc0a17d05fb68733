"""What was given up is sent again when a coordinator asks for it: the same message, while it still holds."""

from __future__ import annotations

import pytest

from engine.actions.resend_delivery import resend_delivery
from engine.reads.delivery_page import count_outbox, read_cancelled, read_deliveries
from engine.rules.refusal import NotAllowed, NotFound, WrongState
from models import Sending
from tests.outbox_rows import accept_all, bundle, claim, deliveries, fates, refuse_all, say_to
from tests.world import World


def given_up(world: World, *people: str) -> int:
    say_to(world, *people)
    bundle(world)
    refuse_all(world, claim(world), retry=False)
    return deliveries(world)[0].id


def test_resend_when_given_up_then_sent_under_the_same_message_id(either_world: World):
    world = either_world
    number = given_up(world, "wang")
    before = deliveries(world)[0].message_id
    assert fates(world)[0][1] == "failed"
    with pytest.raises(NotAllowed):
        world.act("wang", resend_delivery, number)
    world.act("lin", resend_delivery, number)
    claimed = claim(world)
    assert [(one.message_id, one.attempts) for one in claimed.deliveries] == [(before, 1)]
    accept_all(world, claimed)
    assert (deliveries(world)[0].state, fates(world)[0][1:]) == (Sending.SENT, ("sent", None))
    with pytest.raises(WrongState, match="not given up"):
        world.act("lin", resend_delivery, number)
    with pytest.raises(NotFound):
        world.act("lin", resend_delivery, 999_999)


def test_outbox_when_looked_at_then_what_waits_failed_and_was_cancelled_is_told(either_world: World):
    world = either_world
    given_up(world, "wang", "sun")
    with world.sessions() as session:
        counts = count_outbox(session)
        first, second = read_deliveries(session, (Sending.FAILED,))
        assert [one.id for one in read_deliveries(session, (Sending.FAILED,), before=first.id)] == [second.id]
        assert read_cancelled(session) == ()
    assert counts.by_channel == (("eml", Sending.FAILED, 2),)
    assert {first.person, second.person} == {"sun", "wang"}
    assert (first.error, first.says, first.attempts) == ("the disk is full", 1, 1)
    assert counts.unbundled == 2, "the coordinator hears of each"
