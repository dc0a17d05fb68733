"""What a rung of a ladder asks, by what is waited for and whether the reader does it, oversees it or decides it."""

from __future__ import annotations

from engine.rules.names import WAIT_NAMES
from engine.rules.recipients import DOERS
from engine.rules.text import N_, Text
from engine.rules.vocabulary import OtherWait, Role, WaitsFor
from notifications.messages import Line
from notifications.other_sentences import other_sentence

_DO: dict[WaitsFor, Text] = {
    WaitsFor.ASSIGNMENT: N_("Please assign this measure to a responsible unit and a task owner."),
    WaitsFor.ACCEPTANCE: N_("Please accept this measure."),
    WaitsFor.MONTHLY_REPORT: N_("Please report this month's progress."),
    WaitsFor.DUE_DATE: N_("Please finish this measure in time, attach the evidence and submit it for verification."),
    WaitsFor.VERIFICATION: N_("Please verify this measure: pass it, or return it with a reason."),
    WaitsFor.EXTENSION: N_("Please decide on the extension request."),
    WaitsFor.CLOSE_OUT: N_("This measure is verified. Please put its close-out before the leading group."),
}
_DO_LATE = N_(
    "This measure is overdue. Please finish it and submit it for verification at once, and report the reason for the "
    "delay."
)
_OVERSEE: dict[WaitsFor, Text] = {
    WaitsFor.ASSIGNMENT: N_("This measure is still assigned to nobody. Please see that it is."),
    WaitsFor.ACCEPTANCE: N_("This measure has not been accepted yet. Please see that it is taken up."),
    WaitsFor.MONTHLY_REPORT: N_("This month's progress has not been reported yet. Please see that it is."),
    WaitsFor.DUE_DATE: N_("This measure is due soon. Please see that it is finished in time."),
    WaitsFor.VERIFICATION: N_("This measure still waits for its verification. Please see that it is verified."),
    WaitsFor.EXTENSION: N_("An extension request still waits for its decision. Please see that it is decided."),
    WaitsFor.CLOSE_OUT: N_("This verified measure still waits for its close-out. Please see that it is decided."),
}
_OVERSEE_LATE = N_("This measure is overdue. Please see that it is finished, and settle what stands in its way.")
_DECIDE_LATE = N_(
    "This measure is overdue and nobody below has settled it. It is submitted to the leading group and goes on the "
    "next agenda."
)


def rung_sentence(line: Line) -> Text:
    """Return what a rung asks of the reader."""
    if line.waits_for is None:
        return N_("Please see to this measure.")
    if isinstance(line.waits_for, OtherWait):
        return other_sentence(line, line.waits_for)
    is_overdue = line.waits_for is WaitsFor.DUE_DATE and line.days_late is not None and line.days_late > 0
    if line.role is DOERS[line.waits_for]:
        return _DO_LATE if is_overdue else _DO[line.waits_for]
    if line.role is not Role.LEADING_GROUP:
        return _OVERSEE_LATE if is_overdue else _OVERSEE[line.waits_for]
    if is_overdue:
        return _DECIDE_LATE
    return N_(
        "The {wait} of this measure is still outstanding and nobody below has settled it. It is submitted to the "
        "leading group and goes on the next agenda.",
        wait=WAIT_NAMES[line.waits_for],
    )
