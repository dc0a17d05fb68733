"""Who a rung speaks to: roles become people.  Pure.

Owner, leader, verifier and approver follow from the measure; the others are granted.  Absences are not looked at here:
they are resolved when the message is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from engine.rules.vocabulary import Role

Grants = Mapping[tuple[Role, int | None], tuple[int, ...]]


class Addressed(NamedTuple):
    """What a measure itself says about who is concerned: a tuple, since a sweep makes thousands."""

    owner: int | None
    lead: int | None
    unit: int | None
    verifier: int | None  #: of the open verification
    approver_role: Role | None  #: of the pending extension request


def people_in(role: Role, measure: Addressed, grants: Grants) -> tuple[int, ...]:
    """Return the people who hold `role` towards the measure; empty when nobody does."""
    if role is Role.OWNER:
        return (measure.owner,) if measure.owner is not None else ()
    if role is Role.LEADER:
        return (measure.lead,) if measure.lead is not None else ()
    if role is Role.VERIFIER:
        return (measure.verifier,) if measure.verifier is not None else ()
    if role is Role.APPROVER:
        return people_in(measure.approver_role, measure, grants) if measure.approver_role else ()
    return grants.get((role, measure.unit if role is Role.UNIT_HEAD else None), ())


def addressees(roles: Iterable[Role], measure: Addressed, grants: Grants) -> tuple[tuple[int, Role], ...]:
    """Return (person, role) for a rung's roles, each person once, in the first role that names them."""
    found: dict[int, Role] = {}
    for role in roles:
        for person in people_in(role, measure, grants):
            found.setdefault(person, role)
    return tuple(found.items())


def roles_alike(measure: Addressed, grants: Grants) -> tuple[object, ...]:
    """Return what decides which roles somebody holds: towards two measures alike in this, the same ones are held."""
    return (
        measure.owner is None,
        measure.lead is None,
        bool(grants.get((Role.UNIT_HEAD, measure.unit))),
        measure.verifier is None,
        measure.approver_role,
    )
