"""Posts to group chats: owed once a day and robot, claimed for one attempt, and what came of it.

Callers: flows/daily.py (owe), notifications/group_delivery.py (claim, begin and record).  A claim ends some time after
the present moment, so that what a crashed process held comes back.  A post that may have gone out is never called
cancelled.  Nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    attempts: int  #: with this one: no two claims of a post share it
    is_perhaps_sent: bool  #: an earlier attempt has no known end


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


def claim_post(
    session: Session, channels: Iterable[str], moment: Moment, *, due: datetime | None = None
) -> ClaimedPost | None:
    """Claim one post of this day whose time has come; one of an earlier day is of no use any more and called off.

    `moment` is the present, on the day of the run; `due` narrows the claim to what was due earlier.
    """
    waiting = (
        select(GroupPost)
        .where(GroupPost.state.in_([Sending.PENDING, Sending.SENDING]), GroupPost.next_try_at <= (due or moment.at))
        .order_by(GroupPost.id)
        .with_for_update(skip_locked=True)
    )
    wanted = frozenset(channels)
    for post in session.scalars(waiting):
        if post.on != moment.on or post.channel not in wanted or post.attempts >= MAX_ATTEMPTS:
            post.state = _put_aside(post)
            continue
        post.state, post.attempts = Sending.SENDING, post.attempts + 1
        post.next_try_at = moment.at + CLAIM_TIMEOUT
        is_perhaps_sent = post.perhaps_at is not None
        return ClaimedPost(id=post.id, channel=post.channel, attempts=post.attempts, is_perhaps_sent=is_perhaps_sent)
    return None


def begin_post(session: Session, post: ClaimedPost, body: str, at: datetime) -> bool:
    """Write that the robot is called now, and with what; return False where the claim is lost.

    From here until an answer is recorded the post may have gone out.
    """
    row = _held(session, post)
    if row is None:
        return False
    row.next_try_at = at + CLAIM_TIMEOUT
    if row.perhaps_at is None:
        row.perhaps_at, row.body = at, body
    return True


def record_post_sent(session: Session, post: ClaimedPost, body: str, moment: Moment) -> None:
    """Write that the robot took it, word for word.  It is a fact, whoever has the claim meanwhile."""
    row = session.get_one(GroupPost, post.id, with_for_update=True)
    if row.state is not Sending.SENT:
        row.state, row.body, row.sent_at, row.last_error = Sending.SENT, body, moment.at, None
        row.perhaps_at = None


def record_post_idle(session: Session, post: ClaimedPost) -> None:
    """Write that there was nothing to say."""
    row = _held(session, post)
    if row is not None:
        row.state, row.attempts = _put_aside(row), row.attempts - 1


def record_post_failed(
    session: Session,
    post: ClaimedPost,
    moment: Moment,
    *,
    error: str,
    group: str,
    after: timedelta | None,
    is_perhaps_sent: bool = False,
) -> bool:
    """Write that the robot did not take it, to be tried again `after` a while; return whether it is given up.

    The coordinators are told of what is given up; `group` is what the chat is called towards them.  `is_perhaps_sent`
    says that it may have been posted all the same.
    """
    row = _held(session, post)
    if row is None:
        return False
    row.last_error = error
    if not (is_perhaps_sent or post.is_perhaps_sent):
        row.perhaps_at, row.body = None, None
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


def _held(session: Session, post: ClaimedPost) -> GroupPost | None:
    """Return the post under its lock; None where the claim ran out, and another has it."""
    row = session.get_one(GroupPost, post.id, with_for_update=True)
    return row if row.state is Sending.SENDING and row.attempts == post.attempts else None


def _put_aside(post: GroupPost) -> Sending:
    """Return what becomes of a post that is of no use any more."""
    return Sending.CANCELLED if post.perhaps_at is None else Sending.PERHAPS
