"""`duban deploy`: the runs as deployments on a Prefect server, for workers on any number of machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import open_frame
from cli.help import Page, _, new_app
from cli.options import Json, read_name
from cli.output import Screen
from engine.rules.text import N_

if TYPE_CHECKING:
    from flows.deploy import Removal

app = new_app()


@app.command(
    "deploy",
    cls=Page,
    help=_(
        "Register the runs on the Prefect server at PREFECT_API_URL, by the schedule; workers then run them.\n"
        "Safe to repeat: what changed is brought up to date. The clock of duban serve stands still meanwhile."
    ),
    epilog="duban deploy\nduban deploy --remove",
)
def deploy(
    *,
    pool: Annotated[
        str,
        typer.Option(
            "--pool", metavar="NAME", parser=read_name, help=_("The work pool, made when absent; otherwise duban.")
        ),
    ] = "duban",
    remove: Annotated[
        bool, typer.Option("--remove", help=_("Take the deployments away and give the clock back to duban serve."))
    ] = False,
    json: Json = False,
) -> None:
    """Deploy, or take away what was deployed."""
    with open_frame(json=json) as frame:
        from flows import deploy as deploying

        screen = frame.screen
        if remove:
            _tell_removed(screen, pool, deploying.take_away(frame.house, pool=pool))
            return
        with screen.busy(N_("deployment")):
            deployed = deploying.deploy(frame.house, pool=pool)
        screen.answer(
            {
                "pool": pool,
                "server": deploying.server_address(),
                "zone": frame.house.zone,
                "deployments": [{"name": f"{one.flow}/{pool}", "cron": one.cron} for one in deployed],
            }
        )
        by_hand = screen.said(N_("on demand"))
        rows = [[f"{one.flow}/{pool}", one.cron or by_hand] for one in deployed]
        screen.table([N_("deployment"), N_("schedule")], rows)
        screen.line(N_("times are those of {zone}; the clock now stands on that server", zone=frame.house.zone))
        screen.line(N_("on every machine that is to work: {command}", command=f"prefect worker start --pool {pool}"))


def _tell_removed(screen: Screen, pool: str, done: Removal) -> None:
    trouble = None if done.trouble is None else screen.said(done.trouble)
    screen.answer({"pool": pool, "removed": list(done.gone), "trouble": trouble, "clock_is_free": done.is_free})
    for name in done.gone:
        screen.line(N_("taken away: {name}", name=name))
    if trouble is not None:
        screen.complain(trouble)
        screen.complain(screen.said(N_("what is deployed there was left as it is")))
    if done.is_free:
        screen.line(N_("the clock is free: duban serve ticks"))
