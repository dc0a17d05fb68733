"""What the interface takes and gives of measures: every field described; what is taken is taken strictly."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from engine.rules.vocabulary import MeasureClass, State, WaitsFor

LONGEST = 4000  #: of a text
LONGEST_LINE = 200
PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
WITHOUT_NUL = r"^[^\x00]*$"
LARGEST_ID = 2**53  #: that every program can hold
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _plain_day(value: object) -> object:
    """Let only text such as 2025-09-10 become a day: no number, no moment."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("date_type", "a date such as 2025-09-10 was expected")


Day = Annotated[date, BeforeValidator(_plain_day)]
Words = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=LONGEST, pattern=WITHOUT_NUL)]
MaybeWords = Annotated[str, StringConstraints(strict=True, max_length=LONGEST, pattern=WITHOUT_NUL)]
Line = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=LONGEST_LINE, pattern=PRINTABLE)]
Who = Annotated[
    Line, Field(description="A person: their sign-in name, or their name where only one has it.", examples=["wang"])
]
Code = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=PRINTABLE)]

RoundCode = Annotated[
    str,
    Path(
        alias="round",
        min_length=1,
        max_length=64,
        pattern=PRINTABLE,
        description="Code of a round.",
        examples=["2025-1"],
    ),
]
MeasureCode = Annotated[
    str,
    Path(min_length=1, max_length=64, pattern=PRINTABLE, description="Code of a measure.", examples=["1.2-03"]),
]
StepName = Annotated[
    str,
    Path(min_length=1, max_length=64, pattern=PRINTABLE, description="Name of a step.", examples=["accept"]),
]
Number = Annotated[int, Path(ge=1, le=LARGEST_ID, description="The id that a list has told.")]
Search = Annotated[
    str | None, Query(min_length=1, max_length=100, pattern=PRINTABLE, description="Words that are looked for.")
]
Cursor = Annotated[
    str | None,
    Query(min_length=1, max_length=400, pattern=r"^[A-Za-z0-9_-]+$", description="`next` of the page before this one."),
]


class Asked(BaseModel):
    """What is taken: a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class Given(BaseModel):
    """What is given; read from the dataclasses of engine.reads."""

    model_config = ConfigDict(from_attributes=True)


class Lateness(Given):
    """How late a measure was handed in and closed: working days, 0 in time; null: not so far, or no such due date."""

    handed_in_on: date
    closed_on: date | None
    is_extended: bool = Field(description="The due date in force is another one than the original.")
    handed_in_after_original: int | None
    handed_in_after_due: int | None
    closed_after_original: int | None
    closed_after_due: int | None


class MeasureLine(Given):
    """A measure in a list."""

    code: str = Field(examples=["1.2-03"])
    text: str = Field(description="What is to be done.")
    measure_class: MeasureClass = Field(description="At once, staged or continuous.")
    state: State
    unit: str | None = Field(description="Name of the responsible unit.")
    lead: str | None = Field(description="Name of the responsible leader.")
    owner: str | None = Field(description="Name of the owner; null: nobody owns it yet.")
    due: date | None = Field(description="The due date; null: open-ended.")
    percent: int = Field(description="Progress as last reported.", examples=[40])
    original_due: date | None
    handed_in_on: date | None = Field(description="The submission that stands; null: none, or nobody knows its day.")
    closed_on: date | None
    is_overdue: bool = Field(description="Still to be handed in, and the last working day for it is over.")
    lateness: Lateness | None = Field(description="Kept once it is handed in; null: it is not, or its day is unknown.")
    version: int | None = Field(None, description="Counts every change; for If-Match.")


class MeasurePage(Given):
    """A part of a list."""

    measures: list[MeasureLine]
    next: str | None = Field(description="The cursor of the next page, for `after`; null: this is the last.")


class Piece(Given):
    """Something that hangs on a measure."""

    on: date
    who: str | None = Field(description="Name; null: Duban itself, or read in from a file.")
    what: str = Field(description="A stable word: percentage, digest, verdict, ruling, or kind of event.")
    text: str | None
    until: date | None = Field(None, description="The date that was asked for.")
    id: int | None = Field(None, description="Of a file: to fetch it by.")


class CoUnit(Given):
    """A unit that helps."""

    unit: str
    done_on: date | None = Field(description="When it said that its part is done.")


class Wait(Given):
    """What a measure waits for."""

    waits_for: WaitsFor
    deadline: date
    looks_on: date = Field(description="When the sweep looks next.")


class Lacking(Given):
    """Something that would be the caller's to do, and what must come first."""

    action: str
    detail: str


