"""`duban measure accept|report|evidence|submit|co-done|extend|acknowledge`: what owners and units do with a measure."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cli.change import change_measure, tell_measures
from cli.frame import open_frame
from cli.help import Page, _, new_app
from cli.options import Acting, AsOf, Json, MeasureCode, Reason, RoundCode, read_day, read_number, read_word
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.text import N_
from engine.rules.vocabulary import WaitsFor

app = new_app()


@app.command(
    "accept",
    cls=Page,
    help=_("Take a measure up: the owner signs for it (签收)."),
    epilog="duban measure accept 12 --as wang",
)
def accept(
    *, code: MeasureCode, person: Acting, as_of: AsOf = None, round_code: RoundCode = None, json: Json = False
) -> None:
    """Accept a measure."""
    from engine.actions.accept_measure import accept_measure

    change_measure(
        lambda desk: accept_measure(desk, code), person=person, as_of=as_of, round_code=round_code, json=json
    )


@app.command(
    "report",
    cls=Page,
    help=_("Report progress (进展填报): a percentage and a text. It ends the wait for this month's report."),
    epilog='duban measure report 12 --percent 60 --text "制度初稿已征求意见" --as wang',
)
def report(
    *,
    code: MeasureCode,
    person: Acting,
    percent: Annotated[
        int, typer.Option("--percent", metavar="N", parser=read_number(0, 100), help=_("How far it is, 0 to 100."))
    ],
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help=_("What was done, and what comes next."))],
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Report progress."""
    from engine.actions.report_progress import report_progress

    change_measure(
        lambda desk: report_progress(desk, code, percent=percent, text=text),
        person=person,
        as_of=as_of,
        round_code=round_code,
        json=json,
    )


@app.command(
    "evidence",
    cls=Page,
    help=_(
        "Attach evidence (佐证材料): a file, kept under its SHA-256 in DUBAN_HOME, or a reference to paper.\n"
        "A measure that was verified without it is verified again."
    ),
    epilog=(
        "duban measure evidence 12 minutes.pdf --as wang\n"
        'duban measure evidence 12 --reference "第3号会议纪要" --as wang'
    ),
)
def evidence(
    *,
    code: MeasureCode,
    person: Acting,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", readable=False, help=_("The file to keep."))] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="TEXT", help=_("What the paper is called, and where it lies."))
    ] = None,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Attach a file or a reference."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from engine.actions.attach_evidence import attach_evidence
        from intake.evidence_store import keep_file

        if (file is None) == (reference is None):
            message = N_("either a file or --reference was expected")
            raise InputRefused((Fault(place=Place(file=""), value=None, message=message),))
        kept = keep_file(file, frame.house.settings.home) if file else None
        name = file.name if file else reference or ""
        with frame.desk(person) as desk:
            measure = attach_evidence(
                desk, code, name=name, sha256=kept.sha256 if kept else None, size=kept.size if kept else None
            )
        tell_measures(frame.screen, [measure])


@app.command(
    "submit",
    cls=Page,
    help=_("Submit a measure for verification (申请核验); evidence must be there, co-units must be done."),
    epilog="duban measure submit 12 --as wang",
)
def submit(
    *, code: MeasureCode, person: Acting, as_of: AsOf = None, round_code: RoundCode = None, json: Json = False
) -> None:
    """Submit a measure."""
    from engine.actions.submit_measure import submit_measure

    change_measure(
        lambda desk: submit_measure(desk, code), person=person, as_of=as_of, round_code=round_code, json=json
    )


@app.command(
    "co-done",
    cls=Page,
    help=_("Say that the acting person's unit, a co-unit (配合单位), is done with its part."),
    epilog="duban measure co-done 12 --as tang",
)
def co_done(
    *, code: MeasureCode, person: Acting, as_of: AsOf = None, round_code: RoundCode = None, json: Json = False
) -> None:
    """Confirm a co-unit's part."""
    from engine.actions.confirm_co_unit import confirm_co_unit

    change_measure(
        lambda desk: confirm_co_unit(desk, code), person=person, as_of=as_of, round_code=round_code, json=json
    )


@app.command(
    "extend",
    cls=Page,
    help=_(
        "Ask for a later due date (延期申请), before the present one has passed. Until it is decided, that one stands."
    ),
    epilog='duban measure extend 12 --to 2025-10-31 --reason "招标流标,需重新组织" --as wang',
)
def extend(
    *,
    code: MeasureCode,
    person: Acting,
    to: Annotated[date, typer.Option("--to", metavar="D", parser=read_day, help=_("The due date that is asked for."))],
    reason: Reason,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """File an extension request."""
    from engine.actions.request_extension import request_extension

    change_measure(
        lambda desk: request_extension(desk, code, new_due=to, reason=reason),
        person=person,
        as_of=as_of,
        round_code=round_code,
        json=json,
        done=N_("the extension to {day} is asked for; until it is decided, the due date above stands", day=to),
    )


@app.command(
    "acknowledge",
    cls=Page,
    help=_("Say that a reminder was seen: its ladder holds for some working days, and then it comes back."),
    epilog="duban measure acknowledge 12 --waits-for due_date --days 2 --as wang",
)
def acknowledge(
    *,
    code: MeasureCode,
    person: Acting,
    waits_for: Annotated[
        str,
        typer.Option(
            "--waits-for",
            metavar="WAIT",
            parser=read_word(*WaitsFor),
            help=_(
                "What it waits for: assignment, acceptance, monthly_report, due_date, verification, extension or "
                "close_out."
            ),
        ),
    ] = WaitsFor.DUE_DATE.value,
    days: Annotated[
        int, typer.Option("--days", metavar="N", parser=read_number(1, 60), help=_("Working days to hold; 1."))
    ] = 1,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Hold a ladder."""
    from engine.actions.acknowledge_timer import acknowledge_timer

    change_measure(
        lambda desk: acknowledge_timer(desk, code, waits_for=WaitsFor(waits_for), working_days=days),
        person=person,
        as_of=as_of,
        round_code=round_code,
        json=json,
        done=N_("this ladder holds until {count} working days from now have passed, then it comes back", count=days),
    )
