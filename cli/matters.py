"""`duban matter list|show|step`: matters, and any step of one; `kinds|check`: which kinds are known, and their files.

Measures are the one kind whose matters can be listed and moved on so far.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.change import tell_measures
from cli.frame import answering, load_settings, open_frame
from cli.help import Page, _, new_app
from cli.measures import print_measures, show_measure
from cli.options import Acting, AsOf, Json, MeasureCode, RoundCode, read_name, read_word
from engine.rules.matters.phases import PHASE_NAMES, PHASE_OF, Phase
from engine.rules.names import ROLE_NAMES
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.refusal import NotFound
from engine.rules.text import N_, Text

if TYPE_CHECKING:
    from cli.output import Screen
    from config.kinds import Kinds
    from engine.rules.matters.kind import Kind, Step

app = new_app()
group = new_app("matter", _("Matters (督办事项): list, show, any step of one; and the kinds of them."))


@group.command(
    "list",
    cls=Page,
    help=_("List matters in the order of the ledger, all or those in one phase; so far these are the measures."),
    epilog="duban matter list --phase handed_in\nduban matter list --kind measure --json",
)
def list_matters(
    *,
    kind: Annotated[
        str,
        typer.Option("--kind", metavar="KIND", parser=read_word("measure"), help=_("The kind; so far measure alone.")),
    ] = "measure",
    phase: Annotated[
        str | None,
        typer.Option(
            "--phase", metavar="PHASE", parser=read_word(*Phase), help=_("open, handed_in, verified, done or dropped.")
        ),
    ] = None,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Print the list."""
    del kind  # there is one so far
    states = frozenset(state for state, where in PHASE_OF.items() if where == phase)
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        print_measures(frame, states)


group.command(
    "show",
    cls=Page,
    help=_("Show a matter: where it stands, and everything that hangs on it."),
    epilog="duban matter show 12 --json",
)(show_measure)


@group.command(
    "step",
    cls=Page,
    help=_(
        "Take any step of a matter, one that only your own lifecycle.yaml knows among them. What the step asks for is "
        "given by --reason and --field; evidence is attached first, all or nothing.\n"
        "Steps of measures: accept, report (percent, text), submit, request_extension (new_due), decide_extension "
        "(approve, new_due), assign (owner), reassign (owner), start_verification (verifier), pass, return, close, "
        "rebound (due), cancel, merge, accept_risk, confirm_co_unit, evidence (reference)."
    ),
    epilog=(
        "duban matter step 12 submit --evidence scan.pdf --as wang\n"
        'duban matter step 12 report --field percent=60 --field text="已完成初稿" --as wang'
    ),
)
def step(
    *,
    code: MeasureCode,
    name: Annotated[str, typer.Argument(metavar="STEP", parser=read_name, help=_("The name of the step."))],
    person: Acting,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help=_("Why, or a remark; it goes on record."))
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="NAME=VALUE", help=_("What the step asks for; as often as it asks.")),
    ] = None,
    evidence: Annotated[
        list[Path] | None,
        typer.Option("--evidence", metavar="FILE", readable=False, help=_("A file to attach first; may be repeated.")),
    ] = None,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Take a step."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from engine.actions.take_step import Piece, take_step
        from intake.evidence_store import keep_file

        given = _given(field or []) | ({} if reason is None else {"reason": reason})
        pieces = []
        for file in evidence or ():
            kept = keep_file(file, frame.house.settings.home)
            pieces.append(Piece(name=file.name, sha256=kept.sha256, size=kept.size))
        with frame.desk(person) as desk:
            measure = take_step(desk, code, name, given, pieces=pieces, checklist=frame.house.policies.checklist)
        tell_measures(frame.screen, [measure])


def _given(fields: list[str]) -> dict[str, str]:
    """Return what NAME=VALUE gives.  Raises InputRefused."""
    given = {}
    for written in fields:
        name, equals, value = written.partition("=")
        if not equals or not name.strip():
            message = N_("NAME=VALUE was expected, such as percent=60")
            raise InputRefused((Fault(place=Place(file="--field"), value=written[:60], message=message),))
        given[name.strip()] = value
    return given


