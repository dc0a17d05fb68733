from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from engine.rules.access import Actor, CaseFacts, four_eyes, permit, roles_on
from engine.rules.lifecycle import parse_lifecycle
from engine.rules.refusal import FourEyes, NotAllowed, NotReady, WrongState
from engine.rules.too_near import Away
from engine.rules.vocabulary import Role, State
from engine.rules.work_record import Hand, Span, WorkRecord
from tests.factories import build_work, shipped_policies

LIFECYCLE = parse_lifecycle(shipped_policies().lifecycle)
OWNER, LEAD, HEAD, COORDINATOR, VERIFIER, SUPERVISOR, GROUP, AUDITOR, NOBODY = range(1, 10)
ONE, TWO, COMMITTEE = 1, 2, 3

ACTORS = {
    Role.OWNER: Actor(person=OWNER, unit=ONE, grants=frozenset()),
    Role.LEADER: Actor(person=LEAD, unit=COMMITTEE, grants=frozenset()),
    Role.UNIT_HEAD: Actor(person=HEAD, unit=ONE, grants=frozenset({(Role.UNIT_HEAD, ONE)})),
    Role.COORDINATOR: Actor(person=COORDINATOR, unit=COMMITTEE, grants=frozenset({(Role.COORDINATOR, None)})),
    Role.VERIFIER: Actor(person=VERIFIER, unit=TWO, grants=frozenset({(Role.VERIFIER, None)})),
    Role.SUPERVISOR: Actor(person=SUPERVISOR, unit=COMMITTEE, grants=frozenset({(Role.SUPERVISOR, None)})),
    Role.LEADING_GROUP: Actor(person=GROUP, unit=COMMITTEE, grants=frozenset({(Role.LEADING_GROUP, None)})),
    Role.AUDITOR: Actor(person=AUDITOR, unit=COMMITTEE, grants=frozenset({(Role.AUDITOR, None)})),
}


def build_facts(**overrides: object) -> CaseFacts:
    plain = {
        "state": State.SUBMITTED,
        "owner": OWNER,
        "unit": ONE,
        "lead": LEAD,
        "verifier": VERIFIER,
        "work": build_work(),
        "evidence_count": 1,
        "co_units_waiting": 0,
        "evidence_unchanged": True,
        "coordinator_may_close": False,
    }
    return CaseFacts(**plain | overrides)


def ready(name: str, **overrides: object) -> CaseFacts:
    """Return facts in which only the actor can still be wrong."""
    state = min(LIFECYCLE.transitions[name].sources)
    return build_facts(state=state, verifier=VERIFIER if state is State.SUBMITTED else None, **overrides)


@pytest.mark.parametrize("role", sorted(ACTORS))
def test_roles_when_a_person_has_one_then_it_alone(role: Role):
    assert roles_on(ACTORS[role], build_facts()) == {role}


@pytest.mark.parametrize(("name", "role"), [*product(sorted(set(LIFECYCLE.transitions) - {"void"}), sorted(ACTORS))])
def test_transition_when_asked_by_each_role_then_only_those_it_names(name: str, role: Role):
    transition = LIFECYCLE.transitions[name]
    if role in transition.by:
        assert permit(LIFECYCLE, name, actor=ACTORS[role], facts=ready(name), reason="为此") is transition
    else:
        with pytest.raises(NotAllowed):
            permit(LIFECYCLE, name, actor=ACTORS[role], facts=ready(name), reason="为此")


@pytest.mark.parametrize(("name", "state"), [*product(sorted(LIFECYCLE.transitions), sorted(State))])
def test_transition_when_asked_in_each_state_then_only_from_where_it_starts(name: str, state: State):
    transition = LIFECYCLE.transitions[name]
    actor = ACTORS[min(transition.by, default=Role.OWNER)]
    facts = replace(ready(name), state=state, verifier=None)
    if state in transition.sources:
        assert permit(LIFECYCLE, name, actor=actor, facts=facts, reason="为此").target is transition.target
    else:
        with pytest.raises(WrongState):
            permit(LIFECYCLE, name, actor=actor, facts=facts, reason="为此")


