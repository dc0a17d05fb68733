"""`duban meeting agenda|record|call-off|done|list`: the leading group's meetings, agendas and decisions."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import Frame, open_frame
from cli.help import Page, _, new_app
from cli.options import LARGEST, Acting, AsOf, Json, RoundCode, read_day, read_named, read_number
from engine.rules.names import DECISION_NAMES
from engine.rules.text import N_

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from engine.reads.agenda_document import AgendaDocument
    from engine.reads.recused import RecusedLine

app = new_app()
group = new_app("meeting", _("Meetings of the leading group: the agenda, the decisions, the list of both."))
MeetingDay = Annotated[
    date, typer.Option("--meeting", metavar="D", parser=read_day, help=_("The day of the meeting; one a month."))
]
Again = Annotated[
    bool, typer.Option("--again", help=_("Draw it up anew as the next version; the old one stays as it is."))
]


@group.command(
    "agenda",
    cls=Page,
    help=_(
        "Draw up the agenda of the month's meeting and freeze it; shown again, it is the same.\n"
        "duban agenda writes it as a document; duban run monthly draws it up with all documents."
    ),
    epilog="duban meeting agenda --meeting 2025-09-10",
)
def agenda(
    *,
    meeting: MeetingDay,
    again: Again = False,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Print the agenda."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        with frame.house.sessions.begin() as session:
            printed = draw_up(frame, session, meeting, again=again)
        frame.screen.answer(
            {
                "meeting": printed.held_on,
                "as_of": printed.as_of,
                "version": printed.version,
                "figures": printed.figures,
                "change": printed.change,
                "sections": [{"section": section.value, "lines": lines} for section, lines in printed.sections],
            }
        )
        _print_agenda(frame, printed)


def draw_up(frame: Frame, session: Session, held_on: date, *, again: bool) -> AgendaDocument:
    """Return the frozen agenda of the month's meeting; it is drawn up when there is none."""
    from engine.actions.desk import find_round
    from engine.actions.freeze_agenda import freeze_agenda, period_of
    from engine.reads.agenda_document import read_agenda

    calendar, round_ = frame.calendar(session), find_round(session, frame.round)
    frozen = freeze_agenda(
        session,
        round_id=round_.id,
        held_on=held_on,
        moment=frame.moment,
        calendar=calendar,
        again=again,
    )
    session.flush()
    return read_agenda(session, round_, period=period_of(held_on), version=frozen.version)


def _print_agenda(frame: Frame, printed: AgendaDocument) -> None:
    from documents.agenda_words import SECTION_TITLES

    screen = frame.screen
    title = N_(
        "agenda of {day}, version {version}, cut off on {as_of}",
        day=printed.held_on,
        version=printed.version,
        as_of=printed.as_of,
    )
    screen.line(title, style="bold")
    if not any(lines for _, lines in printed.sections):
        screen.line(N_("nothing stands on it"))
    for section, lines in printed.sections:
        if lines:
            screen.line()
            screen.table(
                (
                    N_("code"),
                    N_("unit"),
                    N_("leader"),
                    N_("owner"),
                    N_("due"),
                    N_("days late"),
                    N_("asked"),
                    N_("matter"),
                ),
                [
                    (
                        line.code,
                        line.unit,
                        line.leader,
                        line.owner,
                        line.deadline,
                        line.lateness or None,
                        line.ask,
                        line.text,
                    )
                    for line in lines
                ],
                title=SECTION_TITLES[section],
            )


