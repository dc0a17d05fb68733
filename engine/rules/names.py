"""The spoken names of states, roles, waits, slips and actions, for every sentence, page and document."""

from __future__ import annotations

from engine.rules.text import N_, Text
from engine.rules.vocabulary import (
    AnyWait,
    Level,
    MeasureClass,
    OtherWait,
    OutcomeKind,
    Role,
    Slip,
    State,
    UnitKind,
    WaitsFor,
)

STATE_NAMES: dict[State, Text] = {
    State.ASSIGNED: N_("assigned"),
    State.IN_PROGRESS: N_("in progress"),
    State.SUBMITTED: N_("submitted"),
    State.VERIFIED: N_("verified"),
    State.CLOSED: N_("closed"),
    State.CANCELLED: N_("cancelled"),
}
ROLE_NAMES: dict[Role, Text] = {
    Role.OWNER: N_("task owner"),
    Role.LEADER: N_("responsible leader"),
    Role.UNIT_HEAD: N_("unit head"),
    Role.COORDINATOR: N_("coordinator"),
    Role.VERIFIER: N_("verifier"),
    Role.APPROVER: N_("approver"),
    Role.SUPERVISOR: N_("supervisor"),
    Role.LEADING_GROUP: N_("leading group"),
    Role.AUDITOR: N_("auditor"),
}
WAIT_NAMES: dict[AnyWait, Text] = {
    WaitsFor.ASSIGNMENT: N_("assignment"),
    WaitsFor.ACCEPTANCE: N_("acceptance"),
    WaitsFor.MONTHLY_REPORT: N_("monthly report"),
    WaitsFor.DUE_DATE: N_("due date"),
    WaitsFor.VERIFICATION: N_("verification"),
    WaitsFor.EXTENSION: N_("extension request"),
    WaitsFor.CLOSE_OUT: N_("close-out"),
    OtherWait.MEETING_TASK: N_("task of a meeting"),
    OtherWait.PAPER_APPROVAL: N_("approval of a paper"),
    OtherWait.PAPER_RETURN: N_("paper returned to the office"),
    OtherWait.MINUTES: N_("record of a meeting"),
}
SLIP_NAMES: dict[Slip, Text] = {
    Slip.REMINDER: N_("reminder"),
    Slip.BLUE: N_("blue slip"),
    Slip.YELLOW: N_("yellow slip"),
    Slip.RED: N_("red slip"),
    Slip.GROUP: N_("submitted to the leading group"),
}
CLASS_NAMES: dict[MeasureClass, Text] = {
    MeasureClass.AT_ONCE: N_("at once"),
    MeasureClass.STAGED: N_("staged"),
    MeasureClass.CONTINUOUS: N_("continuous"),
}
LEVEL_NAMES: dict[Level, Text] = {Level.ASPECT: N_("aspect"), Level.PROBLEM: N_("problem"), Level.ITEM: N_("item")}
UNIT_KIND_NAMES: dict[UnitKind, Text] = {
    UnitKind.COMMITTEE: N_("committee"),
    UnitKind.EXTENDED: N_("extended unit"),
    UnitKind.SUBORDINATE: N_("subordinate unit"),
    UnitKind.DEPARTMENT: N_("department"),
}
OUTCOME_NAMES: dict[OutcomeKind, Text] = {
    OutcomeKind.TALK: N_("reminding talk"),
    OutcomeKind.SELF_CRITICISM: N_("written self-criticism"),
    OutcomeKind.CIRCULAR: N_("criticised in a circular"),
    OutcomeKind.ADMONITION: N_("admonition"),
    OutcomeKind.POST: N_("post changed"),
    OutcomeKind.PARTY: N_("party disciplinary action"),
    OutcomeKind.ADMINISTRATIVE: N_("administrative sanction"),
    OutcomeKind.REORGANISED: N_("leading body reorganised"),
    OutcomeKind.REFERRED: N_("referred to the judiciary"),
}
_ACTION_NAMES: dict[str, Text] = {
    "accept": N_("accepting"),
    "submit": N_("submitting for verification"),
    "pass": N_("passing the verification"),
    "return": N_("returning"),
    "close": N_("closing out"),
    "reassign": N_("reassigning"),
    "rebound": N_("reopening after rebound"),
    "cancel": N_("cancelling"),
    "merge": N_("merging"),
    "accept_risk": N_("accepting the risk"),
    "void": N_("voiding the verdict"),
    "report": N_("reporting progress"),
    "evidence": N_("attaching evidence"),
    "request_extension": N_("asking for an extension"),
    "decide_extension": N_("deciding an extension"),
    "acknowledge": N_("acknowledging"),
    "assign": N_("assigning"),
    "start_verification": N_("starting a verification"),
    "import": N_("importing"),
    "record_decision": N_("recording a decision"),
    "confirm_co_unit": N_("confirming a co-unit's part"),
    "edit_calendar": N_("editing the calendar"),
    "absence": N_("recording an absence"),
    "prepare_meeting": N_("preparing a meeting"),
    "publish": N_("publishing"),
    "remind": N_("reminding owners"),
    "invite": N_("inviting somebody"),
    "confirm_trust": N_("confirming as the second person"),
    "shut_out": N_("shutting somebody out"),
    "end_absence": N_("ending an absence"),
    "edit_people": N_("editing people and roles"),
    "edit_units": N_("editing units"),
    "change_policy": N_("changing the policy"),
    "resend": N_("sending again"),
    "webhook": N_("managing webhooks"),
    "call_off_meeting": N_("calling off a meeting"),
    "record_outcome": N_("recording an accountability outcome"),
    "draw_up_paper": N_("drawing up a paper"),
    "submit_paper": N_("submitting a paper for approval"),
    "approve_paper": N_("approving a paper"),
    "return_paper": N_("returning a paper"),
    "withdraw_paper": N_("withdrawing a paper"),
}


#: What the leading group may decide, by the values of models.DecisionKind.
DECISION_NAMES: dict[str, Text] = {
    "close": N_("close"),
    "extend": N_("extend"),
    "refuse_extension": N_("refuse the extension"),
    "reassign": N_("reassign"),
    "cancel": N_("cancel"),
    "merge": N_("merge"),
    "accept_risk": N_("accept the risk"),
    "task": N_("task"),
}


#: Kinds of printed documents.
DOCUMENT_NAMES: dict[str, Text] = {
    "agenda": N_("agenda"),
    "ledger": N_("ledger"),
    "unit-ledgers": N_("ledger of each unit, and what changed since last month"),
    "minutes": N_("minutes of a meeting"),
    "slip": N_("slips of a day, or of a measure"),
    "lists": N_("lists of problems, tasks and responsibilities"),
    "timetable": N_("timetable"),
    "task-book": N_("task book of each unit"),
    "road-map": N_("road map"),
    "letter": N_("responsibility letter of each unit"),
    "report": N_("monthly progress report"),
    "notice": N_("notice of progress"),
}


def action_name(name: str) -> Text:
    """Return the spoken name of a transition or action; a transition that only a policy knows goes by its own name."""
    return _ACTION_NAMES.get(name) or Text(name)


_RUN_NAMES: dict[str, Text] = {
    "daily": N_("daily run"),
    "deliver": N_("delivery"),
    "monthly": N_("monthly run"),
    "verification": N_("verification run"),
    "watchdog": N_("watchdog"),
}


def run_name(name: str) -> Text:
    """Return the spoken name of a run."""
    return _RUN_NAMES.get(name) or Text(name)
