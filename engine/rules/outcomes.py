"""The digest that stands in the record for an accountability outcome: it proves it and does not tell it.  Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

RECORDED = "accountability:outcome:record"  #: the kind of the event
FIELDS = (
    "round_id",
    "finding_id",
    "measure_id",
    "person_id",
    "unit_id",
    "kind",
    "decided_on",
    "text",
    "recorded_by_id",
)


def outcome_digest(outcome: Mapping[str, Any], seal: str) -> str:
    """Return the digest of an outcome, whose columns are plain JSON; `seal` is random, and kept beside it.

    Without the seal, somebody who knows the people of a house could try them all.

    >>> outcome_digest({"kind": "talk"}, "a") == outcome_digest({"kind": "talk"}, "b")
    False
    """
    told = [seal, *(outcome.get(name) for name in FIELDS)]
    return sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