@group.command(
    "record",
    cls=Page,
    help=_(
        "Record one decision of a meeting (议定事项); it is carried out at once and heads the next agenda.\n"
        "extend needs --due where nobody asked, reassign needs --owner; a task is text with --owner and --due."
    ),
    epilog=(
        'duban meeting record --meeting 2025-09-10 --measure 12 --decide close --text "同意销号" --as lin\n'
        'duban meeting record --meeting 2025-09-10 --decide task --text "一周内报送方案" --owner wang '
        "--due 2025-09-17 --as lin"
    ),
)
def record(
    *,
    meeting: MeetingDay,
    decide: Annotated[
        str,
        typer.Option(
            "--decide",
            metavar="WHAT",
            parser=read_named(DECISION_NAMES),
            help=_("close, extend, refuse_extension, reassign, cancel, merge, accept_risk or task."),
        ),
    ],
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help=_("The decision in its own words."))],
    person: Acting,
    measure: Annotated[
        str | None, typer.Option("--measure", metavar="CODE", help=_("The measure it is about."))
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="PERSON", help=_("Who shall do it, or the new owner."))
    ] = None,
    due: Annotated[date | None, typer.Option("--due", metavar="D", parser=read_day, help=_("Until when."))] = None,
    amends: Annotated[
        int | None,
        typer.Option(
            "--amends",
            metavar="N",
            parser=read_number(1, LARGEST),
            help=_("The decision about the same that it amends or adds to, by its number."),
        ),
    ] = None,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Record a decision."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from engine.actions.record_decision import record_decision
        from engine.reads.recused import read_recused_lines
        from engine.reads.silent_matters import read_gap
        from models import DecisionKind

        with frame.desk(person) as desk:
            decision = record_decision(
                desk,
                meeting=meeting,
                kind=DecisionKind(decide),
                measure=measure,
                text=text,
                owner=owner,
                due=due,
                amends=amends,
            )
            recused = read_recused_lines(desk.session, [decision]).get(decision.id, ())
            gap = read_gap(desk.session, decision)
        frame.screen.answer(
            {
                "number": decision.number,
                "decided": decide,
                "measure": measure,
                "text": decision.text,
                "due": due,
                "recused": recused,
                "gap": gap,
            }
        )
        what, about = DECISION_NAMES[decide], measure or ""
        told = N_("decision {number} recorded: {what} {code}", number=decision.number, what=what, code=about)
        frame.screen.line(frame.screen.said(told).rstrip(), style="green")
        _tell_recused(frame, recused)
        if gap is not None:
            frame.screen.line(gap, style="yellow")


def _tell_recused(frame: Frame, recused: tuple[RecusedLine, ...]) -> None:
    for one in recused:
        if one.is_member:
            frame.screen.line(N_("recused: {person}, who {why}", person=one.person, why=one.why))
        else:
            frame.screen.line(N_("written down by {person}, who {why}", person=one.person, why=one.why))


@group.command(
    "call-off",
    cls=Page,
    help=_(
        "Call off a meeting: the leading group is told, and their calendars strike it out.\n"
        "Drawn up again (duban meeting agenda --again), it is held after all."
    ),
    epilog='duban meeting call-off --meeting 2025-09-10 --reason "与上级会议冲突" --as lin',
)
def call_off(
    *,
    meeting: MeetingDay,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why; told to everybody invited."))],
    person: Acting,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Call off a meeting."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from engine.actions.call_off_meeting import call_off_meeting

        with frame.desk(person) as desk:
            held_on = call_off_meeting(desk, meeting, reason=reason).held_on
        frame.screen.answer({"meeting": held_on, "called_off": True})
        frame.screen.line(N_("the meeting of {day} is called off", day=held_on), style="green")


@group.command(
    "done",
    cls=Page,
    help=_(
        "Mark a task that a meeting gave as done: it leaves the next agenda.\n"
        "For whoever carries it out, a coordinator or the leading group."
    ),
    epilog='duban meeting done --meeting 2025-09-10 --number 3 --note "已上报" --as wang',
)
def done(
    *,
    meeting: MeetingDay,
    number: Annotated[
        int,
        typer.Option("--number", metavar="N", parser=read_number(1, LARGEST), help=_("The number of the decision.")),
    ],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help=_("What came of it."))] = "",
    person: Acting,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Mark a task as done."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from engine.actions.held_meeting import meeting_on
        from engine.actions.keep_minutes import finish_task

        with frame.desk(person) as desk:
            found = meeting_on(desk.session, frame.round_id(desk.session), meeting)
            finish_task(desk, found, number, note=note)
        frame.screen.answer({"meeting": meeting, "number": number, "done": True})
        frame.screen.line(
            N_("task {number} of the meeting of {day} is done", number=number, day=meeting), style="green"
        )


@group.command(
    "list",
    cls=Page,
    help=_("List the meetings with their agendas and decisions."),
    epilog="duban meeting list --json",
)
def list_meetings(*, round_code: RoundCode = None, json: Json = False) -> None:
    """Print the meetings."""
    with open_frame(json=json, round_code=round_code) as frame:
        from engine.reads.meetings import read_meetings

        with frame.reading() as session:
            meetings = read_meetings(session, frame.round_id(session))
        frame.screen.answer({"meetings": meetings})
        if not meetings:
            frame.screen.line(N_("there was no meeting yet"))
        for one in meetings:
            frame.screen.line(
                N_("{day}: agenda version {version}", day=one.held_on, version=one.agenda_version or "-"), style="bold"
            )
            if one.called_off:
                frame.screen.line(N_("called off: {reason}", reason=one.called_off.reason), style="red")
            frame.screen.table(
                (),
                [
                    (line.number, DECISION_NAMES[line.kind], line.measure, line.text, line.owner, line.due)
                    for line in one.decisions
                ],
            )
            for line in one.decisions:
                _tell_recused(frame, line.recused)


app.add_typer(group)
