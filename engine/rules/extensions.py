"""When an extension (延期) may be asked for, and who decides it.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.rules.ladder import LadderBook
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from engine.rules.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionFacts:
    """What a request is judged by."""

    due: date | None
    new_due: date
    reason: str
    approved_count: int  #: extensions of this measure so far
    pending: bool  #: another request waits already
    today: date


def judge_request(facts: ExtensionFacts, book: LadderBook, calendar: WorkingCalendar) -> Role:
    """Return who decides the request: a higher role for each further extension.

    Raises NotReady for a request that comes after the due date's working day, goes back in time, gives no reason, or
    is one too many.
    """
    if facts.due is None:
        raise NotReady(N_("the measure is open-ended; there is no due date to extend"))
    if facts.today > calendar.on_or_after(facts.due):
        raise NotReady(N_("an extension is asked for before the due date; {due} has passed", due=facts.due))
    if facts.new_due <= facts.due:
        raise NotReady(N_("the new due date must lie after {due}", due=facts.due))
    if not facts.reason.strip():
        raise NotReady(N_("a reason is needed"))
    if facts.pending:
        raise NotReady(N_("a request for this measure is waiting already"))
    if facts.approved_count >= len(book.extensions):
        raise NotReady(
            N_("extended {count} times already; no further extension is allowed", count=facts.approved_count)
        )
    return book.extensions[facts.approved_count]
