"""`duban serve`: the clock, the delivery and a Prefect server of its own, until stopped."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import open_frame
from cli.help import Page, _, new_app
from engine.rules.names import run_name
from engine.rules.text import N_

if TYPE_CHECKING:
    from flows.report import RunReport

app = new_app()


@app.command(
    "serve",
    cls=Page,
    help=_(
        "Run the clock and the delivery, with a Prefect server where the runs can be seen, until stopped with Ctrl-C.\n"
        "Missed runs are caught up once; a second process beside it is harmless.\n"
        "Where duban deploy gave the clock to a Prefect server it does not tick."
    ),
    epilog="duban serve\nduban serve --no-prefect",
)
def serve(
    *,
    no_prefect: Annotated[
        bool,
        typer.Option("--no-prefect", help=_("Without a Prefect server, ours or another; the runs are the same.")),
    ] = False,
    clock: Annotated[
        bool, typer.Option("--clock", help=_("Tick, though duban deploy gave the clock to a Prefect server."))
    ] = False,
) -> None:
    """Serve until stopped."""
    with open_frame(founding=True) as frame:
        from threading import Event

        from flows.log_file import logging_to_stream
        from flows.serve import serve as serve_house
        from web.listen import listening

        screen = frame.screen

        def told(report: RunReport) -> None:
            done = N_(
                "{run} for {day}: {notifications} notifications, {sent} sent, {failed} failed",
                run=run_name(report.run),
                day=report.as_of,
                notifications=report.notifications,
                sent=report.sent,
                failed=report.failed,
            )
            screen.line(done, style="red" if report.failed else None)

        with logging_to_stream(sys.stderr, frame.house.settings.log), listening(frame.house, screen.line):
            serve_house(
                frame.house, with_prefect=not no_prefect, beside=clock, say=screen.line, told=told, stop=Event()
            )
