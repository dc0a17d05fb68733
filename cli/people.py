"""`duban person …`: who is there, who gets in, who stands in (代理), and who holds which role (`cli.trust`)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from cli.frame import open_frame
from cli.hand_over import add_command as add_hand_over
from cli.help import Page, _, new_app
from cli.options import Acting, AsOf, Json, read_day
from cli.trust import Waits, add_commands, tell_waits
from engine.rules.names import ROLE_NAMES
from engine.rules.text import N_

app = new_app()
group = new_app("person", _("People: list them with their roles, invite them, record an absence."))


@group.command(
    "list",
    cls=Page,
    help=_("List everybody with unit and granted roles. People come from the sheet 人员 of a ledger."),
    epilog="duban person list --json",
)
def list_people(*, json: Json = False) -> None:
    """Print the list."""
    with open_frame(json=json) as frame:
        from engine.reads.ledger_rows import read_people_lines

        with frame.reading() as session:
            lines = read_people_lines(session)
        frame.screen.answer({"people": lines})
        frame.screen.table(
            (N_("sign-in name"), N_("name"), N_("belongs to"), N_("roles"), N_("e-mail")),
            [
                (
                    line.code,
                    line.name,
                    line.unit,
                    N_("{roles}", roles=tuple(ROLE_NAMES[role] for role in line.roles)) if line.roles else None,
                    line.email,
                )
                for line in lines
            ],
        )


@group.command(
    "invite",
    cls=Page,
    help=_(
        "Make a link with which somebody sets their password for the workplace: the first time, or when forgotten.\n"
        "It works once, for seven days. Coordinators may invite, and so may whoever runs this machine, in their name. "
        "For who holds a trusted role a second person confirms it first; ask again then, within a day."
    ),
    epilog="duban person invite wang --as lin",
)
def invite(
    *,
    who: Annotated[str, typer.Argument(metavar="PERSON", help=_("Who is invited: code or name."))],
    person: Acting,
    json: Json = False,
) -> None:
    """Print the link."""
    with open_frame(json=json) as frame:
        from engine.actions.invite_person import ask_to_invite, invite_person

        with frame.desk(person) as desk:
            waits = Waits.of(desk.session, ask_to_invite(desk, who), frame.house.zone)
            secret = "" if waits else invite_person(desk, who, zone=frame.house.zone)
        if waits is not None:
            frame.screen.answer({"person": who, "link": None, "waits": waits.number})
            tell_waits(frame.screen, waits)
            return
        link = f"{frame.house.address}/link/{secret}"
        frame.screen.answer({"person": who, "link": link, "waits": None})
        frame.screen.line(link)
        hint = (
            N_("It works while duban serve runs.")
            if frame.house.settings.address
            else N_("It works while duban serve runs; DUBAN_ADDRESS says how people reach it from elsewhere.")
        )
        frame.screen.complain(frame.screen.said(hint))


@group.command(
    "shut-out",
    cls=Page,
    help=_(
        "End whatever lets somebody in: password, sign-ins, links, tokens, the address of their calendar.\n"
        "What they did stays theirs; a new link lets them in again. For coordinators."
    ),
    epilog="duban person shut-out wang --as lin",
)
def shut(
    *,
    who: Annotated[str, typer.Argument(metavar="PERSON", help=_("Who is shut out: code or name."))],
    person: Acting,
    json: Json = False,
) -> None:
    """Shut somebody out."""
    with open_frame(json=json) as frame:
        from engine.actions.shut_out import shut_out

        with frame.desk(person) as desk:
            shut_out(desk, who)
        frame.screen.answer({"person": who})
        frame.screen.line(N_("{person} is shut out", person=who), style="green")


@group.command(
    "absence",
    cls=Page,
    help=_(
        "Record that somebody is away and who stands in: the substitute receives and may act on these days.\n"
        "For the person themselves and for coordinators."
    ),
    epilog="duban person absence wang --substitute sun --from 2025-07-14 --to 2025-07-25 --as wang",
)
def set_absence(
    *,
    who: Annotated[str, typer.Argument(metavar="PERSON", help=_("Who is away: code or name."))],
    person: Acting,
    substitute: Annotated[str, typer.Option("--substitute", metavar="PERSON", help=_("Who stands in."))],
    first: Annotated[date, typer.Option("--from", metavar="D", parser=read_day, help=_("The first day."))],
    last: Annotated[date, typer.Option("--to", metavar="D", parser=read_day, help=_("The last day."))],
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Record an absence."""
    with open_frame(json=json, as_of=as_of) as frame:
        from engine.actions.set_absence import set_absence as record_absence
        from engine.reads.trust import waits_for_word

        with frame.desk(person) as desk:
            absence = record_absence(desk, person=who, substitute=substitute, first_day=first, last_day=last)
            waits = Waits.of(desk.session, waits_for_word(desk.session, absence.id, frame.moment), frame.house.zone)
        frame.screen.answer({"person": who, "substitute": substitute, "first_day": first, "last_day": last})
        told = N_(
            "{substitute} stands in for {person} from {first} to {last}",
            substitute=substitute,
            person=who,
            first=first,
            last=last,
        )
        frame.screen.line(told, style="green")
        if waits is not None:
            tell_waits(frame.screen, waits)


add_hand_over(group)
add_commands(group)
app.add_typer(group)
