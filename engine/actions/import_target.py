"""Choose the round that a source goes into, or begin one.  Part of `import_round`.

With nothing said, a ledger goes only where at least one of its rows is on record, and never into a round whose
measures are all at an end: then the round is asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.policies import keep_policy
from engine.rules.moment import Moment
from engine.rules.plan import Fault, FeedbackUnknown, FindingPlan, Place, RoundPlan
from engine.rules.refusal import NotReady, RoundUnknown
from engine.rules.round_dates import RoundRules, round_dates
from engine.rules.text import N_
from engine.rules.vocabulary import State
from engine.rules.working_days import WorkingCalendar
from models import Finding, Measure, Round

_ENDED = frozenset({State.CLOSED, State.CANCELLED})
_SHOWN = 8  #: rounds that are offered


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportGround:
    """What an import needs besides the plan; handed down by the entry point."""

    moment: Moment
    calendar: WorkingCalendar
    rules: RoundRules
    zone: str
    lifecycle: dict[str, Any]
    ladder: dict[str, Any]
    actor: int | None = None  #: who imports; None: whoever runs the machine
    round: str | None = None  #: code to import into, or for a new round
    feedback_on: date | None = None  #: for a round whose source does not say
    create: Collection[str] | None = ()  #: names that rows tell and nobody has, to be created; None: all of them
    is_proved: bool = True  #: see Desk


def feedback_of(session: Session, code: str | None) -> date | None:
    """Return the day of the feedback of the round that a ledger would go into; None when there is none yet."""
    query = select(Round.feedback_on).order_by(Round.id.desc()).limit(1)
    return session.scalar(query if code is None else query.where(Round.code == code))


def round_for(session: Session, plan: RoundPlan, ground: ImportGround) -> tuple[Round, bool]:
    """Return the round that `plan` belongs to; a new one where there is none yet."""
    query = select(Round).order_by(Round.id.desc())
    feedback_on = plan.feedback_on or ground.feedback_on
    if ground.round is not None:
        found = session.scalar(query.where(Round.code == ground.round))
    elif plan.kind == "notice":
        found = session.scalar(
            query.where(Round.organisation == (plan.organisation or ""), Round.feedback_on == feedback_on)
        )
    else:
        found = session.scalar(query.limit(1))
    if found is not None:
        if ground.round is None and plan.kind != "notice":
            _expect_match(session, found, plan, ground)
        return found, False
    if feedback_on is None:
        if plan.kind == "notice":
            place = Place(file=plan.findings[0].place.file) if plan.findings else Place(file="")
            message = N_("the day of the feedback was not found; expected such as 于2025年3月3日反馈")
            raise FeedbackUnknown((Fault(place=place, value=None, message=message),))
        raise NotReady(N_("a ledger needs a round: import the notice first, or give the day of the feedback"))
    policy = keep_policy(session, ground.lifecycle, ground.ladder, ground.moment)
    dates = round_dates(feedback_on, ground.rules, ground.calendar)
    round_ = Round(
        code=ground.round or _free_code(session, feedback_on),
        title=plan.title or "",
        organisation=plan.organisation or "",
        feedback_on=feedback_on,
        plan_due=dates.plan_due,
        concentrated_end=dates.concentrated_end,
        report_due=dates.report_due,
        zone=ground.zone,
        coordinator_may_close=ground.rules.coordinator_may_close,
        policy_id=policy.id,
        created_at=ground.moment.at,
    )
    session.add(round_)
    session.flush()
    return round_, True


def _free_code(session: Session, feedback_on: date) -> str:
    """Return a code for a new round: year and month of the feedback, with a number where that is taken."""
    base = f"{feedback_on:%Y-%m}"
    taken = set(session.scalars(select(Round.code).where(Round.code.startswith(base))))
    number, code = 1, base
    while code in taken:
        number += 1
        code = f"{base}-{number}"
    return code


def _expect_match(session: Session, round_: Round, plan: RoundPlan, ground: ImportGround) -> None:
    """Raise RoundUnknown where nothing says that a ledger belongs to this round."""
    if round_.created_at == ground.moment.at or not plan.findings:
        return  # begun by another file of the same import; or units and people alone, which belong to no round
    query = select(Measure.code, Measure.text, Measure.state).where(Measure.round_id == round_.id)
    rows = session.execute(query).tuples().all()
    if not rows:
        return
    codes = tuple(session.scalars(select(Round.code).order_by(Round.id.desc()).limit(_SHOWN)))
    told = {measure.code for measure in plan.measures()}
    if all(state in _ENDED for _, _, state in rows) and not told <= {code for code, _, _ in rows}:
        message = N_(
            "round {round} is at an end: say into which round this ledger goes ({rounds}), or give a new code",
            round=round_.code,
            rounds=codes,
        )
        raise RoundUnknown(message)
    known = {_squeezed(text) for _, text, _ in rows}
    known |= {_squeezed(text) for text in session.scalars(select(Finding.text).where(Finding.round_id == round_.id))}
    by_code = {code for code, _, _ in rows if not code.isdecimal()}
    named = {measure.code for measure in plan.measures() if measure.code_told and measure.code}
    if not named & by_code and not any(_squeezed(text) in known for text in _texts(plan.findings)):
        message = N_(
            "no row of this ledger is on record in round {round}: say into which round it goes ({rounds}), or give a "
            "new code",
            round=round_.code,
            rounds=codes,
        )
        raise RoundUnknown(message)


def _texts(findings: Collection[FindingPlan]) -> list[str]:
    """Return the texts of all measures, and of what they hang below."""
    found: list[str] = []
    for one in findings:
        found += [one.text, *(measure.text for measure in one.measures), *_texts(one.children)]
    return found


def _squeezed(text: str) -> str:
    return "".join(text.split())
