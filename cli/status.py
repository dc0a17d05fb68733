"""`duban status`: the round in figures, on any day up to now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.frame import open_frame
from cli.help import Page, _, new_app
from cli.options import AsOf, Json, RoundCode
from cli.output import Screen
from engine.rules.names import STATE_NAMES
from engine.rules.text import N_
from engine.rules.vocabulary import State

if TYPE_CHECKING:
    from engine.reads.round_figures import Status

app = new_app()


@app.command(
    "status",
    cls=Page,
    help=_("Show the round in figures: what is done, what is open, what is overdue, unit by unit."),
    epilog="duban status\nduban status --as-of 2025-09-10 --json",
)
def show_status(*, as_of: AsOf = None, round_code: RoundCode = None, json: Json = False) -> None:
    """Print the figures."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from engine.actions.desk import find_round
        from engine.reads.round_figures import read_status

        with frame.reading() as session:
            status = read_status(session, find_round(session, frame.round), frame.moment.on, frame.calendar(session))
        frame.screen.answer(status.as_json())
        print_status(frame.screen, status)


def print_status(screen: Screen, status: Status) -> None:
    """Tell people how the round stands."""
    figures, plain = status.figures, status.as_json()
    screen.line(N_("round {round}, as of {day}", round=status.round, day=status.as_of), style="bold")
    for line in (status.title, status.organisation):
        if line:
            screen.line(line)
    dates = N_(
        "feedback {feedback}, plan due {plan}, concentrated rectification until {end}, report due {report}",
        feedback=status.feedback_on,
        plan=status.plan_due,
        end=status.concentrated_end,
        report=status.report_due,
    )
    screen.line(dates)
    screen.line()
    screen.table(
        (
            N_("aspects"),
            N_("problems"),
            N_("problems done"),
            N_("items"),
            N_("items done"),
            N_("measures"),
            N_("closed"),
            N_("overdue"),
        ),
        [
            (
                figures.aspects,
                figures.problems,
                figures.problems_done,
                figures.items,
                figures.items_done,
                figures.measures,
                figures.closed,
                figures.overdue,
            )
        ],
        styles=["red" if figures.overdue else None],
    )
    if figures.closed_timed or figures.handed_in_late:
        screen.line(
            N_(
                "done by the original due date: {in_time} of {timed} closed; done late: {late}, of these {extended} "
                "after the extended one as well; closed after it: {closed}; handed in late: {handed_in}",
                in_time=figures.done_in_time,
                timed=figures.closed_timed,
                late=figures.done_late,
                extended=figures.done_late_extended,
                closed=figures.closed_late,
                handed_in=figures.handed_in_late,
            )
        )
    screen.line()
    screen.table(
        [*(STATE_NAMES[state] for state in State), N_("to be assigned")],
        [[*(plain["by_state"][state.value] for state in State), figures.to_be_assigned]],
    )
    if status.by_unit:
        screen.line()
        screen.table(
            (N_("unit"), N_("measures"), N_("closed"), N_("done late"), N_("overdue")),
            [
                (unit.unit or N_("no unit yet"), unit.measures, unit.closed, unit.done_late, unit.overdue)
                for unit in status.by_unit
            ],
            styles=["red" if unit.overdue else None for unit in status.by_unit],
        )
    _print_declared(screen, status)


def _print_declared(screen: Screen, status: Status) -> None:
    """Say where the notice's own totals and the record differ."""
    if not status.declared:
        return
    known = {
        "aspects": (N_("aspects"), status.figures.aspects),
        "problems": (N_("problems"), status.figures.problems),
        "problems_done": (N_("problems done"), status.figures.problems_done),
        "items": (N_("items"), status.figures.items),
        "items_done": (N_("items done"), status.figures.items_done),
        "measures": (N_("measures"), status.figures.measures),
        "measures_done": (N_("measures closed"), status.figures.closed),
    }
    rows = [
        (name, status.declared[key], count)
        for key, (name, count) in known.items()
        if status.declared.get(key) not in (None, count)
    ]
    if rows:
        screen.line()
        screen.table((N_("what differs"), N_("declared by the notice"), N_("on record")), rows)
