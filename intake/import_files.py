"""From files to a running round: tells each file's kind by its content, reads it, and stores what it says.

Called by the command line and by the demo.  Several files are one transaction, the caller's: all or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from engine.actions.import_round import ImportGround, import_round
from engine.rules.import_report import ImportReport
from engine.rules.plan import RoundPlan
from intake.kind import tell_kind
from intake.notice import read_notice
from intake.workbook import read_workbook


def read_source(path: Path) -> RoundPlan:
    """Return what the file says.  Raises InputRefused with every fault of the file."""
    return read_notice(path) if tell_kind(path) == "notice" else read_workbook(path)


def import_files(session: Session, paths: Sequence[Path], ground: ImportGround) -> list[ImportReport]:
    """Store every file in the order given.  Raises InputRefused, or a Refusal; then nothing must be committed."""
    return [import_round(session, read_source(path), ground) for path in paths]
