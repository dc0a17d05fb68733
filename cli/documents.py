"""`duban document KIND` and `duban notice`: every kind of document, as of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cli.frame import open_frame
from cli.help import Page, _, new_app
from cli.ledger import check_target
from cli.options import AsOf, Json, OutFile, RoundCode, read_day, read_name, read_word
from engine.rules.names import DOCUMENT_NAMES
from engine.rules.refusal import NotReady
from engine.rules.text import N_

app = new_app()
#: As `documents.kinds` names them, which is not imported for a help page; a test compares.
KEYS = (
    *("agenda", "ledger", "unit-ledgers", "minutes", "slip", "lists", "timetable"),
    *("task-book", "road-map", "letter", "report", "notice"),
)
#: Those that an office signs.
SIGNED = tuple(key for key in KEYS if key not in {"agenda", "ledger", "unit-ledgers", "slip"})
_OPTIONS = {"period": "--meeting", "measure": "--measure", "unit": "--unit", "issued": "--issued", "number": "--number"}
Issued = Annotated[
    date | None,
    typer.Option(
        "--issued",
        metavar="D",
        parser=read_day,
        help=_("The day of issue to print (成文日期). The draft mark stays: duban paper approve makes it final."),
    ),
]
Number = Annotated[
    str | None, typer.Option("--number", metavar="TEXT", parser=read_name, help=_("The document number (发文字号)."))
]


@app.command(
    "document",
    cls=Page,
    help=_(
        "Write a document that an office signs, in the national layout, with every figure as of a day:\n"
        "agenda, ledger, unit-ledgers, minutes, slip, lists, timetable, task-book, road-map, letter, report or notice."
    ),
    epilog=(
        "duban document report --out report.docx --as-of 2025-09-10\n"
        "duban document minutes --meeting 2025-09-10 --out minutes.docx\n"
        "duban document slip --measure 1.2.2-04 --as-of 2025-09-10 --out slip.docx"
    ),
)
def write(
    *,
    kind: Annotated[
        str,
        typer.Argument(metavar="KIND", parser=read_word(*(key.replace("-", "_") for key in KEYS)), help=_("Which.")),
    ],
    out: OutFile,
    meeting: Annotated[
        date | None,
        typer.Option("--meeting", metavar="D", parser=read_day, help=_("The day of the meeting; one a month.")),
    ] = None,
    measure: Annotated[
        str | None,
        typer.Option(
            "--measure",
            metavar="CODE",
            parser=read_name,
            help=_("The measure whose last slip is written; else a day's."),
        ),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option("--unit", metavar="NAME", parser=read_name, help=_("One unit's sheets; without it, all units'.")),
    ] = None,
    issued: Issued = None,
    number: Number = None,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Write one document."""
    from engine.actions.freeze_agenda import period_of

    given = {
        "period": period_of(meeting) if meeting else None,
        "measure": measure,
        "unit": unit,
        "issued": issued,
        "number": number,
    }
    _write(kind.replace("_", "-"), out, given, as_of=as_of, round_code=round_code, json=json)


@app.command(
    "notice",
    cls=Page,
    help=_("Write the notice of progress (整改进展情况通报) in its published form; duban import reads it back."),
    epilog="duban notice --as-of 2025-09-10 --out notice.docx",
)
def write_notice(
    *,
    out: OutFile,
    issued: Issued = None,
    number: Number = None,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Write the notice."""
    _write("notice", out, {"issued": issued, "number": number}, as_of=as_of, round_code=round_code, json=json)


@app.command(
    "document-template",
    cls=Page,
    help=_(
        "Write the Word template of a paper that is signed: edit it in Word and put it into config/documents.\n"
        "minutes, lists, timetable, task-book, road-map, letter, report or notice."
    ),
    epilog="duban document-template notice --out config/documents/notice.docx",
)
def write_template(
    *,
    kind: Annotated[
        str,
        typer.Argument(metavar="KIND", parser=read_word(*(key.replace("-", "_") for key in SIGNED)), help=_("Which.")),
    ],
    out: OutFile,
    json: Json = False,
) -> None:
    """Write the template."""
    from cli.frame import answering

    with answering(json=json) as screen:
        from documents.official.word_template import begin
        from documents.papers.shapes import SHAPES
        from engine.whole_file import write_whole

        key = kind.replace("_", "-")
        check_target(out, (".docx",))
        write_whole(out, begin(SHAPES[key]))
        screen.answer({"file": str(out), "kind": key})
        told = N_("{file}: the template of {kind}; edit it in Word", file=out, kind=DOCUMENT_NAMES[key])
        screen.line(told, style="green")


def _write(
    key: str, out: Path, given: Mapping[str, object], *, as_of: date | None, round_code: str | None, json: bool
) -> None:
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from documents.kinds import KINDS
        from documents.papers.asked import Asked
        from documents.pdf import with_pdf, write_or_convert
        from documents.recipe import Recipe
        from engine.actions.desk import find_round
        from engine.rules.moment import day_end
        from flows.templates import paper_templates_of

        kind = KINDS[key]
        check_target(out, with_pdf(kind.endings))
        for name, value in given.items():
            if value is not None and name not in kind.options:
                raise NotReady(N_("{kind} takes no {option}", kind=kind.name, option=_OPTIONS[name]))
        with frame.reading() as session:
            round_ = find_round(session, frame.round)
            asked = Asked(
                until=day_end(frame.moment.on, round_.zone),
                calendar=frame.calendar(session),
                language=frame.house.language,
                template=paper_templates_of(frame.house.settings, key).get(key),
                recipe=str(Recipe(kind=key, round=round_.code, as_of=frame.moment.on, **given)),  # type: ignore[arg-type]
                **given,  # type: ignore[arg-type]
            )
            write_or_convert(out, kind.endings, lambda path: kind.write(path, session, round_, asked))
        frame.screen.answer({"file": str(out), "kind": key, "as_of": frame.moment.on, "draft": asked.draft is not None})
        frame.screen.line(
            N_("{file}: {kind}, as of {day}", file=out, kind=kind.name, day=frame.moment.on), style="green"
        )
