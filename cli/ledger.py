"""`duban ledger`: the round as a workbook or a .csv, to look at, to fill in and to import again."""

from __future__ import annotations

from pathlib import Path

from cli.frame import open_frame
from cli.help import Page, _, new_app
from cli.options import AsOf, Json, OutFile, RoundCode
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.text import N_
from engine.rules.vocabulary import OPEN_STATES

app = new_app()


@app.command(
    "ledger",
    cls=Page,
    help=_(
        "Write the ledger (台账) with the sheets 台账, 单位 and 人员, in the layout that duban import reads.\n"
        "Read back unchanged, it changes nothing."
    ),
    epilog="duban ledger --out ledger.xlsx\nduban ledger --out ledger.csv --as-of 2025-09-10",
)
def write(*, out: OutFile, as_of: AsOf = None, round_code: RoundCode = None, json: Json = False) -> None:
    """Write the ledger to a file."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from documents.ledger_book import read_ledger
        from documents.write_ledger import write_ledger, write_ledger_csv
        from engine.actions.desk import find_round
        from engine.rules.moment import day_end

        writers = {".xlsx": write_ledger, ".csv": write_ledger_csv}
        check_target(out, tuple(writers))
        with frame.reading() as session:
            round_ = find_round(session, frame.round)
            until = day_end(frame.moment.on, round_.zone)
            book = read_ledger(session, round_, until=until, calendar=frame.calendar(session))
        writers[out.suffix.lower()](out, book)
        frame.screen.answer({"file": str(out), "measures": len(book.rows), "as_of": frame.moment.on})
        frame.screen.line(N_("{file}: {count} measures", file=out, count=len(book.rows)), style="green")
        if any(row.owner is None for row in book.rows if row.state in OPEN_STATES):
            hint = N_(
                "fill in the sheets 单位 and 人员, then 责任单位, 责任人 and 整改时限; "
                "read it back with duban import {file}",
                file=out,
            )
            frame.screen.line(hint)


def check_target(out: Path, endings: tuple[str, ...]) -> None:
    """Refuse a file that cannot be written as asked, before anything is read."""
    message = None
    if out.suffix.lower() not in endings:
        message = N_("a file name with one of these endings was expected: {endings}", endings=endings)
    elif out.is_dir():
        message = N_("this is a folder; a file was expected")
    elif not out.parent.is_dir():
        message = N_("there is no such folder")
    if message is not None:
        raise InputRefused((Fault(place=Place(file=str(out)), value=None, message=message),))
