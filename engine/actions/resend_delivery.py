"""A coordinator has a delivery that was given up sent again: the same message, under the same Message-ID."""

from __future__ import annotations

from sqlalchemy import update

from engine.actions.desk import Desk, find_actor, record
from engine.rules.access import only_for
from engine.rules.refusal import NotFound, WrongState
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Delivery, Digest, Notification, Person, Said, Sending


def resend_delivery(desk: Desk, number: int) -> None:
    """Put the delivery back into the outbox, with all its attempts before it; what is no longer true stays unsaid.

    A mail server that has accepted it after all can tell by the Message-ID.  For coordinators.  Raises Refusal.
    """
    actor, session = find_actor(desk), desk.session
    only_for(actor, "resend", (Role.COORDINATOR,))
    delivery = session.get(Delivery, number, with_for_update=True)
    if delivery is None:
        raise NotFound(N_("there is no such delivery"))
    if delivery.state is not Sending.FAILED:
        raise WrongState(N_("this delivery was not given up"))
    delivery.state, delivery.attempts, delivery.next_try_at = Sending.PENDING, 0, desk.moment.at
    session.execute(
        update(Notification)
        .where(
            Notification.digest_id == delivery.digest_id,
            Notification.state.in_([Said.FAILED, Said.PERHAPS]),  # whether it is still true is asked once more
        )
        .values(state=Said.PENDING, reason=None)
    )
    person = session.get_one(Person, session.get_one(Digest, delivery.digest_id).person_id)
    record(
        desk,
        "delivery:digest:resend",
        actor=actor.person,
        delivery=delivery.id,
        channel=delivery.channel,
        person=person.code,
    )
