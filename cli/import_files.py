"""`duban import`: notices and ledgers, told apart by their content, become a round or bring it up to date.

All files of one command are one transaction.  `--dry-run` does everything and then takes it back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.frame import Frame, open_frame
from cli.help import Page, _, new_app
from cli.options import AsOf, Json, MaybeActing, RoundCode, read_day, read_number
from cli.output import Screen
from engine.rules.import_report import ImportReport, Row, differences, tell_claims
from engine.rules.passages import count_lines
from engine.rules.proposal import Proposal
from engine.rules.record_words import field_change
from engine.rules.text import N_, Text

if TYPE_CHECKING:
    from engine.rules.plan import Fault, RoundPlan
    from intake.import_files import Reading

app = new_app()
SHOWN_CHANGES = 40  #: in the answer for people; --json holds all


@app.command(
    "import",
    cls=Page,
    help=_(
        "Read notices (.txt, .md, .docx, .doc, .pdf, .html) and ledgers (.xlsx, .xls, .ods, .csv); the kind is told by "
        "content.\n"
        "All or nothing: with a fault in any file nothing changes, and every fault is told with its place. Safe to "
        "repeat: rows are matched by their code."
    ),
    epilog="duban import notice.txt --dry-run\nduban import notice.txt ledger.xlsx --as lin",
)
def import_files(
    *,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", readable=False, help=_("The files to read."))],
    round_code: RoundCode = None,
    feedback_on: Annotated[
        date | None,
        typer.Option(
            "--feedback-on", metavar="D", parser=read_day, help=_("The day of the feedback, where no file tells it.")
        ),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option(
            "--year",
            metavar="YEAR",
            parser=read_number(2000, 2099),
            help=_("The year of deadlines that tell none (9月底); else the date above or the feedback tells it."),
        ),
    ] = None,
    create_named: Annotated[
        bool,
        typer.Option(
            "--create-named",
            help=_("Create the units and people that rows name and nobody has yet; --dry-run shows which."),
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Show what would change; change nothing."))] = False,
    as_of: AsOf = None,
    person: MaybeActing = None,
    json: Json = False,
) -> None:
    """Read the files and store what they say."""
    blank = {**ImportReport(kind="", round="").as_json(), "kind": None, "round": round_code}
    with open_frame(
        json=json, as_of=as_of, founding=True, passing=dry_run, round_code=round_code, blank=blank
    ) as frame:
        from engine.actions.import_target import feedback_of
        from engine.reads.reading_answers import reading_answers
        from engine.rules.plan import FeedbackUnknown, InputRefused
        from intake.import_files import known_on_record, read_sources

        with frame.reading() as session:
            feedback = feedback_on or feedback_of(session, frame.round)
            known, said = known_on_record(session), reading_answers(session)
        readings = read_sources(
            files, year=year, feedback_on=feedback, known=known, answers=said, busy=frame.screen.busy
        )
        try:
            with frame.screen.busy(N_("storing what was read")):
                plans = [one.plan for one in readings]
                create = None if create_named else ()
                reports = _store(frame, plans, feedback_on, person, create, dry_run=dry_run)
        except FeedbackUnknown as unknown:
            raise InputRefused(tuple(_with_option(one, frame.moment.on) for one in unknown.faults)) from None
        answers = [_plain(one, report) for one, report in zip(readings, reports, strict=True)]
        several = {"files": answers} if len(answers) > 1 else {}
        frame.screen.answer({**answers[-1], "dry_run": dry_run, **several})
        for one, report in zip(readings, reports, strict=True):
            show_report(frame.screen, one, report, dry_run=dry_run)


def _with_option(fault: Fault, day: date) -> Fault:
    """Return a fault that says with which option the day of the feedback is given."""
    message = N_("{problem}; give it with --feedback-on, such as --feedback-on {day}", problem=fault.message, day=day)
    return replace(fault, message=message)


def _plain(one: Reading, report: ImportReport) -> dict[str, Any]:
    told = {"differences": differences(report), "kept": report.kept, "notes": one.notes}  # in the user's language
    lines = asdict(count_lines(one.passages)) if one.passages else None
    return {**report.as_json(), **told, "lines": lines, "file": one.file}


def _store(
    frame: Frame,
    plans: Sequence[RoundPlan],
    feedback_on: date | None,
    person: str | None,
    create: Collection[str] | None,
    *,
    dry_run: bool,
) -> list[ImportReport]:
    from engine.actions.desk import find_person
    from engine.actions.import_round import import_round
    from engine.actions.import_target import ImportGround

    policies = frame.house.policies
    with frame.house.sessions() as session, session.begin() as transaction:
        ground = ImportGround(
            moment=frame.moment,
            calendar=frame.calendar(session),
            rules=policies.round,
            zone=policies.schedule.zone,
            lifecycle=dict(policies.lifecycle),
            ladder=dict(policies.ladder),
            actor=find_person(session, person).id if person else None,
            round=frame.round,
            feedback_on=feedback_on,
            create=create,
        )
        reports = [import_round(session, plan, ground) for plan in plans]
        if dry_run:
            transaction.rollback()
    return reports


_COUNTS: tuple[tuple[str, Text], ...] = (
    ("aspects", N_("aspects")),
    ("problems", N_("problems")),
    ("items", N_("items")),
    ("measures", N_("measures")),
    ("units", N_("units")),
    ("people", N_("people")),
    ("created", N_("created")),
    ("updated", N_("updated")),
    ("unchanged", N_("not changed")),
    ("to_be_assigned", N_("to be assigned")),
)
_KINDS: dict[str, Text] = {"notice": N_("notice"), "ledger": N_("ledger")}


def show_report(screen: Screen, one: Reading, report: ImportReport, *, dry_run: bool = False) -> None:
    """Tell people what an import did, or would do."""
    told: dict[str, Any] = {"file": one.file, "kind": _KINDS.get(report.kind, report.kind), "round": report.round}
    if dry_run:
        screen.line(N_("{file} ({kind}) into round {round}: nothing was changed, this would be:", **told))
    else:
        screen.line(N_("{file} ({kind}) into round {round}:", **told))
    counts = [(name, getattr(report, key)) for key, name in _COUNTS if getattr(report, key) or key == "created"]
    screen.table([pair[0] for pair in counts], [[pair[1] for pair in counts]])
    if one.passages:
        lines = asdict(count_lines(one.passages))
        screen.line(N_("lines: {taken} taken, {told} with something that is told below, {left_out} only text", **lines))
    for claim in tell_claims(report.declared_from):
        screen.line(claim)
    for difference in differences(report):
        screen.line(difference, style="yellow")
    if report.changes:
        shown = report.changes[:SHOWN_CHANGES]
        headings = (N_("code"), N_("field"), N_("before"), N_("after"))
        screen.table(headings, [(one.code, *field_change(one)) for one in shown], title=N_("changes"))
        if len(report.changes) > len(shown):
            screen.line(N_("… and {count} more; --json tells all", count=len(report.changes) - len(shown)))
    _show_rows(screen, N_("measures new"), report.new)
    _show_rows(screen, N_("on record, and not in this file"), report.absent)
    if report.proposal:
        _show_proposal(screen, report.proposal)
    for note in (*report.kept, *one.notes):
        screen.line(note, style="yellow")


def _show_rows(screen: Screen, title: Text, rows: Sequence[Row]) -> None:
    if rows:
        shown = rows[:SHOWN_CHANGES]
        screen.table((N_("code"), N_("measure")), [(row.code, row.text) for row in shown], title=title)
        if len(rows) > len(shown):
            screen.line(N_("… and {count} more; --json tells all", count=len(rows) - len(shown)))


def _show_proposal(screen: Screen, proposal: Proposal) -> None:
    """Tell which units and people the rows name and nobody has; --create-named creates them."""
    told = {"units": len(proposal.units), "people": len(proposal.people)}
    screen.line(N_("rows name {units} units and {people} people that are not on record:", **told), style="yellow")
    rows = [(N_("unit"), one.name, "", one.count) for one in proposal.units]
    rows += [(N_("person"), one.name, one.unit or "", one.count) for one in proposal.people]
    screen.table((N_("kind"), N_("name"), N_("unit"), N_("rows")), rows[:SHOWN_CHANGES])
    if len(rows) > SHOWN_CHANGES:
        screen.line(N_("… and {count} more; --json tells all", count=len(rows) - SHOWN_CHANGES))
    for one, other in proposal.alike:
        screen.line(N_("{one} and {other} look like one; if they are, write one name", one=one, other=other))
    screen.line(N_("--create-named creates them"))
