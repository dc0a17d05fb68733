"""`duban doctor`: says whether this installation is in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from cli.frame import answering, load_settings
from cli.help import Page, _, new_app
from cli.options import Json
from engine.rules.text import N_, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.output import Screen
    from flows.checks.finding import Check

app = new_app()


@app.command(
    "doctor",
    cls=Page,
    help=_(
        "Look whether all is in order: database, calendar, clock, daily run, deadlines, outbox, disk, Prefect, mail.\n"
        "Changes nothing. Exit status 1 when something is bad, for monitors; a warning keeps it 0."
    ),
    epilog="duban doctor\nduban doctor --json",
)
def doctor(*, json: Json = False) -> None:
    """Run every check and show what each found."""
    with answering(json=json) as screen:
        from flows.checks.finding import Level
        from flows.checks.run import examine

        with screen.busy(N_("looking")):
            found = list(examine(load_settings()))
        screen.answer({"ok": all(check.level is not Level.BAD for check in found), "checks": found})
        _show(screen, found)
    if any(check.level is Level.BAD for check in found):
        raise typer.Exit(1)


def _show(screen: Screen, found: Sequence[Check]) -> None:
    rows = [[CHECK_NAMES[check.name], LEVEL_NAMES[check.level], check.text] for check in found]
    heads = [N_("check"), N_("level"), N_("found")]
    screen.table(heads, rows, styles=[LEVEL_STYLES[check.level] for check in found])


LEVEL_NAMES = {"ok": N_("ok"), "warn": N_("look"), "bad": N_("bad")}
LEVEL_STYLES = {"ok": "green", "warn": "yellow", "bad": "bold red"}
CHECK_NAMES: dict[str, Text] = {
    "config": N_("policy files"),
    "database": N_("database"),
    "locks": N_("locks"),
    "calendar": N_("calendar"),
    "clock": N_("clock"),
    "daily_run": N_("daily run"),
    "timers": N_("deadlines due"),
    "stuck": N_("deadlines stuck"),
    "outbox": N_("outbox"),
    "trust": N_("trust"),
    "people": N_("people shut out"),
    "reach": N_("people not reached"),
    "tallies": N_("counts"),
    "disk": N_("disk"),
    "prefect": N_("Prefect"),
    "mail": N_("mail"),
    "address": N_("address of links"),
    "templates": N_("message templates"),
}
