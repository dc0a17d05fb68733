"""`duban init`: make the folder, the database and the calendar; nothing that is there is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.frame import open_frame
from cli.help import Page, _, new_app
from cli.options import Json
from engine.rules.text import N_

app = new_app()


@app.command(
    "init",
    cls=Page,
    help=_("Make DUBAN_HOME with its database and calendar; safe to repeat."),
    epilog="duban init --with-config\nDUBAN_HOME=/srv/duban duban init",
)
def init_home(
    *,
    with_config: Annotated[
        bool,
        typer.Option("--with-config", help=_("Copy the policy files there too, to edit; your own are never touched.")),
    ] = False,
    json: Json = False,
) -> None:
    """Make what is not there yet."""
    with open_frame(json=json, founding=True, makes_config=with_config) as frame:
        settings, screen = frame.house.settings, frame.screen
        copied = copy_policies(settings.config_folder) if with_config else []
        with frame.reading() as session:
            calendar = frame.calendar(session)
        screen.answer(
            {
                "home": str(settings.home),
                "database": frame.house.engine.url.render_as_string(hide_password=True),
                "calendar": {"first": calendar.first, "last": calendar.last},
                "copied": copied,
            }
        )
        screen.line(N_("Duban lives in {home}", home=settings.home.resolve()))
        screen.line(N_("the calendar reaches from {first} to {last}", first=calendar.first, last=calendar.last))
        for name in copied:
            screen.line(N_("yours to edit: {file}", file=settings.config_folder / name))


def copy_policies(folder: Path) -> list[str]:
    """Copy the policy files that ship into `folder`, but none over another; return the names of the new ones."""
    from config.files import SHIPPED
    from engine.whole_file import write_whole

    folder.mkdir(parents=True, exist_ok=True)
    copied = []
    for source in sorted(SHIPPED.glob("*.yaml")):
        target = folder / source.name
        if not target.exists():
            write_whole(target, source.read_bytes())
            copied.append(source.name)
    return copied
