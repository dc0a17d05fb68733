"""`duban trace DOCUMENT`: every figure of a document, what it counts, as of when, and the rows behind it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.documents import KEYS
from cli.frame import Frame, open_frame
from cli.help import Page, _, new_app
from cli.options import LARGEST, AsOf, Json, RoundCode, read_day, read_name, read_number
from engine.rules.refusal import NotFound, NotReady
from engine.rules.text import N_, Text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from documents.papers.asked import Asked
    from flows.tracing import Traced
    from models import Round

app = new_app()


@app.command(
    "trace",
    cls=Page,
    help=_(
        "List every figure of a document: where it stands, what it counts, as of when, and whether the record gives\n"
        "it again. DOCUMENT is a file that was kept, or that duban document wrote, or a kind."
    ),
    epilog=(
        "duban trace documents/LX-2024-4/2025-09/report.docx\n"
        "duban trace documents/LX-2024-4/2025-09/report.docx --figure 5\n"
        "duban trace notice --as-of 2025-09-10 --json"
    ),
)
def trace_figures(
    *,
    document: Annotated[
        str,
        typer.Argument(metavar="DOCUMENT", parser=read_name, help=_("The file, its path in DUBAN_HOME, or a kind.")),
    ],
    figure: Annotated[
        int | None,
        typer.Option(
            "--figure",
            metavar="N",
            parser=read_number(1, LARGEST),
            help=_("One figure by its number: its queries, and their rows."),
        ),
    ] = None,
    sql: Annotated[bool, typer.Option("--sql", help=_("Print the queries of every figure below the list."))] = False,
    meeting: Annotated[
        date | None,
        typer.Option("--meeting", metavar="D", parser=read_day, help=_("Of a kind: the day of the meeting.")),
    ] = None,
    measure: Annotated[
        str | None,
        typer.Option("--measure", metavar="CODE", parser=read_name, help=_("Of slips: the measure.")),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option("--unit", metavar="NAME", parser=read_name, help=_("Of a kind: one unit's sheets.")),
    ] = None,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Trace one document."""
    from engine.actions.freeze_agenda import period_of

    given = {"period": period_of(meeting) if meeting else None, "measure": measure, "unit": unit}
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from flows.tracing import trace

        with frame.reading() as session:
            name, kind, round_, asked = _find(frame, session, document, given)
            found = trace(session, round_, kind, asked)
            if figure is not None:
                _one(frame, session, round_, found, figure)
                return
        frame.screen.answer(
            {"document": name, "kind": kind, "round": round_.code, "figures": [_plain(one) for one in found]}
        )
        _list(frame, name, found)
        if sql:
            for one in found:
                _queries(frame, one)


def _find(frame: Frame, session: Session, document: str, given: dict[str, Any]) -> tuple[str, str, Round, Asked]:
    """Return what was asked for: its name, kind and round.  Raises NotFound for what was never kept."""
    from documents.papers.asked import Asked
    from engine.actions.desk import find_round
    from engine.rules.moment import day_end
    from flows.papers import asked_again
    from flows.tracing import find_kept
    from models import Round

    kept = find_kept(session, frame.house.home, document)
    if kept is not None:
        round_, asked = (
            session.get_one(Round, kept.round_id),
            asked_again(frame.house, session, kept, frame.house.language),
        )
        return kept.path, kept.kind, round_, asked
    told = _told_by_file(frame, session, document)
    if told is not None:
        return told
    key = document.lower().replace("_", "-")
    if key not in KEYS:
        raise NotFound(
            N_(
                "{document} is no file that was kept, and no kind of document: {kinds}",
                document=document,
                kinds=KEYS,
            )
        )
    round_ = find_round(session, frame.round)
    asked = Asked(
        until=day_end(frame.moment.on, round_.zone),
        calendar=frame.calendar(session),
        language=frame.house.language,
        **given,
    )
    return key, key, round_, asked


