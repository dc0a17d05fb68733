"""`duban verify start|pass|return`: the coordinator gives submitted measures a verifier, who passes or returns them."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.change import change_measure
from cli.frame import open_frame
from cli.help import Page, _, new_app
from cli.options import Acting, AsOf, Json, MeasureCode, Reason, RoundCode
from cli.runs import Prefect, show_report, verify
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.text import N_

app = new_app()
group = new_app("verify", _("Verification (核验): start it, pass a measure, return a measure."))


@group.command(
    "start",
    cls=Page,
    help=_(
        "Start the verification of submitted measures: each gets the verifier that is named, or the least busy one who "
        "is not too near to it; they are told at once. Named codes: all of them or none."
    ),
    epilog="duban verify start --all --as lin\nduban verify start 12 13 --verifier wu --as lin",
)
def start(
    *,
    person: Acting,
    codes: Annotated[list[str] | None, typer.Argument(metavar="CODE…", help=_("The measures' codes (序号)."))] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=_("Everything that was submitted and has no verifier yet."))
    ] = False,
    verifier: Annotated[
        str | None, typer.Option("--verifier", metavar="PERSON", help=_("Who shall verify: code or name."))
    ] = None,
    prefect: Prefect = False,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Start verifications."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        if bool(codes) == everything:
            message = N_("either codes or --all was expected")
            raise InputRefused((Fault(place=Place(file=""), value=None, message=message),))
        report = verify(frame, person, codes or (), verifier=verifier, prefect=prefect)
        frame.screen.answer(report.as_json())
        show_report(frame.screen, report, frame.house.home)


@group.command(
    "pass",
    cls=Page,
    help=_("Pass a measure (核验通过). The verdict holds for the evidence as it is; nobody passes their own work."),
    epilog="duban verify pass 12 --as wu",
)
def pass_(
    *,
    code: MeasureCode,
    person: Acting,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help=_("A remark; it goes on record."))
    ] = None,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Pass a measure."""
    from engine.actions.judge_verification import pass_verification

    change_measure(
        lambda desk: pass_verification(desk, code, reason=reason),
        person=person,
        as_of=as_of,
        round_code=round_code,
        json=json,
    )


@group.command(
    "return",
    cls=Page,
    help=_("Return a measure to its owner (退回), with the reason; its due date stands."),
    epilog='duban verify return 12 --reason "缺少印证材料" --as wu',
)
def return_(
    *,
    code: MeasureCode,
    person: Acting,
    reason: Reason,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Return a measure."""
    from engine.actions.judge_verification import return_measure

    change_measure(
        lambda desk: return_measure(desk, code, reason=reason),
        person=person,
        as_of=as_of,
        round_code=round_code,
        json=json,
    )


app.add_typer(group)
