"""`duban explain|simulate|lint`: why a reminder comes when it comes, what would be sent, and what would be missed.

They only read.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import Frame, open_frame
from cli.help import Page, _, new_app
from cli.options import AsOf, Json, MeasureCode, RoundCode, read_day
from engine.rules.names import SLIP_NAMES, STATE_NAMES, WAIT_NAMES
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.record_words import event_details, event_name
from engine.rules.refusal import NotFound
from engine.rules.text import N_, Text

if TYPE_CHECKING:
    from engine.reads.explain import ExplainedRung, Explanation
    from engine.reads.lint import LintFinding
    from engine.rules.ladder import LadderBook
    from engine.rules.vocabulary import State

app = new_app()
LOOKS_AHEAD = timedelta(days=90)
LONGEST_SPAN = timedelta(days=1100)
_FATES: dict[str, Text] = {
    "planned": N_("planned"),
    "climbed": N_("climbed"),
    "superseded": N_("superseded"),
    "empty": N_("nobody to tell"),
}


@app.command(
    "explain",
    cls=Page,
    help=_(
        "Explain a measure's deadlines: every past and coming rung with its arithmetic, receivers and fate. Likewise "
        "those of task 3 of a meeting (2025-09/3), of a paper (paper/17) and of a meeting that is not recorded "
        "(2025-09/minutes)."
    ),
    epilog="duban explain 12\nduban explain 12 --until 2025-12-31 --json\nduban explain 2025-09/3",
)
def explain(
    *,
    code: MeasureCode,
    until: Annotated[
        date | None, typer.Option("--until", metavar="D", parser=read_day, help=_("How far to look ahead; 90 days."))
    ] = None,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Print the explanation."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from engine.reads.explain import explain_measure
        from engine.reads.explain_other import explain_other
        from engine.reads.silent_matters import explain_silent

        with frame.reading() as session:
            round_id, calendar = frame.round_id(session), frame.calendar(session)
            last = until or frame.moment.on + LOOKS_AHEAD
            today = frame.moment.on
            found = (
                explain_measure(session, round_id=round_id, code=code, as_of=today, until=last, calendar=calendar)
                or explain_other(session, round_id=round_id, code=code, as_of=today, until=last, calendar=calendar)
                or explain_silent(session, round_id=round_id, code=code, as_of=today)
            )
        if found is None and "/" in code:
            raise NotFound(
                N_(
                    "there is no task, paper or meeting {code}; duban meeting list and duban paper list tell all",
                    code=code,
                )
            )
        if found is None:
            raise NotFound(N_("there is no measure {code}; duban measure list tells all", code=code))
        frame.screen.answer(found)
        _print_explanation(frame, found)


def _print_explanation(frame: Frame, found: Explanation) -> None:
    screen = frame.screen
    screen.line(N_("{code}  {text}", code=found.code, text=found.text), style="bold")
    if found.state is None:
        screen.line(N_("owner {owner}; due {due}", owner=found.owner or N_("nobody"), due=found.due or N_("no day")))
    else:
        screen.line(_measure_line(found, found.state))
    if found.silence is not None:
        screen.line(found.silence)
    for person, why in found.recused:
        screen.line(N_("may not verify it: {person}, who {why}", person=person, why=why))
    if found.rungs:
        screen.line()
        screen.table(
            (N_("planned"), N_("waits for"), N_("counted"), N_("slip"), N_("to"), N_("fate")),
            [
                (
                    rung.planned_on,
                    WAIT_NAMES[rung.waits_for],
                    rung.arithmetic,
                    SLIP_NAMES[rung.slip],
                    _receivers(rung),
                    _fate(rung),
                )
                for rung in found.rungs
            ],
            styles=["" if rung.fate == "planned" else "dim" for rung in found.rungs],
        )
    if found.history:
        screen.line()
        screen.table(
            (N_("day"), N_("event"), N_("who"), N_("what")),
            [(day, event_name(kind), who, event_details(data)) for day, kind, who, data in found.history],
        )


def _measure_line(found: Explanation, state: State) -> Text:
    return N_(
        "{state}; owner {owner}; first due {original}, due {due}, deadline version {version}",
        state=STATE_NAMES[state],
        owner=found.owner or N_("nobody"),
        original=found.original_due or N_("open-ended"),
        due=found.due or N_("open-ended"),
        version=found.deadline_version,
    )


def _receivers(rung: ExplainedRung) -> Text | None:
    if rung.receivers:
        return N_("{names}", names=rung.receivers)
    if rung.fate != "superseded":
        return N_("nobody to tell")
    return N_("told with a later step") if rung.climbed_on is None else None


def _fate(rung: ExplainedRung) -> Text:
    if rung.climbed_on is not None:
        return N_("{fate} on {day}", fate=_FATES[rung.fate], day=rung.climbed_on)
    if rung.held_until is not None:
        return N_("held until {day}", day=rung.held_until)
    if rung.fate == "superseded":
        return N_("will be passed over")
    return _FATES[rung.fate]


@app.command(
    "simulate",
    cls=Page,
    help=_(
        "Show what would be sent in a span of days if nobody did anything; changes nothing.\n"
        "With --ladder another ladder.yaml is tried before it is put into force."
    ),
    epilog=(
        "duban simulate --from 2025-09-01 --to 2025-09-30\n"
        "duban simulate --from 2025-09-01 --to 2025-09-30 --ladder new.yaml"
    ),
)
def simulate(
    *,
    first: Annotated[date, typer.Option("--from", metavar="D", parser=read_day, help=_("The first day."))],
    last: Annotated[date, typer.Option("--to", metavar="D", parser=read_day, help=_("The last day."))],
    ladder: Annotated[
        Path | None, typer.Option("--ladder", metavar="FILE", readable=False, help=_("A ladder.yaml to try."))
    ] = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Print what would be sent."""
    with open_frame(json=json, round_code=round_code) as frame:
        from engine.reads.simulate import simulate as foresee

        if not timedelta() <= last - first <= LONGEST_SPAN:
            message = N_("the last day must follow the first, within {days} days", days=LONGEST_SPAN.days)
            raise InputRefused((Fault(place=Place(file="--to"), value=last.isoformat(), message=message),))
        book = _load_ladder(ladder) if ladder else None
        with frame.reading() as session:
            lines = foresee(
                session,
                round_id=frame.round_id(session),
                as_of=frame.moment.on,
                first_day=first,
                last_day=last,
                calendar=frame.calendar(session),
                book=book,
            )
        frame.screen.answer({"from": first, "to": last, "rungs": lines})
        frame.screen.table(
            (N_("day"), N_("code"), N_("waits for"), N_("deadline"), N_("slip"), N_("to")),
            [
                (
                    line.day,
                    line.code,
                    WAIT_NAMES[line.waits_for],
                    line.deadline,
                    SLIP_NAMES[line.slip],
                    N_("{names}", names=line.receivers) if line.receivers else N_("nobody to tell"),
                )
                for line in lines
            ],
        )
        frame.screen.line(N_("{count} rungs would be climbed; nothing was changed", count=len(lines)))


