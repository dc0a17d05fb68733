"""The sample round, read from `demo/data`: who is who, what was found, and what the play lets happen to each measure.

Called by the play and by its tests.  It decides nothing and knows no clock: every date of the play stands in the data.
The texts are Chinese by nature (a notice and a ledger of a fictional water bureau) and are no part of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from documents.ledger import LedgerBook, LedgerRow, PersonRow, UnitRow
from documents.write_ledger import write_ledger
from engine.rules.plan import Contacts, Declared
from engine.rules.vocabulary import Level, MeasureClass, Role, UnitKind

NOTICE = "notice.txt"
_ASPECT_FILES = tuple(f"aspect-{number}.yaml" for number in range(1, 6))


class CourseKind(StrEnum):
    """What becomes of a measure in the play."""

    ON_TIME = "on_time"  #: submitted by the due date, passed, closed
    LATE_ACCEPT = "late_accept"  #: accepted after the wait for acceptance ran out, then on time
    LATE = "late"  #: submitted up to ten working days late
    RETURNED_ONCE = "returned_once"  #: the verifier returned the first submission
    EXTENDED = "extended"  #: asked for more time, got it, kept the new date
    EXTENSION_REFUSED = "extension_refused"  #: asked for more time, did not get it, was late
    ESCALATED = "escalated"  #: more than ten working days late: it reached the leading group
    OPEN_OVERDUE = "open_overdue"  #: past its date on the last day, nothing submitted
    OPEN_SUBMITTED = "open_submitted"  #: waits for its verifier on the last day
    OPEN_EXTENDED = "open_extended"  #: its approved new date lies after the last day
    OPEN_CONTINUOUS = "open_continuous"  #: goes on for good
    OPEN_RETURNED = "open_returned"  #: returned by the verifier, not yet submitted again
    OPEN_NOT_DUE = "open_not_due"  #: due after the last day from the beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The dated steps of one measure in the play; a step that does not happen is None."""

    kind: CourseKind
    accepts_on: date
    first_submits_on: date | None = None  #: the submission that the verifier returns
    returned_on: date | None = None  #: when they do
    asks_on: date | None = None  #: the extension request; its approver answers within three working days
    asks_for: date | None = None  #: the new due date asked for
    submits_on: date | None = None  #: the submission that passes, or that still waits on the last day
    days_late: int = 0  #: working days from the due date to `submits_on`, or to the last day
    reason: str | None = None  #: the owner's (late, overdue, extension), or the verifier's (returned)
    answer: str | None = None  #: why an extension is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleUnit:
    """A unit of the round."""

    name: str
    kind: UnitKind
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePerson:
    """A person of the round.  Owner and leader follow from the measures; `roles` are granted."""

    name: str
    code: str  #: sign-in name
    post: str  #: what they are in their unit
    unit: str
    roles: tuple[Role, ...]

    @property
    def email(self) -> str:
        """The address, in a domain that can never exist."""
        return f"{self.code}@duban.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleMeasure:
    """One measure, as the ledger has it, and its course."""

    code: str  #: "1.2.3-04": the item's code and the place in it
    text: str
    measure_class: MeasureClass
    lead: str
    unit: str
    co_units: tuple[str, ...]
    owner: str
    due: date | None  #: None: open-ended (长期坚持)
    is_open: bool  #: not closed on the last day
    course: Course


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFinding:
    """An aspect, a problem or an item; only items have measures."""

    level: Level
    code: str  #: "1", "1.2", "1.2.3"
    text: str
    children: tuple[SampleFinding, ...] = ()
    measures: tuple[SampleMeasure, ...] = ()

    def walk(self) -> Iterator[SampleFinding]:
        """Yield this finding and everything below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The whole sample."""

    code: str
    title: str
    organisation: str
    inspecting_body: str
    inspected_from: date
    inspected_to: date
    feedback_on: date
    ledger_on: date  #: first day of the play: the coordinators import the ledger
    ends_on: date  #: last day of the play
    declared: Declared
    contacts: Contacts
    units: tuple[SampleUnit, ...]
    people: tuple[SamplePerson, ...]
    aspects: tuple[SampleFinding, ...]

    def findings(self) -> Iterator[SampleFinding]:
        """Yield every finding in the order of the notice."""
        for aspect in self.aspects:
            yield from aspect.walk()

    def measures(self) -> Iterator[SampleMeasure]:
        """Yield every measure in the order of the ledger."""
        for finding in self.findings():
            yield from finding.measures

    def text_of(self, code: str) -> str:
        """Return the text of the finding with this code."""
        return next(finding.text for finding in self.findings() if finding.code == code)

    def holders(self, role: Role) -> tuple[SamplePerson, ...]:
        """Return the people to whom `role` is granted."""
        return tuple(person for person in self.people if role in person.roles)


