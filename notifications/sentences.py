"""The sentences of a digest: for each kind of notice what is asked or told, the facts beside it and the notes below.

Called by `notifications.render`.  A kind without an entry here is a programming error that the tests find; a value that
a notice does not carry is shown as a dash, so that one poor line never holds back a whole message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.rules.names import DOCUMENT_NAMES, ROLE_NAMES, SLIP_NAMES, STATE_NAMES, WAIT_NAMES
from engine.rules.notices import Notice
from engine.rules.text import N_, Text, Words
from engine.rules.vocabulary import Role, Slip, WaitsFor
from notifications.messages import TIMED, DigestMessage, Line
from notifications.rung_sentences import rung_sentence
from notifications.trust_sentences import former_address, role_taken, shut_out, trust_asked, trust_decided, unreached
from notifications.typed_words import ABSENT, day, each, words

MOST_DAYS = 4  #: how many days of earlier steps are told one by one


def subject(digest: DigestMessage) -> Text:
    """Return the subject: how much is asked, and how much of it is most urgent."""
    if not digest.asked_count:
        return N_("Duban, {day}: {count} for your information", day=day(digest.on), count=len(digest.lines))
    first = digest.sections[0]
    if first.slip is None or first.slip is Slip.REMINDER:
        return N_("Duban, {day}: {count} to do", day=day(digest.on), count=digest.asked_count)
    return N_(
        "Duban, {day}: {count} to do ({slip}: {urgent})",
        day=day(digest.on),
        count=digest.asked_count,
        slip=SLIP_NAMES[first.slip],
        urgent=len(first.lines),
    )


def summary(digest: DigestMessage) -> Text:
    """Return the opening sentence."""
    count, late = digest.asked_count, digest.late_count
    if not count:
        return N_("There is nothing for you to do. The following is for your information.")
    if late:
        return N_(
            "Waiting for you as of {day}: {count}, of which late: {late}.", day=day(digest.on), count=count, late=late
        )
    return N_("Waiting for you as of {day}: {count}.", day=day(digest.on), count=count)


def sentence(line: Line) -> Text:
    """Return what is asked or told, in one sentence or two."""
    return _SENTENCES[line.kind](line)


#: The names of waits by their words.
_WAITS = {wait.value: name for wait, name in WAIT_NAMES.items()}


def facts(line: Line) -> list[tuple[str, object]]:
    """Return what stands beside the code, each as a name and a value that `fact` puts into a sentence."""
    found: list[tuple[str, object]] = []
    if line.round:
        found.append(("round", line.round))
    if line.unit:
        found.append(("unit", line.unit))
    if line.owner:
        found.append(("owner", line.owner))
    if line.deadline is not None:
        # Only a rung tells the end of its wait; any other notice about a measure tells the measure's due date.
        wait = line.waits_for if line.kind in {Notice.RUNG, Notice.EMPTY_RUNG} else None
        found.append((wait or WaitsFor.DUE_DATE, line.deadline))
    return found


def fact(name: str, value: object) -> Text:
    """Return the sentence for one of `facts`."""
    match name:
        case "round":
            return N_("Round: {round}", round=words(value))
        case "unit":
            return N_("Unit: {unit}", unit=words(value))
        case "owner":
            return N_("Owner: {owner}", owner=words(value))
        case WaitsFor.DUE_DATE:
            return N_("Due {day}", day=day(value))
        case _:
            return N_("{wait} by {day}", wait=_WAITS[name], day=day(value))


def timing(line: Line) -> Text | None:
    """Return how many working days are left or overrun; None where that is nobody's concern here."""
    late = line.days_late
    if line.kind not in TIMED or late is None:
        return None
    if late == 0:
        return N_("due today") if line.deadline == line.on else None
    if late > 0:
        return N_("one working day late") if late == 1 else N_("{count} working days late", count=late)
    return N_("one working day left") if late == -1 else N_("{count} working days left", count=-late)


def notes(line: Line) -> tuple[Text, ...]:
    """Return reasons, lists and explanations that belong below the sentence."""
    found = []
    if line.data.get("reason"):
        found.append(N_("Reason: {reason}", reason=words(line.data["reason"])))
    if line.data.get("note"):
        found.append(N_("Note: {note}", note=words(line.data["note"])))
    if line.data.get("evidence"):
        found.append(N_("Evidence: {names}", names=each(line.data["evidence"])))
    if line.data.get("documents"):
        found.append(N_("Documents: {names}", names=each(line.data["documents"])))
    if line.data.get("passed_over"):
        found.append(_passed_over([day(value) for value in line.data["passed_over"]]))
    if line.data.get("assigned"):
        found.append(N_("It was just assigned to you. Please accept it."))
    if line.data.get("former"):
        found.append(former_address(line))
    if line.kind is Notice.LINK_MADE:
        found += _LINK_MADE_NOTES
    if line.stands_for:
        found.append(N_("You receive this in the place of {people}.", people=each(line.stands_for)))
    return tuple(found)