@pytest.mark.parametrize(
    ("name", "role", "missing", "message"),
    [
        ("submit", Role.OWNER, {"evidence_count": 0}, "no evidence is attached yet"),
        (
            "submit",
            Role.OWNER,
            {"co_units_waiting": 2},
            "2 co-units have not said that their part is done",
        ),
        (
            "pass",
            Role.VERIFIER,
            {"evidence_unchanged": False},
            "the evidence changed after the verification began; start it again",
        ),
    ],
)
def test_transition_when_something_is_missing_then_it_says_what(
    name: str, role: Role, missing: dict[str, object], message: str
):
    with pytest.raises(NotReady) as refused:
        permit(LIFECYCLE, name, actor=ACTORS[role], facts=ready(name, **missing))
    assert str(refused.value) == message


@pytest.mark.parametrize("reason", [None, "", "  \n"])
def test_return_when_without_words_then_a_reason_is_asked_for(reason: str | None):
    with pytest.raises(NotReady, match="a reason is needed"):
        permit(LIFECYCLE, "return", actor=ACTORS[Role.VERIFIER], facts=ready("return"), reason=reason)


def test_close_when_delegated_then_the_coordinator_may_and_nothing_more():
    coordinator = ACTORS[Role.COORDINATOR]
    assert permit(LIFECYCLE, "close", actor=coordinator, facts=ready("close", coordinator_may_close=True))
    for name in ("cancel", "merge", "accept_risk"):
        with pytest.raises(NotAllowed):
            permit(LIFECYCLE, name, actor=coordinator, facts=ready(name, coordinator_may_close=True), reason="为此")
    assert Role.LEADING_GROUP not in roles_on(coordinator, ready("close", coordinator_may_close=True))


def test_close_when_by_decision_then_whoever_records_it_may():
    recorder = replace(ACTORS[Role.COORDINATOR], by_decision=True)
    assert permit(LIFECYCLE, "close", actor=recorder, facts=ready("close"))


def test_unit_head_when_of_another_unit_then_no_role():
    elsewhere = Actor(person=NOBODY, unit=TWO, grants=frozenset({(Role.UNIT_HEAD, TWO)}))
    assert roles_on(elsewhere, build_facts()) == frozenset()


def test_verifier_when_another_was_named_then_no_role_until_nobody_is():
    other = Actor(person=NOBODY, unit=TWO, grants=frozenset({(Role.VERIFIER, None)}))
    assert roles_on(other, build_facts()) == frozenset()
    assert roles_on(other, build_facts(verifier=None)) == {Role.VERIFIER}


def test_substitute_when_the_person_is_away_then_acts_in_their_roles():
    stand_in = Actor(
        person=NOBODY,
        unit=TWO,
        grants=frozenset(),
        stands_in_for=frozenset({OWNER, HEAD}),
        borrowed=frozenset({(Role.UNIT_HEAD, ONE)}),
    )
    assert roles_on(stand_in, build_facts()) == {Role.OWNER, Role.UNIT_HEAD}


JULY = {"first_day": date(2025, 7, 1), "last_day": date(2025, 7, 31)}
WORKED = (
    Span(whose=OWNER, hand=Hand.OWNED, first=date(2025, 7, 1), last=date(2025, 7, 31)),
    Span(whose=LEAD, hand=Hand.LED, first=date(2025, 7, 1), last=date(2025, 7, 31)),
    Span(whose=HEAD, hand=Hand.SUBMITTED, first=date(2025, 7, 9), last=date(2025, 7, 9)),
)


