"""Checkpoints as they are kept elsewhere: a few words of JSON, written for `duban audit checkpoint` and the page."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.audit import Anchor
from models import Checkpoint

FORM = "duban checkpoint"
NEWEST = 60


def anchor_of(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return a checkpoint as it is kept elsewhere."""
    return {
        "form": FORM,
        "last_event": checkpoint.last_event_id,
        "events": checkpoint.events,
        "on": checkpoint.on.isoformat(),
        "at": checkpoint.at.isoformat(),
        "digest": checkpoint.digest.hex(),
    }


def read_anchor(text: str) -> Anchor | None:
    """Return what somebody kept; None when it is no anchor of ours.

    >>> read_anchor("{}") is None, read_anchor("no JSON") is None
    (True, True)
    """
    try:
        told = json.loads(text)
        if told["form"] == FORM:
            return Anchor(last_event_id=int(told["last_event"]), events=int(told["events"]), digest=str(told["digest"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    return None


def read_checkpoints(session: Session) -> tuple[Checkpoint, ...]:
    """Return the newest checkpoints, the newest first."""
    return tuple(session.scalars(select(Checkpoint).order_by(Checkpoint.id.desc()).limit(NEWEST)))
