"""Promises about who may: nobody checks their own work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.year.promise import Look, promise

#: Events of a measure that make whoever did it one of those who worked on it.
WORK = frozenset({"measure:state:accept", "measure:progress:report", "measure:evidence:attach", "measure:state:submit"})


@promise("four-eyes", "Nobody who owned, reported, handed in, gave evidence to or led a measure passes it.")
def four_eyes(look: Look) -> Iterator[str]:
    mirror = look.mirror
    hands: dict[int, set[int]] = look.memory.setdefault("hands", defaultdict(set))
    for event in mirror.fresh_events:
        measure, actor = event.measure_id, event.actor_id
        if measure is None:
            continue
        for column in ("owner_id", "lead_id"):
            hands[measure].update(one for one in (event.changed or {}).get(column, ()) if one is not None)
        if event.kind in WORK and actor is not None:
            hands[measure].add(actor)
        if event.kind == "measure:state:pass" and actor in hands[measure]:
            yield f"person {actor} passed measure {measure}, on which they had worked"
    for row in mirror.measures.values():
        hands[row.id].update(one for one in (row.owner_id, row.lead_id) if one is not None)
