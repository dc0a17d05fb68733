"""`duban policy list|show|change`: the policy files, their versions, and another text tried and put in force."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.frame import Frame, open_frame
from cli.help import Page, _, new_app
from cli.options import AsOf, Json, RoundCode, read_name, read_number, read_word
from cli.trust import Waits, tell_waits
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.policy_files import FILE_NAMES, PolicyFile
from engine.rules.refusal import NotFound
from engine.rules.text import N_, Text

if TYPE_CHECKING:
    from engine.reads.policy_file_versions import FileVersion
    from engine.reads.policy_trial import Trial
    from engine.rules.policy_files import Difference

app = new_app()
group = new_app("policy", _("The policy files: their versions, and a change that is tried before it is saved."))
MOST_DAYS = 366

Name = Annotated[
    str, typer.Argument(metavar="NAME", parser=read_word(*PolicyFile), help=_("ladder, round or lifecycle."))
]


@group.command(
    "list",
    cls=Page,
    help=_("List the saved versions of each policy file, the newest first."),
    epilog="duban policy list --json",
)
def list_versions(*, json: Json = False) -> None:
    """Print the versions."""
    with open_frame(json=json) as frame:
        found = {file: _versions(frame, file) for file in PolicyFile}
        frame.screen.answer(
            {"files": {file.path: [_plain(one) for one in versions] for file, versions in found.items()}}
        )
        for file, versions in found.items():
            frame.screen.line(N_("{name}: {value}", name=file.path, value=FILE_NAMES[file]), style="bold")
            if not versions:
                frame.screen.line(N_("not changed here yet"))
                continue
            frame.screen.table(
                (N_("version"), N_("day"), N_("who"), N_("reason")),
                [(one.number, one.at.date(), one.who, one.reason) for one in versions],
            )


def _plain(one: FileVersion) -> dict[str, Any]:
    return {"version": one.number, "at": one.at, "who": one.who, "reason": one.reason}


@group.command(
    "show",
    cls=Page,
    help=_(
        "Print a policy file as it stands, or an earlier version: by its number, before (what was in force before the "
        "first change) or shipped (as it comes with Duban)."
    ),
    epilog="duban policy show ladder\nduban policy show ladder --version shipped",
)
def show(
    *,
    name: Name,
    version: Annotated[
        str, typer.Option("--version", metavar="V", help=_("A number of duban policy list, before or shipped."))
    ] = "",
    json: Json = False,
) -> None:
    """Print the text."""
    with open_frame(json=json) as frame:
        text = _text(frame, PolicyFile(name), version)
        frame.screen.answer({"file": PolicyFile(name).path, "version": version or None, "text": text})
        for line in text.splitlines():
            frame.screen.line(line)


@group.command(
    "change",
    cls=Page,
    help=_(
        "Put another text of a policy file in force: a file, or an earlier version. New measures begin with it, those "
        "under way keep theirs.\n"
        "With --dry-run it is only tried: what would change, who would hear more or less, and what would be due at "
        "once."
    ),
    epilog=(
        "duban policy change ladder --file new.yaml --dry-run\n"
        'duban policy change ladder --file new.yaml --reason "提前提醒" --as lin\n'
        'duban policy change ladder --version before --reason "恢复原规则" --as lin'
    ),
)
def change(
    *,
    name: Name,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", readable=False, help=_("The new text."))
    ] = None,
    version: Annotated[
        str, typer.Option("--version", metavar="V", help=_("A number of duban policy list, before or shipped."))
    ] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why; it goes into the record."))] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Try it; change nothing."))] = False,
    days: Annotated[
        int, typer.Option("--days", metavar="N", parser=read_number(1, MOST_DAYS), help=_("Days to try it on; 20."))
    ] = 20,
    person: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="PERSON",
            parser=read_name,
            help=_("Who acts: a sign-in name, or a name that only one person has."),
        ),
    ] = None,
    as_of: AsOf = None,
    round_code: RoundCode = None,
    json: Json = False,
) -> None:
    """Try a text, and put it in force."""
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        from engine.rules.policy_files import differences
        from flows.policy_file import check_policy, mark_of, policy_text, save_policy

        which = PolicyFile(name)
        now = policy_text(frame.house, which)
        text = _asked(frame, which, file, version)
        plain = check_policy(which, text)
        changes = differences(check_policy(which, now), plain)
        trial = _trial(frame, plain, days) if which is PolicyFile.LADDER else None
        is_saved, waits = False, None
        if not dry_run:
            if person is None:
                raise _wrong("--as", N_("who acts was expected; with --dry-run nothing is changed"))
            with frame.desk(person) as desk:
                is_saved, asked = save_policy(frame.house, desk, which, text, known=mark_of(now), reason=reason)
                waits = Waits.of(desk.session, asked, frame.house.zone)
        frame.screen.answer(
            {
                "file": which.path,
                "saved": is_saved,
                "waits": waits.number if waits else None,
                "changes": changes,
                "impact": trial.impact if trial else None,
            }
        )
        _print_effect(frame, changes, trial, days)
        told = N_("{file} is in force", file=which.path) if is_saved else N_("nothing was changed")
        frame.screen.line(told, style="green")
        if waits is not None:
            tell_waits(frame.screen, waits)
            frame.screen.line(N_("Save the same text again within a day after it is confirmed."))


def _versions(frame: Frame, file: PolicyFile) -> tuple[FileVersion, ...]:
    from engine.reads.policy_file_versions import read_file_versions

    with frame.reading() as session:
        return read_file_versions(session, file)


def _text(frame: Frame, file: PolicyFile, version: str) -> str:
    """Return a version's text; without one, what is in force.  Raises NotFound."""
    from flows.policy_file import policy_text, version_text

    return version_text(file, _versions(frame, file), version) if version else policy_text(frame.house, file)


