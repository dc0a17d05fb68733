"""Promises about who may: nobody checks their own work, and nobody comes to trust by one person's word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from tests.year.promise import Look, promise

TRUSTED = frozenset({"coordinator", "verifier", "supervisor", "leading_group"})
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


@promise(
    "two-persons",
    "Once two hold trust, a role that checks, decides or sees what is restricted is given, and lent to a substitute, by"
    " the word of two who are neither the one that it is given to.",
)
def two_persons(look: Look) -> Iterator[str]:
    mirror = look.mirror
    held = {(person, role) for (role, _), people in mirror.grants.items() for person in people if role in TRUSTED}
    lent = {one.id for one in mirror.absences if one.lends_trust}
    asked: dict[int, int | None] = look.memory.setdefault("asked", {})
    agreed: dict[str, list[tuple[int | None, int | None, dict[str, Any]]]] = look.memory.setdefault("agreed", {})
    for event in mirror.fresh_events:
        if event.kind == "trust:request:ask":
            asked[event.data["request"]] = event.actor_id
        elif event.kind == "trust:request:confirm":
            word = asked.get(event.data["request"]), event.actor_id, event.data
            agreed.setdefault(event.data["person"], []).append(word)
    if "held" in look.memory:
        for person, role in held - look.memory["held"]:
            words = [one for one in agreed.get(mirror.people[person].code, []) if one[2].get("role") == role]
            if not any(_are_two(first, second, person) for first, second, _ in words):
                yield f"person {person} has become {role} without the word of two others"
        for absence in (one for one in mirror.absences if one.id in lent - look.memory["lent"]):
            words = [one for one in agreed.get(mirror.people[absence.person_id].code, []) if "first_day" in one[2]]
            if not any(_are_two(first, second, absence.substitute_id) for first, second, _ in words):
                yield f"person {absence.substitute_id} holds the trust of {absence.person_id} by the word of one alone"
    look.memory["held"], look.memory["lent"] = held, lent


def _are_two(first: int | None, second: int | None, gains: int) -> bool:
    return second is not None and first != second and gains not in {first, second}
