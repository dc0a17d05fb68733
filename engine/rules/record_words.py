"""The record in words: what events, verdicts, rulings and fields are called, on pages and in commands.

JSON keeps the stable words; an unknown one is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.rules.import_report import Change
from engine.rules.lifecycle import REQUIRED
from engine.rules.names import (
    CLASS_NAMES,
    LEVEL_NAMES,
    ROLE_NAMES,
    STATE_NAMES,
    UNIT_KIND_NAMES,
    WAIT_NAMES,
    action_name,
)
from engine.rules.notices import Notice
from engine.rules.text import N_, Text, Words

POLICY_FILE = "policy:file:save"  #: a policy file was changed in the workplace
OPINION = "measure:opinion:write"  #: somebody said something about a measure
_EVENTS: dict[str, Text] = {
    "measure:import:create": N_("read in"),
    "measure:import:update": N_("changed by an import"),
    "measure:owner:assign": action_name("assign"),
    "measure:progress:report": action_name("report"),
    "measure:evidence:attach": action_name("evidence"),
    "measure:co_unit:done": action_name("confirm_co_unit"),
    "measure:verification:start": action_name("start_verification"),
    "measure:verification:answer": N_("checklist answered"),
    "measure:verification:visit": N_("visit on site recorded"),
    "measure:extension:request": action_name("request_extension"),
    "measure:extension:approve": N_("extension approved"),
    "measure:extension:refuse": N_("extension refused"),
    OPINION: N_("an opinion"),
    "measure:deadline:moved": N_("deadline moved by the calendar"),
    "measure:timer:acknowledge": action_name("acknowledge"),
    "measure:ladder:climb": N_("rung climbed"),
    "matter:ladder:climb": N_("rung climbed, of what is no measure"),
    "matter:timer:acknowledge": N_("acknowledged, of what is no measure"),
    "matter:deadline:moved": N_("deadline moved by the calendar, of what is no measure"),
    "meeting:decision:record": action_name("record_decision"),
    "meeting:day:set": N_("the day of a meeting set"),
    "meeting:agenda:add": N_("an item added to the agenda"),
    "meeting:agenda:move": N_("a line of the agenda moved"),
    "meeting:agenda:defer": N_("a line of the agenda deferred"),
    "meeting:agenda:remove": N_("a line left out of the agenda"),
    "meeting:agenda:restore": N_("a line taken into the agenda again"),
    "meeting:agenda:publish": N_("an agenda published"),
    "meeting:minutes:write": N_("minutes written"),
    "meeting:task:done": N_("a task done"),
    "meeting:task:give": N_("a task given to somebody else"),
    "round:import:create": N_("a round begun by an import"),
    "round:import:update": N_("a round brought up to date by an import"),
    "calendar:days:store": action_name("edit_calendar"),
    "account:link:make": action_name("invite"),
    "account:link:ask": N_("a link to set a password asked for"),
    "account:password:set": N_("a password set"),
    "account:password:guess": N_("many wrong passwords in a day"),
    "account:access:end": action_name("shut_out"),
    "account:token:make": N_("a token made"),
    "account:token:revoke": N_("a token revoked"),
    "account:reminders:off": N_("no more reminders by mail"),
    "account:reminders:on": N_("reminders by mail again"),
    "account:calendar:make": N_("a calendar's address made"),
    "account:calendar:end": N_("a calendar's address ended"),
    "webhook:address:add": N_("a webhook added"),
    "webhook:address:pause": N_("a webhook paused"),
    "webhook:address:resume": N_("a webhook taken up again"),
    "webhook:address:drop": N_("a webhook ended"),
    "round:policy:change": action_name("change_policy"),
    POLICY_FILE: N_("a policy file changed"),
    "delivery:digest:resend": action_name("resend"),
    "person:absence:set": action_name("absence"),
    "person:absence:end": action_name("end_absence"),
    "person:record:create": N_("a person added"),
    "person:record:update": N_("a person's record changed"),
    "person:role:grant": N_("a role given"),
    "person:role:revoke": N_("a role taken away"),
    "trust:request:ask": N_("trust asked for"),
    "trust:request:alone": N_("trust given by one person alone"),
    "trust:request:confirm": N_("trust confirmed by a second person"),
    "trust:request:refuse": N_("trust refused"),
    "trust:request:withdraw": N_("a request for trust withdrawn"),
    "unit:record:create": N_("a unit added"),
    "unit:record:update": N_("a unit changed"),
    "meeting:day:call_off": N_("a meeting called off"),
    "document:paper:draw_up": N_("a paper drawn up"),
    "document:paper:submit": N_("a paper submitted for approval"),
    "document:paper:approve": N_("a paper approved"),
    "document:paper:return": N_("a paper returned"),
    "document:paper:withdraw": N_("a paper withdrawn"),
    "document:paper:replace": N_("a paper replaced by a later version"),
    "accountability:outcome:record": action_name("record_outcome"),
}
_STATE_CHANGE = "measure:state:"
_WAITS: dict[str, Text] = {wait.value: name for wait, name in WAIT_NAMES.items()}
#: The words of a field that has stable ones.
_VALUES: dict[str, dict[str, Text]] = {
    "measure_class": {one.value: name for one, name in CLASS_NAMES.items()},
    "state": {one.value: name for one, name in STATE_NAMES.items()},
    "role": {one.value: name for one, name in ROLE_NAMES.items()},
    "kind": {one.value: name for one, name in UNIT_KIND_NAMES.items()},
}
#: What an event says of people and units.
_NAMED = ("person", "to", "verifier", "unit")
_OUTCOMES: dict[str, Text] = {
    "open": N_("under way"),
    "passed": N_("passed"),
    "returned": N_("returned"),
    "voided": N_("voided"),
    "pending": N_("waits for a decision"),
    "approved": N_("approved"),
    "refused": N_("refused"),
    "lapsed": N_("lapsed"),
}
_FIELDS: dict[str, Text] = {
    "text": N_("measure"),
    "measure_class": N_("class"),
    "lead": N_("leader"),
    "owner": N_("owner"),
    "unit": N_("unit"),
    "due": N_("due"),
    "co_unit": N_("co-units"),
    "progress": N_("progress reports"),
    "state": N_("state"),
    "evidence": N_("evidence"),
    "name": N_("name"),
    "email": N_("e-mail"),
    "language": N_("language"),
    "role": N_("role"),
    "head_of": N_("head of"),
    "kind": N_("kind"),
    "parent": N_("unit above"),
    **{level.value: name for level, name in LEVEL_NAMES.items()},
}


#: What a notification is about, by the word that the outbox keeps.
NOTICE_NAMES: dict[str, Text] = {
    Notice.RUNG: N_("reminder or slip"),
    Notice.EMPTY_RUNG: N_("nobody holds the role"),
    Notice.ASSIGNED: N_("measure assigned"),
    Notice.REASSIGNED_AWAY: N_("measure passed on"),
    Notice.VERIFICATION_ASKED: N_("verification asked for"),
    Notice.VERIFICATION_WANTED: N_("a verifier is wanted"),
    Notice.RETURNED: N_("returned"),
    Notice.PASSED: N_("passed"),
    Notice.VOIDED: N_("voided"),
    Notice.CLOSED: N_("closed"),
    Notice.CANCELLED: N_("cancelled"),
    Notice.STEP_TAKEN: N_("a step taken"),
    Notice.REBOUND: N_("reopened after a look-back"),
    Notice.OPINION: N_("opinion"),
    Notice.EXTENSION_ASKED: N_("extension asked for"),
    Notice.EXTENSION_DECIDED: N_("extension decided"),
    Notice.DECISION_TASK: N_("task from a meeting"),
    Notice.TASK_AWAY: N_("task of a meeting passed on"),
    Notice.DEADLINE_MOVED: N_("deadline moved by the calendar"),
    Notice.STUCK: N_("a timer is stuck"),
    Notice.DELIVERY_FAILED: N_("a delivery was given up"),
    Notice.MEETING: N_("agenda of a meeting"),
    Notice.MEETING_SET: N_("day of a meeting"),
    Notice.MEETING_OFF: N_("meeting called off"),
    Notice.PAPER_ASKED: N_("a paper to approve"),
    Notice.PAPER_DECIDED: N_("a paper approved or returned"),
    Notice.LINK_WANTED: N_("a link to set a password is wanted"),
    Notice.LINK_MADE: N_("a link to set a password was made"),
    Notice.TRUST_ASKED: N_("trust waits for a second person"),
    Notice.TRUST_DECIDED: N_("trust decided on"),
    Notice.ROLE_TAKEN: N_("a role taken away"),
    Notice.SHUT_OUT: N_("somebody shut out"),
    Notice.UNREACHED: N_("people whom nothing reaches"),
    Notice.OVERDUE_SWEEP: N_("the sweep is late"),
}


def event_name(kind: str) -> Text:
    """Return what an event is called."""
    if kind.startswith(_STATE_CHANGE):
        return action_name(kind.removeprefix(_STATE_CHANGE))
    return _EVENTS.get(kind) or Text(kind)


def event_words() -> dict[str, Text]:
    """Return every kind of event that has a name, by the word that the record keeps; changes of state by theirs."""
    states = {f"{_STATE_CHANGE}{name}": action_name(name) for name in REQUIRED}
    return {**_EVENTS, **states}


def event_details(data: Mapping[str, object]) -> Text | None:
    """Return what an event says besides its name: what changed, of which deadline, how far, to whom, and why.

    People and units are told where `data` has their names; their numbers are nothing to read.
    """
    changes = {name: value for name, value in data.items() if name in _FIELDS and isinstance(value, list)}
    data = {name: value for name, value in data.items() if name not in changes}
    called = data.get("called")
    told: list[object] = [Words(**called)] if isinstance(called, dict) else []
    told += [_changed(name, before, after) for name, (before, after) in changes.items()]
    if data.get("waits_for"):
        told.append(_WAITS.get(str(data["waits_for"]), data["waits_for"]))
    old = data.get("old_due") or data.get("old") or data.get("before")
    new = data.get("new_due") or data.get("new") or data.get("due") or data.get("deadline")
    if old and new:
        told.append(N_("from {old} to {new}", old=old, new=new))
    elif new:
        told.append(N_("due {day}", day=new))
    if data.get("until"):
        told.append(N_("held until {day}", day=data["until"]))
    if data.get("percent") is not None:
        told.append(N_("{percent}%", percent=data["percent"]))
    told += [data[name] for name in _NAMED if isinstance(data.get(name), str)]
    told += [
        data[name] for name in ("name", "file", "text", "reason") if isinstance(data.get(name), str) and data[name]
    ]
    return N_("{details}", details=tuple(told)) if told else None


def _changed(name: str, before: object, after: object) -> Text:
    old_word, new_word = (None if value is None else str(value) for value in (before, after))
    field, old, new = field_change(Change(code="", field=name, before=old_word, after=new_word))
    return N_("{field}: {old} → {new}", field=field or name, old=old or "—", new=new or "—")


def outcome(word: str) -> Text | str:
    """Return what the outcome of a verification or of an extension request is called."""
    return _OUTCOMES.get(word, word)


def field_change(change: Change) -> tuple[Text | str | None, Text | str | None, Text | str | None]:
    """Return what one difference of an import is called: the field, before and after."""
    words = _VALUES.get(change.field, {})
    before, after = (words.get(value, value) if value else value for value in (change.before, change.after))
    return _FIELDS.get(change.field, change.field), before, after