class Measure(Given):
    """Everything that is known of a measure; each list the oldest first."""

    round: str
    version: int = Field(description="Counts every change; also the ETag, for If-Match.")
    line: MeasureLine
    findings: list[str] = Field(description="Texts from the aspect down to what the measure mends.")
    original_due: date | None
    deadline_version: int = Field(description="1, and one more for each new due date.")
    state_since: date
    accepted_on: date | None
    handed_in_on: date | None = Field(description="The submission that stands; null: none, or nobody knows its day.")
    closed_on: date | None
    co_units: list[CoUnit]
    waits: list[Wait]
    reports: list[Piece]
    evidence: list[Piece]
    verifications: list[Piece]
    extensions: list[Piece]
    opinions: list[Piece]
    events: list[Piece]
    may: list[str] = Field(description="What the caller may do now.", examples=[["accept"]])
    lacking: list[Lacking]


class MeasureChanged(Given):
    """How a measure stands after a change."""

    round: str
    code: str
    state: State
    owner: str | None = Field(description="Sign-in name.")
    percent: int
    due: date | None
    original_due: date | None
    deadline_version: int
    version: int = Field(description="Counts every change; also the ETag, for If-Match.")


class Report(Asked):
    """A progress report."""

    percent: Annotated[int, Field(strict=True, ge=0, le=100, description="Progress in percent.", examples=[40])]
    text: Annotated[Words, Field(description="What was done.", examples=["办法已起草，正在征求意见"])]


class ExtensionAsked(Asked):
    """A request for a later due date."""

    new_due: Annotated[Day, Field(description="The due date that is asked for.", examples=["2025-12-31"])]
    reason: Words


class ExtensionDecided(Asked):
    """The decision of a request."""

    approve: Annotated[bool, Field(strict=True)]
    reason: MaybeWords = Field("", description="Needed for a refusal.")
    new_due: Day | None = Field(None, description="Another date than was asked for.")


class Acknowledged(Asked):
    """The word "seen": the ladder holds for a while."""

    waits_for: WaitsFor
    working_days: Annotated[int, Field(strict=True, ge=1, le=100)] = 1


class Owner(Asked):
    """To whom a measure is given."""

    owner: Who
    reason: MaybeWords = Field("", description="Needed where somebody owns it already.")


class VerificationStarted(Asked):
    """Who checks."""

    verifier: Who | None = Field(None, description="Null: the least busy whom four eyes allow.")


class VerificationsStarted(VerificationStarted):
    """Who checks which measures: all or nothing."""

    codes: list[Code] = Field(min_length=1, max_length=500)


class Verifiers(Given):
    """Who checks what."""

    verifiers: dict[str, str] = Field(description="Names by the codes of measures.")


class Passed(Asked):
    """A verdict: passed."""

    reason: MaybeWords | None = None


class Reason(Asked):
    """Why."""

    reason: Words


class Cancelled(Reason):
    """How a measure ends without close-out, and why."""

    how: Literal["cancel", "merge", "accept_risk"]


class Rebound(Reason):
    """The problem is back: until when it is mended now, and what was found."""

    due: Day


class StepTaken(Asked):
    """What a step asks for, by the names of its fields: days as 2025-09-03, yes or no, people by name or code."""

    fields: dict[Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z_]*$")], MaybeWords] = Field(
        default_factory=dict, max_length=40, examples=[{"reason": "资金已到位"}]
    )


class Opinion(Asked):
    """Something said about a measure; whoever is named with @ hears of it."""

    text: Words


class EvidenceMade(Given):
    """A file that is kept."""

    name: str
    sha256: str | None
    size: int | None