def notice_text() -> str:
    """Return the sample notice in its published form."""
    return (files("demo") / "data" / NOTICE).read_text(encoding="utf-8")


@cache
def load_sample() -> Sample:
    """Read the sample that ships with the product."""
    about, units = _read("round.yaml"), _read("units.yaml")
    return Sample(
        **{
            **about,
            "declared": Declared(**about["declared"]),
            "contacts": Contacts(**about["contacts"]),
            "units": tuple(
                SampleUnit(name=unit["name"], kind=UnitKind(unit["kind"]), parent=unit.get("parent")) for unit in units
            ),
            "people": tuple(_person(person, unit["name"]) for unit in units for person in unit["people"]),
            "aspects": tuple(_aspect(_read(name), str(place)) for place, name in enumerate(_ASPECT_FILES, 1)),
        }
    )


def write_sample_ledger(path: Path) -> None:
    """Write the sample as the workbook that the coordinators fill in: who does what by when, no state yet."""
    sample = load_sample()
    people = tuple(
        PersonRow(name=one.name, code=one.code, unit=one.unit, roles=one.roles, email=one.email)
        for one in sample.people
    )
    book = LedgerBook(
        title=sample.title,
        as_of=sample.ledger_on,
        created=datetime.combine(sample.ledger_on, time(1), UTC),
        units=tuple(UnitRow(name=unit.name, kind=unit.kind, parent=unit.parent) for unit in sample.units),
        people=people,
        rows=tuple(_ledger_row(sample, measure) for measure in sample.measures()),
    )
    write_ledger(path, book)


def _ledger_row(sample: Sample, measure: SampleMeasure) -> LedgerRow:
    item = measure.code.partition("-")[0]
    problem = item.rpartition(".")[0]
    return LedgerRow(
        code=measure.code,
        aspect=sample.text_of(problem.partition(".")[0]),
        problem=sample.text_of(problem),
        item=sample.text_of(item),
        measure=measure.text,
        measure_class=measure.measure_class,
        lead=measure.lead,
        unit=measure.unit,
        co_units=measure.co_units,
        owner=measure.owner,
        due=measure.due,
        open_ended=measure.due is None,
    )


def _read(name: str) -> Any:
    return yaml.safe_load((files("demo") / "data" / name).read_text(encoding="utf-8"))


def _person(plain: Mapping[str, Any], unit: str) -> SamplePerson:
    return SamplePerson(
        name=plain["name"],
        code=plain["code"],
        post=plain["post"],
        unit=unit,
        roles=tuple(Role(role) for role in plain.get("roles", ())),
    )


def _aspect(plain: Mapping[str, Any], code: str) -> SampleFinding:
    problems = tuple(_problem(problem, f"{code}.{place}") for place, problem in enumerate(plain["problems"], 1))
    return SampleFinding(level=Level.ASPECT, code=code, text=plain["text"], children=problems)


def _problem(plain: Mapping[str, Any], code: str) -> SampleFinding:
    items = tuple(_item(item, f"{code}.{place}", plain["lead"]) for place, item in enumerate(plain["items"], 1))
    return SampleFinding(level=Level.PROBLEM, code=code, text=plain["text"], children=items)


def _item(plain: Mapping[str, Any], code: str, lead: str) -> SampleFinding:
    measures = tuple(
        _measure(measure, f"{code}-{place:02d}", lead) for place, measure in enumerate(plain["measures"], 1)
    )
    return SampleFinding(level=Level.ITEM, code=code, text=plain["text"], measures=measures)


def _measure(plain: Mapping[str, Any], code: str, lead: str) -> SampleMeasure:
    course = plain["course"]
    return SampleMeasure(
        code=code,
        text=plain["text"],
        measure_class=MeasureClass(plain["class"]),
        lead=lead,
        unit=plain["unit"],
        co_units=tuple(plain.get("co_units", ())),
        owner=plain["owner"],
        due=plain["due"],
        is_open=plain.get("open", False),
        course=Course(**{**course, "kind": CourseKind(course["kind"])}),
    )
