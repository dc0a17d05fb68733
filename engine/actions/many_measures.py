"""What a coordinator does with many measures at once: gives them to an owner, or reminds their owners now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from engine.actions.desk import Desk, find_actor, find_round
from engine.actions.outbox import add_notifications, outbox_row
from engine.actions.reassign_measure import reassign_measure
from engine.rules.access import only_for
from engine.rules.notices import Notice
from engine.rules.progress import OWED
from engine.rules.refusal import NotReady, Refusal
from engine.rules.text import N_
from engine.rules.vocabulary import Role, Slip
from models import Measure

MOST = 500  #: at once


def assign_measures(desk: Desk, codes: Sequence[str], *, owner: str, reason: str = "") -> int:
    """Give every measure to `owner`; return how many.

    All or nothing: the first that cannot be given is told with its code.  Raises Refusal.
    """
    _some(codes)
    for code in codes:
        try:
            reassign_measure(desk, code, owner=owner, reason=reason)
        except Refusal as refusal:
            refusal.text = N_("{code}: {problem}; nothing was assigned", code=code, problem=refusal.text)
            raise
    return len(codes)


def remind_owners(desk: Desk, codes: Sequence[str]) -> int:
    """Let the owners of what is still owed hear of it in their next digest; return how many reminders are new.

    For coordinators; on one day it is said once, however often it is asked for.  Raises Refusal.
    """
    _some(codes)
    actor, round_ = find_actor(desk), find_round(desk.session, desk.round)
    only_for(actor, "remind", {Role.COORDINATOR})
    measures = desk.session.scalars(
        select(Measure).where(
            Measure.round_id == round_.id,
            Measure.code.in_(codes),
            Measure.state.in_(OWED),
            Measure.owner_id.is_not(None),
        )
    )
    rows = [
        outbox_row(
            measure.owner_id or 0,
            Notice.REMINDED,
            role=Role.OWNER,
            key=desk.moment.on.isoformat(),
            moment=desk.moment,
            measure=measure,
            about=None,
            data={"by": actor.name},
        )
        | {"round_id": round_.id, "slip": Slip.REMINDER}
        for measure in measures
    ]
    return add_notifications(desk.session, rows)


def _some(codes: Sequence[str]) -> None:
    if not codes:
        raise NotReady(N_("choose some measures first"))
    if len(codes) > MOST:
        raise NotReady(N_("at most {most} measures at once", most=MOST))
