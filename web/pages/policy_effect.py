"""What a changed policy file would do: its settings and pictures beside the present ones, and the days to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from documents.charts.svg import Svg
from engine.actions.desk import find_round
from engine.reads.policy_trial import Trial, count_timers, try_ladder
from engine.rules.ladder import LadderBook, parse_ladders
from engine.rules.lifecycle import parse_lifecycle
from engine.rules.policy_files import Difference, PolicyFile, differences
from engine.rules.refusal import NotReady
from engine.rules.round_dates import parse_round_rules, round_dates
from engine.rules.text import N_, Text
from web.pages.policy_pictures import SHOWN, ladder_picture, lifecycle_picture
from web.visit import SignedVisit

MOST_TIMERS = 60_000  #: of a round on which a page tries a change


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One picture as it is, and as it would be."""

    title: Text
    before: Svg
    after: Svg


@dataclass(frozen=True, slots=True, kw_only=True)
class DatePair:
    """One date of a round that would begin today."""

    name: Text
    before: date
    after: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Everything that is shown before somebody saves."""

    changes: tuple[Difference, ...]
    pairs: tuple[Pair, ...]
    dates: tuple[DatePair, ...]
    trial: Trial | None
    round: str | None  #: on which it was tried


def effect_of(
    visit: SignedVisit,
    session: Session,
    file: PolicyFile,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    days: int,
) -> Effect:
    """Return what `after` does in the place of `before`.  Raises NotReady where the round is too large to try it."""
    changes = differences(before, after)
    pairs: tuple[Pair, ...] = ()
    dates: tuple[DatePair, ...] = ()
    trial = None
    if file is PolicyFile.LADDER:
        old, new = parse_ladders(before), parse_ladders(after)
        pairs, trial = _ladders(old, new, visit.language), _trial(visit, session, new, days)
    elif file is PolicyFile.LIFECYCLE and changes:
        was, will = (
            lifecycle_picture(parse_lifecycle(plain), visit.language, name)
            for plain, name in ((before, "lifecycle-before"), (after, "lifecycle-after"))
        )
        pairs = (Pair(title=N_("Lifecycle of a measure"), before=was, after=will),)
    elif file is PolicyFile.ROUND:
        dates = _dates(visit, before, after)
    return Effect(changes=changes, pairs=pairs, dates=dates, trial=trial, round=visit.round_code if trial else None)


def _ladders(before: LadderBook, after: LadderBook, language: str) -> tuple[Pair, ...]:
    pairs = []
    for wait in SHOWN:
        if before.ladders[wait] != after.ladders[wait]:
            old = ladder_picture(wait, before.ladders[wait], language, "before")
            new = ladder_picture(wait, after.ladders[wait], language, "after")
            pairs.append(Pair(title=old.wait, before=old.svg, after=new.svg))
    return tuple(pairs)


def _trial(visit: SignedVisit, session: Session, book: LadderBook, days: int) -> Trial | None:
    """Return the days to come of the newest round under both ladders; None without a round."""
    if visit.round_code is None:
        return None
    round_ = find_round(session, visit.round_code)
    if count_timers(session, round_.id) > MOST_TIMERS:
        raise NotReady(N_("the round is too large to be tried here; whoever runs the machine can try it there"))
    return try_ladder(session, round_id=round_.id, book=book, calendar=visit.calendar, as_of=visit.moment.on, days=days)


def _dates(visit: SignedVisit, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[DatePair, ...]:
    """Return the dates of a round that would begin today, by both."""
    old, new = (round_dates(visit.moment.on, parse_round_rules(plain), visit.calendar) for plain in (before, after))
    names = (
        (N_("the plan is due"), old.plan_due, new.plan_due),
        (N_("concentrated rectification ends"), old.concentrated_end, new.concentrated_end),
        (N_("the report is due"), old.report_due, new.report_due),
    )
    return tuple(DatePair(name=name, before=one, after=other) for name, one, other in names)
