"""Somebody acts on what they saw: what changed since then is a conflict, not overwritten.

A measure has a version.  Of anything else the page carries a mark of the facts that it has shown.
"""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import select

from engine.actions.case_reads import changed_meanwhile
from engine.actions.desk import Desk, find_round
from engine.rules.refusal import Conflict
from engine.rules.text import N_
from models import Measure

MARK = 16  #: signs


def expect_version(desk: Desk, code: str, version: int) -> None:
    """Refuse when the measure is no longer at `version`, or changes before this transaction holds it.  Raises Conflict.

    A measure that is not there is left to the action.
    """
    round_ = find_round(desk.session, desk.round)
    found = desk.session.scalar(select(Measure).where(Measure.round_id == round_.id, Measure.code == code))
    if found is not None and found.version != version:
        raise changed_meanwhile(code)


class SeenOther(Conflict):
    """What somebody acts on is no longer what they have seen."""


def mark_seen(*facts: object) -> str:
    """Return a mark of facts that are shown to somebody: the same for the same, in any process.

    Facts are plain values, and frozen dataclasses, tuples or lists of such; never sets.

    >>> mark_seen("wang", None) == mark_seen("wang", None), mark_seen("wang", None) == mark_seen("wang", "")
    (True, False)
    """
    return sha256(repr(facts).encode()).hexdigest()[:MARK]


def expect_seen(seen: str | None, *facts: object) -> None:
    """Refuse when the facts are no longer those with the mark `seen`; None: nothing was seen.  Raises SeenOther."""
    if seen is not None and seen != mark_seen(*facts):
        raise SeenOther(
            N_("somebody else changed this after you opened it; what is shown now is the newest: look at it and repeat")
        )
