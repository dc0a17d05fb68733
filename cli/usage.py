"""What is wrong with the command line itself, in the user's language: an option, a word, a missing name.

The library that parses tells its errors apart by their class; their names are stable, where they live is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import typer

from cli.help import language
from cli.troubles import BAD_INPUT, Trouble, one
from engine.rules.text import N_, Text
from i18n import say

_TOO_MUCH = re.compile(r"Got unexpected extra arguments? *\(?s?\)? *\((.*)\)")
_NO_COMMAND = re.compile(r"No such command '(.*?)'")


def trouble_of_usage(error: BaseException) -> Trouble | None:
    """Return what is wrong with the command line; None when the error is another one."""
    if isinstance(error, typer.Abort):
        return one(N_("stopped"))
    names = {kind.__name__ for kind in type(error).__mro__}
    if "ClickException" not in names:
        return None
    told = _told(error, names)
    where = getattr(getattr(error, "ctx", None), "command_path", "duban")
    hint = N_("{told} ({command} --help)", told=told, command=where)
    return one(hint, status=BAD_INPUT)


def _told(error: Any, names: set[str]) -> Text:
    by_class: dict[str, Callable[[Any], Text]] = {
        "NoSuchOption": _no_option,
        "BadOptionUsage": lambda e: N_("the option {option} needs a value", option=e.option_name),
        "MissingParameter": lambda e: N_("{name} is missing", name=_name(e.param)),
        "BadParameter": lambda e: N_("{name}: {problem}", name=_name(e.param), problem=e.message),
    }
    for name, tell in by_class.items():
        if name in names:
            return tell(error)
    return _other(error)


def _no_option(error: Any) -> Text:
    known = tuple(error.possibilities or ())
    if known:
        return N_("there is no option {option}; did you mean {known}?", option=error.option_name, known=known)
    return N_("there is no option {option}", option=error.option_name)


def _other(error: Any) -> Text:
    if found := _NO_COMMAND.match(error.message):
        known = tuple(get_close_matches(found[1], list(getattr(error.ctx.command, "commands", {}))))
        if known:
            return N_("there is no command {name}; did you mean {known}?", name=found[1], known=known)
        return N_("there is no command {name}", name=found[1])
    if found := _TOO_MUCH.match(error.message):
        return N_("this is too much: {rest}", rest=found[1])
    return Text(" ".join(error.format_message().split()))


def _name(param: Any) -> str:
    if param is None:
        return say(N_("the command line"), language())
    return str(param.opts[-1]) if param.param_type_name == "option" else str(param.metavar or param.name.upper())
