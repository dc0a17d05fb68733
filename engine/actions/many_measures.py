"""What a coordinator does with many measures at once: gives them to an owner, or reminds their owners now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from engine.actions.desk import Desk, find_actor, find_person, find_round
from engine.actions.outbox import add_notifications, outbox_row
from engine.actions.reassign_measure import reassign_measure
from engine.rules.access import only_for
from engine.rules.notices import Notice
from engine.rules.progress import OWED
from engine.rules.refusal import NotAllowed, NotReady, Refusal
from engine.rules.text import N_
from engine.rules.vocabulary import Role, Slip
from models import Measure

MOST = 500  #: at once
TOLD = 10  #: of what is refused


def assign_measures(desk: Desk, codes: Sequence[str], *, owner: str, reason: str = "") -> int:
    """Give every measure to `owner`; return how many.

    All or nothing: which cannot be given, and why, is told with their codes.  Raises Refusal.
    """
    _some(codes)
    if not owner.strip():
        raise NotReady(N_("name the new owner first"))
    person, refused = find_person(desk.session, owner), dict[str, Refusal]()
    for code in sorted(set(codes)):  # whoever locks the same measures does it in the same order
        try:
            reassign_measure(desk, code, owner=person.code, reason=reason)
        except NotAllowed:
            raise
        except Refusal as refusal:
            refused[code] = refusal
    if refused:
        told = tuple(N_("{code}: {problem}", code=code, problem=one.text) for code, one in refused.items())
        first = next(iter(refused.values()))
        if len(told) > TOLD:
            first.text = N_(
                "nothing was assigned: {problems}; and {count} more", problems=told[:TOLD], count=len(told) - TOLD
            )
        else:
            first.text = N_("nothing was assigned: {problems}", problems=told)
        raise first
    return len(set(codes))


def remind_owners(desk: Desk, codes: Sequence[str]) -> int:
    """Let the owners of what is still owed hear of it in their next digest; return how many reminders are new.

    For coordinators; on one day it is said once, however often it is asked for.  Raises Refusal.
    """
    _some(codes)
    actor, round_ = find_actor(desk), find_round(desk.session, desk.round)
    only_for(actor, "remind", {Role.COORDINATOR})
    measures = desk.session.scalars(
        select(Measure)
        .where(
            Measure.round_id == round_.id,
            Measure.code.in_(codes),
            Measure.state.in_(OWED),
            Measure.owner_id.is_not(None),
        )
        .order_by(Measure.id)
        .with_for_update()  # two coordinators at once: the second sees what the first has said
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
