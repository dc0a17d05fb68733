"""A frozen agenda as it is printed: plain values, the same at any later time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.agenda_draft import left_out
from engine.rules.agenda import Section
from engine.rules.agenda_draft import LeftOut
from engine.rules.moment import Moment
from engine.rules.refusal import NotFound
from engine.rules.text import N_, Text, unpack
from engine.rules.vocabulary import Slip
from models import Agenda, AgendaItem, Finding, Meeting, Round


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLine:
    """One line, as it was frozen."""

    code: str | None
    text: str | Text
    unit: str | None
    leader: str | None
    owner: str | None
    deadline: date | None
    lateness: int  #: working days
    slip: Slip | None
    reason: str | None
    ask: Text  #: what is asked of the meeting
    hand: Text | None = None  #: who put it there by hand, and why
    subject: str | None = None  #: what a decision about it names; None: frozen by an earlier release


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedAspect:
    """The progress of one aspect."""

    code: str
    text: str
    measures: int
    closed: int
    overdue: int
    findings: tuple[int, ...] = ()  #: ids of this one and of all below


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaDocument:
    """Everything that an agenda prints."""

    organisation: str
    round_title: str
    round_code: str
    held_on: date
    as_of: date  #: the cut-off
    version: int
    period: str = ""  #: of the meeting, year and month
    frozen: Moment | None = None  #: the cut-off to the second; None: made by hand
    figures: dict[str, int]  #: names of engine.rules.progress.Figures
    change: dict[str, int]  #: against last month; empty for the first agenda
    aspects: tuple[PrintedAspect, ...]
    sections: tuple[tuple[Section, tuple[PrintedLine, ...]], ...]  #: every section, in order, also the empty ones
    left_out: tuple[LeftOut, ...] = ()  #: by a coordinator
    ordered: frozenset[Section] = frozenset()  #: sections that a coordinator put in order


def read_agenda(session: Session, round_: Round, *, period: str, version: int | None = None) -> AgendaDocument:
    """Return the agenda of the meeting in `period` (year and month): the newest version, or the one named.

    Raises NotFound.
    """
    query = (
        select(Agenda, Meeting)
        .join(Meeting, Meeting.id == Agenda.meeting_id)
        .where(Meeting.round_id == round_.id, Meeting.period == period)
        .order_by(Agenda.version.desc())
        .limit(1)
    )
    if version is not None:
        query = query.where(Agenda.version == version)
    found = session.execute(query).first()
    if found is None:
        raise NotFound(N_("there is no agenda for {period}; run the monthly run first", period=period))
    agenda, meeting = found
    items = session.scalars(select(AgendaItem).where(AgendaItem.agenda_id == agenda.id).order_by(AgendaItem.position))
    return _document(round_, meeting, agenda, items.all(), _below(session, round_.id))


def _below(session: Session, round_id: int) -> dict[str, tuple[int, ...]]:
    """Return by the code of each finding on top its id, and those of all below."""
    rows = session.execute(
        select(Finding.id, Finding.parent_id, Finding.code)
        .where(Finding.round_id == round_id)
        .order_by(Finding.position)
    ).all()
    tops: dict[int, str] = {}
    for number, parent, code in rows:  # a parent before its children
        tops[number] = code if parent is None else tops[parent]
    return {code: tuple(one for one, top in tops.items() if top == code) for code in set(tops.values())}


def _document(
    round_: Round, meeting: Meeting, agenda: Agenda, items: Sequence[AgendaItem], below: dict[str, tuple[int, ...]]
) -> AgendaDocument:
    return AgendaDocument(
        organisation=agenda.overview.get("organisation", round_.organisation),
        round_title=agenda.overview.get("title", round_.title),
        round_code=round_.code,
        held_on=agenda.held_on or meeting.held_on,
        as_of=agenda.as_of,
        version=agenda.version,
        period=meeting.period,
        frozen=Moment(at=agenda.frozen_at, on=agenda.as_of),
        figures=dict(agenda.overview["figures"]),
        change=dict(agenda.overview["change"]),
        aspects=tuple(PrintedAspect(**one, findings=below.get(one["code"], ())) for one in agenda.overview["aspects"]),
        sections=tuple(
            (section, tuple(_line(item.line) for item in items if item.section == section.value)) for section in Section
        ),
        left_out=tuple(left_out(one["key"], one) for one in agenda.overview.get("left_out", ())),
        ordered=frozenset(Section(one) for one in agenda.overview.get("ordered", ())),
    )


def _line(plain: dict[str, Any]) -> PrintedLine:
    deadline, slip = plain["deadline"], plain["slip"]
    return PrintedLine(
        code=plain["code"],
        text=unpack(plain["text"]),
        unit=plain["unit"],
        leader=plain["leader"],
        owner=plain["owner"],
        deadline=date.fromisoformat(deadline) if deadline else None,
        lateness=plain["lateness"],
        slip=Slip(slip) if slip else None,
        reason=plain["reason"],
        ask=unpack(plain["ask"]),
        hand=unpack(plain.get("hand")),
        subject=plain.get("subject"),
    )
