"""Somebody acts on what they saw: a measure that changed since then is a conflict, not overwritten."""

from __future__ import annotations

from sqlalchemy import select

from engine.actions.case_reads import changed_meanwhile
from engine.actions.desk import Desk, find_round
from models import Measure


def expect_version(desk: Desk, code: str, version: int) -> None:
    """Refuse when the measure is no longer at `version`, or changes before this transaction holds it.  Raises Conflict.

    A measure that is not there is left to the action.
    """
    round_ = find_round(desk.session, desk.round)
    found = desk.session.scalar(select(Measure).where(Measure.round_id == round_.id, Measure.code == code))
    if found is not None and found.version != version:
        raise changed_meanwhile(code)
