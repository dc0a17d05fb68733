"""A second person who holds trust confirms or refuses what was asked; or whoever asked withdraws it.

Judged anew at that moment: whether who asked may still ask, and whether what was asked still makes sense.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import update

from engine.actions.apply_trust import APPLY
from engine.actions.ask_trust import TrustGround, prove, record_trust, tell_decided
from engine.actions.desk import Desk, find_actor
from engine.reads.trust import find_request, read_holders
from engine.rules.access import Actor
from engine.rules.notices import Notice
from engine.rules.refusal import Conflict, NotAllowed, NotReady, WrongState
from engine.rules.text import N_
from engine.rules.trust import DONE_LATER, LINK_WITHIN, TRUST_STATE_NAMES, TrustKind, TrustState, check_confirmer
from engine.rules.vocabulary import Role
from models import Notification, Person, Said, TrustRequest


def confirm_request(desk: Desk, number: int) -> TrustRequest:
    """Let a request take effect; a confirmed link may be made for a day by coordinators.  Raises Refusal."""
    return _answer(desk, number, TrustState.CONFIRMED, take_effect=_take_effect)


def refuse_request(desk: Desk, number: int, *, reason: str) -> TrustRequest:
    """Refuse a request with a reason; nothing changes.  Raises Refusal."""
    if not reason.strip():
        raise NotReady(N_("a reason is needed"))
    return _answer(desk, number, TrustState.REFUSED, reason=reason.strip())


def withdraw_request(desk: Desk, number: int) -> TrustRequest:
    """Take back what one has asked; what whoever runs the machine has asked, a coordinator.  Raises Refusal."""
    actor = find_actor(desk)
    request = _waiting(desk, number)
    is_machines = request.asked_by_id is None and actor.holds(Role.COORDINATOR)
    if request.asked_by_id != actor.person and not is_machines:
        raise NotAllowed(N_("a request is withdrawn by whoever asked it"))
    return _settle(desk, actor, request, TrustState.WITHDRAWN)


def _answer(
    desk: Desk,
    number: int,
    state: TrustState,
    *,
    reason: str | None = None,
    take_effect: Callable[[Desk, Actor, TrustRequest], None] | None = None,
) -> TrustRequest:
    actor = find_actor(desk)
    request = _waiting(desk, number)
    check_confirmer(actor.person, request.asked, frozenset(read_holders(desk.session)))
    if take_effect is not None:
        prove(is_proved=desk.is_proved)
        take_effect(desk, actor, request)
    request.reason = reason
    return _settle(desk, actor, request, state)


def _waiting(desk: Desk, number: int) -> TrustRequest:
    request = find_request(desk.session, number)
    if request.state is not TrustState.WAITING:
        state = TRUST_STATE_NAMES[request.state]
        raise WrongState(N_("request {number} waits no longer: {state}", number=number, state=state))
    if request.expires_at <= desk.moment.at:
        raise WrongState(N_("request {number} was not answered in time; ask again", number=number))
    return request


def _take_effect(desk: Desk, actor: Actor, request: TrustRequest) -> None:
    _may_still_ask(desk, request)
    APPLY[request.kind](desk, actor, request)
    if request.kind in DONE_LATER:
        request.expires_at = desk.moment.at + LINK_WITHIN


def _may_still_ask(desk: Desk, request: TrustRequest) -> None:
    """Refuse what was asked by who could not ask it any more.  Raises Conflict."""
    if request.asked_by_id is None:
        return
    asker = desk.session.get_one(Person, request.asked_by_id)
    is_own = request.kind is TrustKind.SUBSTITUTE and asker.id == request.person_id
    rights = find_actor(
        Desk(session=desk.session, moment=desk.moment, calendar=desk.calendar, person=asker.code, round=desk.round)
    )
    if asker.shut_out_at is not None or not (is_own or rights.holds(Role.COORDINATOR)):
        raise Conflict(N_("{person}, who asked for this, may not ask for it any more; refuse it", person=asker.name))


def _settle(desk: Desk, actor: Actor, request: TrustRequest, state: TrustState) -> TrustRequest:
    request.state, request.decided_by_id, request.decided_at = state, actor.person, desk.moment.at
    ground = TrustGround.of(desk, actor)
    desk.session.flush()
    person = desk.session.get_one(Person, request.person_id)
    record_trust(ground, [(f"trust:request:{_STEPS[state]}", request, person.code)])
    asked = Notification.dedup_key.startswith(f"{Notice.TRUST_ASKED.value}:-:{request.id}:")
    desk.session.execute(
        update(Notification)
        .where(asked, Notification.state == Said.PENDING, Notification.digest_id.is_(None))
        .values(state=Said.CANCELLED, reason="answered")
    )
    tell_decided(ground, [request], read_holders(desk.session))
    return request


_STEPS = {TrustState.CONFIRMED: "confirm", TrustState.REFUSED: "refuse", TrustState.WITHDRAWN: "withdraw"}
