"""Who of the leading group does not decide on a measure (回避): whoever has worked on it.  Pure.

Deciding is the body's: a line needs a member who has not worked on the measure.  A coordinator who writes a decision
down decides nothing; where they have worked on the measure, the record says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.rules.access import Actor
from engine.rules.refusal import FourEyes
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from engine.rules.work_record import ALL_HANDS, ASKING_HANDS, Ground, Hand, Side, WorkRecord, reason_of

#: What the leading group decides that ends a measure or gives it more time: by whose work its members are judged.
_JUDGED: Mapping[str, frozenset[Hand]] = {
    "close": ALL_HANDS,
    "cancel": ALL_HANDS,
    "merge": ALL_HANDS,
    "accept_risk": ALL_HANDS,
    "extend": ASKING_HANDS,
    "refuse_extension": ASKING_HANDS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recused:
    """Somebody who has worked on what is decided, and why."""

    person: int
    ground: Ground
    is_member: bool  #: of the leading group, who did not decide; else the coordinator who wrote it down


def is_judged_kind(kind: str) -> bool:
    """Return whether members of the leading group are recused from decisions of this kind."""
    return kind in _JUDGED


def recuse(kind: str, work: WorkRecord, *, members: Mapping[int, str], recorder: Actor) -> tuple[Recused, ...]:
    """Return who is recused from a decision of this kind; `members` are those of the leading group, by name.

    Raises FourEyes where no member is left to decide, and where a member who is recused would write it down without
    being a coordinator.
    """
    recused = list(recused_of(kind, work, members))
    grounds = work.grounds(_JUDGED[kind])
    told = tuple(_told(one, members, work.names) for one in recused)
    if recused and len(recused) == len(members):
        raise FourEyes(
            N_(
                "nobody of the leading group is left to decide this line: {people}. Grant the leading group to somebody"
                " who has not worked on the measure, or leave the line for a meeting with another member",
                people=told,
            )
        )
    if recorder.person in grounds and not recorder.holds(Role.COORDINATOR):
        why = reason_of(grounds[recorder.person], work.names)
        raise FourEyes(
            N_(
                "{person} is recused from this line: {why}. A coordinator, or another member, records what was decided",
                person=recorder.name,
                why=why,
            )
        )
    if recorder.person in grounds and recorder.person not in members:
        recused.append(Recused(person=recorder.person, ground=grounds[recorder.person], is_member=False))
    return tuple(recused)


def recused_of(kind: str, work: WorkRecord, members: Collection[int]) -> tuple[Recused, ...]:
    """Return which of the members do not decide on a measure, where this kind of decision is asked for."""
    grounds = work.grounds(_JUDGED[kind])
    return tuple(Recused(person=one, ground=grounds[one], is_member=True) for one in sorted(members) if one in grounds)


def _told(one: Recused, names: Mapping[int, str], workers: Mapping[int, str]) -> Text:
    return N_("{person} ({why})", person=names[one.person], why=reason_of(one.ground, workers))


def plain_recused(recused: Collection[Recused]) -> list[dict[str, Any]]:
    """Return who is recused as plain JSON, as a decision keeps it."""
    return [
        {
            "person": one.person,
            "member": one.is_member,
            "hand": one.ground.hand.value,
            "since": one.ground.since.isoformat(),
            "side": one.ground.side.value,
            "through": one.ground.through,
        }
        for one in recused
    ]


def read_recused(plain: Collection[Mapping[str, Any]]) -> tuple[Recused, ...]:
    """Return what `plain_recused` wrote."""
    return tuple(
        Recused(
            person=one["person"],
            is_member=one["member"],
            ground=Ground(
                hand=Hand(one["hand"]),
                since=date.fromisoformat(one["since"]),
                side=Side(one["side"]),
                through=one["through"],
            ),
        )
        for one in plain
    )