def _passed_over(planned: Sequence[Text | str]) -> Text:
    if len(planned) <= MOST_DAYS:
        return N_("It also stands for earlier steps that were not sent: {days}.", days=tuple(planned))
    return N_(
        "It also stands for {count} earlier steps that were not sent, planned from {first} to {last}.",
        count=len(planned),
        first=planned[0],
        last=planned[-1],
    )


_LINK_MADE_NOTES = (
    N_("If you asked for it: set the password with the link that you are given; until then the present one is good."),
    N_(
        "If you did not expect it: change your password now, under My account; the link is then good for nothing. Tell "
        "another coordinator or the supervisors, by telephone or in person. If your password no longer works, let "
        "another coordinator shut out your account at once."
    ),
)


def _given(line: Line, name: str) -> str:
    return words(line.data.get(name))


def _owner(line: Line) -> object:
    named = line.data.get("owner") or line.owner
    return words(named) if named else N_("the task owner")


def _empty_rung(line: Line) -> Text:
    held = {role.value: ROLE_NAMES[role] for role in Role}
    roles = line.data.get("roles") or ()
    return N_(
        "Nobody holds the role {roles}, so a step of the ladder for the {wait} reached nobody. Please grant the role.",
        roles=tuple(held.get(str(role), str(role)) for role in roles) or ABSENT,
        wait=WAIT_NAMES[line.waits_for] if line.waits_for else ABSENT,
    )


def _voided(line: Line) -> Text:
    if line.role is Role.VERIFIER:
        return N_("The evidence changed after your verdict, so the verdict is void. Please verify the measure again.")
    return N_("The evidence changed after the verdict, so the verdict is void. The measure is verified again.")


def _cancelled(line: Line) -> Text:
    match line.data.get("how"):
        case "merge":
            return N_("The leading group has merged this measure into another. Nothing more is asked of you.")
        case "accept_risk":
            return N_("The leading group has accepted the remaining risk. Nothing more is asked of you.")
        case _:
            return N_("The leading group has cancelled this measure. Nothing more is asked of you.")


def _extension_asked(line: Line) -> Text:
    return N_(
        "{owner} asks for extension no. {number}, from {old} to {new}. Please decide.",
        owner=_owner(line),
        number=_given(line, "number"),
        old=day(line.data.get("old_due")),
        new=day(line.data.get("new_due")),
    )


def _extension_decided(line: Line) -> Text:
    if line.data.get("approved"):
        return N_("The extension is approved. The new due date is {new}.", new=day(line.data.get("new_due")))
    return N_("The extension is refused. The due date stays {old}.", old=day(line.data.get("old_due")))


def _assigned(line: Line) -> Text:
    if not line.data.get("by"):
        return N_("This measure has been assigned to you. Please accept it.")
    return N_("{by} has assigned this measure to you. Please accept it.", by=_given(line, "by"))


def _paper(line: Line) -> dict[str, object]:
    kind = _given(line, "document")
    return {
        "document": DOCUMENT_NAMES.get(str(kind), kind),
        "period": _given(line, "period"),
        "version": _given(line, "version"),
        "by": _given(line, "by"),
    }


def _meeting_set(line: Line) -> Text:
    told = {"meeting": _given(line, "meeting"), "held_on": day(line.data.get("held_on"))}
    if line.data.get("was_on") != line.data.get("held_on"):
        return N_(
            "The meeting of {meeting} is moved from {was_on} to {held_on}.", was_on=day(line.data.get("was_on")), **told
        )
    if line.data.get("was_off"):
        return N_("The meeting of {meeting} on {held_on}, which was called off, takes place after all.", **told)
    return N_("The meeting of {meeting} is held on {held_on}.", **told)


def _paper_asked(line: Line) -> Text:
    return N_(
        "{by} submits a paper for approval: {document}, {period}, version {version}, as of {day}. Please approve it, "
        "or return it with a reason.",
        day=day(line.data.get("as_of")),
        **_paper(line),
    )


def _paper_decided(line: Line) -> Text:
    if line.data.get("approved"):
        return N_("{by} has approved this paper: {document}, {period}, version {version}.", **_paper(line))
    return N_(
        "{by} has returned this paper: {document}, {period}, version {version}. Please mend what is named.",
        **_paper(line),
    )


