"""The owner reports progress (进展填报): a percentage and a text."""

from __future__ import annotations

from engine.actions.case import open_case, settle
from engine.actions.desk import Desk, record
from engine.rules.errands import permit_errand
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from models import Measure, ProgressReport

COMPLETE = 100


def report_progress(desk: Desk, code: str, *, percent: int, text: str) -> Measure:
    """Add a progress report; the wait for this month's report is over.

    Percentages are the owner's word: they may fall, they never change a state.  Raises Refusal.
    """
    case = open_case(desk, code)
    permit_errand("report", actor=case.actor, facts=case.facts)
    if not 0 <= percent <= COMPLETE:
        raise NotReady(N_("progress is a percentage from 0 to 100, not {percent}", percent=percent))
    if not text.strip():
        raise NotReady(N_("a progress report needs a text"))
    desk.session.add(
        ProgressReport(
            measure_id=case.measure.id,
            author_id=case.actor.person,
            percent=percent,
            text=text.strip(),
            on=desk.moment.on,
            at=desk.moment.at,
        )
    )
    record(
        desk,
        "measure:progress:report",
        actor=case.actor.person,
        measure=case.measure,
        percent=percent,
        before=case.measure.percent,
        text=text.strip(),
    )
    case.measure.percent = percent
    case.measure.reported_on = desk.moment.on
    settle(case)
    return case.measure
