"""The entry point of the `duban` command: puts the groups together, and ends every command in an orderly way.

Exit status: 0 done, 1 refused, 2 bad input, 130 interrupted.  Never a traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

import typer

from cli import (
    agenda,
    audit,
    backup,
    calendar_days,
    demo,
    deploy,
    doctor,
    documents,
    foresight,
    import_files,
    init_home,
    ledger,
    matters,
    measures,
    meetings,
    messages,
    papers,
    people,
    policies,
    reconcile,
    runs,
    serving,
    status,
    trace,
    try_messages,
    verification,
)
from cli.frame import Told, home_folder
from cli.help import Book, _, language, print_page
from cli.output import Screen
from cli.streams import AnswerLost, prepare_streams, write_error
from cli.troubles import INTERRUPTED, Trouble, trouble_of
from cli.usage import trouble_of_usage
from engine.rules.text import N_
from i18n import say


class Front(Book):
    """The whole command: whatever happens below becomes an exit status and plain lines on stderr."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,  # noqa: ARG002 - it is called duban, whatever started it
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line and leave with its exit status."""
        given = list(sys.argv[1:] if args is None else args)
        prepare_streams()
        try:
            ended = super().main(
                args=given,
                prog_name="duban",
                complete_var=complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
            status = ended if isinstance(ended, int) else 0
        except Told as told:
            status = _tell(told.trouble)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence against a traceback
            trouble = trouble_of_usage(error) or trouble_of(error, home_folder())
            screen = Screen(as_json="--json" in given)
            with suppress(AnswerLost):
                screen.answer({"errors": trouble.entries(screen.tongue)})
            status = _tell(trouble)
        if not standalone_mode:
            return status
        sys.exit(status)


def _tell(trouble: Trouble) -> int:
    screen = Screen()
    if trouble.status == INTERRUPTED:
        write_error("\n")
    for line in trouble.lines(screen.tongue):
        screen.complain(line)
    return trouble.status


app = typer.Typer(
    cls=Front,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},  # every command below takes them over
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print_page(f"duban {version('duban')}")
        except PackageNotFoundError:
            print_page(say(N_("duban, not installed: run from its sources"), language()))
        raise typer.Exit


@app.callback(
    help=_(
        "Duban sees every rectification measure through: deadlines, reminders, verification, meetings, ledger.\n"
        "Begin with: duban import NOTICE, duban ledger --out ledger.xlsx, fill it in, duban import ledger.xlsx."
    )
)
def _front(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help=_("Show the version and exit."))
    ] = False,
) -> None:
    """Hold the options of the command as a whole."""


for part in (
    init_home.app,
    import_files.app,
    status.app,
    runs.app,
    measures.app,
    verification.app,
    meetings.app,
    agenda.app,
    ledger.app,
    documents.app,
    papers.app,
    reconcile.app,
    trace.app,
    messages.app,
    try_messages.app,
    people.app,
    calendar_days.app,
    policies.app,
    matters.app,
    foresight.app,
    audit.app,
    serving.app,
    deploy.app,
    backup.app,
    doctor.app,
    demo.app,
):
    app.add_typer(part)


def run() -> None:
    """Run the command line; the entry point of the installed program."""
    app()
