"""`duban measure list|show`: the measures of a round, and everything that hangs on one.

What changes a measure is in `cli.measure_changes` and `cli.measure_orders`; together they are the group `measure`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from cli import measure_changes, measure_orders
from cli.frame import Frame, open_frame
from cli.help import Page, _, new_app
from cli.layout import shortened
from cli.options import LARGEST, AsOf, Json, MeasureCode, RoundCode, read_number, read_word
from cli.output import Cell, Screen
from engine.rules.lateness import lateness_words
from engine.rules.names import CLASS_NAMES, STATE_NAMES, WAIT_NAMES
from engine.rules.record_words import event_name, outcome
from engine.rules.refusal import NotFound
from engine.rules.text import N_, Text
from engine.rules.vocabulary import State

if TYPE_CHECKING:
    from engine.reads.ledger_page import MeasureLine
    from engine.reads.measure_page import MeasurePage

app = new_app()
group = new_app("measure", _("The life of a measure: list, show, accept, report, submit, extend, close …"))
TEXT_COLUMNS = 40  #: of a measure's text in the list on a terminal
DIGEST_COLUMNS = 12  #: of a file's SHA-256; --json holds all of it
_STYLES = {State.CLOSED: "green", State.CANCELLED: "dim", State.SUBMITTED: "yellow", State.VERIFIED: "cyan"}


@group.command(
    "list",
    cls=Page,
    help=_("List measures in the order of the ledger, all of them or those that fit."),
    epilog="duban measure list --state in_progress --unit 一处 --limit 100\n"
    "duban measure list --overdue --as-of 2025-09-10 --json",
)
def list_measures(
    *,
    state: Annotated[
        str | None,
        typer.Option(
            "--state",
            metavar="STATE",
            parser=read_word(*State),
            help=_("assigned, in_progress, submitted, verified, closed or cancelled."),
        ),
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="NAME", help=_("The responsible unit."))] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="PERSON", help=_("Who owns or leads them; code or name."))
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help=_("Only what is open and past its due date."))] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            metavar="N",
            parser=read_number(1, LARGEST),
            help=_("The first so many; all when it is left out."),
        ),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="NEXT", help=_("Go on after the page that told NEXT, narrowed as it was.")),
    ] = None,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Print the list."""
    states = frozenset({State(state)}) if state else frozenset[State]()
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        print_measures(frame, states, unit=unit, person=person, overdue=overdue, limit=limit, after=after)


def print_measures(
    frame: Frame,
    states: frozenset[State],
    *,
    unit: str | None = None,
    person: str | None = None,
    overdue: bool = False,
    limit: int | None = None,
    after: str | None = None,
) -> None:
    """Print the measures in one of `states` (none: in any), narrowed and page by page."""
    from engine.reads import ledger_page as ledger
    from engine.reads.ledger_terms import Order
    from models.database import glancing

    with glancing(frame.house.sessions) as session:
        calendar, round_id, on = frame.calendar(session), frame.round_id(session), frame.moment.on
        only = ledger.LedgerFilter(
            states=states,
            unit=ledger.find_unit(session, unit) if unit is not None else None,
            people=ledger.find_people(session, person) if person is not None else frozenset(),
        )
        if overdue:
            only = ledger.overdue(only, on, calendar)
        page = ledger.read_ledger_page(
            session,
            round_id,
            on=on,
            calendar=calendar,
            only=only,
            order=Order.LEDGER,
            after=after,
            limit=limit,
        )
    lines = page.lines
    screen = frame.screen
    screen.answer({"as_of": frame.moment.on, "measures": lines, "next": page.next})
    screen.table(
        (N_("code"), N_("unit"), N_("owner"), N_("due"), N_("state"), N_("done %"), N_("measure")),
        [
            (
                line.code,
                line.unit,
                line.owner,
                line.due or N_("open-ended"),
                _state(line),
                line.percent,
                shortened(line.text, TEXT_COLUMNS) if screen.is_terminal else line.text,
            )
            for line in lines
        ],
        styles=[_style(line) for line in lines],
    )
    screen.line(N_("{count} measures", count=len(lines)))
    if page.next:
        screen.line(N_("there are more: --after {next}", next=page.next))


