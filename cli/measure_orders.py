"""`duban measure assign|reassign|decide-extension|close|cancel|rebound`: what the coordinator and leaders order."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from cli.change import change_measure
from cli.help import Page, _, language, new_app
from cli.options import Acting, AsOf, Json, MeasureCode, Reason, RoundCode, read_day, read_word
from engine.rules.text import N_
from i18n import say

app = new_app()
Owner = Annotated[str, typer.Option("--owner", metavar="PERSON", help=_("The new owner: code or name."))]


@app.command(
    "assign",
    cls=Page,
    help=_("Give a measure that nobody owns yet to an owner, who must accept it."),
    epilog="duban measure assign 12 --owner wang --as lin",
)
def assign(
    *,
    code: MeasureCode,
    person: Acting,
    owner: Owner,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Assign for the first time."""
    from engine.actions.reassign_measure import reassign_measure

    change_measure(
        lambda desk: reassign_measure(desk, code, owner=owner),
        person=person,
        as_of=as_of,
        round_code=round_code,
        json=json,
    )


@app.command(
    "reassign",
    cls=Page,
    help=_("Give a measure to another owner, who must accept it anew; the reason goes on record."),
    epilog='duban measure reassign 12 --owner sun --reason "岗位调整" --as lin',
)
def reassign(
    *,
    code: MeasureCode,
    person: Acting,
    owner: Owner,
    reason: Reason,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Reassign."""
    from engine.actions.reassign_measure import reassign_measure

    change_measure(
        lambda desk: reassign_measure(desk, code, owner=owner, reason=reason),
        person=person,
        as_of=as_of,
        round_code=round_code,
        json=json,
    )


@app.command(
    "decide-extension",
    cls=Page,
    help=_("Decide the extension request that waits: approved, a fresh ladder starts; refused, the old date stands."),
    epilog=(
        "duban measure decide-extension 12 --approve --as qian\n"
        'duban measure decide-extension 12 --refuse --reason "理由不充分" --as qian'
    ),
)
def decide(
    *,
    code: MeasureCode,
    person: Acting,
    approve: Annotated[
        bool | None, typer.Option("--approve/--refuse", help=_("What is decided; one of the two is needed."))
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why; a refusal needs it."))] = "",
    to: Annotated[
        date | None,
        typer.Option("--to", metavar="D", parser=read_day, help=_("Another due date than was asked for.")),
    ] = None,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Decide an extension request."""
    if approve is None:
        raise typer.BadParameter(say(N_("either --approve or --refuse was expected"), language()))
    from engine.actions.decide_extension import decide_extension

    change_measure(
        lambda desk: decide_extension(desk, code, approve=approve, reason=reason, new_due=to),
        person=person,
        as_of=as_of,
        round_code=round_code,
        json=json,
    )


@app.command(
    "close",
    cls=Page,
    help=_(
        "Close a verified measure (销号): for the leading group, or the coordinator where the round delegates it.\n"
        "What a meeting has decided is recorded with duban meeting record instead."
    ),
    epilog="duban measure close 12 --as zhao",
)
def close(
    *, code: MeasureCode, person: Acting, as_of: AsOf = None, round_code: RoundCode = None, json: Json = False
) -> None:
    """Close a measure."""
    from engine.actions.close_measure import close_measure

    change_measure(lambda desk: close_measure(desk, code), person=person, as_of=as_of, round_code=round_code, json=json)


@app.command(
    "cancel",
    cls=Page,
    help=_("End a measure without close-out, by the leading group: cancelled, merged, or the risk accepted."),
    epilog='duban measure cancel 12 --how merge --reason "并入第13条" --as zhao',
)
def cancel(
    *,
    code: MeasureCode,
    person: Acting,
    reason: Reason,
    how: Annotated[
        str,
        typer.Option(
            "--how",
            metavar="HOW",
            parser=read_word("cancel", "merge", "accept_risk"),
            help=_("cancel, merge or accept_risk; cancel."),
        ),
    ] = "cancel",
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Cancel a measure."""
    from engine.actions.cancel_measure import cancel_measure

    change_measure(
        lambda desk: cancel_measure(desk, code, how=how, reason=reason),
        person=person,
        as_of=as_of,
        round_code=round_code,
        json=json,
    )


@app.command(
    "rebound",
    cls=Page,
    help=_("Reopen a closed measure whose problem came back (反弹), with a new due date."),
    epilog='duban measure rebound 12 --due 2026-03-31 --reason "回头看发现问题反弹" --as jian',
)
def rebound(
    *,
    code: MeasureCode,
    person: Acting,
    due: Annotated[date, typer.Option("--due", metavar="D", parser=read_day, help=_("The new due date."))],
    reason: Reason,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Reopen a measure."""
    from engine.actions.rebound_measure import rebound_measure

    change_measure(
        lambda desk: rebound_measure(desk, code, due=due, reason=reason),
        person=person,
        as_of=as_of,
        round_code=round_code,
        json=json,
    )
