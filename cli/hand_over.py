"""`duban person hand-over`: what waits for one person is given to others.  Part of `people`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import open_frame
from cli.help import Page, _, language
from cli.options import Acting, AsOf, Json, Reason
from engine.rules.text import N_
from i18n import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.output import Screen
    from engine.actions.hand_over import HandedOver


def add_command(group: typer.Typer) -> None:
    """Add the command to `duban person`."""
    group.command(
        "hand-over",
        cls=Page,
        help=_(
            "Give what waits for one person to others, all or nothing: open measures and tasks of meetings to new "
            "owners, verdicts to other verifiers, in every round. What stays is told. For coordinators."
        ),
        epilog=(
            "duban person hand-over wang --to sun --reason 已调离 --dry-run --as lin\n"
            "duban person hand-over wang --to sun --to tang=1-01,2025-09/3 --reason 已调离 --as lin"
        ),
    )(_hand_over)


def _hand_over(
    *,
    who: Annotated[str, typer.Argument(metavar="PERSON", help=_("Whose matters they are: code or name."))],
    person: Acting,
    to: Annotated[
        list[str],
        typer.Option(
            "--to",
            metavar="HEIR",
            help=_(
                "Who gets it; of some codes alone, PERSON=CODE,CODE (a task is 2025-09/3). May be given several times."
            ),
        ),
    ],
    reason: Reason,
    verifier: Annotated[
        str | None,
        typer.Option("--verifier", metavar="PERSON", help=_("Who gives the verdicts; else the least busy who may.")),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Show what would change; change nothing."))] = False,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    heir, some = _heirs(to)
    with open_frame(json=json, as_of=as_of) as frame:
        from engine.actions.hand_over import hand_over

        with frame.desk(person) as desk:
            done = hand_over(desk, who, to=heir, some=some, verifier=verifier, reason=reason)
            if dry_run:
                desk.session.rollback()
        frame.screen.answer(
            {
                "person": who,
                "dry_run": dry_run,
                "measures": done.measures,
                "tasks": done.tasks,
                "verdicts": done.verdicts,
                "stays": {name: getattr(done.stays, name, ()) for name in ("led", "heads", "stands_for")},
            }
        )
        _show(frame.screen, who, done, dry_run=dry_run)


def _heirs(written: Sequence[str]) -> tuple[str | None, dict[str, str]]:
    """Return who gets all the rest, if anybody, and who gets which code."""
    rest: str | None = None
    some: dict[str, str] = {}
    for one in written:
        heir, _sign, codes = (part.strip() for part in one.partition("="))
        named = [code.strip() for code in codes.split(",") if code.strip()]
        if not heir or (not named and (_sign or rest is not None)) or some.keys() & set(named):
            told = N_(
                "{value} was expected as PERSON, once, or as PERSON=CODE,CODE with codes that no other has", value=one
            )
            raise typer.BadParameter(say(told, language()), param_hint="--to")
        if named:
            some |= dict.fromkeys(named, heir)
        else:
            rest = heir
    return rest, some


def _show(screen: Screen, who: str, done: HandedOver, *, dry_run: bool) -> None:
    parts = ((N_("measure"), done.measures), (N_("task"), done.tasks), (N_("verdict"), done.verdicts))
    rows = [(kind, one.round, one.code, one.to) for kind, part in parts for one in part]
    if not rows:
        screen.line(N_("nothing that could be handed over waits for {person}", person=who))
    else:
        told = N_("nothing was changed, this would be:") if dry_run else N_("handed over:")
        screen.line(told, style=None if dry_run else "green")
        screen.table((N_("what"), N_("round"), N_("code"), N_("to")), rows)
    if done.stays is None:
        return
    stays = done.stays
    for told, words in (
        (N_("stays, as its leader: {names}; a ledger names another", names=_codes(stays.led)), stays.led),
        (N_("stays, as the only head of: {names}; duban person grant names another", names=stays.heads), stays.heads),
        (N_("stays, as the substitute of: {names}", names=stays.stands_for), stays.stands_for),
    ):
        if words:
            screen.line(told, style="yellow")


def _codes(pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(code for _round, code in pairs)
