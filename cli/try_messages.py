"""`duban message preview|test-send`: what messages look like, and whether they leave."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.frame import open_frame
from cli.help import Page, _, new_app
from cli.options import Json, read_word
from engine.rules.text import N_
from i18n import LANGUAGES

KINDS = (
    "digest",
    "reminder",
    "blue",
    "yellow",
    "red",
    "leader",
    "leading-group",
    "verification-asked",
    "returned",
    "passed",
    "extension-decided",
    "meeting",
    "meeting-off",
    "link-made",
    "paper-asked",
    "paper-decided",
    "trust-asked",
    "trust-decided",
    "watchdog",
)  # notifications.kinds has them, and is heavy

app = new_app()
group = new_app("message", _("Messages that people read: what each looks like, and whether they leave."))
Language = Annotated[
    str | None,
    typer.Option("--language", metavar="LANGUAGE", parser=read_word(*LANGUAGES), help=_("zh_CN or en.")),
]


@group.command(
    "preview",
    cls=Page,
    help=_(
        "Show a sample of a kind of message, written with your own templates where these hold.\n"
        "--out writes it as HTML, to look at in a browser."
    ),
    epilog="duban message preview red\nduban message preview digest --language en --out digest.html",
)
def preview(
    *,
    kind: Annotated[str, typer.Argument(metavar="KIND", parser=read_word(*KINDS), help=_("Which kind."))],
    language: Language = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="F", help=_("File to write the HTML to."))] = None,
    json: Json = False,
) -> None:
    """Print the sample."""
    with open_frame(json=json) as frame:
        from flows.templates import message_templates
        from notifications.kinds import MessageKind
        from notifications.render import Renderer
        from notifications.samples import sample, sample_links

        spoken = language or frame.house.language
        templates, faults = message_templates(frame.house.settings)
        message = Renderer(spoken, templates, sample_links(frame.house.settings.address, frame.moment)).render(
            sample(MessageKind(kind), spoken)
        )
        if out is not None:
            out.write_text(message.html(), encoding="utf-8")
        told = [
            N_("{file}, row {row}: {problem}", file=one.place.file, row=one.place.row or 1, problem=one.message)
            for one in faults
        ]
        frame.screen.answer(
            {
                "kind": kind,
                "language": spoken,
                "subject": message.subject,
                "text": message.text,
                "html": message.html(),
                "faults": told,
            }
        )
        for one in told:
            frame.screen.line(one, style="red")
        frame.screen.line(message.subject, style="bold")
        frame.screen.line(message.text)


@group.command(
    "test-send",
    cls=Page,
    help=_(
        "Send a sample to an address over every channel that leaves Duban, to see whether it arrives.\n"
        "It stands in no outbox and is not tried again."
    ),
    epilog="duban message test-send --to wang@office.example --kind red",
)
def send_sample_to(
    *,
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help=_("The e-mail address."))],
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", parser=read_word(*KINDS), help=_("Which kind; digest."))
    ] = "digest",
    language: Language = None,
    json: Json = False,
) -> None:
    """Send the sample."""
    failed = False
    with open_frame(json=json) as frame:
        from flows.channels import senders_of
        from flows.templates import message_templates
        from notifications.kinds import MessageKind
        from notifications.sample_mail import send_sample

        spoken = language or frame.house.language
        answers = send_sample(
            senders_of(frame.house.settings),
            MessageKind(kind),
            to=to,
            language=spoken,
            moment=frame.moment,
            templates=message_templates(frame.house.settings)[0],
        )
        told = {channel: refused and frame.screen.said(refused) for channel, refused in answers.items()}
        failed = any(told.values()) or not told
        frame.screen.answer({"to": to, "kind": kind, "channels": told})
        if not told:
            frame.screen.line(N_("no channel is set that leaves Duban"), style="red")
        for channel, refused in answers.items():
            if refused is None:
                frame.screen.line(N_("{channel}: taken", channel=channel), style="green")
            else:
                frame.screen.line(N_("{channel}: {problem}", channel=channel, problem=refused), style="red")
    if failed:
        raise typer.Exit(1)


app.add_typer(group)
