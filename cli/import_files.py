"""`duban import`: notices and ledgers, told apart by their content, become a round or bring it up to date.

All files of one command are one transaction.  `--dry-run` does everything and then takes it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.frame import Frame, open_frame
from cli.help import Page, _, new_app
from cli.options import AsOf, Json, MaybeActing, RoundCode, read_day, read_number
from cli.output import Screen
from cli.record_words import field_change
from engine.rules.import_report import ImportReport, differences
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.text import N_, Text

if TYPE_CHECKING:
    from engine.rules.plan import RoundPlan

app = new_app()
SHOWN_CHANGES = 40  #: in the answer for people; --json holds all


@app.command(
    "import",
    cls=Page,
    help=_(
        "Read notices (.txt, .docx, .html) and ledgers (.xlsx, .csv); the kind is told by content.\n"
        "All or nothing: with a fault in any file nothing changes, and every fault is told with its place. Safe to "
        "repeat: rows are matched by their code."
    ),
    epilog="duban import notice.txt --dry-run\nduban import notice.txt ledger.xlsx --as lin",
)
def import_files(
    *,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help=_("The files to read."))],
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
            help=_("The year of deadlines in a ledger that tell none (9月底)."),
        ),
    ] = None,
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
        readings = read_files(files, year, frame.screen)
        with frame.screen.busy(N_("storing what was read")):
            reports = _store(frame, [one.plan for one in readings], feedback_on, person, dry_run=dry_run)
        answers = [report.as_json() | {"file": one.file} for one, report in zip(readings, reports, strict=True)]
        several = {"files": answers} if len(answers) > 1 else {}
        frame.screen.answer({**answers[-1], "dry_run": dry_run, **several})
        for one, report in zip(readings, reports, strict=True):
            show_report(frame.screen, one, report, dry_run=dry_run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One file that was read."""

    file: str
    plan: RoundPlan
    notes: tuple[Text, ...]  #: what was not read


def read_files(files: Sequence[Path], year: int | None, screen: Screen) -> list[Reading]:
    """Read every file, notices first.  Raises InputRefused with the faults of all of them."""
    faults: list[Fault] = []
    readings: list[Reading] = []
    for path in files:
        try:
            with screen.busy(N_("reading {file}", file=path.name)):
                readings.append(_read(path, year))
        except InputRefused as refused:
            faults += refused.faults
    if faults:
        raise InputRefused(tuple(faults))
    return sorted(readings, key=lambda one: one.plan.kind != "notice")


def _read(path: Path, year: int | None) -> Reading:
    from intake.kind import tell_kind
    from intake.notice import read_notice
    from intake.workbook import read_ledger

    problem = _unreadable(path)
    if problem is not None:
        raise InputRefused((Fault(place=Place(file=str(path)), value=None, message=problem),))
    if tell_kind(path) == "notice":
        return Reading(file=str(path), plan=read_notice(path), notes=())
    found = read_ledger(path, year=year)
    return Reading(file=str(path), plan=found.plan, notes=found.notes)


def _unreadable(path: Path) -> Text | None:
    """Return why the file cannot even be opened."""
    try:
        if path.is_dir():
            return N_("this is a folder; a file was expected")
        if not path.exists():
            return N_("there is no such file")
        with path.open("rb"):
            return None
    except (OSError, ValueError) as error:
        return N_("the system says: {problem}", problem=getattr(error, "strerror", None) or str(error))


def _store(
    frame: Frame, plans: Sequence[RoundPlan], feedback_on: date | None, person: str | None, *, dry_run: bool
) -> list[ImportReport]:
    from engine.actions.desk import find_person
    from engine.actions.import_round import ImportGround, import_round

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
    for difference in differences(report):
        screen.line(difference, style="yellow")
    if report.changes:
        shown = report.changes[:SHOWN_CHANGES]
        headings = (N_("code"), N_("field"), N_("before"), N_("after"))
        screen.table(headings, [(one.code, *field_change(one)) for one in shown], title=N_("changes"))
        if len(report.changes) > len(shown):
            screen.line(N_("… and {count} more; --json tells all", count=len(report.changes) - len(shown)))
    for note in (*report.kept, *one.notes):
        screen.line(note, style="yellow")
