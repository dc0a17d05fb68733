"""How a paper is signed: handed in by the office, approved or returned by the leading group, then replaced.

Pure; asked by the actions on papers before they change anything.  Four eyes: whoever drew up or submitted a paper, or
an earlier version of it, does not approve it, nor does who has stood in for them since, in either direction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.rules.access import Actor, only_for
from engine.rules.names import action_name
from engine.rules.refusal import FourEyes, NotReady, WrongState
from engine.rules.text import N_, Text
from engine.rules.too_near import Substitutions
from engine.rules.vocabulary import Role


class PaperState(StrEnum):
    """Where a paper stands on its way to being signed."""

    DRAFT = "draft"  #: drawn up, shown to nobody yet
    SUBMITTED = "submitted"  #: waits for who signs
    RETURNED = "returned"  #: with a reason; it may be submitted again
    APPROVED = "approved"  #: signed and printed in its final form
    REPLACED = "replaced"  #: a later version was approved
    WITHDRAWN = "withdrawn"  #: approved once, and no longer valid


PAPER_STATE_NAMES: dict[PaperState, Text] = {
    PaperState.DRAFT: N_("a draft"),
    PaperState.SUBMITTED: N_("waits for approval"),
    PaperState.RETURNED: N_("returned"),
    PaperState.APPROVED: N_("approved and in force"),
    PaperState.REPLACED: N_("replaced by a later version"),
    PaperState.WITHDRAWN: N_("withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a paper."""

    name: str  #: of the action
    sources: frozenset[PaperState]
    target: PaperState
    by: frozenset[Role]
    needs_reason: bool = False
    four_eyes: bool = False


#: Who draws papers up; and who signs them.
DRAFTERS, SIGNERS = frozenset({Role.COORDINATOR}), frozenset({Role.LEADING_GROUP})
_WAITS = frozenset({PaperState.SUBMITTED})
SUBMIT = Step("submit_paper", frozenset({PaperState.DRAFT, PaperState.RETURNED}), PaperState.SUBMITTED, DRAFTERS)
APPROVE = Step("approve_paper", _WAITS, PaperState.APPROVED, SIGNERS, four_eyes=True)
RETURN = Step("return_paper", _WAITS, PaperState.RETURNED, SIGNERS, needs_reason=True)
WITHDRAW = Step("withdraw_paper", frozenset({PaperState.APPROVED}), PaperState.WITHDRAWN, SIGNERS, needs_reason=True)
STEPS = (SUBMIT, APPROVE, RETURN, WITHDRAW)


def take(step: Step, state: PaperState, *, actor: Actor, near: Collection[int], reason: str = "") -> PaperState:
    """Return where the paper stands after a step.

    `near` are those who may not approve it (`too_near`).  Raises NotAllowed, WrongState, FourEyes or NotReady, in this
    order.
    """
    only_for(actor, step.name, step.by)
    if state not in step.sources:
        raise WrongState(
            N_(
                "{action} is not possible: the paper is in the state {state}",
                action=action_name(step.name),
                state=PAPER_STATE_NAMES[state],
            )
        )
    if step.four_eyes and actor.person in near:
        raise FourEyes(
            N_(
                "whoever drew up or submitted a paper, or an earlier version of it, cannot approve it;"
                " nor can who stood in for them, or for whom they did"
            )
        )
    if step.needs_reason and not reason.strip():
        raise NotReady(N_("a reason is needed"))
    return step.target


def too_near(hands: Iterable[int], substitutions: Substitutions, *, since: date, today: date) -> frozenset[int]:
    """Return who had a hand in a paper, and who stood in for them since, or for whom they did."""
    had = frozenset(hands)
    return had.union(*(near for one in had for near in substitutions.near(one, since, today)))


def may_sign(actor: Actor, near: Collection[int]) -> bool:
    """Return whether `actor` may approve a paper which these are too near to."""
    return any(actor.holds(role) for role in SIGNERS) and actor.person not in near


def check_issue(issued_on: date, *, as_of: date) -> None:
    """Refuse a day of issue (成文日期) before the day that the paper tells of.  Raises NotReady."""
    if issued_on < as_of:
        raise NotReady(N_("a paper that tells of {as_of} cannot be issued on {issued}", as_of=as_of, issued=issued_on))