@pytest.mark.parametrize(
    ("person", "unit", "work", "why"),
    [
        (OWNER, TWO, {}, "owned it, from 2025-07-01 on"),
        (LEAD, TWO, {}, "led it, from 2025-07-01 on"),
        (HEAD, TWO, {}, "submitted it on 2025-07-09"),
        (
            VERIFIER,
            TWO,
            {"absences": [Away(person=OWNER, substitute=VERIFIER, **JULY)]},
            "stood in for 王, who owned it, from 2025-07-01 on",
        ),
        (
            VERIFIER,
            TWO,
            {"absences": [Away(person=VERIFIER, substitute=OWNER, **JULY)]},
            "was stood in for by 王, who owned it, from 2025-07-01 on",
        ),
        (VERIFIER, ONE, {}, "is of a unit that worked on it, or was at that time"),
        (
            VERIFIER,
            TWO,
            {"homes": {VERIFIER: (Span(whose=ONE, first=date(2025, 6, 1), last=date(2025, 7, 1)),)}},
            "is of a unit that worked on it, or was at that time",
        ),
    ],
)
def test_four_eyes_when_too_near_then_refused(person: int, unit: int, work: dict[str, object], why: str):
    actor = Actor(person=person, name="伍", unit=unit, grants=frozenset({(Role.VERIFIER, None)}))
    record = worked(**work)
    with pytest.raises(FourEyes) as refused:
        four_eyes(actor, record)
    assert str(refused.value) == f"伍 may not check this measure: {why}"


def worked(**overrides: object) -> WorkRecord:
    units = (Span(whose=ONE, first=date(2025, 7, 1), last=date(2025, 7, 31)),)
    return build_work(**{"hands": WORKED, "units": units, "names": {OWNER: "王"}} | overrides)


@pytest.mark.parametrize(
    "work",
    [
        {},
        {"absences": [Away(person=OWNER, substitute=VERIFIER, first_day=date(2025, 8, 1), last_day=date(2025, 8, 9))]},
        {"homes": {VERIFIER: (Span(whose=ONE, first=date(2025, 5, 1), last=date(2025, 6, 30)),)}},
    ],
)
def test_four_eyes_when_far_enough_then_quiet(work: dict[str, object]):
    four_eyes(ACTORS[Role.VERIFIER], worked(**work))


def test_steps_when_judged_without_the_record_of_the_work_then_never_let_through():
    with pytest.raises(RuntimeError, match="without the record"):
        permit(LIFECYCLE, "pass", actor=ACTORS[Role.VERIFIER], facts=ready("pass", work=None))


@pytest.mark.parametrize("name", ["close", "cancel", "merge", "accept_risk"])
@pytest.mark.parametrize("hand", sorted(set(Hand) - {Hand.UNIT}))
def test_end_when_decided_by_who_worked_on_it_then_refused_whatever_the_policy_says(name: str, hand: Hand):
    span = Span(whose=GROUP, hand=hand, first=date(2025, 2, 3), last=date(2025, 2, 3))
    facts = ready(name, work=build_work(hands=(span,)))
    with pytest.raises(FourEyes, match="may not decide on this measure"):
        permit(LIFECYCLE, name, actor=ACTORS[Role.LEADING_GROUP], facts=facts, reason="为此")
    recorder = replace(ACTORS[Role.COORDINATOR], by_decision=True)
    assert permit(LIFECYCLE, name, actor=recorder, facts=facts, reason="为此"), "who writes it down decides nothing"


def test_close_when_delegated_to_a_coordinator_who_worked_on_it_then_refused():
    span = Span(whose=COORDINATOR, hand=Hand.READ_IN, first=date(2025, 2, 3), last=date(2025, 2, 3))
    facts = ready("close", coordinator_may_close=True, work=build_work(hands=(span,)))
    with pytest.raises(FourEyes):
        permit(LIFECYCLE, "close", actor=ACTORS[Role.COORDINATOR], facts=facts)


def test_refusals_when_several_apply_then_state_before_person_before_papers():
    wrong = build_facts(state=State.CLOSED, evidence_unchanged=False)
    with pytest.raises(WrongState):
        permit(LIFECYCLE, "pass", actor=ACTORS[Role.AUDITOR], facts=wrong)
    with pytest.raises(NotAllowed):
        permit(LIFECYCLE, "pass", actor=ACTORS[Role.AUDITOR], facts=replace(wrong, state=State.SUBMITTED))
    near = replace(ACTORS[Role.VERIFIER], unit=ONE)
    with pytest.raises(FourEyes):
        permit(LIFECYCLE, "pass", actor=near, facts=replace(wrong, state=State.SUBMITTED, work=worked()))
