"""`duban matter kinds|check`: which kinds of matters are known, and whether a file of one is right.

Reads files alone: they need no database, and change nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.frame import answering, load_settings
from cli.help import Page, _, new_app
from cli.options import Json
from engine.rules.matters.phases import PHASE_NAMES
from engine.rules.names import ROLE_NAMES
from engine.rules.refusal import NotFound
from engine.rules.text import N_, Text
from i18n import CHINESE

if TYPE_CHECKING:
    from cli.output import Screen
    from config.kinds import Kinds
    from engine.rules.matters.kind import Kind, Step, Words

app = new_app()
group = new_app("matter", _("Kinds of matters (督办事项): what each file in config/matters says."))


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
                    _said(screen, one.words),
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


def _said(screen: Screen, words: Words) -> str:
    return words.zh if screen.tongue == CHINESE else words.en


def _print_kind(screen: Screen, one: Kind) -> None:
    screen.line(N_("{zh} ({en})", zh=one.words.zh, en=one.words.en), style="bold")
    screen.table(
        (N_("state"), N_("called"), N_("phase"), N_("waits for")),
        [
            (
                name,
                _said(screen, state.words),
                PHASE_NAMES[state.phase],
                N_("{names}", names=tuple(_said(screen, one.waits[wait].words) for wait in state.waits))
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
            (name, _said(screen, step.words), ", ".join(step.sources), ", ".join(step.targets) or None, _who(step))
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
