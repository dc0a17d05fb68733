"""Promises about who may: nobody checks their own work, and nobody comes to trust by one person's word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.year.mirror import Mirror
from tests.year.promise import Look, promise

TRUSTED = frozenset({"coordinator", "verifier", "supervisor", "leading_group"})
#: Events of a measure that make whoever did it one of those who worked on it.
WORK = frozenset({"measure:state:accept", "measure:progress:report", "measure:evidence:attach", "measure:state:submit"})


Hands = dict[int, date]  #: who has worked on a measure, each since when


@promise(
    "four-eyes",
    "Nobody who ever owned, led, reported, gave evidence to or handed in a measure, or stood in for one who did, passes"
    " or closes it; where the leading group closes it, at least one of its members has not.",
)
def four_eyes(look: Look) -> Iterator[str]:
    mirror = look.mirror
    worked: dict[int, Hands] = look.memory.setdefault("worked", defaultdict(dict))
    for event in mirror.fresh_events:
        measure, actor = event.measure_id, event.actor_id
        if measure is None:
            continue
        hands = worked[measure]
        for column in ("owner_id", "lead_id"):
            for person in (event.changed or {}).get(column, ()):
                hands.setdefault(person, event.on)
        if event.kind in WORK:
            hands.setdefault(actor, event.on)
        yield from _judged(mirror, event, hands)
    for row in mirror.measures.values():
        for person in (row.owner_id, row.lead_id):
            worked[row.id].setdefault(person, look.office.today)


def _judged(mirror: Mirror, event: Any, hands: Hands) -> Iterator[str]:
    """Yield why who passed or closed a measure should not have."""
    actor, is_near = event.actor_id, event.actor_id in _near(mirror, hands, event.on)
    if event.kind == "measure:state:pass" and is_near:
        yield f"person {actor} passed measure {event.measure_id}, on which they had worked"
    elif event.kind == "measure:state:close" and event.data.get("decision") is None and is_near:
        yield f"person {actor} closed measure {event.measure_id}, on which they had worked"
    elif event.kind == "measure:state:close" and not set(mirror.grants["leading_group", None]) - hands.keys():
        yield f"measure {event.measure_id} was closed by decision, and the whole group had worked on it"


def _near(mirror: Mirror, hands: Hands, on: date) -> set[int]:
    """Return who has worked on a measure, and who has stood in for one of them since."""
    stood_in = {
        one.substitute_id
        for one in mirror.absences
        if one.person_id in hands and one.last_day >= hands[one.person_id] and one.first_day <= on
    }
    return hands.keys() | stood_in


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
