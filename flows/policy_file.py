"""The operator's ladder.yaml, looked at, tried and put in force; pages call it, since they read no configuration.

The file is what new rounds begin with, the version on record what new measures do: saving changes both, and measures
that are under way keep theirs.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from config.files import load_policies, policy_path, read_policy_text, write_policy_text
from engine.actions.change_policy import change_policy
from engine.actions.desk import Desk
from engine.rules.ladder import LadderBook, parse_ladders
from engine.rules.refusal import Conflict, NotReady
from engine.rules.text import N_
from flows.house import House

LADDER = "ladder.yaml"


def ladder_text(house: House) -> str:
    """Return the file that is read now, word for word."""
    return policy_path(house.settings.config_folder, LADDER).read_text(encoding="utf-8-sig")


def mark_of(text: str) -> str:
    """Return by what a form tells which text it began with.

    >>> mark_of("a") == mark_of("a"), mark_of("a") == mark_of("b")
    (True, False)
    """
    return sha256(text.encode()).hexdigest()


def check_ladder(text: str) -> LadderBook:
    """Return the ladders that `text` tells.  Raises InputRefused with the line of what is wrong."""
    return _read(text)[1]


def save_ladder(house: House, desk: Desk, text: str, *, known: str) -> bool:
    """Put `text` in force; `known` marks the text that it was made from.  Return whether anything changed by it.

    The record is written first and the file just before the commit: when the file cannot be written nothing changes.
    Raises InputRefused, NotAllowed, Conflict or NotReady.
    """
    plain, _ = _read(text)
    now = ladder_text(house)
    if mark_of(now) != known:
        raise Conflict(N_("somebody else has changed the ladder meanwhile; look at it again and repeat"))
    folder = house.settings.config_folder
    changed = change_policy(desk, lifecycle=load_policies(folder).lifecycle, ladder=plain)
    desk.session.flush()
    if text != now:
        try:
            write_policy_text(folder, LADDER, text)
        except OSError as error:
            told = N_(
                "the folder {folder} cannot be used: {problem}", folder=folder, problem=error.strerror or str(error)
            )
            raise NotReady(told) from None
    return changed is not None or text != now


def _read(text: str) -> tuple[dict[str, Any], LadderBook]:
    plain, book = read_policy_text(Path(LADDER), text, parse_ladders)
    return dict(plain), book
