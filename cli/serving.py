"""`duban serve`: the clock, the delivery and a Prefect server of its own, until stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.frame import open_frame
from cli.help import Page, _, new_app

app = new_app()


@app.command(
    "serve",
    cls=Page,
    help=_(
        "Run the clock and the delivery, with a Prefect server where the runs can be seen, until stopped with Ctrl-C.\n"
        "Missed runs are caught up once; a second process beside it is harmless."
    ),
    epilog="duban serve\nduban serve --no-prefect",
)
def serve(
    *,
    no_prefect: Annotated[
        bool, typer.Option("--no-prefect", help=_("Without a Prefect server; the runs are the same."))
    ] = False,
) -> None:
    """Serve until stopped."""
    with open_frame(founding=True) as frame:
        from flows.serve import serve as serve_house

        serve_house(frame.house, prefect=not no_prefect)
