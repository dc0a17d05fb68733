"""The words of a printed agenda: titles, column heads, names of the figures, and how days and numbers are spoken.

Called by `documents.agenda_view`.  Nothing is in a language yet, apart from the numerals of headings.
"""

from __future__ import annotations

from datetime import date

from documents.official.words import numbered
from engine.rules.agenda import Section
from engine.rules.colours import SLIP_COLOURS
from engine.rules.text import N_, Text, days_in, replaced
from engine.rules.vocabulary import Slip
from i18n import CHINESE

TITLE = N_("Agenda of the leading group for rectification")
PROGRESS_TITLE = N_("Overall progress")
SECTION_TITLES: dict[Section, Text] = {
    Section.LAST_DECISIONS: N_("What became of the last meeting's decisions"),
    Section.ESCALATED: N_("Escalated and overdue"),
    Section.DUE_SOON: N_("Due before the next meeting"),
    Section.CLOSE_OUT: N_("Waiting for close-out"),
    Section.EXTENSIONS: N_("Extension requests"),
    Section.UNASSIGNED: N_("To be assigned"),
    Section.OTHER: N_("Other matters"),
}
LEFT_OUT_TITLE = N_("Left out by the coordinator")
ORDERED = N_(" Put in order by the coordinator.")
NOTHING = N_("None.")
ABSENT = "—"

_CODE, _MEASURE, _WHO = N_("Code"), N_("Measure"), N_("Unit and people")
_DEADLINE, _PROGRESS, _ASK = N_("Deadline"), N_("Latest report"), N_("Asked of the meeting")


def columns(section: Section) -> tuple[Text, ...]:
    """Return the six column heads of a section: code, text, who, deadline, reason, what is asked."""
    if section is Section.LAST_DECISIONS:
        return (_CODE, N_("Decision"), _WHO, _DEADLINE, _PROGRESS, N_("What became of it"))
    reason = {
        Section.ESCALATED: N_("Reason given"),
        Section.EXTENSIONS: N_("Why more time is asked for"),
    }.get(section, _PROGRESS)
    return (_CODE, _MEASURE, _WHO, _DEADLINE, reason, _ASK)


FIGURE_COLUMNS = (N_("Figure"), N_("Number"), N_("Against last month"))
#: Names of `engine.rules.progress.Figures` in the order in which they are read out; the last only when there are any.
FIGURE_NAMES: dict[str, Text] = {
    "problems": N_("Problems"),
    "problems_done": N_("of these done"),
    "items": N_("Items"),
    "items_done": N_("of these done"),
    "measures": N_("Measures"),
    "closed": N_("of these closed out"),
    "verified": N_("Verified, waiting for close-out"),
    "submitted": N_("Waiting for verification"),
    "in_progress": N_("Being carried out"),
    "assigned": N_("Not accepted yet"),
    "to_be_assigned": N_("of these to be assigned"),
    "overdue": N_("Overdue"),
    "cancelled": N_("Cancelled or merged"),
}
#: Figures that belong to the one above, and are set in.
PARTS = frozenset({"problems_done", "items_done", "closed", "to_be_assigned"})

ASPECT_COLUMNS = (
    N_("Aspect"),
    N_("Measures"),
    N_("Closed out"),
    N_("Share closed out"),
    N_("Overdue"),
)
ASPECTS_TITLE = N_("Progress by aspect")
ALL_ASPECTS = N_("All aspects")

#: The colour beside the name of each slip, without its #; the name tells as much without it.
MARK_COLOURS: dict[Slip, str] = {slip: SLIP_COLOURS[slip].edge[1:].upper() for slip in Slip}


def heading(number: int, title: str, language: str) -> str:
    """Return a heading with its number, as official documents count in Chinese.

    >>> heading(2, "整改总体进展", "zh_CN")
    '二、整改总体进展'
    >>> heading(2, "Overall progress", "en")
    '2. Overall progress'
    """
    return numbered(1, number, title) if language == CHINESE else f"{number}. {title}"


def day(value: date) -> Text:
    """Return a day as it is spoken."""
    return N_("{year}-{month:02d}-{day:02d}", year=value.year, month=value.month, day=value.day)


def with_days(text: Text) -> Text:
    """Return `text` with the days in it spoken; a frozen agenda keeps them as ISO text.

    >>> str(with_days(Text("until {day}", {"day": date(2025, 9, 3)})))
    'until 2025-09-03'
    """
    return replaced(days_in(text), date, day)
