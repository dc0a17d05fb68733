"""Reads the policy files (lifecycle, ladder, round, schedule, checklist) and says on which line one is wrong.

The operator's own file is taken where there is one, else the one that ships in this package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from yaml.constructor import SafeConstructor

from config.schedule import Schedule, parse_schedule
from engine.rules.checklist import parse_checklist
from engine.rules.ladder import parse_ladders
from engine.rules.lifecycle import parse_lifecycle
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.refusal import PolicyFault
from engine.rules.round_dates import RoundRules, parse_round_rules
from engine.rules.text import N_
from engine.whole_file import make_folder, write_whole

Parsed = TypeVar("Parsed")
SHIPPED = Path(__file__).parent
#: The safe loader in C, twenty times as quick: every command reads all of them.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Spot(NamedTuple):
    """Where something stands in a text; both count from 1."""

    line: int | None
    column: int | None


MOST_NODES = 100_000  #: of a file that are looked through for what cannot be read
NOWHERE = Spot(None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """Everything an operator may change, read and checked."""

    lifecycle: Mapping[str, Any]  #: plain, as models.Policy keeps it; parse_lifecycle has accepted it
    ladder: Mapping[str, Any]  #: plain; parse_ladders has accepted it
    round: RoundRules
    schedule: Schedule
    checklist: Mapping[str, Any]  #: plain; parse_checklist has accepted it


def load_policies(folder: Path) -> Policies:
    """Read the five files.  Raises InputRefused, naming file and line, for the first fault of each."""
    faults: list[Fault] = []

    def load(name: str, parse: Callable[[Mapping[str, Any]], Parsed]) -> tuple[Mapping[str, Any], Parsed] | None:
        try:
            return load_policy(folder, name, parse)
        except InputRefused as refused:
            faults.extend(refused.faults)
            return None

    lifecycle = load("lifecycle.yaml", parse_lifecycle)
    ladder = load("ladder.yaml", parse_ladders)
    rules = load("round.yaml", parse_round_rules)
    schedule = load("schedule.yaml", parse_schedule)
    checklist = load("checklist.yaml", parse_checklist)
    if lifecycle is None or ladder is None or rules is None or schedule is None or checklist is None:
        raise InputRefused(tuple(faults))
    return Policies(
        lifecycle=lifecycle[0], ladder=ladder[0], round=rules[1], schedule=schedule[1], checklist=checklist[0]
    )


def load_policy(
    folder: Path, name: str, parse: Callable[[Mapping[str, Any]], Parsed]
) -> tuple[Mapping[str, Any], Parsed]:
    """Return one file's content, plain and parsed.  Raises InputRefused with the line of what is wrong."""
    path = policy_path(folder, name)
    return read_policy_text(path, policy_text(path), parse)


def policy_text(path: Path) -> str:
    """Return the text of a file.  Raises InputRefused where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InputRefused((_fault(path, NOWHERE, None, N_("a readable UTF-8 text file was expected")),)) from None


def policy_path(folder: Path, name: str) -> Path:
    """Return where a file is read: the operator's own, or else the one that ships."""
    own = folder / name
    return own if own.exists() else SHIPPED / name


def read_policy_text(
    path: Path, text: str, parse: Callable[[Mapping[str, Any]], Parsed]
) -> tuple[Mapping[str, Any], Parsed]:
    """Return what `text` says, plain and parsed; `path` is named in faults.  Raises InputRefused with the line."""
    node, plain = compose_policy(path, text)
    try:
        return plain, parse(plain)
    except PolicyFault as fault:
        raise InputRefused((fault_at(path, node, fault),)) from None


def compose_policy(path: Path, text: str) -> tuple[yaml.Node, Mapping[str, Any]]:
    """Return what `text` says: as YAML, which knows the lines, and plain.  Raises InputRefused with the line."""
    node: yaml.Node | None = None
    try:
        node = yaml.compose(text, Loader=LOADER)
        plain = None if node is None else SafeConstructor().construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        spot = Spot(mark.line + 1, mark.column + 1) if mark else NOWHERE
        raise InputRefused(
            (_fault(path, spot, None, N_("this is not valid YAML: {problem}", problem=error.problem)),)
        ) from None
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise InputRefused((_unreadable(path, text, node, error),)) from None
    if node is None or not isinstance(plain, dict):
        raise InputRefused((_fault(path, Spot(1, 1), None, N_("names with their settings were expected")),))
    return node, plain


def _unreadable(path: Path, text: str, node: yaml.Node | None, error: Exception) -> Fault:
    """Return the fault of a text that YAML gives up on without naming a line: a day that is none, a stray character."""
    if isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position]
        spot = Spot(before.count("\n") + 1, len(before) - before.rfind("\n"))
        return _fault(path, spot, None, N_("a readable UTF-8 text file was expected"))
    for one in _scalars(node):
        try:
            SafeConstructor().construct_document(one)
        except ValueError:
            spot = Spot(one.start_mark.line + 1, one.start_mark.column + 1)
            return _fault(path, spot, one.value, N_("this cannot be read: a word like it stands in quotes"))
    return _fault(path, Spot(1, 1), None, N_("a readable UTF-8 text file was expected"))


def _scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """Yield every single value, those that are nested beyond reason left out."""
    waiting, seen = [node], 0
    while waiting and seen < MOST_NODES:
        one, seen = waiting.pop(), seen + 1
        if isinstance(one, yaml.ScalarNode):
            yield one
        elif isinstance(one, yaml.SequenceNode):
            waiting.extend(reversed(one.value))
        elif isinstance(one, yaml.MappingNode):
            waiting.extend(part for pair in reversed(one.value) for part in reversed(pair))


def fault_at(path: Path, node: yaml.Node, fault: PolicyFault) -> Fault:
    """Return a fault of the file at `path` with the line and column that it stands on."""
    spot, value = _locate(node, fault.path)
    return _fault(path, spot, value, fault.text)


def write_policy_text(folder: Path, name: str, text: str) -> Path:
    """Put `text` in the place of the operator's own file, whole or not at all; return where.  Raises OSError."""
    make_folder(folder)
    path = folder / name
    write_whole(path, text.encode())
    return path


def _fault(path: Path, spot: Spot, value: str | None, message: Any) -> Fault:
    column = None if spot.column is None else str(spot.column)
    return Fault(place=Place(file=str(path), row=spot.line, column=column), value=value, message=message)


def _locate(node: yaml.Node | None, path: tuple[str | int, ...]) -> tuple[Spot, str | None]:
    """Return where the value at `path` stands, or the nearest thing above it, and its text.

    What has a name stands on the line of its name; its column is that of its value, where that begins on the line.
    """
    if node is None:
        return NOWHERE, None
    mark = node.start_mark
    for step in path:
        below: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            named = next(((key, value) for key, value in node.value if _is_named(key, step)), None)
            if named is not None:
                mark, below = named[0].start_mark, named[1]
                if below.start_mark.line == mark.line:
                    mark = below.start_mark
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            below = node.value[step]
            mark = below.start_mark
        if below is None:
            break
        node = below
    return Spot(mark.line + 1, mark.column + 1), node.value if isinstance(node, yaml.ScalarNode) else None


def _is_named(key: yaml.Node, step: str | int) -> bool:
    """Return whether a name in the text is `step`, as YAML reads it: on and yes are true there."""
    if isinstance(step, bool):
        return key.tag == "tag:yaml.org,2002:bool" and SafeConstructor.bool_values[key.value.lower()] is step
    return bool(key.value == str(step))
