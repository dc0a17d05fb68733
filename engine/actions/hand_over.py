"""A coordinator hands over what waits for one person: measures, tasks of meetings and verdicts, to others, at once.

All or nothing.  What only a ledger or another act can give away is told and stays: the measures that somebody leads,
the units that they alone head, and those for whom they stand in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from engine.actions.desk import Desk, find_actor, find_person, refuse_shut_out
from engine.actions.give_task import give_task
from engine.actions.many_measures import MOST, assign_measures
from engine.actions.start_verification import start_verification
from engine.reads.left_open import LeftOpen, read_left_open
from engine.reads.open_matters import IS_OPEN_TASK
from engine.rules.access import only_for
from engine.rules.refusal import NotFound, NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Decision, Meeting, Person, Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One thing that was given to somebody else."""

    round: str  #: code
    code: str  #: of the measure; of a task 2025-09/3
    to: str  #: name


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """What was handed over, and what stays with the person."""

    measures: tuple[Given, ...]
    tasks: tuple[Given, ...]
    verdicts: tuple[Given, ...]
    stays: LeftOpen | None  #: None: nothing


def hand_over(
    desk: Desk, who: str, *, to: str | None, some: Mapping[str, str], verifier: str | None = None, reason: str
) -> HandedOver:
    """Give everything that `who` owns, and the tasks and verdicts that wait for them, to others.  For coordinators.

    `some` names the new owner by code of a measure or task (2025-09/3), `to` that of all the rest.  Verdicts go to
    `verifier`, or by the rule to the least busy whom four eyes allow.  Raises Refusal; then nothing is handed over.
    """
    only_for(find_actor(desk), "reassign", {Role.COORDINATOR})
    if not reason.strip():
        raise NotReady(N_("a reason is needed"))
    session, person = desk.session, find_person(desk.session, who)
    found = read_left_open(session, desk.moment.on, {person.id})
    left = found[0] if found else None
    owned = left.owned if left else ()
    tasks = _tasks(desk, person.id)
    codes = {code for _, code in owned} | {code for _, code, _ in tasks}
    if unknown := sorted(some.keys() - codes):
        raise NotFound(N_("{person} owns no open measure or task {codes}", person=person.name, codes=tuple(unknown)))
    heirs = _heirs(desk, person, {some.get(code, to) for code in codes})

    def heir(code: str) -> Person:
        return heirs[some.get(code, to)]

    batches: dict[tuple[str, int], list[str]] = defaultdict(list)
    for round_, code in owned:
        batches[round_, heir(code).id].append(code)
    for (round_, _), batch in sorted(batches.items()):
        for first in range(0, len(batch), MOST):
            part = batch[first : first + MOST]
            assign_measures(replace(desk, round=round_), part, owner=heir(part[0]).code, reason=reason)
    for round_, code, decision in tasks:
        give_task(replace(desk, round=round_), decision, owner=heir(code), reason=reason)
    verdicts = [
        Given(round=round_, code=code, to=name)
        for round_, asked in _by_round(left.verified if left else ()).items()
        for code, name in start_verification(
            replace(desk, round=round_), asked, verifier=verifier, leaving=person.id
        ).items()
    ]
    session.flush()
    stays = read_left_open(session, desk.moment.on, {person.id})
    return HandedOver(
        measures=tuple(Given(round=round_, code=code, to=heir(code).name) for round_, code in owned),
        tasks=tuple(Given(round=round_, code=code, to=heir(code).name) for round_, code, _ in tasks),
        verdicts=tuple(verdicts),
        stays=stays[0] if stays else None,
    )


def _heirs(desk: Desk, person: Person, names: Collection[str | None]) -> dict[str | None, Person]:
    """Return who each name is.  Raises Refusal where one is nobody, is shut out, or is the person themselves."""
    if None in names:
        raise NotReady(N_("name the new owner first"))
    heirs: dict[str | None, Person] = {name: find_person(desk.session, name) for name in names if name is not None}
    for one in heirs.values():
        refuse_shut_out(one)
        if one.id == person.id:
            raise NotReady(N_("{person} owns it already; name somebody else", person=one.name))
    return heirs


def _tasks(desk: Desk, person: int) -> list[tuple[str, str, Decision]]:
    """Return the open tasks that name the person: the round, the code, and the decision."""
    rows = desk.session.execute(
        select(Round.code, Meeting.period, Decision)
        .join(Meeting, Meeting.id == Decision.meeting_id)
        .join(Round, Round.id == Meeting.round_id)
        .where(IS_OPEN_TASK, Decision.owner_id == person)
        .order_by(Meeting.period, Decision.number)
        .with_for_update(of=Decision)
    )
    return [(round_, f"{period}/{one.number}", one) for round_, period, one in rows.tuples()]


def _by_round(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for round_, code in pairs:
        found[round_].append(code)
    return found
