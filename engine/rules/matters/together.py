"""What kinds say of each other: kinds, steps and fields that are named and must be there, sheets that must differ.

Pure.  Called once all files are read; what it finds is told at the place in the file that names the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.rules.matters.kind import Effect, Kind
from engine.rules.matters.vocabulary import BUILT_IN, About, Verb
from engine.rules.policy_words import Path, unknown_word
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_


def check_together(kinds: Mapping[str, Kind]) -> Iterator[tuple[str, PolicyFault]]:
    """Yield every fault with the name of the kind in whose file it stands."""
    sheets: dict[str, str] = {}
    for name, kind in kinds.items():
        for fault in (*_hangs_on(kind, kinds), *_links(kind, kinds), *_children(kind, name, kinds)):
            yield name, fault
        for step_name, step in kind.steps.items():
            for index, effect in enumerate(step.effects):
                for fault in _effect(kind, effect, ("steps", step_name, "effects", index), kinds):
                    yield name, fault
        if kind.ledger is not None:
            first = sheets.setdefault(kind.ledger.name, name)
            if first != name:
                text = N_("{kind} has a sheet of this name already", kind=first)
                yield name, PolicyFault(("ledger", "sheet"), text)


def _known(name: str, kinds: Mapping[str, Kind], path: Path) -> Iterator[PolicyFault]:
    if name not in kinds:
        yield unknown_word(name, tuple(kinds), path)


def _hangs_on(kind: Kind, kinds: Mapping[str, Kind]) -> Iterator[PolicyFault]:
    for index, about in enumerate(kind.about):
        if about not in set(About) and about not in kinds:
            yield unknown_word(about, [*About, *kinds], ("about", index))
    for name, field in kind.fields.items():
        if field.source is None:
            continue
        wanted = field.source.removeprefix("parent.")
        parents = [kinds[about] for about in kind.about if about in kinds]
        if wanted not in BUILT_IN | {"class"} and not any(wanted in parent.fields for parent in parents):
            yield PolicyFault(
                ("fields", name, "from"),
                N_("nothing that it is about has a field {field}", field=wanted),
            )


def _links(kind: Kind, kinds: Mapping[str, Kind]) -> Iterator[PolicyFault]:
    for name, field in kind.fields.items():
        if field.kind is not None:
            yield from _known(field.kind, kinds, ("fields", name, "kind"))
        for inner, row in (field.of or {}).items():
            if row.kind is not None:
                yield from _known(row.kind, kinds, ("fields", name, "of", inner, "kind"))


def _children(kind: Kind, name: str, kinds: Mapping[str, Kind]) -> Iterator[PolicyFault]:
    if kind.children is None:
        return
    for index, child in enumerate(kind.children.kinds):
        path: Path = ("children", "kinds", index)
        yield from _known(child, kinds, path)
        if child in kinds and name not in kinds[child].about:
            yield PolicyFault(path, N_("{child} is not about {kind}", child=child, kind=name))


def _effect(kind: Kind, effect: Effect, path: Path, kinds: Mapping[str, Kind]) -> Iterator[PolicyFault]:
    path = (*path, effect.verb.value)
    if effect.verb is Verb.OPEN:
        opened = effect.args["kind"]
        yield from _known(opened, kinds, (*path, "kind"))
        if opened in kinds and not kinds[opened].opened.effect:
            text = N_("no step of another opens {kind}: its file lacks opened, effect: true", kind=opened)
            yield PolicyFault((*path, "kind"), text)
    if effect.verb is Verb.TAKE:
        wanted = effect.args["step"]
        others = {
            "parent": tuple(kinds[about] for about in kind.about if about in kinds),
            "children": tuple(
                kinds[child] for child in (kind.children.kinds if kind.children else ()) if child in kinds
            ),
            "earlier": (kind,),
        }[effect.args["of"]]
        if not any(wanted in other.steps for other in others):
            known = tuple(dict.fromkeys(step for other in others for step in other.steps))
            yield unknown_word(wanted, known, (*path, "step"))
