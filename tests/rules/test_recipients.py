from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.recipients import Addressed, addressees, people_in, roles_alike
from engine.rules.vocabulary import Role

GRANTS = {
    (Role.UNIT_HEAD, 1): (11, 12),
    (Role.UNIT_HEAD, 2): (21,),
    (Role.COORDINATOR, None): (5, 6),
    (Role.LEADING_GROUP, None): (9,),
}


def build_measure(**overrides: object) -> Addressed:
    plain = {"owner": 1, "lead": 2, "unit": 1, "verifier": 3, "approver_role": None}
    return Addressed(**plain | overrides)


@pytest.mark.parametrize(
    ("role", "overrides", "expected"),
    [
        (Role.OWNER, {}, (1,)),
        (Role.OWNER, {"owner": None}, ()),
        (Role.LEADER, {}, (2,)),
        (Role.LEADER, {"lead": None}, ()),
        (Role.VERIFIER, {}, (3,)),
        (Role.VERIFIER, {"verifier": None}, ()),
        (Role.UNIT_HEAD, {}, (11, 12)),
        (Role.UNIT_HEAD, {"unit": 2}, (21,)),
        (Role.UNIT_HEAD, {"unit": 3}, ()),
        (Role.UNIT_HEAD, {"unit": None}, ()),
        (Role.COORDINATOR, {}, (5, 6)),
        (Role.SUPERVISOR, {}, ()),
        (Role.APPROVER, {}, ()),
        (Role.APPROVER, {"approver_role": Role.LEADER}, (2,)),
        (Role.APPROVER, {"approver_role": Role.LEADING_GROUP}, (9,)),
        (Role.APPROVER, {"approver_role": Role.UNIT_HEAD}, (11, 12)),
    ],
)
def test_people_in_each_role_then_from_the_measure_or_the_grants(
    role: Role, overrides: dict[str, object], expected: tuple[int, ...]
):
    assert people_in(role, build_measure(**overrides), GRANTS) == expected


def test_addressees_when_one_person_has_two_roles_then_named_once_in_the_first():
    found = addressees([Role.OWNER, Role.LEADER, Role.COORDINATOR], build_measure(lead=1, owner=5), GRANTS)
    assert found == ((5, Role.OWNER), (1, Role.LEADER), (6, Role.COORDINATOR))


@given(st.lists(st.sampled_from(sorted(set(Role) - {Role.APPROVER}))), st.none() | st.integers(1, 9))
def test_addressees_when_any_roles_are_asked_then_exactly_their_holders_once(roles: list[Role], owner: int | None):
    measure = build_measure(owner=owner)
    found = [person for person, _ in addressees(roles, measure, GRANTS)]
    assert len(set(found)) == len(found)
    assert set(found) == {person for role in roles for person in people_in(role, measure, GRANTS)}


_MEASURES = st.builds(
    Addressed,
    owner=st.none() | st.integers(1, 3),
    lead=st.none() | st.integers(1, 3),
    unit=st.none() | st.integers(1, 4),
    verifier=st.none() | st.integers(1, 3),
    approver_role=st.none() | st.sampled_from(sorted(set(Role) - {Role.APPROVER})),  # nobody approves as approver
)


@given(_MEASURES, _MEASURES)
def test_roles_alike_when_two_measures_are_then_somebody_holds_the_same_roles(one: Addressed, other: Addressed):
    held, held_too = ([bool(people_in(role, measure, GRANTS)) for role in Role] for measure in (one, other))
    assert held == held_too or roles_alike(one, GRANTS) != roles_alike(other, GRANTS)