@group.command(
    "kinds",
    cls=Page,
    help=_(
        "List the kinds of matters, or one with its states and steps and who may take them.\n"
        "Measures, papers and tasks of meetings run today; the files of the others are read and checked, and no "
        "matter of them can be opened yet."
    ),
    epilog="duban matter kinds\nduban matter kinds look_back",
)
def kinds(
    *,
    kind: Annotated[
        str | None, typer.Argument(metavar="[KIND]", help=_("The name of its file, without .yaml."))
    ] = None,
    json: Json = False,
) -> None:
    """Print the kinds."""
    from config.kinds import read_kinds

    with answering(json=json) as screen:
        known = read_kinds(load_settings().config_folder)
        if kind is not None and kind not in known.kinds:
            raise NotFound(N_("there is no kind {name}; duban matter kinds lists all", name=kind))
        chosen = dict(known.kinds) if kind is None else {kind: known.kinds[kind]}
        screen.answer({"kinds": [_plain(name, one, known) for name, one in sorted(chosen.items())]})
        if kind is not None:
            _print_kind(screen, known.kinds[kind])
            return
        screen.table(
            (N_("kind"), N_("called"), N_("states"), N_("steps"), N_("whose"), N_("runs")),
            [
                (
                    name,
                    one.words,
                    len(one.states),
                    len(one.steps),
                    N_("your own") if name in known.own else N_("Duban's"),
                    N_("yes") if _runs(name) else N_("not yet"),
                )
                for name, one in sorted(known.kinds.items())
            ],
        )
        if known.faults:
            screen.line(
                N_("faults in files that are not taken: {count}; duban lint tells them", count=len(known.faults))
            )


@group.command(
    "check",
    cls=Page,
    help=_(
        "Read the file of a kind and tell every fault with its line; nothing is kept. What it says of other kinds is "
        "checked by duban lint, once it lies in the folder."
    ),
    epilog="duban matter check safety_pledge.yaml",
)
def check(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help=_("The file; its name is the kind's."))],
    json: Json = False,
) -> None:
    """Print what the file says, or its faults."""
    from config.files import policy_text
    from config.kinds import read_kind

    with answering(json=json) as screen:
        one = read_kind(file, policy_text(file))[1]
        screen.answer({"kind": file.stem, "states": list(one.states), "steps": list(one.steps)})
        _print_kind(screen, one)


def _runs(name: str) -> bool:
    from config.kinds import RUN_BY_POLICY

    return name in RUN_BY_POLICY


def _print_kind(screen: Screen, one: Kind) -> None:
    screen.line(N_("{zh} ({en})", zh=one.words.zh, en=one.words.en), style="bold")
    screen.table(
        (N_("state"), N_("called"), N_("phase"), N_("waits for")),
        [
            (
                name,
                state.words,
                PHASE_NAMES[state.phase],
                N_("{names}", names=tuple(one.waits[wait].words for wait in state.waits))
                if state.sleeps is None
                else N_("sleeps until {day}", day=state.sleeps.until),
            )
            for name, state in one.states.items()
        ],
    )
    screen.line()
    screen.table(
        (N_("step"), N_("called"), N_("from"), N_("leads to"), N_("who")),
        [
            (name, step.words, ", ".join(step.sources), ", ".join(step.targets) or None, _who(step))
            for name, step in one.steps.items()
        ],
    )


def _who(step: Step) -> Text:
    if step.itself is not None:
        return N_("Duban itself")
    if step.each is not None:
        of = next((name for role, name in ROLE_NAMES.items() if role.value == step.each.of), step.each.of)
        return N_("each of {people}", people=of)
    return N_("{names}", names=tuple(ROLE_NAMES[role] for role in step.hands))


def _plain(name: str, one: Kind, known: Kinds) -> dict[str, Any]:
    return {
        "kind": name,
        "zh": one.words.zh,
        "en": one.words.en,
        "is_own": name in known.own,
        "runs": _runs(name),
        "states": [
            {"state": key, "zh": state.words.zh, "en": state.words.en, "phase": state.phase, "waits": state.waits}
            for key, state in one.states.items()
        ],
        "steps": [
            {
                "step": key,
                "zh": step.words.zh,
                "en": step.words.en,
                "from": step.sources,
                "to": step.targets,
                "by": step.hands,
                "itself": step.itself,
            }
            for key, step in one.steps.items()
        ],
    }


app.add_typer(group)
