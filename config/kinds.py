"""Reads the kinds of matters: those that ship in config/matters, and an office's own beside its policy files.

A faulty file is told with its lines and left out; it never keeps the others from being read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from config.files import SHIPPED, compose_policy, fault_at, policy_text
from engine.rules.matters.graph import check_graph
from engine.rules.matters.kind import Kind
from engine.rules.matters.parse import parse_kind
from engine.rules.matters.together import check_together
from engine.rules.matters.values import Faults, check_name
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_

FOLDER = "matters"  #: in the folder of policy files
#: Kinds whose files say what lifecycle.yaml and ladder.yaml say; an office changes those, not these.
RUN_BY_POLICY = frozenset({"measure", "paper", "meeting_task", "meeting_record"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """All kinds that are known, and what is wrong with files that are not taken."""

    kinds: Mapping[str, Kind]  #: by name, which is that of the file
    faults: tuple[Fault, ...]
    own: frozenset[str]  #: those whose file is the office's own


def read_kinds(folder: Path) -> Kinds:
    """Return the kinds that ship and those in `folder`/matters; a file of the office's own replaces one that ships.

    Where files do not fit together, those of the office's own are told and left out first.
    """
    faults: list[Fault] = []
    own = _files(folder) if folder.resolve() != SHIPPED.resolve() else ()
    readings: dict[str, list[tuple[Path, yaml.Node, Kind]]] = defaultdict(list)
    for path in (*_files(SHIPPED), *own):
        try:
            if path in own:
                _expect_free(path)
            node, kind = read_kind(path, policy_text(path))
        except InputRefused as refused:
            faults.extend(refused.faults)
        else:
            readings[path.stem].append((path, node, kind))
    while wrong := list(check_together({name: last[-1][2] for name, last in readings.items()})):
        theirs = {name for name, _ in wrong if readings[name][-1][0] in own}
        replaced = {name for name, last in readings.items() if len(last) > 1}
        for name, fault in wrong:
            path, node, _ = readings[name][-1]
            if not theirs or name in theirs:
                faults.append(fault_at(path, node, fault))
        for name in theirs or replaced or {name for name, _ in wrong}:
            readings[name].pop()  # what ships comes back in its place
            if not readings[name]:
                del readings[name]
    found = {name: last[-1] for name, last in readings.items()}
    return Kinds(
        kinds={name: kind for name, (_, _, kind) in found.items()},
        faults=tuple(faults),
        own=frozenset(name for name, (path, _, _) in found.items() if path in own),
    )


def _expect_free(path: Path) -> None:
    """Refuse a file of the office's own for a kind that other files rule."""
    if path.stem in RUN_BY_POLICY:
        text = N_("{kind} runs by lifecycle.yaml and ladder.yaml: change those instead", kind=path.stem)
        raise InputRefused((Fault(place=Place(file=str(path), row=1), value=None, message=text),))


def read_kind(path: Path, text: str) -> tuple[yaml.Node, Kind]:
    """Return the kind that `text` describes, with its lines; the name is that of `path`.

    Raises InputRefused with every fault of the file.
    """
    node, plain = compose_policy(path, text)
    faults = Faults(_twice(node))
    with faults.kept():
        check_name(path.stem, ())
    kind = parse_kind(plain, faults)
    if kind is not None:
        check_graph(kind, faults)
    if kind is None or faults:
        told = (fault_at(path, node, fault) for fault in faults)
        raise InputRefused(tuple(sorted(told, key=lambda fault: fault.place.row or 0)))
    return node, kind


def _files(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted((folder / FOLDER).glob("*.yaml")))


def _twice(node: yaml.Node, above: tuple[str | int, ...] = (), depth: int = 0) -> list[PolicyFault]:
    """Return names that stand twice in one place: YAML itself would take the last and say nothing."""
    if depth > 20:  # noqa: PLR2004 - a file of this format is not six deep
        return []
    faults: list[PolicyFault] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                faults.append(PolicyFault((*above, name), N_("{value} stands here twice", value=name)))
            seen.add(name)
            faults.extend(_twice(value, (*above, name), depth + 1))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            faults.extend(_twice(value, (*above, index), depth + 1))
    return faults
