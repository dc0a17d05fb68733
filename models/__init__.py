"""What is stored: one aggregate a file; migrations under models/migrations."""

from models.account import Account, AccountLink, ApiToken, Attempt, SignIn
from models.accountability import AccountabilityOutcome
from models.base import Base
from models.event import Checkpoint, Event
from models.extension import Extension, Ruling
from models.finding import Finding
from models.measure import CoUnit, Measure
from models.meeting import Agenda, AgendaItem, Decision, DecisionKind, Meeting
from models.outbox import Delivery, Digest, Notification, Said, Sending
from models.people import Absence, Person, RoleGrant, Unit
from models.progress import Evidence, ProgressReport
from models.round import Policy, Round
from models.run import Document, Lease, LedgerSnapshot, Outcome, Run
from models.tally import Tally
from models.timer import Escalation, Fate, StuckTimer, Timer
from models.verification import Verdict, Verification
from models.working_day import WorkingDay

__all__ = [
    "Absence",
    "Account",
    "AccountLink",
    "AccountabilityOutcome",
    "Agenda",
    "AgendaItem",
    "ApiToken",
    "Attempt",
    "Base",
    "Checkpoint",
    "CoUnit",
    "Decision",
    "DecisionKind",
    "Delivery",
    "Digest",
    "Document",
    "Escalation",
    "Event",
    "Evidence",
    "Extension",
    "Fate",
    "Finding",
    "Lease",
    "LedgerSnapshot",
    "Measure",
    "Meeting",
    "Notification",
    "Outcome",
    "Person",
    "Policy",
    "ProgressReport",
    "RoleGrant",
    "Round",
    "Ruling",
    "Run",
    "Said",
    "Sending",
    "SignIn",
    "StuckTimer",
    "Tally",
    "Timer",
    "Unit",
    "Verdict",
    "Verification",
    "WorkingDay",
]
