"""`duban run`: one run, now or for a day; what the clock of `duban serve` does by itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import Frame, expect_reach, open_frame
from cli.help import Page, _, new_app
from cli.options import AsOf, Json, read_word
from cli.output import Screen
from engine.rules.names import run_name
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.refusal import NotReady
from engine.rules.text import N_, Text

if TYPE_CHECKING:
    from flows.execute import Mode
    from flows.report import RunReport

app = new_app()
RUNS = ("daily", "deliver", "monthly", "verification", "watchdog")
NOT_BUILT = "look_back"  #: a run that is promised; asking for it is no mistake
Prefect = Annotated[
    bool, typer.Option("--prefect", help=_("Run it as a Prefect flow, so that the Prefect server shows it."))
]


@app.command(
    "run",
    cls=Page,
    help=_(
        "Do one run now: daily, monthly, deliver, verification or watchdog.\n"
        "daily: climb what is owed, tell everybody once, deliver.\n"
        "monthly: snapshot, figures, agenda, documents, invitations.\n"
        "deliver: what waits in the outbox. verification: verifiers for what was submitted.\n"
        "watchdog: is the sweep itself overdue?\n"
        "A second run for the same day or month finds the first and does nothing."
    ),
    epilog="duban run daily\nduban run daily --as-of 2025-09-03 --json\nduban run monthly --as-of 2025-09-01 --again",
)
def run(
    *,
    name: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            parser=read_word(*RUNS, NOT_BUILT),
            help=_("daily, monthly, deliver, verification or watchdog."),
        ),
    ],
    again: Annotated[
        bool, typer.Option("--again", help=_("Make a new version, though the run was done before."))
    ] = False,
    prefect: Prefect = False,
    person: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help=_("Who acts; a verification run needs it."))
    ] = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Run once and tell what it did."""
    with open_frame(json=json, as_of=as_of) as frame:
        if name == NOT_BUILT:
            raise NotReady(N_("the look-back run is not built yet; duban measure rebound reopens what came back"))
        if as_of is not None:
            from flows.report import BEFORE_THE_END

            expect_reach(frame.house, as_of, BEFORE_THE_END)
        with frame.screen.busy(run_name(name)):
            if name == "verification":
                report = verify(frame, person, prefect=prefect)
            else:
                from flows.execute import execute

                mode: Mode = "prefect" if prefect else "auto"
                report = execute(frame.house, name, frame.moment, mode=mode, again=again)
        frame.screen.answer(report.as_json())
        show_report(frame.screen, report, frame.house.home)


def verify(
    frame: Frame, person: str | None, codes: Sequence[str] = (), *, verifier: str | None = None, prefect: bool = False
) -> RunReport:
    """Run a verification, which somebody must trigger: of the measures named, or of all that wait."""
    from flows.execute import through
    from flows.verification import run_verification

    if person is None:
        message = N_("who triggers the verification was expected")
        raise InputRefused((Fault(place=Place(file="--as"), value=None, message=message),))

    def work() -> RunReport:
        return run_verification(
            frame.house, frame.moment, person=person, codes=codes, verifier=verifier, round_code=frame.round
        )

    return through(frame.house, "verification", work, mode="prefect" if prefect else "auto")


_COUNTS: tuple[tuple[str, Text], ...] = (
    ("reminders", N_("reminders")),
    ("escalations", N_("escalations")),
    ("superseded", N_("passed over")),
    ("notifications", N_("notifications")),
    ("sent", N_("sent")),
    ("cancelled", N_("withdrawn")),
    ("failed", N_("failed")),
)
_NOTES: dict[str, Text] = {
    "left": N_("deadlines that somebody held, left to the next daily run"),
    "overlooked": N_("deadlines that the daily run has not looked at"),
    "stuck": N_("deadlines that could not be handled"),
    "undelivered": N_("messages that were not delivered"),
}


def show_report(screen: Screen, report: RunReport, home: Path) -> None:
    """Tell people what a run did; its documents lie in `home`."""
    named = run_name(report.run)
    told = N_("{run} for {day}, version {version}", run=named, day=report.as_of, version=report.version)
    screen.line(told, style="bold")
    if report.repeated:
        screen.line(N_("it was done before; this is what it did then (--again makes a new version)"), style="yellow")
    screen.table([pair[1] for pair in _COUNTS], [[getattr(report, pair[0]) for pair in _COUNTS]])
    for path in report.documents:
        screen.line(N_("document: {path}", path=home / path))
    for note in report.notes:
        screen.line(_note(note))


def _note(note: str) -> Text | str:
    """Return what the daily run or the watchdog counted in words; whatever else a run notes is a sentence already."""
    name, _, count = note.partition(" ")
    return N_("{name}: {value}", name=_NOTES[name], value=count) if name in _NOTES else note
