"""Policy versions: stored once per content, parsed once per process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules.ladder import LadderBook, parse_ladders
from engine.rules.lifecycle import Lifecycle, parse_lifecycle
from engine.rules.moment import Moment
from models import Policy

_parsed: dict[str, tuple[Lifecycle, LadderBook]] = {}


def keep_policy(session: Session, lifecycle: Mapping[str, Any], ladder: Mapping[str, Any], moment: Moment) -> Policy:
    """Return the stored version with this content; a new content becomes a new version."""
    canonical = json.dumps([lifecycle, ladder], sort_keys=True, ensure_ascii=False)
    digest = sha256(canonical.encode()).hexdigest()
    found = session.scalar(select(Policy).where(Policy.digest == digest))
    if found is None:
        found = Policy(digest=digest, lifecycle=dict(lifecycle), ladder=dict(ladder), created_at=moment.at)
        session.add(found)
        session.flush()
    return found


def policy_of(session: Session, number: int, digest: str) -> tuple[Lifecycle, LadderBook]:
    """Return the lifecycle and ladders of the version with this id and digest; read only once per process."""
    if digest not in _parsed:
        read_policy(session.get_one(Policy, number))
    return _parsed[digest]


def read_policy(policy: Policy) -> tuple[Lifecycle, LadderBook]:
    """Return the policy's lifecycle and ladders."""
    if policy.digest not in _parsed:
        _parsed[policy.digest] = parse_lifecycle(policy.lifecycle), parse_ladders(policy.ladder)
    return _parsed[policy.digest]
