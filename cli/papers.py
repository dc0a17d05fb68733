"""`duban paper …`: papers that an office signs: drawn up, submitted, approved or returned, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.documents import SIGNED, Number
from cli.frame import Frame, open_frame
from cli.help import Page, _, new_app
from cli.ledger import check_target
from cli.options import LARGEST, Acting, AsOf, Json, OutFile, RoundCode, read_day, read_name, read_number, read_word
from engine.rules.names import DOCUMENT_NAMES
from engine.rules.signing import PAPER_STATE_NAMES
from engine.rules.text import N_, Text

if TYPE_CHECKING:
    from models import Paper

app = new_app()
group = new_app(
    "paper",
    _("Papers that an office signs: draw one up, submit it, approve or return it. Until then it is marked as a draft."),
)
DocumentNumber = Annotated[
    int,
    typer.Argument(
        metavar="DOCUMENT", parser=read_number(1, LARGEST), help=_("Its number, as duban paper list tells.")
    ),
]
Issued = Annotated[
    date | None,
    typer.Option("--issued", metavar="D", parser=read_day, help=_("The day of issue (成文日期); by default, today.")),
]


@group.command(
    "draw-up",
    cls=Page,
    help=_(
        "Draw up a paper: it is printed as a draft, kept as the next version, and ready to be submitted.\n"
        "minutes, lists, timetable, task-book, road-map, letter, report or notice."
    ),
    epilog="duban paper draw-up notice --until 2025-09-10 --as tang",
)
def draw_up(
    *,
    kind: Annotated[
        str,
        typer.Argument(metavar="KIND", parser=read_word(*(key.replace("-", "_") for key in SIGNED)), help=_("Which.")),
    ],
    until: Annotated[
        date | None,
        typer.Option(
            "--until", metavar="D", parser=read_day, help=_("The last day that it tells of; by default, today.")
        ),
    ] = None,
    meeting: Annotated[
        date | None,
        typer.Option("--meeting", metavar="D", parser=read_day, help=_("The day of the meeting; one a month.")),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option("--unit", metavar="NAME", parser=read_name, help=_("One unit's sheets; without it, all units'.")),
    ] = None,
    person: Acting,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Draw up a paper."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from flows import papers

        with frame.desk(person) as desk:
            made = papers.draw_up(frame.house, desk, kind.replace("_", "-"), told_on=until, meeting=meeting, unit=unit)
            facts = _facts(made)
        _tell(
            frame, facts, N_("document {number}: {paper}, version {version} of {period}, is drawn up", **_said(facts))
        )


@group.command(
    "submit",
    cls=Page,
    help=_("Submit a kept document for approval, also one that the monthly run has printed; who may sign is told."),
    epilog='duban paper submit 12 --number "江水党〔2025〕18号" --as tang',
)
def submit(
    *,
    document: DocumentNumber,
    number: Number = None,
    person: Acting,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Submit a paper."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from flows import papers

        with frame.desk(person) as desk:
            made = papers.submit(desk, document, document_number=number)
            facts = _facts(made)
        _tell(
            frame,
            facts,
            N_("document {number}: {paper}, version {version} of {period}, waits for approval", **_said(facts)),
        )


@group.command(
    "approve",
    cls=Page,
    help=_(
        "Approve a paper: its number and day of issue are fixed, and it is printed without draft mark.\n"
        "For the leading group, but not for whoever drew it up or submitted it. It replaces what was approved before."
    ),
    epilog="duban paper approve 12 --issued 2025-09-12 --as shen",
)
def approve(
    *,
    document: DocumentNumber,
    issued: Issued = None,
    number: Number = None,
    person: Acting,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Approve a paper."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from flows import papers

        with frame.desk(person) as desk:
            made = papers.approve(frame.house, desk, document, issued_on=issued, document_number=number)
            facts = _facts(made)
        _tell(
            frame, facts, N_("document {number}: {paper}, version {version} of {period}, is approved", **_said(facts))
        )


@group.command(
    "return",
    cls=Page,
    help=_("Return a paper to the office; the reason is told to whoever submitted it."),
    epilog='duban paper return 12 --reason "数据与台账不符" --as shen',
)
def return_(
    *,
    document: DocumentNumber,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why."))],
    person: Acting,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Return a paper."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from engine.actions.return_paper import return_paper

        with frame.desk(person) as desk:
            made = return_paper(desk, document, reason=reason)
            facts = _facts(made)
        _tell(
            frame, facts, N_("document {number}: {paper}, version {version} of {period}, is returned", **_said(facts))
        )


@group.command(
    "withdraw",
    cls=Page,
    help=_("Withdraw a paper that was approved; its file stays on record as it was."),
    epilog='duban paper withdraw 12 --reason "附件有误，另行印发" --as shen',
)
def withdraw(
    *,
    document: DocumentNumber,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why."))],
    person: Acting,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Withdraw a paper."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from engine.actions.withdraw_paper import withdraw_paper

        with frame.desk(person) as desk:
            made = withdraw_paper(desk, document, reason=reason)
            facts = _facts(made)
        _tell(
            frame, facts, N_("document {number}: {paper}, version {version} of {period}, is withdrawn", **_said(facts))
        )


@group.command(
    "write",
    cls=Page,
    help=_("Write an approved paper to a file: .docx as it was signed, .pdf, .html or .txt to publish it."),
    epilog="duban paper write 12 --out notice.txt",
)
def write(*, document: DocumentNumber, out: OutFile, round_code: RoundCode = None, json: Json = False) -> None:
    """Write an approved paper."""
    with open_frame(json=json, round_code=round_code) as frame:
        from documents.kinds import KINDS
        from documents.pdf import with_pdf, write_or_convert
        from engine.reads.papers import find_paper
        from flows.papers import write_approved

        with frame.reading() as session:
            paper = find_paper(session, frame.round_id(session), document)
            endings = KINDS[paper.kind].endings
            check_target(out, with_pdf(endings))
            write_or_convert(out, endings, lambda path: write_approved(frame.house, session, paper, path))
            frame.screen.answer({"file": str(out), **_facts(paper)})
            told = N_("{file}: {kind}, as of {day}", file=out, kind=DOCUMENT_NAMES[paper.kind], day=paper.as_of)
            frame.screen.line(told, style="green")


@group.command(
    "list",
    cls=Page,
    help=_("List the documents that are signed: where each stands, who submitted and who decided it."),
    epilog="duban paper list --json",
)
def list_(*, round_code: RoundCode = None, json: Json = False) -> None:
    """List papers."""
    with open_frame(json=json, round_code=round_code) as frame:
        from documents.kinds import KINDS
        from engine.reads.documents_page import read_documents
        from engine.reads.papers import read_papers

        with frame.reading() as session:
            round_id = frame.round_id(session)
            papers = read_papers(session, round_id, frame.moment.on)
            known = {one.draft for one in papers} | {one.final for one in papers}
            loose = [
                one
                for one in read_documents(session, round_id)
                if KINDS[one.kind].is_signed and one.id not in known and one.path.endswith(".docx")
            ]
        frame.screen.answer({"papers": papers, "not_submitted": loose})
        headings = (
            N_("document"),
            N_("kind"),
            N_("month"),
            N_("version"),
            N_("as of"),
            N_("state"),
        )
        rows: list[tuple[Any, ...]] = [
            (
                one.final or one.draft,
                DOCUMENT_NAMES[one.kind],
                one.period,
                one.version,
                one.as_of,
                PAPER_STATE_NAMES[one.state],
                one.submitted_by,
                one.decided_by,
                one.number,
                one.issued_on,
            )
            for one in papers
        ]
        rows += [
            (one.id, DOCUMENT_NAMES[one.kind], one.period, one.version, one.as_of, N_("a draft"), *[None] * 4)
            for one in loose
        ]
        more = (N_("submitted by"), N_("decided by"), N_("document number"), N_("issued"))
        frame.screen.table((*headings, *more), rows)


def _facts(paper: Paper) -> dict[str, Any]:
    return {
        "document": paper.final_id or paper.draft_id,
        "kind": paper.kind,
        "period": paper.period,
        "version": paper.version,
        "as_of": paper.as_of,
        "state": paper.state.value,
        "number": paper.number,
        "issued": paper.issued_on,
    }


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: facts[name] for name in ("version", "period")}
    return said | {"number": facts["document"], "paper": DOCUMENT_NAMES[facts["kind"]]}


def _tell(frame: Frame, facts: Mapping[str, Any], told: Text) -> None:
    frame.screen.answer(dict(facts))
    frame.screen.line(told, style="green")


app.add_typer(group)
