"""Who has worked on a measure, by its record, and so neither checks nor decides it.  Pure.

Whoever owned, led, accepted, reported, gave evidence, submitted, asked for an extension, confirmed a co-unit's part or
read any of that in has worked on it, for good: being replaced takes nothing back, and neither does a reopening.
Whoever stood in for one of them at that time, or today, is as near, in either direction and through chains.  The unit
of a measure, and those of its workers, are judged by the days on which they were theirs.

Told from events by `engine.reads.work_record`; asked by `engine.rules.access`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from engine.rules.text import N_, Text
from engine.rules.too_near import Substitutions
from engine.rules.vocabulary import State


class Hand(StrEnum):
    """What somebody has done on a measure."""

    OWNED = "owned"
    LED = "led"
    ACCEPTED = "accepted"
    REPORTED = "reported"
    GAVE_EVIDENCE = "gave_evidence"
    SUBMITTED = "submitted"
    ASKED = "asked"  #: for an extension
    HELPED = "helped"  #: confirmed a co-unit's part
    READ_IN = "read_in"  #: progress, evidence or a state that follows from them, from a file
    UNIT = "unit"  #: nothing; but their unit did


ALL_HANDS = frozenset(Hand) - {Hand.UNIT}
#: Who neither asks for more time nor answers for the work may decide an extension; a leader may.
ASKING_HANDS = ALL_HANDS - {Hand.LED, Hand.READ_IN}
#: Those whose units are judged too.
_UNIT_HANDS = frozenset({Hand.OWNED, Hand.REPORTED, Hand.GAVE_EVIDENCE, Hand.SUBMITTED})
_DONE: Mapping[str, Hand] = {
    "measure:progress:report": Hand.REPORTED,
    "measure:evidence:attach": Hand.GAVE_EVIDENCE,
    "measure:extension:request": Hand.ASKED,
    "measure:co_unit:done": Hand.HELPED,
}
_READ_IN = frozenset({"measure:import:create", "measure:import:update"})
_HANDED_IN = frozenset({State.SUBMITTED, State.VERIFIED, State.CLOSED})
#: The kinds of events by which somebody works on a measure, beside changes of its state.
WORK_EVENTS = frozenset(_DONE) | _READ_IN


class Side(StrEnum):
    """How somebody is near to the work."""

    SELF = "self"  #: did it
    STOOD_IN = "stood_in"  #: stood in for who did it
    REPLACED = "replaced"  #: was stood in for by who did it


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Something of somebody, or of a unit, from one day to another, both counted."""

    whose: int
    first: date
    last: date
    hand: Hand = Hand.UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Why somebody is too near to a measure."""

    hand: Hand
    since: date
    side: Side = Side.SELF
    through: int | None = None  #: who has worked on it, where they did not themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event of a measure, as far as it tells of work."""

    kind: str
    actor: int | None
    on: date
    from_state: State | None = None
    to_state: State | None = None
    changed: Mapping[str, Any] | None = None  #: column → [before, after]
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Whose a measure is now, and since when at least."""

    owner: int | None
    lead: int | None
    unit: int | None
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRecord:
    """Everything that nearness to one measure is judged by, on a day."""

    hands: tuple[Span, ...]  #: of people
    units: tuple[Span, ...]  #: that worked on it
    substitutions: Substitutions
    homes: Mapping[int, tuple[Span, ...]]  #: by person: the units that they have left
    names: Mapping[int, str]  #: of the people with a hand in it
    today: date

    def grounds(self, hands: Collection[Hand] = ALL_HANDS) -> dict[int, Ground]:
        """Return everybody who is too near, with the plainest reason; units are judged by `ground_of`."""
        counted = [span for span in self.hands if span.hand in hands]
        found: dict[int, Ground] = {}
        for span in counted:
            found.setdefault(span.whose, Ground(hand=span.hand, since=span.first))
        for span in counted:
            for first, last in {(span.first, span.last), (self.today, self.today)}:
                stood_in, replaced = self.substitutions.near(span.whose, first, last)
                for side, people in ((Side.STOOD_IN, stood_in), (Side.REPLACED, replaced)):
                    for person in sorted(people):
                        ground = Ground(hand=span.hand, since=span.first, side=side, through=span.whose)
                        found.setdefault(person, ground)
        return found

    def ground_of(self, person: int, unit: int) -> Ground | None:
        """Return why somebody, of `unit` now, is too near to check the measure; None: they are not."""
        return self.grounds().get(person) or self._ground_of_unit(person, unit)

    def _ground_of_unit(self, person: int, unit: int) -> Ground | None:
        """Return why the unit of `person`, now or at that time, is too near; None: it is not."""
        for span in self.units:
            is_theirs = span.whose == unit or any(
                home.whose == span.whose and home.first <= span.last and span.first <= home.last
                for home in self.homes.get(person, ())
            )
            if is_theirs:
                return Ground(hand=Hand.UNIT, since=span.first)
        return None


def reason_of(ground: Ground, names: Mapping[int, str]) -> Text:
    """Return why, for people: the predicate of a sentence about who is too near."""
    did, who = _did(ground.hand, ground.since), names.get(ground.through or 0, "")
    if ground.side is Side.STOOD_IN:
        return N_("stood in for {person}, who {did}", person=who, did=did)
    if ground.side is Side.REPLACED:
        return N_("was stood in for by {person}, who {did}", person=who, did=did)
    return did


def _did(hand: Hand, day: date) -> Text:
    return {
        Hand.OWNED: N_("owned it, from {day} on", day=day),
        Hand.LED: N_("led it, from {day} on", day=day),
        Hand.ACCEPTED: N_("accepted it on {day}", day=day),
        Hand.REPORTED: N_("reported progress on {day}", day=day),
        Hand.GAVE_EVIDENCE: N_("gave evidence on {day}", day=day),
        Hand.SUBMITTED: N_("submitted it on {day}", day=day),
        Hand.ASKED: N_("asked for an extension on {day}", day=day),
        Hand.HELPED: N_("confirmed a co-unit's part on {day}", day=day),
        Hand.READ_IN: N_("read in its progress or evidence on {day}", day=day),
        Hand.UNIT: N_("is of a unit that worked on it, or was at that time"),
    }[hand]


def hands_told(told: Sequence[Told], present: Present, today: date) -> tuple[Span, ...]:
    """Return everybody's hand in a measure; `told` are its events, the oldest first."""
    found = [
        Span(whose=event.actor, hand=hand, first=event.on, last=event.on)
        for event in told
        if event.actor is not None and (hand := _hand_of(event)) is not None
    ]
    begins = min(told[0].on, present.since) if told else present.since
    owners = _holders(told, "owner_id", present.owner, begins, today)
    leads = _holders(told, "lead_id", present.lead, begins, today)
    return (*_as(Hand.OWNED, owners), *_as(Hand.LED, leads), *found)


