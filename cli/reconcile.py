"""`duban reconcile NOTICE`: the totals that a published notice declares, held against the ledger of its day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.frame import open_frame
from cli.help import Page, _, new_app
from cli.options import AsOf, Json, RoundCode
from engine.rules.text import N_

app = new_app()
#: By the names of `engine.rules.plan.Declared`: the figure of the round, and what it is called.
_FIGURES = {
    "aspects": ("aspects", N_("aspects")),
    "problems": ("problems", N_("problems")),
    "problems_done": ("problems_done", N_("problems done")),
    "items": ("items", N_("items")),
    "items_done": ("items_done", N_("items done")),
    "measures": ("measures", N_("measures")),
    "measures_done": ("closed", N_("measures closed")),
}


@app.command(
    "reconcile",
    cls=Page,
    help=_(
        "Hold the totals that a published notice declares against the ledger, as of the day that the notice names.\n"
        "Nothing is changed; --as-of takes another day."
    ),
    epilog="duban reconcile notice.docx\nduban reconcile notice.txt --as-of 2025-09-10 --json",
)
def reconcile(
    *,
    notice: Annotated[
        Path, typer.Argument(metavar="NOTICE", help=_("The notice: .txt, .md, .docx, .doc, .pdf or .html."))
    ],
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Print what is declared beside what is on record."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from engine.actions.desk import find_round
        from engine.reads.round_figures import read_figures
        from engine.rules.moment import day_end
        from engine.rules.plan import Declared
        from intake.notice.read_notice import read_notice

        declared = read_notice(notice).declared or Declared()
        day = as_of or declared.as_of or frame.moment.on
        with frame.reading() as session:
            round_ = find_round(session, frame.round)
            figures = read_figures(session, round_.id, day_end(day, round_.zone), frame.calendar(session))
        rows = [
            (key, name, claimed, getattr(figures, figure))
            for key, (figure, name) in _FIGURES.items()
            if (claimed := getattr(declared, key)) is not None
        ]
        different = [key for key, _, claimed, counted in rows if claimed != counted]
        frame.screen.answer(
            {
                "file": str(notice),
                "as_of": day,
                "declared": {key: claimed for key, _, claimed, _ in rows},
                "on_record": {key: counted for key, _, _, counted in rows},
                "differences": different,
            }
        )
        frame.screen.line(N_("{file}, as of {day}", file=notice, day=day), style="bold")
        frame.screen.table(
            (N_("Figure"), N_("declared by the notice"), N_("on record"), N_("difference")),
            [(name, claimed, counted, counted - claimed or None) for _, name, claimed, counted in rows],
            styles=["red" if key in different else None for key, *_ in rows],
        )
        if not rows:
            frame.screen.line(N_("the notice declares no totals"))
