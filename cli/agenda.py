"""`duban agenda`: the frozen agenda of a meeting as a document."""

from __future__ import annotations

from cli.frame import open_frame
from cli.help import Page, _, new_app
from cli.ledger import check_target
from cli.meetings import Again, MeetingDay, draw_up
from cli.options import AsOf, Json, OutFile, RoundCode
from engine.rules.text import N_

app = new_app()


@app.command(
    "agenda",
    cls=Page,
    help=_("Write the agenda of the month's meeting as .docx, .html or .md; it is drawn up when there is none yet."),
    epilog="duban agenda --meeting 2025-09-10 --out agenda.docx",
)
def write(
    *,
    meeting: MeetingDay,
    out: OutFile,
    again: Again = False,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Write the agenda to a file."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from documents.agenda import write_agenda

        check_target(out, (".docx", ".html", ".md"))
        with frame.house.sessions.begin() as session:
            printed = draw_up(frame, session, meeting, again=again)
        write_agenda(out, printed, language=frame.house.language)
        lines = sum(len(lines) for _section, lines in printed.sections)
        frame.screen.answer(
            {
                "file": str(out),
                "meeting": printed.held_on,
                "as_of": printed.as_of,
                "version": printed.version,
                "lines": lines,
            }
        )
        told = N_("{file}: version {version}, {count} lines", file=out, version=printed.version, count=lines)
        frame.screen.line(told, style="green")
