"""The leading group's meetings in the small house: drawn up, decided, printed; and a count of statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Engine, event, select

from engine.actions.freeze_agenda import freeze_agenda
from engine.actions.record_decision import record_decision
from engine.reads.agenda_document import AgendaDocument, PrintedLine, read_agenda
from engine.rules.agenda import Section
from models import Decision, DecisionKind, Round
from models.database import reading
from tests.world import World

APRIL, MAY, JUNE = date(2025, 4, 10), date(2025, 5, 12), date(2025, 6, 10)


def draw_up(world: World, held_on: date | None = None, *, again: bool = False, round_id: int | None = None) -> int:
    """Freeze the agenda of a meeting, today's by default, and return its version."""
    day = held_on or world.today
    with world.sessions.begin() as session:
        frozen = freeze_agenda(
            session,
            round_id=round_id or world.round,
            held_on=day,
            moment=world.moment,
            calendar=world.calendar,
            again=again,
        )
        return frozen.version


def printed(world: World, held_on: date, version: int | None = None) -> AgendaDocument:
    """Return a frozen agenda as it is printed."""
    with reading(world.sessions) as session:
        return read_agenda(session, session.get_one(Round, world.round), period=f"{held_on:%Y-%m}", version=version)


def lines_in(document: AgendaDocument, section: Section) -> tuple[PrintedLine, ...]:
    """Return the lines of one section."""
    return dict(document.sections)[section]


def codes(document: AgendaDocument) -> dict[Section, list[str | None]]:
    """Return the codes of every section that has lines."""
    return {section: [line.code for line in lines] for section, lines in document.sections if lines}


def decide(world: World, kind: str, code: str | None = "1-01", *, by: str = "lin", **overrides: Any) -> Decision:
    """Let `by` record a decision of today's meeting."""
    plain = {"meeting": world.today, "measure": code, "text": "会议同意"} | overrides
    return world.act(by, record_decision, kind=DecisionKind(kind), **plain)


def rows_of(world: World, table: type[Any]) -> list[Any]:
    """Return every row of a table, the oldest first."""
    with world.sessions() as session:
        return list(session.scalars(select(table).order_by(table.id)))


@contextmanager
def statements(engine: Engine) -> Iterator[Counter[str]]:
    """Count the statements by how they begin."""
    found: Counter[str] = Counter()

    def keep(*args: object) -> None:
        found[" ".join(str(args[2]).split())[:60]] += 1

    event.listen(engine, "before_cursor_execute", keep)
    yield found
    event.remove(engine, "before_cursor_execute", keep)