def _load_ladder(path: Path) -> LadderBook:
    from config.files import load_policy
    from engine.rules.ladder import parse_ladders

    if not path.is_file():
        message = N_("there is no such file")
        raise InputRefused((Fault(place=Place(file=str(path)), value=None, message=message),))
    return load_policy(path.parent, path.name, parse_ladders)[1]


def _file_findings(frame: Frame) -> list[LintFinding]:
    """Return what is wrong with the office's own files: templates of messages and papers, and kinds of matters."""
    from config.kinds import read_kinds
    from engine.reads.lint import LintFinding
    from flows.templates import message_templates, paper_templates

    return [
        LintFinding(
            is_grave=True,
            text=N_("{file}, row {row}: {problem}", file=one.place.file, row=one.place.row or 1, problem=one.message),
        )
        for one in (
            *message_templates(frame.house.settings)[1],
            *paper_templates(frame.house.settings)[1],
            *read_kinds(frame.house.settings.config_folder).faults,
        )
    ]


@app.command(
    "lint",
    cls=Page,
    help=_(
        "Find what the ladders would miss: roles that nobody holds, measures without owner or date, a calendar that "
        "ends; and faults in the office's own templates and kinds of matters. With grave findings the exit status is 1."
    ),
    epilog="duban lint\nduban lint --as-of 2025-07-01 --json",
)
def lint(*, as_of: AsOf = None, round_code: RoundCode = None, json: Json = False) -> None:
    """Print the findings."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from engine.reads.lint import lint_round

        with frame.reading() as session:
            findings = _file_findings(frame) + lint_round(
                session,
                round_id=frame.round_id(session),
                calendar=frame.calendar(session),
                as_of=frame.moment.on,
            )
        frame.screen.answer({"as_of": frame.moment.on, "findings": findings})
        if not findings:
            frame.screen.line(N_("nothing would be missed"), style="green")
            return
        frame.screen.table(
            (N_("weight"), N_("finding"), N_("measures"), N_("for example")),
            [
                (
                    N_("grave") if finding.is_grave else N_("look"),
                    finding.text,
                    finding.count or None,
                    N_("{names}", names=finding.codes),
                )
                for finding in findings
            ],
            styles=["red" if finding.is_grave else "yellow" for finding in findings],
        )
    if any(finding.is_grave for finding in findings):
        raise typer.Exit(1)
