"""`duban inbox|outbox`: what a person was told; and what could not be delivered, or perhaps was, for coordinators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import open_frame
from cli.help import Page, _, new_app
from cli.options import Acting, Json, read_number
from engine.rules.text import N_, Text

if TYPE_CHECKING:
    from engine.reads.inbox import DeliveryFailure

app = new_app()
PERHAPS = 100  #: messages that may have gone out, at most


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
            if entry.is_perhaps_sent:
                frame.screen.line(N_("perhaps sent: nobody knows whether it arrived"), style="yellow")
            frame.screen.line(entry.text)


@app.command(
    "outbox",
    cls=Page,
    help=_("Show what could not be delivered: what was given up, what is tried again, and what was perhaps sent."),
    epilog="duban outbox",
)
def outbox(*, json: Json = False) -> None:
    """Print the failures."""
    with open_frame(json=json) as frame:
        from engine.reads.inbox import read_failures, read_perhaps_sent

        with frame.reading() as session:
            failures, perhaps = read_failures(session), read_perhaps_sent(session, limit=PERHAPS)
        frame.screen.answer({"failures": failures, "perhaps_sent": perhaps})
        if not failures and not perhaps:
            frame.screen.line(N_("nothing has failed"), style="green")
        if failures:
            frame.screen.table(
                (N_("day"), N_("person"), N_("channel"), N_("attempts"), N_("next attempt"), N_("error")),
                [
                    (
                        one.on,
                        one.person,
                        one.channel,
                        one.attempts,
                        frame.at(one.next_try_at) if one.next_try_at else _given_up(one),
                        one.error,
                    )
                    for one in failures
                ],
            )
        if perhaps:
            frame.screen.table(
                (N_("day"), N_("person"), N_("channel"), N_("began at"), N_("subject")),
                [
                    (one.on, one.person or N_("the group chat"), one.channel, frame.at(one.began_at), one.subject)
                    for one in perhaps
                ],
                title=N_("perhaps sent: the sender never said so, and meanwhile it was settled"),
            )


def _given_up(failure: DeliveryFailure) -> Text:
    return N_("given up, perhaps sent") if failure.is_perhaps_sent else N_("given up")
