"""Posts to group chats: owed once a day and robot, claimed for one attempt, and what came of it.

Callers: flows/daily.py (owe), notifications/group_delivery.py (claim and record).  A claim has a time-out, so that what
a crashed process held comes back.  Nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.outbox import add_notifications, outbox_row
from engine.reads.grants import read_grants
from engine.rules.backoff import CLAIM_TIMEOUT, MAX_ATTEMPTS
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role
from models import GroupPost, Sending


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedPost:
    """One post, claimed for one attempt."""

    id: int
    channel: str
    attempts: int  #: with this one


def owe_posts(session: Session, channels: Iterable[str], moment: Moment) -> int:
    """Write down that each robot is owed the day's summary, unless it was before; return how many are new."""
    known = set(session.scalars(select(GroupPost.channel).where(GroupPost.on == moment.on)))
    new = [channel for channel in channels if channel not in known]
    session.add_all(
        GroupPost(channel=channel, on=moment.on, state=Sending.PENDING, attempts=0, next_try_at=moment.at)
        for channel in new
    )
    session.flush()
    return len(new)


def claim_post(session: Session, channels: Iterable[str], moment: Moment) -> ClaimedPost | None:
    """Claim one post of this day whose time has come; one of an earlier day is of no use any more and called off."""
    waiting = (
        select(GroupPost)
        .where(GroupPost.state.in_([Sending.PENDING, Sending.SENDING]), GroupPost.next_try_at <= moment.at)
        .order_by(GroupPost.id)
        .with_for_update(skip_locked=True)
    )
    wanted = frozenset(channels)
    for post in session.scalars(waiting):
        if post.on != moment.on or post.channel not in wanted or post.attempts >= MAX_ATTEMPTS:
            post.state = Sending.CANCELLED
            continue
        post.state, post.attempts = Sending.SENDING, post.attempts + 1
        post.next_try_at = moment.at + CLAIM_TIMEOUT
        return ClaimedPost(id=post.id, channel=post.channel, attempts=post.attempts)
    return None


def record_post_sent(session: Session, post: ClaimedPost, body: str, moment: Moment) -> None:
    """Write that the robot took it, word for word."""
    row = session.get_one(GroupPost, post.id, with_for_update=True)
    row.state, row.body, row.sent_at, row.last_error = Sending.SENT, body, moment.at, None


def record_post_idle(session: Session, post: ClaimedPost) -> None:
    """Write that there was nothing to say."""
    row = session.get_one(GroupPost, post.id)
    row.state, row.attempts = Sending.CANCELLED, row.attempts - 1


def record_post_failed(
    session: Session, post: ClaimedPost, moment: Moment, *, error: str, group: str, after: timedelta | None
) -> bool:
    """Write that the robot did not take it, to be tried again `after` a while; return whether it is given up.

    The coordinators are told of what is given up; `group` is what the chat is called towards them.
    """
    row = session.get_one(GroupPost, post.id, with_for_update=True)
    if row.state is not Sending.SENDING or row.attempts != post.attempts:  # the claim ran out; another has it
        return False
    row.last_error = error
    if after is not None:
        row.state, row.next_try_at = Sending.PENDING, moment.at + after
        return False
    row.state = Sending.FAILED
    told = [
        outbox_row(
            person,
            Notice.DELIVERY_FAILED,
            role=Role.COORDINATOR,
            key=f"group:{post.id}",
            moment=moment,
            measure=None,
            about=None,
            data={"person": group, "channel": post.channel, "error": error},
        )
        for person in read_grants(session).get((Role.COORDINATOR, None), ())
    ]
    add_notifications(session, told)
    return True