_STATES: dict[str, Text] = {state.value: name for state, name in STATE_NAMES.items()}
_SENTENCES: dict[Notice, Callable[[Line], Text]] = {
    Notice.RUNG: rung_sentence,
    Notice.EMPTY_RUNG: _empty_rung,
    Notice.ASSIGNED: _assigned,
    Notice.REASSIGNED_AWAY: lambda line: N_(
        "This measure has passed to {to}. Nothing more is asked of you.", to=_given(line, "to")
    ),
    Notice.VERIFICATION_ASKED: lambda line: N_(
        "{owner} has submitted this measure. Please verify it: pass it, or return it with a reason.", owner=_owner(line)
    ),
    Notice.VERIFICATION_WANTED: lambda line: N_(
        "{owner} has submitted this measure. Please start its verification.", owner=_owner(line)
    ),
    Notice.RETURNED: lambda line: N_(
        "{verifier} has returned this measure. Please mend what is named and submit it again.",
        verifier=_given(line, "verifier"),
    ),
    Notice.PASSED: lambda line: N_(
        "{verifier} has passed this measure. It now waits for its close-out.", verifier=_given(line, "verifier")
    ),
    Notice.VOIDED: _voided,
    Notice.CLOSED: lambda _: N_("This measure is closed out."),
    Notice.CANCELLED: _cancelled,
    Notice.STEP_TAKEN: lambda line: N_(
        "{by}: {step}. This measure is now {state}.",
        by=_given(line, "by"),
        step=Words(zh=_given(line, "zh"), en=_given(line, "en")),
        state=_STATES.get(_given(line, "state"), _given(line, "state")),
    ),
    Notice.REBOUND: lambda _: N_("The problem has come back and this measure is reopened. Please take it up again."),
    Notice.REMINDED: lambda line: N_("{by} reminds you of this measure.", by=_given(line, "by")),
    Notice.OPINION: lambda line: N_("{by} writes: {text}", by=_given(line, "by"), text=_given(line, "text")),
    Notice.EXTENSION_ASKED: _extension_asked,
    Notice.EXTENSION_DECIDED: _extension_decided,
    Notice.DECISION_TASK: lambda line: N_(
        "Please carry out what {meeting} decided: {text}", meeting=_given(line, "meeting"), text=_given(line, "text")
    ),
    Notice.TASK_AWAY: lambda line: N_(
        "The task of the meeting of {meeting} has passed to {to}: {text}. Nothing more is asked of you.",
        meeting=_given(line, "meeting"),
        to=_given(line, "to"),
        text=_given(line, "text"),
    ),
    Notice.DEADLINE_MOVED: lambda line: N_(
        "The calendar was changed: the deadline moves from {old} to {new}.",
        old=day(line.data.get("old")),
        new=day(line.data.get("new")),
    ),
    Notice.STUCK: lambda line: N_(
        "The deadline of this measure could not be handled and is tried again tomorrow: {error}",
        error=_given(line, "error"),
    ),
    Notice.DELIVERY_FAILED: lambda line: N_(
        "A message to {person} could not be delivered ({channel}): {error}",
        person=_given(line, "person"),
        channel=_given(line, "channel"),
        error=Text(_given(line, "error")),
    ),
    Notice.MEETING: lambda line: N_(
        "The agenda of {meeting} is out. The meeting is held on {held_on}.",
        meeting=_given(line, "meeting"),
        held_on=day(line.data.get("held_on")),
    ),
    Notice.MEETING_SET: _meeting_set,
    Notice.MEETING_OFF: lambda line: N_(
        "The meeting of {meeting} on {held_on} is called off.",
        meeting=_given(line, "meeting"),
        held_on=day(line.data.get("held_on")),
    ),
    Notice.PAPER_ASKED: _paper_asked,
    Notice.PAPER_DECIDED: _paper_decided,
    Notice.LINK_WANTED: lambda line: N_(
        "{person} ({code}) cannot sign in and asks for a link to set a password. Please make sure that it is they who "
        "ask, then make the link on their page under People and pass it on.",
        person=_given(line, "person"),
        code=_given(line, "code"),
    ),
    Notice.LINK_MADE: lambda line: N_(
        "On {day} at {time} {by} made a link with which a new password can be set for your sign-in name {code}. "
        "Whoever has the link can sign in as you.",
        by=_given(line, "by"),
        day=day(line.data.get("day")),
        time=_given(line, "time"),
        code=_given(line, "code"),
    ),
    Notice.TRUST_ASKED: trust_asked,
    Notice.TRUST_DECIDED: trust_decided,
    Notice.ROLE_TAKEN: role_taken,
    Notice.SHUT_OUT: shut_out,
    Notice.UNREACHED: unreached,
    Notice.OVERDUE_SWEEP: lambda line: N_(
        "The daily run is late: {count} deadlines wait to be looked at, the oldest since {oldest}. Please check that "
        "the clock is running.",
        count=_given(line, "count"),
        oldest=day(line.data.get("oldest")),
    ),
}