def units_told(
    told: Sequence[Told], hands: Iterable[Span], present: Present, today: date, homes: Mapping[int, tuple[Span, ...]]
) -> tuple[Span, ...]:
    """Return the units that worked on a measure; `homes` are all units of its workers, the present one too."""
    begins = min(told[0].on, present.since) if told else present.since
    theirs = [
        Span(whose=home.whose, first=max(home.first, hand.first), last=min(home.last, hand.last))
        for hand in hands
        if hand.hand in _UNIT_HANDS
        for home in homes.get(hand.whose, ())
        if home.first <= hand.last and hand.first <= home.last
    ]
    return (*_holders(told, "unit_id", present.unit, begins, today), *theirs)


def homes_of(left: Iterable[tuple[int, date]], present: int | None, today: date) -> tuple[Span, ...]:
    """Return in which units somebody was: `left` are those that they have left, with the day; the day counts to both.

    >>> [(one.whose, one.first.year, one.last.year) for one in homes_of([(7, date(2024, 5, 1))], 8, date(2025, 1, 1))]
    [(7, 1, 2024), (8, 2024, 2025)]
    """
    spans, begins = [], date.min
    for unit, day in sorted(left, key=lambda one: one[1]):
        spans.append(Span(whose=unit, first=begins, last=day))
        begins = day
    if present is not None:
        spans.append(Span(whose=present, first=begins, last=today))
    return tuple(spans)


def _hand_of(event: Told) -> Hand | None:
    """Return what the actor of an event has done on the measure."""
    if event.kind in _READ_IN:
        data, changed = event.data or {}, event.changed or {}
        brings = event.to_state in _HANDED_IN or "reported_on" in changed or {"evidence", "progress"} & data.keys()
        return Hand.READ_IN if brings else None
    if event.to_state is State.SUBMITTED:
        return Hand.SUBMITTED
    if (event.from_state, event.to_state) == (State.ASSIGNED, State.IN_PROGRESS):
        return Hand.ACCEPTED
    return _DONE.get(event.kind)


def _holders(told: Sequence[Told], column: str, now: int | None, begins: date, today: date) -> tuple[Span, ...]:
    """Return what a column of the measure held, from day to day, by any of its events."""
    spans: list[Span] = []
    held: int | None = None

    def until(day: date, *values: int | None) -> None:
        spans.extend(Span(whose=one, first=begins, last=day) for one in dict.fromkeys(values) if one is not None)

    for event in told:
        if event.changed and column in event.changed:
            before, after = event.changed[column]
            until(event.on, before, held)
            begins, held = event.on, after
    until(today, now, held)
    return tuple(spans)


def _as(hand: Hand, spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(Span(whose=one.whose, hand=hand, first=one.first, last=one.last) for one in spans)
