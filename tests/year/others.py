"""A promise about what is no measure: tasks of meetings and papers wait like measures, and somebody hears of it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from models import Decision, DecisionDone, DecisionKind, Fate, Paper
from tests.year.promise import DAILY, Look, promise


@promise(
    "others-wait",
    "A task that a meeting gave and a paper that waits for approval, or was returned, have ladders until they are done:"
    " every rung that is climbed is told to somebody.",
)
def others_wait(look: Look) -> Iterator[str]:
    mirror, session, today = look.mirror, look.session, look.office.today
    tasks = (
        select(Decision.id)
        .outerjoin(DecisionDone, DecisionDone.decision_id == Decision.id)
        .where(Decision.kind == DecisionKind.TASK, DecisionDone.decision_id.is_(None))
    )
    papers = select(Paper.id).where(Paper.state.in_(["submitted", "returned"]))
    standing = [one for one in mirror.others.values() if one.ended_on is None]
    for what, query, waiting in (
        ("task", tasks, {one.decision_id for one in standing}),
        ("paper", papers, {one.paper_id for one in standing}),
    ):
        is_open = set(session.scalars(query))
        for number in is_open ^ (waiting - {None}):
            yield f"{what} {number} is {'open' if number in is_open else 'done'}, and its timer says otherwise"
    told = {row.other_timer_id for before, row in mirror.fresh_notifications if before is None and row.kind == "rung"}
    for row in mirror.fresh_other_rungs:
        if row.fate == Fate.CLIMBED and row.other_timer_id not in told:
            yield f"rung {row.rung} of the wait {row.other_timer_id} was climbed, and nobody was told"
    for one in standing:
        if look.when == DAILY and one.fires_on <= today:
            yield f"the wait {one.id} ({one.waits_for}) was due on {one.fires_on}, and nobody has looked on {today}"
