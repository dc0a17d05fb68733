"""The hash chain of events: every event carries a hash over itself and the event before it in its chain.

Each measure has a chain; what concerns no measure (imports, meetings, the calendar, absences) has one together.  An
event that was changed, taken out of the middle or put in breaks its chain; a tail that was cut shows against a
checkpoint, which covers every event up to it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

FORM = 1  #: of what is hashed; kept inside it
#: Made once: to make one takes as long as to write an event with it.
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
GENESIS = bytes(32)  #: what the first event of a chain follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a chain stands."""

    seq: int = 0  #: of the last event, from 1
    hash: bytes = GENESIS  #: SHA-256


@dataclass(frozen=True, slots=True)
class Tale:
    """What an event tells, but for whose it is and where it stands: made ready once, hashed for many measures."""

    before: bytes
    after: bytes

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Tale:
        """Return what `event` (the columns of its row) tells."""
        return cls(
            before=_line([FORM, event.get("round_id")])[:-1],
            after=_line(
                [
                    event["kind"],
                    event.get("actor_id"),
                    event["on"].isoformat(),
                    event["at"].astimezone(UTC).isoformat(timespec="microseconds"),
                    event.get("from_state"),
                    event.get("to_state"),
                    event["data"],
                    event.get("changed"),
                ]
            )[1:],
        )

    def link(self, measure: int | None, before: Link) -> Link:
        """Return the link of this event of `measure` after `before`."""
        seq = before.seq + 1
        return Link(seq=seq, hash=hashlib.sha256(before.hash + self.line(measure, seq)).digest())

    def line(self, measure: int | None, seq: int) -> bytes:
        """Return what is hashed: one line of JSON that is the same before and after the database has kept the event."""
        whose = b"null" if measure is None else b"%d" % measure
        return b"%b,%b,%d,%b" % (self.before, whose, seq, self.after)


def next_link(event: Mapping[str, Any], before: Link) -> Link:
    """Return the link of `event` (the columns of its row, without id, seq and hash) after `before`."""
    return Tale.of(event).link(event.get("measure_id"), before)


def _line(told: list[Any]) -> bytes:
    return _JSON.encode(told).encode()


def fold(before: bytes, hashes: Iterable[bytes]) -> tuple[bytes, int]:
    """Return the digest of a checkpoint after the one with digest `before`, and how many events it adds.

    `hashes` are those of the events since then, in the order of their ids: work for what is new, not for all there is.
    """
    digest, count = hashlib.sha256(before), 0
    for one in hashes:
        digest.update(one)
        count += 1
    return digest.digest(), count
