"""`duban inbox|outbox`: what a person was told; and what could not be delivered, for the coordinator."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.frame import open_frame
from cli.help import Page, _, new_app
from cli.options import Acting, Json, read_number
from engine.rules.text import N_

app = new_app()


@app.command(
    "inbox",
    cls=Page,
    help=_("Show what a person was told, the newest first, word for word."),
    epilog="duban inbox --as wang\nduban inbox --as wang --limit 3 --json",
)
def inbox(
    *,
    person: Acting,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", parser=read_number(1, 1000), help=_("How many messages; 20."))
    ] = 20,
    json: Json = False,
) -> None:
    """Print the inbox."""
    with open_frame(json=json) as frame:
        from engine.actions.desk import find_person
        from engine.reads.inbox import read_inbox

        with frame.reading() as session:
            found = find_person(session, person)
            entries = read_inbox(session, found.code, limit=limit)
        frame.screen.answer({"person": found.code, "messages": entries})
        if not entries:
            frame.screen.line(N_("{person} was told nothing yet", person=found.name))
        for entry in entries:
            frame.screen.line(f"{entry.on}  {entry.subject}", style="bold")
            frame.screen.line(entry.text)


@app.command(
    "outbox",
    cls=Page,
    help=_("Show what could not be delivered: what was given up, and what is tried again."),
    epilog="duban outbox",
)
def outbox(*, json: Json = False) -> None:
    """Print the failures."""
    with open_frame(json=json) as frame:
        from engine.reads.inbox import read_failures

        with frame.reading() as session:
            failures = read_failures(session)
        frame.screen.answer({"failures": failures})
        if not failures:
            frame.screen.line(N_("nothing has failed"), style="green")
            return
        frame.screen.table(
            (N_("day"), N_("person"), N_("channel"), N_("attempts"), N_("next attempt"), N_("error")),
            [
                (one.on, one.person, one.channel, one.attempts, one.next_try_at or N_("given up"), one.error)
                for one in failures
            ],
        )
