"""Who sees which measures, and opens which places."""

import pytest

from engine.rules.access import Actor
from engine.rules.refusal import NotAllowed, NotFound
from engine.rules.sight import MAY_OPEN, RESTRICTED, SEES_ALL, Place, may_open, open_place, sight_of
from engine.rules.vocabulary import Role

OWN, OTHER, THIRD = 1, 2, 3
ME, BOSS, STRANGER = 11, 12, 13


def actor(*grants: tuple[Role, int | None], **overrides: object) -> Actor:
    given = {"person": ME, "unit": OWN, "grants": frozenset(grants)} | overrides
    return Actor(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", sorted(SEES_ALL))
def test_sight_when_a_role_concerns_the_house_is_everything(role: Role):
    assert sight_of(actor((role, None))).sees(units=frozenset({OTHER}), people=frozenset({STRANGER}))


def test_sight_without_such_a_role_is_own_unit_and_own_measures():
    sight = sight_of(actor())
    assert sight.sees(units=frozenset({OWN}), people=frozenset({STRANGER}))
    assert sight.sees(units=frozenset({OTHER, OWN}), people=frozenset())  # helps
    assert sight.sees(units=frozenset({OTHER}), people=frozenset({STRANGER, ME}))  # leads it
    assert not sight.sees(units=frozenset({OTHER}), people=frozenset({STRANGER}))


def test_sight_of_a_unit_head_reaches_the_unit_that_is_headed():
    sight = sight_of(actor((Role.UNIT_HEAD, THIRD)))
    assert sight.sees(units=frozenset({THIRD}), people=frozenset())
    assert not sight.sees(units=frozenset({OTHER}), people=frozenset())


def test_sight_of_a_substitute_reaches_what_the_absent_person_sees():
    standing_in = actor(stands_in_for=frozenset({BOSS}), borrowed=frozenset({(Role.UNIT_HEAD, THIRD)}))
    assert sight_of(standing_in).sees(units=frozenset({OTHER}), people=frozenset({BOSS}))
    assert sight_of(standing_in).sees(units=frozenset({THIRD}), people=frozenset())
    assert sight_of(actor(borrowed=frozenset({(Role.COORDINATOR, None)}))).everything


@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize("role", [*Role, None])
def test_places_when_opened_without_the_role_are_refused_or_not_there(place: Place, role: Role | None):
    wanted = MAY_OPEN[place]
    who = actor() if role is None else actor((role, OWN if role is Role.UNIT_HEAD else None))
    if wanted is None or role in wanted:
        assert may_open(who, place)
        open_place(who, place)
        return
    assert not may_open(who, place)
    with pytest.raises(NotFound if place in RESTRICTED else NotAllowed):
        open_place(who, place)


def test_accountability_when_opened_is_for_supervisors_and_the_leading_group_alone():
    assert MAY_OPEN[Place.ACCOUNTABILITY] == {Role.SUPERVISOR, Role.LEADING_GROUP}
