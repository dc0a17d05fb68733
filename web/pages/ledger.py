"""The ledger: narrowed, searched, paged through, exported.  What is changed from here stands in `ledger_changes`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from documents.ledger_book import read_ledger
from documents.write_ledger import write_ledger, write_ledger_csv
from engine.reads.ledger_choices import Choices, Late, count_late, read_choices, read_light_spans
from engine.reads.ledger_page import (
    LedgerFilter,
    LedgerPage,
    MeasureLine,
    find_people,
    find_unit,
    overdue,
    read_ledger_page,
    with_light,
)
from engine.reads.ledger_terms import Order
from engine.rules.lights import LIGHT_NAMES, Light, LightSpans
from engine.rules.names import CLASS_NAMES, STATE_NAMES
from engine.rules.refusal import NotFound, NotReady
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import MeasureClass, Role, State
from models import Round
from web.deadlines import Timing, timings
from web.pages.measure import root_of
from web.render import page
from web.visit import Signed, SignedVisit

routes = APIRouter()
LINES = 50  #: on a page
MOST_EXPORTED = 20_000
DEEPEST = 12  #: pages that the way back remembers
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for; empty: not narrowed by it."""

    q: str = ""
    finding: str = ""
    unit: str = ""
    leader: str = ""
    owner: str = ""
    state: tuple[str, ...] = ()
    light: str = ""
    kind: str = ""  #: class of measure
    due_from: date | None = None
    due_until: date | None = None
    sort: str = "open"

    def query(self, **others: str) -> str:
        """Return the address's query for this, with `others`; an empty one takes its own away."""
        pairs: list[tuple[str, str]] = []
        for name in self.__slots__:
            value = getattr(self, name)
            values = value if isinstance(value, tuple) else (value,)
            pairs += [(name, str(one)) for one in values if one and (name, one) != ("sort", "open")]
        pairs = [pair for pair in pairs if pair[0] not in others]
        return urlencode([*pairs, *((name, value) for name, value in others.items() if value)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One thing that narrows, and the way without it."""

    name: Text | str
    value: Text | str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerView:
    """What the page shows."""

    root: str
    asked: Asked
    choices: Choices
    late: Late | None  #: None: the person does not see all measures
    aspects: dict[str, str]  #: texts by code
    chips: tuple[Chip, ...]
    found: LedgerPage
    timing: Timing
    spans: LightSpans
    next: str | None
    back: str | None
    first: str | None  #: None: this is it
    may_assign: bool
    may_remind: bool
    may_import: bool
    lights: dict[Light, Text]
    codes_root: str

    def light(self, line: MeasureLine) -> Light:
        """Return a line's light."""
        return self.spans.of(line.state, line.due)

    def aspect(self, line: MeasureLine) -> str:
        """Return the text of the aspect that a line's finding belongs to."""
        return self.aspects.get(line.finding.partition(".")[0], "")


def asked_for(
    q: str = "",
    finding: str = "",
    unit: str = "",
    leader: str = "",
    owner: str = "",
    state: Annotated[list[str] | None, Query()] = None,
    light: str = "",
    kind: str = "",
    due_from: str = "",
    due_until: str = "",
    sort: str = "open",
) -> Asked:
    """Return what the address asks for; what is no choice of ours narrows nothing."""
    return Asked(
        q=_plain(q)[:100],
        finding=finding if finding.replace(".", "").isalnum() else "",
        unit=_plain(unit),
        leader=_plain(leader),
        owner=_plain(owner),
        state=tuple(one for one in state or () if one in {*State, "overdue"}),
        light=light if light in set(Light) else "",
        kind=kind if kind in set(MeasureClass) else "",
        due_from=_day(due_from),
        due_until=_day(due_until),
        sort=sort if sort in set(Order) else "open",
    )


Narrowing = Annotated[Asked, Depends(asked_for)]


def _plain(text: str) -> str:
    """Return what was typed, without signs that nobody types."""
    return " ".join("".join(sign for sign in text if sign.isprintable() or sign.isspace()).split())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def filter_of(session: Session, visit: SignedVisit, asked: Asked, spans: LightSpans) -> LedgerFilter:
    """Return the filter that is asked for, within what the person sees.  Raises NotFound for an unknown name."""
    only = LedgerFilter(
        states=frozenset(State(one) for one in asked.state if one != "overdue"),
        unit=find_unit(session, asked.unit) if asked.unit else None,
        leads=find_people(session, asked.leader) if asked.leader else frozenset(),
        owners=find_people(session, asked.owner) if asked.owner else frozenset(),
        measure_class=MeasureClass(asked.kind) if asked.kind else None,
        due_from=asked.due_from,
        due_until=asked.due_until,
        finding=asked.finding or None,
        search=asked.q or None,
        seen_by=visit.sight,
    )
    if "overdue" in asked.state:
        only = overdue(only, visit.moment.on, visit.calendar)
    return with_light(only, Light(asked.light), spans) if asked.light else only


@routes.get("/rounds/{round}/ledger")
def show(visit: Signed, asked: Narrowing, after: str = "", trail: str = "") -> Response:
    """Show a page of the ledger."""
    with visit.reading() as session:
        round_ = visit.round(session)
        spans = read_light_spans(session, round_, visit.moment, visit.calendar)
        choices = read_choices(session, round_.id, person=visit.who.person, sight=visit.sight)
        late = count_late(session, round_.id, visit.moment, visit.calendar) if choices.states else None
        found = _read(session, visit, round_, asked, spans, after=after or None, limit=LINES)
    context = LedgerView(
        root=f"/rounds/{quote(round_.code, safe='')}/ledger",
        asked=asked,
        choices=choices,
        late=late,
        aspects=dict(choices.aspects),
        chips=tuple(_chips(asked, choices)),
        found=found,
        timing=timings(visit.moment.on, visit.calendar),
        spans=spans,
        next=_next(asked, found, after, trail),
        back=_back(asked, trail),
        first=asked.query() if after else None,
        may_assign=visit.actor.holds(Role.COORDINATOR) or visit.actor.holds(Role.LEADING_GROUP),
        may_remind=visit.actor.holds(Role.COORDINATOR),
        may_import=visit.may_open(Place.IMPORT),
        lights=LIGHT_NAMES,
        codes_root=root_of(round_.code, ""),
    )
    return page(visit, "ledger.html", context)


def _read(
    session: Session,
    visit: SignedVisit,
    round_: Round,
    asked: Asked,
    spans: LightSpans,
    *,
    after: str | None = None,
    limit: int,
) -> LedgerPage:
    try:
        only = filter_of(session, visit, asked, spans)
    except NotFound:  # nothing is of a unit, or of somebody, that there is not
        return LedgerPage(lines=(), next=None)
    return read_ledger_page(
        session,
        round_.id,
        on=visit.moment.on,
        calendar=visit.calendar,
        only=only,
        order=Order(asked.sort),
        after=after,
        limit=limit,
    )


def _next(asked: Asked, found: LedgerPage, after: str, trail: str) -> str | None:
    if found.next is None:
        return None
    passed = [*filter(None, trail.split(",")), after or "-"][-DEEPEST:]
    return asked.query(after=found.next, trail=",".join(passed))


def _back(asked: Asked, trail: str) -> str | None:
    passed = [*filter(None, trail.split(","))]
    if not passed:
        return None
    return asked.query(after="" if passed[-1] == "-" else passed[-1], trail=",".join(passed[:-1]))


def _chips(asked: Asked, choices: Choices) -> Iterable[Chip]:
    """Yield what narrows."""
    aspects = dict(choices.aspects)
    shown: list[tuple[str, Text, Text | str | tuple[Text | str, ...]]] = [
        ("q", N_("words"), asked.q),
        ("finding", N_("aspect"), aspects.get(asked.finding, asked.finding)),
        ("unit", N_("unit"), asked.unit),
        ("leader", N_("leader"), asked.leader),
        ("owner", N_("owner"), asked.owner),
        ("state", N_("state"), tuple(_state_name(one) for one in asked.state)),
        ("light", N_("light"), LIGHT_NAMES[Light(asked.light)] if asked.light else ""),
        ("kind", N_("class"), CLASS_NAMES[MeasureClass(asked.kind)] if asked.kind else ""),
        ("due_from", N_("due from"), asked.due_from.isoformat() if asked.due_from else ""),
        ("due_until", N_("due until"), asked.due_until.isoformat() if asked.due_until else ""),
    ]
    for field, name, value in shown:
        if value:
            told = N_("{all}", all=value) if isinstance(value, tuple) else value
            yield Chip(name=name, value=told, without=asked.query(**{field: ""}))


def _state_name(value: str) -> Text:
    return N_("overdue") if value == "overdue" else STATE_NAMES[State(value)]


@routes.get("/rounds/{round}/ledger.{ending}")
def export(visit: Signed, ending: str, asked: Narrowing) -> Response:
    """Hand over what is listed, as a workbook or a .csv in the layout of the ledger."""
    if ending not in MEDIA:
        raise NotFound(N_("there is nothing here"))
    with visit.reading() as session:
        round_ = visit.round(session)
        spans = read_light_spans(session, round_, visit.moment, visit.calendar)
        found = _read(session, visit, round_, asked, spans, limit=MOST_EXPORTED)
        if found.next:
            raise NotReady(N_("more than {most} measures fit; narrow the list first", most=MOST_EXPORTED))
        codes = {line.code: place for place, line in enumerate(found.lines)}
        book = read_ledger(session, round_, until=visit.moment, calendar=visit.calendar, only=codes)
    rows = sorted(book.rows, key=lambda row: codes[row.code])
    people = book.people if visit.may_open(Place.IMPORT) else ()  # their addresses are for coordinators
    book = replace(book, rows=tuple(rows), people=people)
    with TemporaryDirectory(prefix="duban-") as folder:
        file = Path(folder) / f"ledger.{ending}"
        (write_ledger if ending == "xlsx" else write_ledger_csv)(file, book)
        content = file.read_bytes()
    name = quote(f"{book.title}{visit.moment.on:%Y%m%d}.{ending}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type=MEDIA[ending], headers=headers)
