"""Checklist versions (核验清单): stored once per content; a verification keeps the one that it began with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules.moment import Moment
from models import Checklist


def keep_checklist(session: Session, plain: Mapping[str, Any], moment: Moment) -> int:
    """Return the number of the stored version with this content; a new content becomes a new version.

    The content must have been accepted by `parse_checklist`.
    """
    digest = sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    found = session.scalar(select(Checklist.id).where(Checklist.digest == digest))
    if found is not None:
        return found
    kept = Checklist(digest=digest, body=dict(plain), created_at=moment.at)
    session.add(kept)
    session.flush()
    return kept.id
