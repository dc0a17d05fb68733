"""The rule of sight as a condition of a query: which measures somebody sees (`engine.rules.sight`)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select

from engine.rules.sight import Sight
from models import CoUnit, Measure, Verification

_m = Measure.__table__.c


def in_sight(sight: Sight) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a measure; none for those who see everything."""
    if sight.everything:
        return ()
    helps = select(CoUnit.measure_id).where(CoUnit.unit_id.in_(sight.units))
    verifies = select(Verification.measure_id).where(Verification.verifier_id.in_(sight.people))
    verifies = verifies.where(Verification.verdict.is_(None))
    return (
        or_(
            _m.unit_id.in_(sight.units),
            _m.owner_id.in_(sight.people),
            _m.lead_id.in_(sight.people),
            _m.id.in_(helps),
            _m.id.in_(verifies),
        ),
    )
