"""Makes every help page speak the user's language, in columns that fit Chinese, and quickly.

Help strings are English msgids, marked with `_`; they are translated when a page is shown, so importing a command
costs nothing.  `Page` is the command class and `Book` the group class of every typer app here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from shutil import get_terminal_size
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from cli.layout import listed, wrapped
from cli.streams import write_out
from engine.rules.text import N_, Text
from i18n import CHINESE, LANGUAGES, say

_NARROWEST, _WIDEST = 60, 100


def _(msgid: str) -> str:
    """Mark a help text for the catalogue; it is translated when it is shown."""
    return msgid


#: What typer itself says, so that the catalogue has it.
_SAID_BY_TYPER = (
    _("Show this message and exit."),
    _("Install completion for the current shell."),
    _("Show completion for the current shell, to copy it or customize the installation."),
)


def language() -> str:
    """Return the language of the screen.  A wrong setting is told when the settings are read; help shows anyway."""
    wanted = os.environ.get("DUBAN_LANGUAGE", CHINESE)
    return wanted if wanted in LANGUAGES else CHINESE


def print_page(text: str) -> None:
    """Print a help page."""
    write_out(text + "\n")


class Page(TyperCommand):
    """A command whose help is translated when it is shown."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page."""
        formatter.write(page(self, ctx))

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - the layout wraps, nothing is cut
        """Return the first sentence, translated; shell completion shows it too."""
        return _first_line(self)


class Book(TyperGroup):
    """A group of commands; alone it shows its help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page."""
        formatter.write(page(self, ctx))

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - the layout wraps, nothing is cut
        """Return the first sentence, translated."""
        return _first_line(self)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Show the help when nothing is asked."""
        if not args and not ctx.resilient_parsing:
            print_page(ctx.get_help())
            raise typer.Exit
        return super().parse_args(ctx, args)


def page(command: Any, ctx: Any) -> str:
    """Return the help page of a command or group."""
    tongue, columns = language(), max(_NARROWEST, min(get_terminal_size().columns, _WIDEST))
    shown = [param for param in command.get_params(ctx) if not param.hidden]
    arguments = [param for param in shown if param.param_type_name == "argument"]
    options = [param for param in shown if param.param_type_name == "option"]
    inner = getattr(command, "commands", {})
    pieces = [ctx.command_path, _usage_of(arguments), say(N_("[OPTIONS]"), tongue)]
    if inner:
        pieces = [ctx.command_path, say(N_("[OPTIONS] COMMAND …"), tongue)]
    lines = [say(N_("Usage: {line}", line=" ".join(piece for piece in pieces if piece)), tongue), ""]
    lines += [f"  {line}".rstrip() for line in wrapped(say(command.help or "", tongue), columns - 2)]
    sections: Sequence[tuple[Text, list[tuple[str, str]]]] = (
        (N_("Commands"), [(name, _first_line(one)) for name, one in inner.items() if not one.hidden]),
        (N_("Arguments"), [(_argument_name(param), say(param.help or "", tongue)) for param in arguments]),
        (N_("Options"), [(_option_name(param), _option_help(param, tongue)) for param in options]),
    )
    for heading, rows in sections:
        if rows:
            lines += ["", say(heading, tongue), *listed(rows, columns)]
    if command.epilog:
        lines += ["", say(N_("Example"), tongue), *(f"  {line}" for line in command.epilog.splitlines())]
    return "\n".join(lines)


def _first_line(command: Any) -> str:
    return say(command.help or "", language()).split("\n", maxsplit=1)[0]


def _usage_of(arguments: Sequence[Any]) -> str:
    return " ".join(name if param.required else f"[{name}]" for param in arguments for name in [_argument_name(param)])


def _argument_name(param: Any) -> str:
    return str(param.metavar or param.name.upper())


def _option_name(param: Any) -> str:
    names = ", ".join([*param.opts, *param.secondary_opts])
    return names if param.is_flag else f"{names} {param.metavar or param.name.upper()}"


def _option_help(param: Any, tongue: str) -> str:
    told = say(param.help or "", tongue)
    return say(N_("{told} (required)", told=told), tongue) if param.required else told


def new_app(name: str | None = None, told: str | None = None) -> typer.Typer:
    """Return an app for one file of commands: with a name a group of its own, else its commands join the front."""
    return typer.Typer(name=name, help=told, cls=Book, rich_markup_mode=None, add_completion=False)