def _asked(frame: Frame, which: PolicyFile, file: Path | None, version: str) -> str:
    """Return the text that is to be put in force.  Raises InputRefused."""
    if (file is None) == (not version):
        raise _wrong("--file", N_("one of them was expected: --file or --version"))
    if file is None:
        return _text(frame, which, version)
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise _wrong(str(file), N_("a readable UTF-8 text file was expected")) from None


def _wrong(place: str, message: Text) -> InputRefused:
    return InputRefused((Fault(place=Place(file=place), value=None, message=message),))


def _trial(frame: Frame, plain: dict[str, Any], days: int) -> Trial | None:
    """Return the days to come under both ladders; None without a round."""
    from engine.reads.policy_trial import try_ladder
    from engine.rules.ladder import parse_ladders

    with frame.reading() as session:
        try:
            number = frame.round_id(session)
        except NotFound:
            if frame.round is not None:
                raise
            return None
        return try_ladder(
            session,
            round_id=number,
            book=parse_ladders(plain),
            calendar=frame.calendar(session),
            as_of=frame.moment.on,
            days=days,
        )


def _print_effect(frame: Frame, changes: tuple[Difference, ...], trial: Trial | None, days: int) -> None:
    screen = frame.screen
    if not changes:
        screen.line(N_("No setting differs from what is in force."))
    else:
        screen.table(
            (N_("setting"), N_("as it is now"), N_("after saving")),
            [(one.path, one.before or "-", one.after or "-") for one in changes],
        )
    if trial is None:
        return
    found = trial.impact
    screen.line()
    screen.line(
        N_(
            "{days} days, if nobody did anything: {before} reminders and slips now, {after} with it; {measures} "
            "measures are concerned, {at_once} would be due at once",
            days=days,
            before=found.before,
            after=found.after,
            measures=len(found.measures),
            at_once=len(found.at_once),
        )
    )
    if found.people:
        screen.table(
            (N_("person"), N_("as it is now"), N_("with this ladder"), N_("difference")),
            [(one.name, one.before, one.after, f"{one.after - one.before:+d}") for one in found.people],
        )


app.add_typer(group)
