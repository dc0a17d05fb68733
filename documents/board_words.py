"""What the board says in words: titles, heads of its tables, and the sentence under each chart.

Called by `documents.board_charts` and by the page.  Nothing is in a language yet.
"""

from __future__ import annotations

from datetime import date

from documents.month_names import MONTHS
from engine.reads.board import Board
from engine.reads.board_worst import WorstLine
from engine.rules.names import SLIP_NAMES
from engine.rules.pace import Pace
from engine.rules.text import N_, Text
from engine.rules.vocabulary import State

TITLES: dict[str, Text] = {
    "aspects": N_("Progress by aspect"),
    "units": N_("Progress by unit"),
    "leaders": N_("Progress by responsible leader"),
    "burn-up": N_("Closed against the plan"),
    "lights": N_("Lights"),
    "lateness": N_("Trend of lateness"),
}
GROUP_HEADS: dict[str, Text] = {
    "aspects": N_("Aspect"),
    "units": N_("Unit"),
    "leaders": N_("Responsible leader"),
}
NAMELESS: dict[str, Text] = {
    "aspects": N_("without an aspect"),
    "units": N_("no unit yet"),
    "leaders": N_("no leader yet"),
}
TOTAL, CLOSED_OUT, SHARE, OVERDUE = N_("Measures"), N_("Closed out"), N_("Share closed out"), N_("Overdue")
DAY, PLANNED, CLOSED, FORECAST = N_("Day"), N_("To be done by due date"), N_("Closed out so far"), N_("At this pace")
LIGHT, DONE_LATE = N_("Light"), N_("Done late")


def day(value: date) -> Text:
    """Return a day as it is spoken."""
    return N_("{year}-{month:02d}-{day:02d}", year=value.year, month=value.month, day=value.day)


def short_day(value: date) -> Text:
    """Return a day without its year."""
    return N_("{month:02d}-{day:02d}", month=value.month, day=value.day)


def month(value: date) -> Text:
    """Return a month; January with its year."""
    if value.month == 1:
        return N_("{year}-{month:02}", year=value.year, month=value.month)
    return MONTHS[value.month - 1]


def part(title: Text, number: int) -> Text:
    """Return the title of one of several drawings that belong together."""
    return N_("{title} ({number})", title=title, number=number)


def share(closed: int, total: int) -> str:
    """Return how much is closed: never 100 % before the last, never 0 % after the first.

    >>> share(142, 160), share(999, 1000), share(1, 1000), share(0, 0)
    ('89%', '99%', '1%', '—')
    """
    if not total:
        return "—"
    rounded = round(100 * closed / total)
    if closed not in {0, total}:
        rounded = min(max(rounded, 1), 99)
    return f"{rounded}%"


def told_groups(board: Board) -> Text:
    """Return the sentence of the progress charts."""
    figures = board.figures
    return N_(
        "{closed} of {total} measures are closed out, {overdue} are overdue.",
        closed=figures.closed,
        total=figures.measures - figures.cancelled,
        overdue=figures.overdue,
    )


def told_burn_up(board: Board) -> Text:
    """Return the sentence of the burn-up."""
    planned = max((count for on, count in board.planned if on <= board.as_of), default=0)
    if board.open_ended:
        return N_(
            "Closed out: {closed}. By their due dates {planned} were to be done by now; {open_ended} measures without "
            "a due date stand in no plan.",
            closed=board.figures.closed,
            planned=planned,
            open_ended=board.open_ended,
        )
    return N_(
        "Closed out: {closed}. By their due dates {planned} were to be done by now.",
        closed=board.figures.closed,
        planned=planned,
    )


def told_lateness(board: Board) -> Text:
    """Return the sentence of the trend."""
    if len(board.lateness) > 1:
        (before, then), (_, now) = board.lateness[-2:]
        return N_("{now} measures are overdue; on {day} it was {then}.", now=now, then=then, day=day(before))
    return N_("{now} measures are overdue.", now=board.figures.overdue)


def told_pace(pace: Pace) -> tuple[Text, ...]:
    """Return the forecast in sentences, the method among them."""
    deadline = day(pace.deadline)
    if not pace.total:
        return (N_("No measure is due until the concentrated deadline."),)
    if not pace.remaining:
        return (
            N_("All {total} measures that are due until {deadline} are closed.", total=pace.total, deadline=deadline),
        )
    method = N_(
        "Counted from the pace of the last {window} working days: {recent} closed of what is due until {deadline}.",
        window=pace.window,
        recent=pace.recent,
        deadline=deadline,
    )
    if not pace.days_left:
        passed = N_(
            "The concentrated deadline {deadline} has passed; of {total} measures due until then {closed} are closed.",
            deadline=deadline,
            total=pace.total,
            closed=pace.closed,
        )
        return (passed, _rest(pace), method)
    if pace.is_in_time:
        return (_rest(pace), N_("That is in time for the concentrated deadline {deadline}.", deadline=deadline), method)
    short = N_(
        "On the concentrated deadline {deadline} {count} of {total} measures will be closed, {short} too few.",
        deadline=deadline,
        count=pace.by_deadline,
        total=pace.total,
        short=pace.total - pace.by_deadline,
    )
    needed = N_(
        "To be in time, {needed} must be closed in every {window} working days; it was {recent}.",
        needed=pace.needed,
        window=pace.window,
        recent=pace.recent,
    )
    return (short, needed, _rest(pace), method)


def _rest(pace: Pace) -> Text:
    if pace.done_on is None:
        return N_("At this pace no day can be named on which the remaining {count} are closed.", count=pace.remaining)
    return N_("At this pace the remaining {count} are closed on {day}.", count=pace.remaining, day=day(pace.done_on))


def told_why(line: WorstLine) -> tuple[Text, ...]:
    """Return why a measure is among the worst."""
    told = []
    if line.slip is not None:
        told.append(SLIP_NAMES[line.slip])
    if line.owner is None:
        told.append(N_("nobody owns it yet"))
    elif line.state is State.ASSIGNED:
        told.append(N_("not accepted yet"))
    if line.extended:
        told.append(N_("extended {count}×", count=line.extended))
    if line.returned and line.returned_because:
        told.append(N_("returned {count}×, last: {reason}", count=line.returned, reason=line.returned_because))
    elif line.returned:
        told.append(N_("returned {count}×", count=line.returned))
    if line.last_report:
        told.append(N_("last report: {text}", text=line.last_report))
    return tuple(told)
