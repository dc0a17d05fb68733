"""The operator's policy files, looked at, checked and put in force; pages call it, since they read no configuration.

A file is what new rounds begin with, the version on record what new measures do: saving the ladder or the lifecycle
changes both, and measures that are under way keep theirs.  Of round.yaml the dates are for rounds to come; quiet hours
and the daily cap hold from the next delivery on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from config.files import SHIPPED, load_policies, policy_path, read_policy_text, write_policy_text
from engine.actions.change_house import coordinator
from engine.actions.change_policy import change_policy
from engine.actions.desk import Desk
from engine.actions.keep_policy_file import keep_policy_file
from engine.actions.widen_policy import ask_to_widen
from engine.reads.policy_file_versions import FileVersion
from engine.rules.ladder import parse_ladders
from engine.rules.lifecycle import parse_lifecycle
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.policy_files import PolicyFile
from engine.rules.refusal import Conflict, NotFound, NotReady
from engine.rules.round_dates import parse_round_rules
from engine.rules.text import N_
from engine.rules.widening import Widening, Wider, widened
from flows.house import House
from models import TrustRequest

SHIPPED_VERSION, BEFORE = "shipped", "before"  #: versions that nobody saved here
LONGEST = 100_000  #: signs of a policy file
_PARSERS: dict[PolicyFile, Callable[[Mapping[str, Any]], object]] = {
    PolicyFile.LADDER: parse_ladders,
    PolicyFile.ROUND: parse_round_rules,
    PolicyFile.LIFECYCLE: parse_lifecycle,
}


def policy_text(house: House, file: PolicyFile) -> str:
    """Return the file that is read now, word for word."""
    return policy_path(house.settings.config_folder, file.path).read_text(encoding="utf-8-sig")


def shipped_text(file: PolicyFile) -> str:
    """Return the file that ships with Duban."""
    return (SHIPPED / file.path).read_text(encoding="utf-8-sig")


def version_text(file: PolicyFile, versions: Sequence[FileVersion], version: str) -> str:
    """Return the text of a version: one of `versions` (the newest first) by its number, BEFORE or SHIPPED.

    Raises NotFound.
    """
    if version == SHIPPED_VERSION:
        return shipped_text(file)
    if version == BEFORE and versions:
        return versions[-1].replaced
    for one in versions:
        if version == str(one.number):
            return one.text
    raise NotFound(N_("there is no such version"))


def mark_of(text: str) -> str:
    """Return by what a form tells which text it began with.

    >>> mark_of("a") == mark_of("a"), mark_of("a") == mark_of("b")
    (True, False)
    """
    return sha256(text.encode()).hexdigest()


def check_policy(file: PolicyFile, text: str) -> dict[str, Any]:
    """Return what `text` says, plain.  Raises InputRefused with line and column of what is wrong."""
    if len(text) > LONGEST:
        told = N_("at most {most} characters were expected", most=LONGEST)
        raise InputRefused((Fault(place=Place(file=file.path), value=None, message=told),))
    return dict(read_policy_text(Path(file.path), text, _PARSERS[file])[0])


def save_policy(
    house: House, desk: Desk, file: PolicyFile, text: str, *, known: str, reason: str
) -> tuple[bool, TrustRequest | None]:
    """Put `text` in force; `known` marks the text that it was made from.

    Return whether anything changed by it, and the request that waits where it lets more people verify, close or decide:
    nothing is changed then, and the same text is saved again once a second person has confirmed it.

    The record is written first, which lets nobody else save meanwhile, and the file just before the commit: when it
    cannot be written nothing changes.  Raises InputRefused, NotAllowed, Conflict or NotReady.
    """
    plain = check_policy(file, text)
    actor = coordinator(desk, "change_policy")
    replaced = policy_text(house, file)
    wider = widened_by(file, check_policy(file, replaced), plain)
    if wider:
        if not reason.strip():
            raise NotReady(N_("a reason is needed"))
        waits = ask_to_widen(desk, actor, file, text, wider)
        if waits is not None:
            return False, waits
    if text != replaced:
        keep_policy_file(desk, file, replaced=replaced, content=text, reason=reason)
        desk.session.flush()
    if mark_of(policy_text(house, file)) != known:
        raise Conflict(N_("somebody else has changed this file meanwhile; look at it again and repeat"))
    is_new = _put_in_force(house, desk, file, plain, reason=reason.strip())
    if text != replaced:
        try:
            write_policy_text(house.settings.config_folder, file.path, text)
        except OSError as error:
            told = N_(
                "the folder {folder} cannot be used: {problem}",
                folder=house.settings.config_folder,
                problem=error.strerror or str(error),
            )
            raise NotReady(told) from None
    return is_new or text != replaced, None


def widened_by(file: PolicyFile, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Widening, ...]:
    """Return what lets more people verify, close or decide; both are what the file says, checked."""
    if file is PolicyFile.LIFECYCLE:
        return widened(parse_lifecycle(before), parse_lifecycle(after))
    if file is PolicyFile.ROUND:
        old, new = (parse_round_rules(plain).coordinator_may_close for plain in (before, after))
        return (Widening(how=Wider.DELEGATED),) if new and not old else ()
    return ()


def _put_in_force(house: House, desk: Desk, file: PolicyFile, plain: dict[str, Any], *, reason: str) -> bool:
    """Let new measures begin with what is changed; of the other files, as they stand."""
    if file is PolicyFile.ROUND:
        return False
    policies = load_policies(house.settings.config_folder)
    content = {PolicyFile.LIFECYCLE: dict(policies.lifecycle), PolicyFile.LADDER: dict(policies.ladder)} | {file: plain}
    changed = change_policy(
        desk, lifecycle=content[PolicyFile.LIFECYCLE], ladder=content[PolicyFile.LADDER], reason=reason
    )
    desk.session.flush()
    return changed is not None
