"""The words that the file of a kind may use, each with its meaning.  Pure data; docs/glossary.md lists them.

The words of the whole house (roles, slips) are in `engine.rules.vocabulary`; phases and circles beside this file.
"""

from __future__ import annotations

from enum import StrEnum


class About(StrEnum):
    """What a matter hangs on, where that is no matter of a certain kind."""

    ROUND = "round"
    FINDING = "finding"
    UNIT = "unit"
    MATTER = "matter"  #: a matter of any kind
    NOTHING = "nothing"


class FieldType(StrEnum):
    """What a field holds."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    COUNT = "count"  #: a whole number from 0
    MONEY = "money"  #: yuan, two decimals
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"  #: one of `choices`
    UNIT = "unit"
    UNITS = "units"
    PERSON = "person"
    PEOPLE = "people"
    FILE = "file"
    LINK = "link"  #: to a matter of `kind`
    LINKS = "links"  #: to any number of them
    LIST = "list"  #: rows of the fields under `of`


class Since(StrEnum):
    """What the deadline of a wait follows from."""

    STATE = "state"  #: `within` working days after the state began
    OPENED = "opened"  #: `within` working days after the matter was opened
    EXTENSION = "extension"  #: `within` working days after an extension was asked for; stands while one is
    DUE = "due"  #: the due date itself; stands where there is one
    DUE_OR_OPENED = "due_or_opened"  #: the due date; where there is none, `within` working days after the opening
    REPORTED = "reported"  #: the day of the month that `day` names, for which no report was given yet


#: Deadlines that are given, not counted: `within` has no meaning there.
GIVEN = frozenset({Since.DUE, Since.REPORTED})


class When(StrEnum):
    """Whether a wait stands, beside its state."""

    OWNED = "owned"  #: somebody owns the matter
    UNOWNED = "unowned"  #: nobody does yet


class Beyond(StrEnum):
    """Whom a wait is for, where that is no role."""

    CHILDREN = "children"  #: the matters under this one; they have ladders of their own
    OUTSIDE = "outside"  #: somebody outside; the ladder speaks to those who must ask there


class Itself(StrEnum):
    """What lets Duban take a step by itself."""

    EVIDENCE_CHANGED = "evidence_changed"  #: after the verdict
    CHILDREN_DONE = "children_done"  #: as many as `children.join` says
    DAY_COMES = "day_comes"  #: until which the state sleeps
    REPLACED = "replaced"  #: a later one of the same took its place


class Need(StrEnum):
    """What a step needs besides its state, its role and the fields it names."""

    EVIDENCE = "evidence"  #: at least one piece of evidence
    CO_UNITS_DONE = "co_units_done"  #: every unit that helps has said that its part is done
    FOUR_EYES = "four_eyes"  #: somebody who has not worked on it, nor their unit
    FOUR_EYES_OF_PARENT = "four_eyes_of_parent"  #: somebody who has not worked on the matter it is about
    SAME_EVIDENCE = "same_evidence"  #: the evidence is what the verifier was shown
    REASON = "reason"  #: a reason in words


class Verb(StrEnum):
    """What a step does besides leading to its state."""

    OPEN = "open"  #: another matter, or one for each row of a list, each unit or person
    TAKE = "take"  #: a step of the parent, the children, or of the earlier one of the same
    SET = "set"  #: owner, lead, unit, due date or a field
    PRINT = "print"  #: a document
    REPORT = "report"  #: a progress report is kept
    ATTACH = "attach"  #: evidence is kept
    START_VERIFICATION = "start_verification"  #: a verifier is chosen and asked
    JUDGE = "judge"  #: the open verification ends with a verdict
    ASK_EXTENSION = "ask_extension"


class DueHow(StrEnum):
    """Where the due date comes from, where it is not counted."""

    GIVEN = "given"  #: whoever opens the matter names it
    GIVEN_OR_NONE = "given_or_none"  #: and may leave it open
    NONE = "none"


class Listener(StrEnum):
    """Who hears of a step, besides roles."""

    PEOPLE = "people"  #: everybody on the matter
    SUBMITTER = "submitter"  #: who opened it, inside or outside


class Raised(StrEnum):
    """When a matter stands on the agenda, besides phases and waits."""

    RAISED = "raised"  #: a ladder has brought it before the leading group
    DUE_SOON = "due_soon"  #: due before the next meeting
    OPENED = "opened"  #: new since the last meeting


#: What every matter has, for columns, sentences and effects.
BUILT_IN = frozenset(
    {"code", "text", "about", "parent", "unit", "owner", "lead", "state", "phase", "outcome", "percent"}
    | {"due", "original_due", "opened_on", "closed_on"}
)
#: Days that a deadline or a schedule may count from, besides a date of the matter's own and the parent's fields.
DAYS = (
    "opened",
    "round.feedback_on",
    "round.plan_due",
    "round.concentrated_end",
    "round.report_due",
    "parent.closed_on",
    "parent.opened_on",
    "parent.due",
)
