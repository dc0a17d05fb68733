"""What is stored: one aggregate a file; migrations under models/migrations."""

from models.account import Account, AccountLink, ApiToken, Attempt, SignIn
from models.accountability import AccountabilityOutcome
from models.base import Base
from models.calendar_feed import CalendarFeed
from models.checklist import Checklist, ChecklistAnswer
from models.event import Checkpoint, Event
from models.extension import Extension, Ruling
from models.finding import Finding
from models.group_post import GroupPost
from models.kept_answer import KeptAnswer
from models.mail_link import MailKey, MailLinkUse
from models.measure import CoUnit, Measure
from models.meeting import Agenda, AgendaItem, Decision, DecisionKind, Meeting, MeetingGuest
from models.meeting_draft import AgendaDraft, DecisionDone, Minutes
from models.meeting_off import MeetingOff
from models.other_timer import OtherRung, OtherTimer
from models.outbox import Delivery, Digest, Notification, Said, Sending
from models.paper import Paper
from models.people import Absence, FormerUnit, Person, RoleGrant, Unit
from models.progress import Evidence, ProgressReport
from models.reading_answer import ReadingAnswer
from models.reminders_off import RemindersOff
from models.round import Policy, Round
from models.run import Document, Lease, LedgerSnapshot, Outcome, Run
from models.saved_view import SavedView
from models.site_visit import SitePhoto, SiteVisit
from models.tally import Tally
from models.timer import Escalation, Fate, StuckTimer, Timer
from models.trust import TrustRequest
from models.verification import Verdict, Verification
from models.webhook import Webhook
from models.working_day import WorkingDay

__all__ = [
    "Absence",
    "Account",
    "AccountLink",
    "AccountabilityOutcome",
    "Agenda",
    "AgendaDraft",
    "AgendaItem",
    "ApiToken",
    "Attempt",
    "Base",
    "CalendarFeed",
    "Checklist",
    "ChecklistAnswer",
    "Checkpoint",
    "CoUnit",
    "Decision",
    "DecisionDone",
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
    "FormerUnit",
    "GroupPost",
    "KeptAnswer",
    "Lease",
    "LedgerSnapshot",
    "MailKey",
    "MailLinkUse",
    "Measure",
    "Meeting",
    "MeetingGuest",
    "MeetingOff",
    "Minutes",
    "Notification",
    "OtherRung",
    "OtherTimer",
    "Outcome",
    "Paper",
    "Person",
    "Policy",
    "ProgressReport",
    "ReadingAnswer",
    "RemindersOff",
    "RoleGrant",
    "Round",
    "Ruling",
    "Run",
    "Said",
    "SavedView",
    "Sending",
    "SignIn",
    "SitePhoto",
    "SiteVisit",
    "StuckTimer",
    "Tally",
    "Timer",
    "TrustRequest",
    "Unit",
    "Verdict",
    "Verification",
    "Webhook",
    "WorkingDay",
]
