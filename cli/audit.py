"""`duban audit …`: can the record be trusted, and what to keep elsewhere to show that it can."""

from __future__ import annotations

import json as plain_json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import open_frame
from cli.help import Page, _, new_app
from cli.ledger import check_target
from cli.options import Json
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.refusal import NotReady
from engine.rules.text import N_

if TYPE_CHECKING:
    from cli.output import Screen
    from engine.reads.audit import Anchor, Audit

app = new_app()
group = new_app("audit", _("The record (留痕): check that nothing in it was changed, and keep a proof elsewhere."))
SHOWN = 20  #: faults told to people; all of them stand in the JSON


@group.command(
    "verify",
    cls=Page,
    help=_(
        "Walk the whole record: every event must follow from the one before, tell the ledger as it stands, and fit the "
        "checkpoints. Exit status 1 when it does not; the first broken event is named."
    ),
    epilog="duban audit verify\nduban audit verify --against checkpoint-2025-09-03.json",
)
def verify(
    *,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="FILE", readable=False, help=_("A checkpoint that was kept elsewhere.")),
    ] = None,
    json: Json = False,
) -> None:
    """Verify the record."""
    anchor = _read_anchor(against) if against else None
    with open_frame(json=json) as frame:
        from engine.reads.audit import audit_record, count_events

        with frame.reading() as session:
            total = count_events(session)
            with frame.screen.progress(N_("walking the record"), total * 2) as tell:
                audit = audit_record(session, against=anchor, tell=tell)
        _show(frame.screen, audit)
    if audit.broken:
        raise typer.Exit(1)


@group.command(
    "checkpoint",
    cls=Page,
    help=_(
        "Cover everything recorded so far by one digest, and write it to a file to be kept elsewhere: printed, signed, "
        "sent to the auditors. The daily run takes a checkpoint by itself."
    ),
    epilog="duban audit checkpoint --out checkpoint-2025-09-03.json",
)
def checkpoint(
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=_("Where to write it, a .json; else it is printed."))
    ] = None,
    json: Json = False,
) -> None:
    """Take a checkpoint."""
    with open_frame(json=json) as frame:
        from engine.actions.take_checkpoint import take_checkpoint
        from engine.reads.anchors import anchor_of

        if out is not None:
            check_target(out, (".json",))
        with frame.house.sessions.begin() as session:
            taken = take_checkpoint(session, frame.moment)
        if taken is None:
            raise NotReady(N_("nothing is recorded yet"))
        anchor = anchor_of(taken)
        if out is not None:
            out.write_text(plain_json.dumps(anchor, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        frame.screen.answer(anchor | {"file": str(out) if out else None})
        told = N_("{count} events up to {day}: {digest}", count=taken.events, day=taken.on, digest=taken.digest.hex())
        frame.screen.line(told)
        if out is not None:
            frame.screen.line(N_("written to {file}; keep it where nobody who runs Duban can change it", file=out))


@group.command(
    "documents",
    cls=Page,
    help=_(
        "Print every monthly document again from the record as it stood then, and hold it to what was printed, byte by "
        "byte. Exit status 1 when one differs, or its file is no longer what was printed."
    ),
    epilog="duban audit documents",
)
def documents(*, json: Json = False) -> None:
    """Print every document again."""
    with open_frame(json=json) as frame:
        from flows.reprint import reprint

        with frame.screen.busy(N_("printing again")):
            found = list(reprint(frame.house))
        frame.screen.answer({"documents": found})
        rows = [
            (
                one.path,
                one.as_of,
                N_("the same") if one.is_same else N_("DIFFERS"),
                N_("as printed") if one.is_kept else N_("CHANGED or missing"),
                N_("another one now") if one.template_changed else None,
            )
            for one in found
        ]
        headings = (N_("document"), N_("as of"), N_("printed again"), N_("the file"), N_("template"))
        styles = [None if one.is_same and one.is_kept else "red" for one in found]
        frame.screen.table(headings, rows, styles=styles)
    if not all(one.is_same and one.is_kept for one in found):
        raise typer.Exit(1)


def _read_anchor(file: Path) -> Anchor:
    from engine.reads.anchors import read_anchor

    message = N_("a checkpoint written by duban audit checkpoint was expected")
    try:
        anchor = read_anchor(file.read_text(encoding="utf-8"))
        if anchor is not None:
            return anchor
    except OSError as error:
        message = N_("cannot be read: {problem}", problem=error.strerror)
    except UnicodeDecodeError:
        pass
    raise InputRefused((Fault(place=Place(file=str(file)), value=None, message=message),))


def _show(screen: Screen, audit: Audit) -> None:
    screen.answer(audit)
    counts = {"events": audit.events, "chains": audit.chains, "checkpoints": audit.checkpoints}
    if not audit.broken:
        told = N_("the record is whole: {events} events in {chains} chains, {checkpoints} checkpoints", **counts)
        screen.line(told, style="green")
        return
    told = N_(
        "the record is BROKEN at {broken} places; {events} events in {chains} chains were looked at",
        broken=len(audit.broken),
        **counts,
    )
    screen.line(told, style="red")
    headings = (N_("event"), N_("measure"), N_("in its chain"), N_("what"), N_("when"), N_("problem"))
    rows = [
        (
            one.event,
            one.measure or N_("the house"),
            one.seq,
            one.kind,
            one.at.isoformat(timespec="seconds") if one.at else None,
            one.problem,
        )
        for one in audit.broken[:SHOWN]
    ]
    screen.table(headings, rows, title=N_("the first broken event comes first"))


app.add_typer(group)
