"""Posts the day's summary to the group chats that are set up: claim → read → begin → post → record.

Called by the runs `daily` and `deliver`.  Between claim and record no transaction is open; a crash there loses nothing.
One robot that is down or busy never stops the others, and no text tells its address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.actions.group_posts import (
    ClaimedPost,
    begin_post,
    claim_post,
    record_post_failed,
    record_post_idle,
    record_post_sent,
)
from engine.reads.group_summary import RoundSummary, read_group_summaries
from engine.rules.group_posts import wait_after
from engine.rules.moment import Moment
from engine.rules.text import N_
from engine.rules.working_days import WorkingCalendar
from i18n import say
from models.database import Sessions, reading
from notifications.group_summary import summary_text, summary_title
from notifications.robots import Refused
from notifications.robots.post import Chat, speak

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class PostReport:
    """What a run posted."""

    sent: int = 0
    failed: int = 0  #: given up; the coordinators are told
    retry: int = 0  #: tried again later


def deliver_posts(
    sessions: Sessions,
    robots: Mapping[str, Chat],
    *,
    moment: Moment,
    calendar: WorkingCalendar,
    language: str,
    address: str | None,
    now: Callable[[], datetime],
    poster: Callable[..., Refused | None] = speak,
) -> PostReport:
    """Post what is owed and whose time has come; `moment` says whose day it is.

    `now` tells the present: claims begin and end by it, and robots compare it with their clocks.
    """
    done = PostReport()
    began = now()
    summaries: Sequence[RoundSummary] | None = None
    while True:
        with sessions.begin() as session:
            claimed = claim_post(session, robots, Moment(at=now(), on=moment.on), due=began)
        if claimed is None:
            return done
        if summaries is None:
            with reading(sessions) as session:
                summaries = read_group_summaries(session, moment, calendar)
        if not summaries:
            with sessions.begin() as session:
                record_post_idle(session, claimed)
            continue
        robot = robots[claimed.channel]
        text = summary_text(summaries, language=language, address=address, most=robot.most_bytes)
        with sessions.begin() as session:
            is_ours = begin_post(session, claimed, text, now())
        if not is_ours:
            continue
        refused = poster(robot, summary_title(summaries, language), text, at=now())
        present = Moment(at=now(), on=moment.on)
        if refused is None:
            with sessions.begin() as session:
                record_post_sent(session, claimed, text, present)
            done.sent += 1
        else:
            is_given_up = _record_refused(sessions, robot, claimed, refused, present, language=language)
            done.failed += is_given_up
            done.retry += not is_given_up


def _record_refused(
    sessions: Sessions, robot: Chat, claimed: ClaimedPost, refused: Refused, moment: Moment, *, language: str
) -> bool:
    log.warning("group robot did not take a post", extra={"channel": claimed.channel})
    with sessions.begin() as session:
        return record_post_failed(
            session,
            claimed,
            moment,
            error=say(refused.error, language),
            group=say(N_("the group chat"), language),
            after=wait_after(claimed.attempts, refused.trouble, rest=robot.rest),
            is_perhaps_sent=refused.is_perhaps_sent,
        )
