"""The digest that binds a verdict to the evidence it saw.  Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256


def evidence_digest(pieces: Iterable[tuple[int, str, str | None]]) -> str:
    """Return one SHA-256 over (id, name, SHA-256 of the file or None) of all pieces, in whatever order they come.

    >>> evidence_digest([(2, "b", None), (1, "a", "ff")]) == evidence_digest([(1, "a", "ff"), (2, "b", None)])
    True
    >>> evidence_digest([(1, "a", None)]) == evidence_digest([(1, "b", None)])
    False
    """
    told = sorted([number, name, content or ""] for number, name, content in pieces)
    return sha256(json.dumps(told).encode()).hexdigest()  # as JSON no name can pass for two pieces