def _told_by_file(frame: Frame, session: Session, document: str) -> tuple[str, str, Round, Asked] | None:
    """Return what a file that was not kept tells of itself, where making it anew gives the same bytes.

    Raises NotReady where it does not: its figures would be those of another document.
    """
    from documents.papers.asked import Asked
    from documents.recipe import read_recipe
    from engine.actions.desk import find_round
    from engine.rules.moment import day_end
    from flows.templates import paper_templates_of
    from flows.tracing import is_same

    file = Path(document)
    recipe = read_recipe(file) if file.is_file() else None
    if recipe is None or recipe.kind not in KEYS:
        return None
    round_ = find_round(session, recipe.round)
    asked = Asked(
        until=day_end(recipe.as_of, round_.zone),
        calendar=frame.calendar(session),
        period=recipe.period,
        measure=recipe.measure,
        unit=recipe.unit,
        issued=recipe.issued,
        number=recipe.number,
        template=paper_templates_of(frame.house.settings, recipe.kind).get(recipe.kind),
        language=frame.house.language,
        recipe=str(recipe),
    )
    if not is_same(session, round_, recipe.kind, asked, file):
        told = N_(
            "{file} says that it is {recipe}, but the record gives another document now", file=file, recipe=recipe
        )
        raise NotReady(told)
    return document, recipe.kind, round_, asked


def _list(frame: Frame, name: str, found: tuple[Traced, ...]) -> None:
    wrong = [one for one in found if not one.agrees]
    frame.screen.line(N_("{file}: {count} figures", file=name, count=len(found)), style="bold")
    frame.screen.table(
        (N_("no."), N_("place"), N_("it reads"), N_("what it counts"), N_("as of"), N_("the record gives")),
        [(one.number, one.place, one.words, one.counts, one.as_of, _verdict(one)) for one in found],
        styles=[None if one.agrees else "red" for one in found],
    )
    frame.screen.line(
        N_("{count} figures differ from the record", count=len(wrong))
        if wrong
        else N_("the record gives every figure again"),
        style="red" if wrong else "green",
    )


def _verdict(one: Traced) -> Text:
    return N_("the same") if one.agrees else N_("{count} instead of {printed}", count=one.recount, printed=one.value)


def _one(frame: Frame, session: Session, round_: Round, found: tuple[Traced, ...], number: int) -> None:
    """Print one figure with its rows."""
    from flows.tracing import rows_behind

    if number > len(found):
        raise NotFound(
            N_("the document has {count} figures; there is no number {number}", count=len(found), number=number)
        )
    one = found[number - 1]
    behind = [rows_behind(session, round_.id, part) for part in one.parts]
    frame.screen.answer(_plain(one) | {"rows": [list(part.rows) for part in behind]})
    frame.screen.line(
        N_("{number}. {place}: {words}", number=one.number, place=one.place, words=one.words), style="bold"
    )
    frame.screen.line(one.counts)
    frame.screen.line(N_("as of {day}; the record gives: {verdict}", day=one.as_of, verdict=_verdict(one)))
    for part, rows in zip(one.parts, behind, strict=True):
        frame.screen.line()
        frame.screen.line(part.sql, style="dim")
        frame.screen.line()
        columns = tuple(rows.rows[0]) if rows.rows else part.columns
        frame.screen.table(
            tuple(Text(column) for column in columns),
            [tuple(_cell(row[name]) for name in columns) for row in rows.rows],
        )
        frame.screen.line(N_("{count} rows", count=len(rows.rows)))


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _queries(frame: Frame, one: Traced) -> None:
    frame.screen.line()
    frame.screen.line(
        N_("{number}. {place}: {words}", number=one.number, place=one.place, words=one.words), style="bold"
    )
    for part in one.parts:
        frame.screen.line(part.sql, style="dim")


def _plain(one: Traced) -> dict[str, Any]:
    return {
        "number": one.number,
        "place": one.place,
        "words": one.words,
        "printed": one.shown,
        "value": one.value,
        "counts": one.counts,
        "as_of": one.as_of,
        "recount": one.recount,
        "agrees": one.agrees,
        "queries": [{"as_of": part.until.at, "sql": part.sql, "value": part.value} for part in one.parts],
    }
