"""Records what the leading group decided at a meeting, and carries it out in the same transaction."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import and_, false, func, or_, select

from engine.actions.cancel_measure import cancel_measure
from engine.actions.close_measure import close_measure
from engine.actions.decide_extension import decide_extension, extend_by_decision
from engine.actions.desk import Desk, find_actor, find_person, find_round, keep_record, record
from engine.actions.held_meeting import expect_held, meeting_on
from engine.actions.other_timers import sync_subject
from engine.actions.outbox import tell
from engine.actions.reassign_measure import reassign_measure
from engine.actions.timers import hold_timers
from engine.reads.grants import read_members
from engine.reads.meetings_off import is_called_off
from engine.reads.work_record import present_of, read_work
from engine.rules.access import Actor
from engine.rules.names import DECISION_NAMES, ROLE_NAMES, action_name
from engine.rules.notices import Notice
from engine.rules.other_waits import Subject
from engine.rules.recusal import Recused, is_judged_kind, plain_recused, recuse
from engine.rules.refusal import Conflict, NotAllowed, NotFound, NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Decision, DecisionKind, Extension, Measure, Meeting, Ruling, Timer


def record_decision(
    desk: Desk,
    *,
    meeting: date,
    kind: DecisionKind,
    measure: str | None = None,
    text: str,
    owner: str | None = None,
    due: date | None = None,
    subject: str | None = None,
    amends: int | None = None,
) -> Decision:
    """Record one decision of the meeting that was held on `meeting` and write it back to the measure.  Raises Refusal.

    close, extend (`due`: the new date), refuse_extension, reassign (`owner`), cancel, merge, accept_risk; task is free
    text with `owner` and `due`.  `subject` names the line of the agenda that it is about.  Where that is decided
    already, `amends` must be the number of the newest decision about it: AlreadyDecided tells it to whoever has not
    seen it.  Members of the leading group who have worked on the measure are recused, and the record says so.  For
    coordinators, who keep the minutes, and members of the leading group.
    """
    session = desk.session
    actor = find_actor(desk)
    if not (actor.holds(Role.COORDINATOR) or actor.holds(Role.LEADING_GROUP)):
        roles = (ROLE_NAMES[Role.COORDINATOR], ROLE_NAMES[Role.LEADING_GROUP])
        raise NotAllowed(N_("{action} is for: {roles}", action=action_name("record_decision"), roles=roles))
    if not text.strip():
        raise NotReady(N_("a decision needs a text"))
    round_ = find_round(session, desk.round)
    held = meeting_on(session, round_.id, meeting)
    expect_held(held, desk.moment.on)
    if is_called_off(session, held):
        raise NotReady(N_("this meeting is called off; draw up its agenda anew if it takes place after all"))
    about = _measure(desk, round_.id, measure)
    _expect_undecided(desk, held, about, subject, amends)
    person = find_person(session, owner) if owner else None
    recused = _recuse(desk, actor, kind, about)
    decision = Decision(
        meeting_id=held.id,
        number=(session.scalar(select(func.max(Decision.number)).where(Decision.meeting_id == held.id)) or 0) + 1,
        kind=kind,
        measure_id=about.id if about else None,
        text=text.strip(),
        owner_id=person.id if person else None,
        due=due,
        subject=subject,
        recused=plain_recused(recused),
        recorded_by_id=actor.person,
        on=desk.moment.on,
        at=desk.moment.at,
    )
    session.add(decision)
    session.flush()
    sync_subject(desk, Subject.MEETING, held.id)  # it waits for no record any more
    task = sync_subject(desk, Subject.TASK, decision.id)
    data: dict[str, Any] = {} if amends is None else {"amends": amends}
    if recused:
        data["recused"] = plain_recused(recused)
    record(
        desk,
        "meeting:decision:record",
        actor=actor.person,
        measure=about,
        round_id=round_.id,
        decision=kind.value,
        meeting=held.period,
        number=decision.number,
        text=text.strip(),
        **data,
    )
    _carry_out(desk, decision, about, owner=owner, due=due)
    keep_record(desk)  # a task about a measure changes nothing that would have kept it
    if kind is DecisionKind.TASK and person is not None:
        tell(
            desk,
            [person.id],
            Notice.DECISION_TASK,
            role=Role.OWNER,
            key=f"decision:{decision.id}",
            measure=about,
            round_id=round_.id,
            other=task,
            text=text.strip(),
            meeting=held.held_on.isoformat(),
            due=due.isoformat() if due else None,
        )
    return decision


class AlreadyDecided(Conflict):
    """The line of the agenda is decided already, and whoever decides has not said that they amend that."""

    def __init__(self, former: Decision) -> None:
        super().__init__(
            N_(
                'already decided: {kind}, "{text}" (decision {number}); only what amends or adds to it can be recorded',
                kind=DECISION_NAMES[former.kind.value],
                text=former.text,
                number=former.number,
            )
        )
        self.number = former.number  #: of the newest decision about the line


def _expect_undecided(
    desk: Desk, held: Meeting, about: Measure | None, subject: str | None, amends: int | None
) -> None:
    """Refuse what is decided already at this meeting, unless the newest decision about it is amended.

    A line is known by its subject; a decision that names none is about its measure.
    """
    of_measure = Decision.measure_id == about.id if about else false()
    same_line = (
        of_measure
        if subject is None
        else or_(Decision.subject == subject, and_(Decision.subject.is_(None), of_measure))
    )
    query = select(Decision).where(Decision.meeting_id == held.id, same_line).order_by(Decision.number.desc()).limit(1)
    former = desk.session.scalar(query)
    if former is not None and former.number != amends:
        raise AlreadyDecided(former)
    if former is None and amends is not None:
        raise NotFound(N_("decision {number} is not about this", number=amends))


def _measure(desk: Desk, round_id: int, code: str | None) -> Measure | None:
    if code is None:
        return None
    found = desk.session.scalar(
        select(Measure)
        .where(Measure.round_id == round_id, Measure.code == code)
        .with_for_update(of=Measure, key_share=True)
    )
    if found is None:
        raise NotFound(N_("there is no measure {code}", code=code))
    hold_timers(desk.session, Timer.measure_id == found.id)
    return found


def _recuse(desk: Desk, actor: Actor, kind: DecisionKind, about: Measure | None) -> tuple[Recused, ...]:
    """Return who has worked on the measure, and so has not decided.  Raises FourEyes where nobody is left."""
    if about is None or not is_judged_kind(kind.value):
        return ()
    work = read_work(desk.session, about.id, present_of(about), desk.moment.on)
    return recuse(kind.value, work, members=read_members(desk.session), recorder=actor)


def _carry_out(desk: Desk, decision: Decision, measure: Measure | None, *, owner: str | None, due: date | None) -> None:
    """Do to the measure what was decided; a task changes nothing."""
    kind, reason = decision.kind, decision.text
    if kind is DecisionKind.TASK:
        return
    if measure is None:
        raise NotReady(N_("this decision is about a measure; name its code"))
    code = measure.code
    if kind is DecisionKind.CLOSE:
        close_measure(desk, code, decision=decision)
    elif kind is DecisionKind.REASSIGN:
        if owner is None:
            raise NotReady(N_("name the new owner"))
        reassign_measure(desk, code, owner=owner, reason=reason, decision=decision)
    elif kind is DecisionKind.REFUSE_EXTENSION:
        decide_extension(desk, code, approve=False, reason=reason, decision=decision)
    elif kind is DecisionKind.EXTEND:
        _extend(desk, code, measure, decision, due)
    else:
        cancel_measure(desk, code, how=kind.value, reason=reason, decision=decision)


def _extend(desk: Desk, code: str, measure: Measure, decision: Decision, due: date | None) -> None:
    """Grant the pending request, with the date asked for or another; without a request the date must be named."""
    is_asked = desk.session.scalar(
        select(Extension.id).where(Extension.measure_id == measure.id, Extension.ruling == Ruling.PENDING)
    )
    if is_asked:
        decide_extension(desk, code, approve=True, reason=decision.text, new_due=due, decision=decision)
    elif due is None:
        raise NotReady(N_("name the new due date"))
    else:
        extend_by_decision(desk, code, new_due=due, reason=decision.text, decision=decision)
    decision.due = measure.due  # what was granted, also where the minutes name no date
