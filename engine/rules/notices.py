"""What Duban may say to a person: the kinds of notification, and what each must carry.

A notification is written as a row in the transaction that makes it true (`engine.actions.outbox.tell`), bundled into
one digest per person and run, and rendered by `notifications`.  `data` holds what the kind needs beyond the row's own
columns (measure, slip, waits_for, deadline).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.rules.vocabulary import Slip


class Notice(StrEnum):
    """Kinds of notification."""

    RUNG = "rung"  #: a rung of a ladder: reminder or slip.  data: rung, passed_over (list of planned dates)
    EMPTY_RUNG = "empty_rung"  #: to the coordinator: nobody holds the role.  data: rung, roles
    ASSIGNED = "assigned"  #: to the new owner.  data: by (None: an import by whoever runs the machine)
    REASSIGNED_AWAY = "reassigned_away"  #: to the former owner.  data: to, reason
    VERIFICATION_ASKED = "verification_asked"  #: to the verifier.  data: owner, evidence (list of names)
    VERIFICATION_WANTED = "verification_wanted"  #: to the coordinator: submitted, no verifier yet.  data: owner
    RETURNED = "returned"  #: to the owner.  data: reason, verifier
    PASSED = "passed"  #: to the owner.  data: verifier
    VOIDED = "voided"  #: to verifier and owner: the evidence changed after the verdict.  data: {}
    CLOSED = "closed"  #: to the owner.  data: {}
    CANCELLED = "cancelled"  #: to the owner.  data: how (cancel, merge, accept_risk), reason
    STEP_TAKEN = "step_taken"  #: to the owner: a step of the office's own.  data: by, zh, en, state, reason
    REBOUND = "rebound"  #: to owner and leader: reopened.  data: reason
    EXTENSION_ASKED = "extension_asked"  #: to the approver.  data: number, old_due, new_due, reason, owner
    EXTENSION_DECIDED = "extension_decided"  #: to the owner.  data: approved (bool), old_due, new_due, reason
    DECISION_TASK = "decision_task"  #: to the owner of a decision.  data: text, meeting
    TASK_AWAY = "task_away"  #: to who had a task of a meeting.  data: text, meeting, to, reason
    DEADLINE_MOVED = "deadline_moved"  #: to the owner: the calendar was edited.  data: old, new, note
    REMINDED = "reminded"  #: to the owner, by a coordinator just now.  data: by
    OPINION = "opinion"  #: to the owner, and who is named in it.  data: by, text
    STUCK = "stuck"  #: to the coordinator: a timer could not be handled.  data: error
    DELIVERY_FAILED = "delivery_failed"  #: to the coordinator.  data: person, channel, error
    MEETING = "meeting"  #: to the leading group: the agenda is out.  data: meeting, held_on, documents, invitation
    MEETING_SET = "meeting_set"  #: to the leading group: its day.  data: meeting, held_on, was_on, was_off, invitation
    MEETING_OFF = "meeting_off"  #: to the leading group: it is called off.  data: meeting, held_on, reason, invitation
    PAPER_ASKED = "paper_asked"  #: to who may sign.  data: document, period, version, as_of, by
    PAPER_DECIDED = "paper_decided"  #: to who submitted.  data: document, period, version, approved (bool), by, reason
    LINK_WANTED = "link_wanted"  #: to the coordinator: somebody cannot sign in.  data: person, code
    LINK_MADE = "link_made"  #: to who has a password: another may set it anew.  data: by, day, time, code
    TRUST_ASKED = (
        "trust_asked"  #: to who holds trust, and whom it concerns.  data: request, asks, asked, by, is_asked, until
    )
    TRUST_DECIDED = "trust_decided"  #: to the same, and who asked.  data: request, asks, asked, by, how, reason, former
    ROLE_TAKEN = "role_taken"  #: to whom it concerns; of trust, to who holds it, too.  data: person, taken, by
    SHUT_OUT = "shut_out"  #: to the coordinators and who holds trust.  data: person, code, by, count
    UNREACHED = "unreached"  #: to the coordinators: things wait for who reads nothing.  data: people, count
    OVERDUE_SWEEP = (
        "overdue_sweep"  #: to the coordinator, by the watchdog: the sweep itself is late.  data: oldest, count
    )


#: How urgent each slip is; digests are sorted by it, the most urgent first.
URGENCY: dict[Slip, int] = {Slip.GROUP: 50, Slip.RED: 40, Slip.YELLOW: 30, Slip.BLUE: 20, Slip.REMINDER: 10}

#: Slips that a daily cap never holds back.
NEVER_CAPPED = frozenset({Slip.RED, Slip.GROUP})
#: Kinds that neither a daily cap nor a quiet time holds back, whatever their slip.
NEVER_WAITING = frozenset(
    {Notice.SHUT_OUT, Notice.LINK_MADE, Notice.TRUST_ASKED, Notice.TRUST_DECIDED, Notice.ROLE_TAKEN}
)
#: Kinds for the person alone: told to them also while somebody stands in for them.
PERSONAL = frozenset(
    {
        *(Notice.LINK_MADE, Notice.TRUST_ASKED, Notice.TRUST_DECIDED, Notice.ROLE_TAKEN),
        # an invitation lives on in the calendar that it went to; who stands in on the day is invited besides
        *(Notice.MEETING, Notice.MEETING_SET, Notice.MEETING_OFF),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the world stands when a notification is about to be sent."""

    timer_stands: bool  #: the timer it speaks of still waits, for the same deadline
    still_holds_role: bool  #: the person still has the role in which they are addressed
    measure_open: bool


#: Told to whoever has the duty: reassigned with it.
_OF_THE_DUTY = frozenset({Notice.RUNG, Notice.ASSIGNED, Notice.REMINDED})
#: Asked of one person, until it is answered or asked of another.
_ASKED = frozenset({Notice.VERIFICATION_ASKED, Notice.EXTENSION_ASKED, Notice.PAPER_ASKED})
#: Speaks of a wait: nothing to say once that is over.
_OF_A_WAIT = frozenset({Notice.EMPTY_RUNG, Notice.VERIFICATION_WANTED, Notice.DECISION_TASK}) | _OF_THE_DUTY | _ASKED


def why_cancel(*, kind: Notice, about_timer: bool, standing: Standing) -> str | None:
    """Return why a notification must not be sent any more (closed, answered, reassigned), or None when it holds.

    Stable words, stored as the reason; news of something that happened (a verdict, a decision) stays true and is
    always sent, unless it went to a role that has passed to somebody else.
    """
    if kind in _OF_THE_DUTY and not standing.still_holds_role:
        return "reassigned"
    if kind in _OF_A_WAIT and about_timer and not standing.timer_stands:
        return "answered" if standing.measure_open else "closed"
    return "reassigned" if kind in _ASKED and not standing.still_holds_role else None