def _state(line: MeasureLine) -> Text:
    """Return where a measure stands, and the first word on how late it is or was."""
    state, late = STATE_NAMES[line.state], lateness_words(line.lateness)
    if line.is_overdue:
        return N_("overdue, {state}", state=state)
    return N_("{state}, {late}", state=state, late=late[0]) if late else state


def _style(line: MeasureLine) -> str | None:
    if line.is_overdue:
        return "red"
    return "yellow" if line.lateness is not None and line.lateness.is_late else _STYLES.get(line.state)


@group.command(
    "show",
    cls=Page,
    help=_("Show one measure with its reports, evidence, verifications, extensions and record."),
    epilog="duban measure show 12\nduban measure show 1.1.2-01 --json",
)
def show_measure(*, code: MeasureCode, as_of: AsOf = None, round_code: RoundCode = None, json: Json = False) -> None:
    """Print the page."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from engine.reads.measure_page import read_measure

        with frame.reading() as session:
            calendar, round_id = frame.calendar(session), frame.round_id(session)
            page = read_measure(session, round_id, code, on=frame.moment.on, calendar=calendar)
        if page is None:
            raise NotFound(N_("there is no measure {code}; duban measure list tells all", code=code))
        plain = {field.name: getattr(page, field.name) for field in fields(page) if field.name != "line"}
        line = {field.name: getattr(page.line, field.name) for field in fields(page.line)}
        frame.screen.answer({**line, **plain})
        _print_page(frame.screen, page)


def _print_page(screen: Screen, page: MeasurePage) -> None:
    line = page.line
    screen.line(f"{line.code}  {line.text}", style="bold")
    rows: list[tuple[Text, object]] = [
        (N_("mends"), " › ".join(page.findings)),
        (N_("class"), CLASS_NAMES[line.measure_class]),
        (N_("state"), N_("{state} since {day}", state=STATE_NAMES[line.state], day=page.state_since)),
        (N_("unit"), line.unit),
        (N_("co-units"), tuple(_co_unit(name, done) for name, done in page.co_units)),
        (N_("leader"), line.lead),
        (N_("owner"), line.owner),
        (N_("due"), line.due or N_("open-ended")),
        (N_("first due"), page.original_due if page.original_due != line.due else None),
        (N_("accepted"), page.accepted_on),
        (N_("handed in"), page.handed_in_on),
        (N_("closed"), page.closed_on),
        (N_("lateness"), lateness_words(line.lateness)),
        (N_("done %"), line.percent),
    ]
    for name, value in rows:
        if value not in (None, "", ()):
            screen.line(N_("{name}: {value}", name=name, value=value))
    waits = [
        (WAIT_NAMES[kind], N_("due {day}", day=until), N_("next rung {day}", day=looks))
        for kind, until, looks in page.waits
    ]
    _print_pieces(screen, N_("waits for"), waits)
    for title, pieces, named in (
        (N_("progress reports"), page.reports, lambda piece: f"{piece.what}%"),
        (N_("evidence"), page.evidence, lambda piece: piece.what[:DIGEST_COLUMNS]),
        (N_("verifications"), page.verifications, lambda piece: outcome(piece.what)),
        (N_("extensions"), page.extensions, lambda piece: outcome(piece.what)),
        (N_("record"), page.events, lambda piece: event_name(piece.what)),
    ):
        _print_pieces(screen, title, [(piece.on, piece.who, named(piece), piece.until, piece.text) for piece in pieces])


def _co_unit(name: str, done: date | None) -> Text | str:
    return N_("{unit} (done {day})", unit=name, day=done) if done else name


def _print_pieces(screen: Screen, title: Text, rows: Sequence[tuple[Cell, ...]]) -> None:
    if not rows:
        return
    screen.line()
    screen.table((), rows, title=title)


group.add_typer(measure_changes.app)
group.add_typer(measure_orders.app)
app.add_typer(group)
