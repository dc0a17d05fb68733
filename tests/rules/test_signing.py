"""Who may take which step with a paper, and in which state."""

from __future__ import annotations

from datetime import date

import pytest

from engine.rules.access import Actor
from engine.rules.refusal import FourEyes, NotAllowed, NotReady, WrongState
from engine.rules.signing import (
    APPROVE,
    PAPER_STATE_NAMES,
    RETURN,
    STEPS,
    SUBMIT,
    WITHDRAW,
    PaperState,
    check_issue,
    may_sign,
    take,
    too_near,
)
from engine.rules.too_near import Away, Substitutions
from engine.rules.vocabulary import Role

OFFICE, SIGNER = 1, 2


def actor(person: int, *roles: Role) -> Actor:
    return Actor(person=person, unit=1, grants=frozenset((role, None) for role in roles))


LIN, ZHAO = actor(OFFICE, Role.COORDINATOR), actor(SIGNER, Role.LEADING_GROUP)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", PaperState)
def test_step_when_taken_leads_on_only_from_its_own_states(step: object, state: PaperState):
    who = LIN if step is SUBMIT else ZHAO
    if state in step.sources:  # type: ignore[attr-defined]
        assert take(step, state, actor=who, near=(OFFICE,), reason="x") is step.target  # type: ignore[arg-type,attr-defined]
    else:
        with pytest.raises(WrongState):
            take(step, state, actor=who, near=(OFFICE,), reason="x")  # type: ignore[arg-type]


@pytest.mark.parametrize("step", [APPROVE, RETURN, WITHDRAW])
def test_step_of_who_signs_when_taken_by_the_office_is_refused(step: object):
    with pytest.raises(NotAllowed):
        take(step, PaperState.SUBMITTED, actor=LIN, near=(), reason="x")  # type: ignore[arg-type]


def test_approval_when_by_a_hand_of_the_paper_or_its_stand_in_is_refused():
    both = actor(OFFICE, Role.COORDINATOR, Role.LEADING_GROUP)
    stood_in = Away(person=OFFICE, substitute=3, first_day=date(2025, 9, 1), last_day=date(2025, 9, 2))
    was_stood_in_for = Away(person=4, substitute=OFFICE, first_day=date(2025, 9, 2), last_day=date(2025, 9, 2))
    earlier = Away(person=OFFICE, substitute=SIGNER, first_day=date(2025, 8, 1), last_day=date(2025, 8, 31))
    absences = Substitutions([stood_in, was_stood_in_for, earlier])
    near = too_near((OFFICE,), absences, since=date(2025, 9, 1), today=date(2025, 9, 5))
    assert near == {OFFICE, 3, 4}
    for who in (both, actor(3, Role.LEADING_GROUP), actor(4, Role.LEADING_GROUP)):
        assert not may_sign(who, near)
        with pytest.raises(FourEyes):
            take(APPROVE, PaperState.SUBMITTED, actor=who, near=near)
    assert may_sign(ZHAO, (OFFICE,))
    assert not may_sign(LIN, ())


@pytest.mark.parametrize(("step", "state"), [(RETURN, PaperState.SUBMITTED), (WITHDRAW, PaperState.APPROVED)])
def test_step_when_it_needs_a_reason_is_refused_without_one(step: object, state: PaperState):
    with pytest.raises(NotReady):
        take(step, state, actor=ZHAO, near=(), reason="  ")  # type: ignore[arg-type]


def test_day_of_issue_when_before_what_is_told_is_refused():
    check_issue(date(2025, 9, 10), as_of=date(2025, 9, 10))
    with pytest.raises(NotReady):
        check_issue(date(2025, 9, 9), as_of=date(2025, 9, 10))


def test_states_when_named_are_all_named():
    assert set(PAPER_STATE_NAMES) == set(PaperState)
