"""`duban demo`: plays a sample round, or takes a real notice up to its first agenda, in a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.frame import answering, load_settings
from cli.help import Page, _, new_app
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.text import N_

app = new_app()


@app.command(
    "demo",
    cls=Page,
    help=_(
        "Play a sample round from March to September 2025 through Duban's own actions and runs, and tell where its "
        "agenda, ledger and mails lie. With --notice a real notice is taken up to its first agenda."
    ),
    epilog="duban demo\nduban demo --notice notice.txt --home /tmp/duban-demo",
)
def demo(
    *,
    notice: Annotated[
        Path | None, typer.Option("--notice", metavar="FILE", readable=False, help=_("A notice of your own."))
    ] = None,
    home: Annotated[
        Path | None, typer.Option("--home", metavar="DIR", readable=False, help=_("Where it lives; DUBAN_HOME."))
    ] = None,
) -> None:
    """Play the demo."""
    with answering(json=False) as screen:
        from demo.show import run_demo

        if notice is not None and not notice.is_file():
            message = N_("there is no such file")
            raise InputRefused((Fault(place=Place(file=str(notice)), value=None, message=message),))
        run_demo(home or load_settings().home, notice, screen)
