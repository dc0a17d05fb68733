"""Broken twins: the office with one guard taken out.  Each must be caught: a check that cannot fail is none.

A twin is a place in the product and what stands there instead, or a statement that takes a guard out of the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, text, update
from sqlalchemy.orm import Session

from engine.actions import (
    append_events,
    case,
    climb_rungs,
    decide_extension,
    deliver_digests,
    keep_run,
    sweep_deadlines,
)
from engine.actions.case import Case
from engine.rules.chain import Link
from engine.rules.ladder import Ladder
from engine.rules.notices import Notice
from engine.rules.vocabulary import State, WaitsFor
from engine.rules.waits import Wait, waits
from models import Timer
from models.database import open_database
from notifications.senders import SendFailed
from notifications.senders.smtp import SmtpSender


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """One guard taken out."""

    promise: str  #: that must be seen to be broken
    lacks: str  #: what is taken out, in words
    places: tuple[tuple[str, Any], ...] = ()  #: what is replaced, and by what
    spoil: Callable[[Connection], None] | None = None  #: what is done to a fresh SQLite database


@contextmanager
def broken(twin: Twin, url: str) -> Iterator[None]:
    """Take the guard out, of the product and of the database at `url`."""
    if twin.spoil is not None:
        engine = open_database(url)
        with engine.begin() as connection:
            twin.spoil(connection)
        engine.dispose()
    with ExitStack() as stack:
        for place, instead in twin.places:
            stack.enter_context(patch(place, instead))
        yield


# What stands in the place of the guards


def _without_unique(*tables: str) -> Callable[[Connection], None]:
    def spoil(connection: Connection) -> None:
        for table in tables:
            query = text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL ORDER BY rowid")
            first, *others = connection.scalars(query, {"table": table}).all()
            connection.exec_driver_sql(f"DROP TABLE {table}")
            plain, count = re.subn(r",\s*CONSTRAINT uq_\w+ UNIQUE \([^)]*\)", "", str(first))
            assert count, f"{table} holds nothing unique"
            for statement in (plain, *others):
                connection.exec_driver_sql(str(statement))

    return spoil


def _without_trigger(name: str) -> Callable[[Connection], None]:
    return lambda connection: connection.exec_driver_sql(f"DROP TRIGGER {name}")  # type: ignore[return-value]


def _same_rung_again(_table: Any, session: Session, climbers: Any) -> None:
    """Set each timer to the next day, at the rung that it has just climbed."""
    for some in climbers:
        tomorrow = some.ground.moment.on + timedelta(days=1)
        which = (Timer.measure_id.in_(some.measures), Timer.waits_for == some.first.waits_for)
        session.connection().execute(update(Timer).where(*which).values(fires_on=tomorrow))


def _in_calendar_days(ladder: Ladder, number: int, deadline: Any, _calendar: Any) -> Any:
    return deadline + timedelta(days=ladder.offset(number))


def _forgetting(climb: Any) -> Any:
    return lambda *args, **kwargs: replace(climb(*args, **kwargs), superseded=())


def _first_only(addressees: Any) -> Any:
    return lambda *args: addressees(*args)[:1]


def _silent_about_empty(say: Any) -> Any:
    return lambda self, kind, *rest: iter(()) if kind is Notice.EMPTY_RUNG else say(self, kind, *rest)


def _none_when_verified(facts: Any, book: Any, calendar: Any) -> tuple[Wait, ...]:
    return () if facts.state is State.VERIFIED else waits(facts, book, calendar)


def _still_when_closed(facts: Any, book: Any, calendar: Any) -> tuple[Wait, ...]:
    if facts.state is State.CLOSED and facts.due is not None:
        return (Wait(waits_for=WaitsFor.DUE_DATE, deadline=facts.due),)
    return waits(facts, book, calendar)


def _with_the_original(move_due: Any) -> Any:
    def move(of: Case, new_due: Any, *rest: Any) -> None:
        move_due(of, new_due, *rest)
        of.measure.original_due = new_due

    return move


@contextmanager
def _lossy(sessions: Any) -> Iterator[Session]:
    """Acknowledge a request of the seventh minute of each ten although nothing was committed."""
    with sessions() as session:
        yield session
        newest = session.connection().exec_driver_sql("SELECT count(*) FROM event").scalar() or 0
        if newest % 7:
            session.commit()
        else:
            session.rollback()


def _from_nothing(next_link: Any) -> Any:
    return lambda row, before: next_link(row, Link(seq=before.seq))


def _forgets_former_state(changes_between: Any) -> Any:
    def changes(*facts: Any) -> dict[str, list[Any]] | None:
        found: dict[str, list[Any]] = changes_between(*facts) or {}
        return {name: [now if name == "state" else then, now] for name, (then, now) in found.items()} or None

    return changes


def _fails_when_led_by_nobody(open_case: Any) -> Any:
    def opened(*args: Any, **kwargs: Any) -> Case:
        found: Case = open_case(*args, **kwargs)
        if found.measure.lead_id is None:
            raise KeyError("lead")
        return found

    return opened


def _poisoned(climb: Any) -> Any:
    def climbed(session: Session, due: Any, ground: Any) -> Any:
        if any(timer.lead is None for timer in (one.addressed for one in due)):
            raise ValueError("nobody leads it")
        return climb(session, due, ground)

    return climbed


def _always_anew(begin_run: Any) -> Any:
    return lambda *args, **kwargs: begin_run(*args, **kwargs | {"again": True})


def _deaf(send: Any) -> Any:
    def sent(self: SmtpSender, mail: Any) -> None:
        try:
            send(self, mail)
        except SendFailed:
            return

    return sent


def _hasty(why_cancel: Any) -> Any:
    def why(**asked: Any) -> str | None:
        return "answered" if asked["kind"] is Notice.RUNG else why_cancel(**asked)

    return why


def _always_free(*_args: Any, **_kwargs: Any) -> bool:
    return True


def _nothing(*_args: Any, **_kwargs: Any) -> None:
    return None


TWINS = (
    Twin(
        promise="climbed-once",
        lacks="the unique keys of rungs and notifications, and the step to the next rung",
        places=(("engine.actions.swept_tables.SweptTable.look_again", _same_rung_again),),
        spoil=_without_unique("escalation", "notification"),
    ),
    Twin(
        promise="not-early",
        lacks="the working days: rungs are counted in calendar days",
        places=(("engine.rules.ladder.Ladder.planned_on", _in_calendar_days),),
    ),
    Twin(
        promise="no-rung-forgotten",
        lacks="the record of rungs that were passed over",
        places=(("engine.actions.climb_rungs.climb", _forgetting(climb_rungs.climb)),),
    ),
    Twin(
        promise="told",
        lacks="all but the first whom a rung speaks to",
        places=(("engine.actions.climb_rungs.addressees", _first_only(climb_rungs.addressees)),),
    ),
    Twin(
        promise="empty-is-said",
        lacks="the word to the coordinators about a rung that nobody holds",
        places=(("engine.actions.climb_rungs.Climbers._say", _silent_about_empty(climb_rungs.Climbers._say)),),
    ),
    Twin(
        promise="waits",
        lacks="the wait of what is verified for its close-out",
        places=(("engine.actions.timers.waits", _none_when_verified),),
    ),
    Twin(
        promise="ended-is-quiet",
        lacks="the end of a deadline with its measure",
        places=(("engine.actions.timers.waits", _still_when_closed),),
    ),
    Twin(
        promise="original-due",
        lacks="the difference between the due date and the original one",
        places=(("engine.actions.decide_extension._move_due", _with_the_original(decide_extension._move_due)),),
    ),
    Twin(
        promise="acknowledged",
        lacks="the commit before the answer, now and then",
        places=(("tests.year.office.one_request", _lossy),),
    ),
    Twin(
        promise="chain",
        lacks="the hash of the event before in the hash of an event",
        places=(("engine.actions.append_events.next_link", _from_nothing(append_events.next_link)),),
    ),
    Twin(
        promise="as-of",
        lacks="the former state in what an event tells of a change",
        places=(("engine.actions.case.changes_between", _forgets_former_state(case.changes_between)),),
    ),
    Twin(
        promise="counters",
        lacks="the trigger that moves a count when a measure changes its state",
        spoil=_without_trigger("measure_tallies_update"),
    ),
    Twin(
        promise="nothing-stuck",
        lacks="sound handling of measures that nobody leads",
        places=(("engine.actions.sweep_deadlines._climb", _poisoned(sweep_deadlines._climb)),),
    ),
    Twin(
        promise="refuses-or-does",
        lacks="a refusal in the place of an error, for measures that nobody leads",
        places=(("engine.actions.accept_measure.open_case", _fails_when_led_by_nobody(case.open_case)),),
    ),
    Twin(
        promise="one-effect",
        lacks="the keys of forms",
        places=(("tests.year.office.take_key", _always_free),),
    ),
    Twin(
        promise="run-again",
        lacks="the memory that the day's run is done",
        places=(("flows.report.begin_run", _always_anew(keep_run.begin_run)),),
    ),
    Twin(
        promise="one-mail",
        lacks="the record that a mail was sent",
        places=(("notifications.hand_over.record_sent", _nothing),),
    ),
    Twin(
        promise="sent-is-said",
        lacks="an ear for what the server answers",
        places=(("notifications.senders.smtp.SmtpSender.send", _deaf(SmtpSender.send)),),
    ),
    Twin(
        promise="to-the-receiver",
        lacks="the substitutes",
        places=(("engine.actions.bundle_digests.receiver", lambda person, _substitutes: person),),
    ),
    Twin(
        promise="settled",
        lacks="the question whether a deadline still waits, before a rung is called off",
        places=(("engine.actions.deliver_digests.why_cancel", _hasty(deliver_digests.why_cancel)),),
    ),
    Twin(
        promise="four-eyes",
        lacks="the question who has worked on a measure",
        places=(
            ("engine.rules.access.four_eyes", _nothing),
            ("engine.rules.access.may_decide", _nothing),
            ("engine.actions.start_verification.four_eyes", _nothing),
        ),
    ),
    Twin(
        promise="others-wait",
        lacks="the timers of papers",
        places=(("engine.actions.open_paper.sync_subject", _nothing),),
    ),
    Twin(
        promise="two-persons",
        lacks="the question to a second person",
        places=(("engine.actions.grant_role.ask_trust", _nothing),),
    ),
    Twin(
        promise="calendars",
        lacks="the word to calendars that a meeting is called off",
        places=(("engine.actions.call_off_meeting.tell_of_calling_off", _nothing),),
    ),
)
BY_PROMISE = {twin.promise: twin for twin in TWINS}
