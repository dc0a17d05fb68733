"""Files that wait for a confirmation: kept under the hash of their content in DUBAN_HOME/uploads, for a day at most.

Called by the page that imports.  What is confirmed is what was shown: nobody can put another file under the same name.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from engine.rules.ledger_layout import clean_text
from engine.rules.moment import Moment
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.refusal import NotFound
from engine.rules.text import N_, Text

KEPT = timedelta(days=1)
MOST_FILES = 10
MOST_MEGABYTES = 100  #: of all files together
LONGEST_NAME = 120
AT_ONCE = 1 << 20
_ID = re.compile(r"[0-9a-f]{64}")
_TOLD = "upload.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Files that wait, and what was asked with them."""

    id: str
    files: tuple[Path, ...]
    round: str | None
    feedback_on: date | None
    year: int | None


def keep_upload(
    home: Path,
    files: Sequence[tuple[str, BinaryIO]],
    moment: Moment,
    *,
    round_code: str | None = None,
    feedback_on: date | None = None,
    year: int | None = None,
) -> str:
    """Keep files by their names; return under which id they wait.  Raises InputRefused."""
    folder = home / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    drop_old(home, moment)
    asked = {"round": round_code, "feedback_on": feedback_on.isoformat() if feedback_on else None, "year": year}
    digest = sha256(json.dumps(asked, sort_keys=True).encode())
    passing = folder / f".{secrets.token_hex(8)}"
    passing.mkdir()
    try:
        if not files:
            raise _refused("", N_("a file was expected"))
        if len(files) > MOST_FILES:
            raise _refused(files[MOST_FILES][0], N_("at most {count} files at once", count=MOST_FILES))
        left = MOST_MEGABYTES * 1024 * 1024
        for number, (name, content) in enumerate(files):
            place = passing / str(number)
            place.mkdir()
            digest.update(f"\n{number} {_plain(name)}\n".encode())
            left = _copy(content, place / _plain(name), digest, left)
        told = {**asked, "at": moment.at.isoformat()}
        (passing / _TOLD).write_text(json.dumps(told), encoding="utf-8")
        final = folder / digest.hexdigest()
        shutil.rmtree(final, ignore_errors=True)
        passing.rename(final)
    finally:
        shutil.rmtree(passing, ignore_errors=True)
    return digest.hexdigest()


def find_upload(home: Path, number: str) -> Upload:
    """Return what waits under this id.  Raises NotFound."""
    folder = home / "uploads" / number
    if not _ID.fullmatch(number) or not (folder / _TOLD).is_file():
        raise NotFound(N_("these files wait no longer; upload them again"))
    told = json.loads((folder / _TOLD).read_text(encoding="utf-8"))
    places = sorted((one for one in folder.iterdir() if one.is_dir()), key=lambda one: int(one.name))
    return Upload(
        id=number,
        files=tuple(file for place in places for file in place.iterdir()),
        round=told["round"],
        feedback_on=date.fromisoformat(told["feedback_on"]) if told["feedback_on"] else None,
        year=told["year"],
    )


def tell_feedback(home: Path, number: str, feedback_on: date) -> None:
    """Add to what waits under this id the day of the feedback.  Raises NotFound."""
    _tell(home, number, {"feedback_on": feedback_on.isoformat()})


def tell_round(home: Path, number: str, code: str | None) -> None:
    """Add to what waits under this id the round that it goes into.  Raises NotFound."""
    _tell(home, number, {"round": code})


def _tell(home: Path, number: str, more: dict[str, str | None]) -> None:
    find_upload(home, number)
    told = home / "uploads" / number / _TOLD
    passing = told.with_name(f".{secrets.token_hex(8)}")
    known = json.loads(told.read_text(encoding="utf-8"))
    passing.write_text(json.dumps({**known, **more}), encoding="utf-8")
    passing.replace(told)


def drop_upload(home: Path, number: str) -> None:
    """Forget what waits under this id."""
    if _ID.fullmatch(number):
        shutil.rmtree(home / "uploads" / number, ignore_errors=True)


def drop_old(home: Path, moment: Moment) -> None:
    """Forget what nobody has confirmed for a day, and what was never whole."""
    for folder in (home / "uploads").iterdir():
        try:
            kept_at = datetime.fromisoformat(json.loads((folder / _TOLD).read_text(encoding="utf-8"))["at"])
        except (OSError, ValueError, KeyError):
            is_half = folder.name.startswith(".")
            kept_at = datetime.fromtimestamp(folder.stat().st_mtime, moment.at.tzinfo) if is_half else moment.at
        if moment.at - kept_at > KEPT:
            shutil.rmtree(folder, ignore_errors=True)


def _copy(content: BinaryIO, target: Path, digest: Any, left: int) -> int:
    """Write a file; return how many bytes the others may have."""
    with target.open("wb") as file:
        while piece := content.read(AT_ONCE):
            left -= len(piece)
            if left < 0:
                raise _refused(target.name, N_("at most {size} MB at once", size=MOST_MEGABYTES))
            digest.update(piece)
            file.write(piece)
    return left


def _plain(name: str) -> str:
    r"""Return a file's name without any folder, as it can stand in one of ours.

    >>> _plain("C:\\papers\\台账.xlsx"), _plain("../../etc/passwd"), _plain(".."), _plain("a" * 300 + ".csv")[-5:]
    ('台账.xlsx', 'passwd', 'file', 'a.csv')
    """
    plain = clean_text(re.split(r"[\\/]", name)[-1]).replace("\n", " ").strip(". ") or "file"
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending)]}{dot}{ending}"[-LONGEST_NAME:] if dot else plain[:LONGEST_NAME]


def _refused(name: str, message: Text) -> InputRefused:
    return InputRefused((Fault(place=Place(file=name), value=None, message=message),))
