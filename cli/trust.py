"""`duban person grant|revoke|requests|confirm|refuse|withdraw`: roles, and what waits for a second person.

Part of `people`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from cli.frame import open_frame
from cli.help import Page, _
from cli.options import LARGEST, Acting, Json, read_named, read_number
from engine.rules.names import ROLE_NAMES
from engine.rules.text import N_, Text
from engine.rules.trust import TRUST_STATE_NAMES, what
from engine.rules.vocabulary import FOLLOWING, Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from cli.output import Screen
    from models import TrustRequest

Number = Annotated[
    int,
    typer.Argument(metavar="NUMBER", parser=read_number(1, LARGEST), help=_("The number of the request.")),
]
Who = Annotated[str, typer.Argument(metavar="PERSON", help=_("Whom it concerns: sign-in name."))]
#: Roles that are granted; the others follow from each measure.
_GRANTABLE = {role: name for role, name in ROLE_NAMES.items() if role not in FOLLOWING}
Granted = Annotated[
    str, typer.Argument(metavar="ROLE", parser=read_named(_GRANTABLE), help=_("The role, such as verifier or 核验人."))
]
OfUnit = Annotated[
    str | None, typer.Option("--unit", metavar="UNIT", help=_("For a unit head: which unit; else their own."))
]


def add_commands(group: typer.Typer) -> None:
    """Add the commands to `duban person`."""
    for name, words, epilog, command in _COMMANDS:
        group.command(name, cls=Page, help=words, epilog=epilog)(command)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """A request that was just made, and waits for a second person."""

    number: int
    what: Text
    confirmers: tuple[str, ...]  #: names of those who may confirm it
    until: datetime

    @classmethod
    def of(cls, session: Session, request: TrustRequest | None, zone: str) -> Waits | None:
        """Return what is told of `request`; None: nothing waits."""
        from engine.reads.trust import confirmer_names

        if request is None:
            return None
        return cls(
            number=request.id,
            what=what(request.kind, request.data),
            confirmers=confirmer_names(session, request),
            until=request.expires_at.astimezone(ZoneInfo(zone)),
        )


def tell_waits(screen: Screen, waits: Waits) -> None:
    """Tell that something waits for a second person: whose word, and how they give it."""
    told = N_(
        "request {number} waits for a second person who holds trust: {what}", number=waits.number, what=waits.what
    )
    screen.line(told, style="yellow")
    if not waits.confirmers:
        screen.line(N_("Nobody can confirm it now: another person must hold trust first."), style="yellow")
        return
    told = N_(
        "may confirm it, until {until}: {people} (duban person confirm {number} --as PERSON)",
        until=f"{waits.until:%Y-%m-%d %H:%M}",
        people=waits.confirmers,
        number=waits.number,
    )
    screen.line(told)


def _grant(*, who: Who, role: Granted, person: Acting, unit: OfUnit = None, json: Json = False) -> None:
    with open_frame(json=json) as frame:
        from engine.actions.grant_role import grant_role

        with frame.desk(person) as desk:
            waits = Waits.of(desk.session, grant_role(desk, who, Role(role), unit=unit), frame.house.zone)
        frame.screen.answer({"person": who, "role": role, "waits": waits.number if waits else None})
        if waits is not None:
            tell_waits(frame.screen, waits)
        else:
            frame.screen.line(
                N_("{person} gets the role {role}", person=who, role=ROLE_NAMES[Role(role)]), style="green"
            )


def _revoke(*, who: Who, role: Granted, person: Acting, unit: OfUnit = None, json: Json = False) -> None:
    with open_frame(json=json) as frame:
        from engine.actions.grant_role import revoke_role

        with frame.desk(person) as desk:
            revoke_role(desk, who, Role(role), unit=unit)
        frame.screen.answer({"person": who, "role": role})
        told = N_("{person} no longer has the role {role}", person=who, role=ROLE_NAMES[Role(role)])
        frame.screen.line(told, style="green")


def _list(*, person: Acting, json: Json = False) -> None:
    with open_frame(json=json) as frame:
        from engine.actions.desk import find_actor
        from engine.reads.trust import read_requests

        with frame.desk(person) as desk:
            actor = find_actor(desk)
            found = read_requests(
                desk.session, frame.moment, reader=actor.person, coordinates=actor.holds(Role.COORDINATOR)
            )
        frame.screen.answer({"requests": found})
        if not found:
            frame.screen.line(N_("nothing waits for a second person"))
            return
        frame.screen.table(
            (N_("number"), N_("what"), N_("asked by"), N_("state"), N_("may confirm it")),
            [
                (
                    one.number,
                    one.what,
                    one.asked_by or N_("whoever runs the machine"),
                    N_("nobody answered in time") if one.is_lapsed else TRUST_STATE_NAMES[one.state],
                    N_("{names}", names=one.confirmers) if one.confirmers else None,
                )
                for one in found
            ],
        )


def _confirm(*, number: Number, person: Acting, json: Json = False) -> None:
    with open_frame(json=json) as frame:
        from engine.actions.decide_trust import confirm_request

        with frame.desk(person) as desk:
            asked = _plain(confirm_request(desk, number))
        _tell(frame.screen, number, N_("confirmed: {what}", what=asked))


def _refuse(
    *,
    number: Number,
    person: Acting,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why; told to whoever asked."))],
    json: Json = False,
) -> None:
    with open_frame(json=json) as frame:
        from engine.actions.decide_trust import refuse_request

        with frame.desk(person) as desk:
            asked = _plain(refuse_request(desk, number, reason=reason))
        _tell(frame.screen, number, N_("refused: {what}", what=asked))


def _withdraw(*, number: Number, person: Acting, json: Json = False) -> None:
    with open_frame(json=json) as frame:
        from engine.actions.decide_trust import withdraw_request

        with frame.desk(person) as desk:
            asked = _plain(withdraw_request(desk, number))
        _tell(frame.screen, number, N_("withdrawn: {what}", what=asked))


def _plain(request: TrustRequest) -> Text:
    return what(request.kind, request.data)


def _tell(screen: Screen, number: int, told: Text) -> None:
    screen.answer({"request": number})
    screen.line(told, style="green")


_COMMANDS = (
    (
        "grant",
        _(
            "Give a role. Coordinator, verifier, supervisor and leading_group are trusted: the request waits until a "
            "second person who holds one confirms it. For coordinators."
        ),
        "duban person grant wang verifier --as lin",
        _grant,
    ),
    (
        "revoke",
        _("Take a role away, at once. The last coordinator stays, and so do the last two who hold trust."),
        "duban person revoke wang verifier --as lin",
        _revoke,
    ),
    (
        "requests",
        _("List what waits for a second person, and what was decided in the last month."),
        "duban person requests --as jian",
        _list,
    ),
    (
        "confirm",
        _(
            "Let a request take effect, as a second person who holds trust: not whoever asked, nor whom it gives "
            "trust. A confirmed link is then made with duban person invite, within a day."
        ),
        "duban person confirm 3 --as jian",
        _confirm,
    ),
    ("refuse", _("Refuse a request, with a reason."), "duban person refuse 3 --reason 未经研究 --as jian", _refuse),
    ("withdraw", _("Take back what one has asked."), "duban person withdraw 3 --as lin", _withdraw),
)
