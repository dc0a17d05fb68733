"""Walks a kind as a whole: nothing is a dead end, nothing falls silent, and nobody ends a matter alone.

Called after `parse_kind` has read every part; adds what is wrong to the faults.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.rules.matters.kind import Due, Kind, Step, Table
from engine.rules.matters.phases import JUDGED, Phase
from engine.rules.matters.values import Faults
from engine.rules.matters.vocabulary import Beyond, DueHow, Itself, Need, Since, Verb, When
from engine.rules.policy_words import Path
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_
from engine.rules.vocabulary import Role

_FOUR_EYES = frozenset({Need.FOUR_EYES, Need.FOUR_EYES_OF_PARENT})


def check_graph(kind: Kind, faults: Faults) -> None:
    """Add every fault of the whole."""
    for check in (_ways, _silence, _ladders, _hands, _answers, _leftovers, _sleepers):
        faults.extend(check(kind))


def _ways(kind: Kind) -> Iterator[PolicyFault]:
    """Check that every state can be reached, and from every open one a way leads to an end."""
    reached = _closure(kind, {kind.first}, backwards=False)
    ended = {name for name, state in kind.states.items() if not state.is_open}
    to_an_end = _closure(kind, ended, backwards=True)
    for name, state in kind.states.items():
        path: Path = ("states", name)
        if name not in reached:
            yield PolicyFault(path, N_("no step leads to the state {state}", state=name))
        if state.is_open and not any(step.targets for step in map(kind.steps.get, kind.leaving(name)) if step):
            yield PolicyFault(path, N_("no step leads out of the state {state}", state=name))
        elif state.is_open and name not in to_an_end:
            yield PolicyFault(path, N_("from the state {state} no way leads to an end", state=name))
    if not any(state.phase is Phase.DONE for state in kind.states.values()):
        yield PolicyFault(("states",), N_("no state has the phase done: nothing could ever be finished"))
    if not kind.states[kind.first].is_open:
        yield PolicyFault(("states", kind.first), N_("a matter begins in the first state, which must be an open one"))


def _closure(kind: Kind, begun: set[str], *, backwards: bool) -> set[str]:
    """Return all states that can be reached from these, or from which these can be reached."""
    arrows = [(source, target) for step in kind.steps.values() for source in step.sources for target in step.targets]
    pairs = [(target, source) for source, target in arrows] if backwards else arrows
    found = set(begun)
    while further := {after for before, after in pairs if before in found} - found:
        found |= further
    return found


def _silence(kind: Kind) -> Iterator[PolicyFault]:
    """Check that every open state waits for something with a ladder, for children, or sleeps until a day."""
    for name, state in kind.states.items():
        path: Path = ("states", name)
        if not state.is_open:
            if state.waits or state.sleeps:
                yield PolicyFault(path, N_("the state {state} is an end; nobody is waited for in it", state=name))
            continue
        if state.sleeps is None and not _always_waits(kind, state.waits):
            yield PolicyFault(
                path,
                N_(
                    "in the state {state} a matter may wait for nobody: a wait that always stands was expected,"
                    " or sleeps until a day",
                    state=name,
                ),
            )


def _always_waits(kind: Kind, names: tuple[str, ...]) -> bool:
    """Return whether some wait stands whatever the matter lacks; one since due does where every matter has a date."""
    dues = [kind.due, *(body.due for body in (kind.classes or {}).values() if body.due is not None)]
    may_lack_due = not all(_has_day(kind, due) for due in dues)
    standing = [
        kind.waits[name]
        for name in names
        if kind.waits[name].since is not Since.EXTENSION and not (kind.waits[name].since is Since.DUE and may_lack_due)
    ]
    return any(wait.when is None for wait in standing) or {wait.when for wait in standing} >= {When.OWNED, When.UNOWNED}


def _has_day(kind: Kind, due: Due) -> bool:
    """Return whether every matter gets a due date from this."""
    if due.how is not None:
        return due.how is DueHow.GIVEN
    return due.since not in kind.fields or kind.fields[str(due.since)].needed


def _ladders(kind: Kind) -> Iterator[PolicyFault]:
    """Check that what may be overdue reaches the leading group, or, where no date is kept, at least one ladder does."""
    ladders = [
        (wait, ladder, ("waits", name)) for name, wait in kind.waits.items() if (ladder := wait.ladder) is not None
    ] + [
        (kind.waits[name], ladder, ("classes", of_class, "ladders", name))
        for of_class, body in (kind.classes or {}).items()
        for name, ladder in (body.ladders or {}).items()
    ]
    reach = [
        any(rung.offset > 0 and Role.LEADING_GROUP in rung.to for rung in ladder.rungs) for _, ladder, _ in ladders
    ]
    for (wait, ladder, path), reaches in zip(ladders, reach, strict=True):
        if wait.since in {Since.DUE, Since.DUE_OR_OPENED} and not reaches:
            yield PolicyFault((*path, "rungs"), N_("what is overdue must reach the leading group by a rung after T"))
        elif ladder.rungs[-1].offset <= 0:
            yield PolicyFault((*path, "rungs"), N_("the last rung comes after the deadline, such as T+10; it repeats"))
    if ladders and not any(reach):
        yield PolicyFault(("waits",), N_("no ladder reaches the leading group: nobody would solve what others cannot"))


def _hands(kind: Kind) -> Iterator[PolicyFault]:
    """Check that nobody finds good, ends or drops a matter alone, and every step says who may take it."""
    for name, step in kind.steps.items():
        path: Path = ("steps", name)
        has_hands = bool(step.by) or step.each is not None
        if step.itself is not None and has_hands:
            yield PolicyFault((*path, "itself"), N_("{name} is taken by Duban itself; nobody else may", name=name))
        if step.itself is None and not has_hands:
            yield PolicyFault(path, N_("{name} must say who may do it", name=name))
        judged = [target for target in step.targets if kind.states[target].phase in JUDGED]
        if judged and (has_hands or step.itself) and not _is_shared(step):
            yield PolicyFault(
                path,
                N_(
                    "{name} ends in {state}, and nobody does that alone: by the leading group alone, four_eyes among "
                    "its needs, each, or minor: true was expected",
                    name=name,
                    state=judged[0],
                ),
            )
        for target in step.targets:
            if kind.states[target].is_stopped and not _FOUR_EYES & set(step.needs) and not _by_the_group(step):
                yield PolicyFault(
                    path, N_("{name} stops the clock; somebody else must approve it: four_eyes", name=name)
                )


def _is_shared(step: Step) -> bool:
    if step.itself is not None or step.is_minor or step.each is not None:
        return True
    return bool(_FOUR_EYES & set(step.needs)) or _by_the_group(step)


def _by_the_group(step: Step) -> bool:
    return not isinstance(step.by, Table) and set(step.by) == {Role.LEADING_GROUP}


def _answers(kind: Kind) -> Iterator[PolicyFault]:
    """Check that what a step asks for is asked by it, and taken back only where that undoes all."""
    for name, step in kind.steps.items():
        if step.answer is not None and step.answer[0] not in step.asks:
            yield PolicyFault(
                ("steps", name, "to"),
                N_(
                    "{name} goes by the answer in {field}, which must stand among its needs",
                    name=name,
                    field=step.answer[0],
                ),
            )
        if step.may_undo and any(effect.verb is not Verb.SET for effect in step.effects):
            yield PolicyFault(
                ("steps", name, "undo"), N_("{name} does more than lead on; that is not taken back", name=name)
            )
    for name, field in kind.fields.items():
        if field.asked_by is not None and field.asked_by not in kind.steps:
            yield PolicyFault(("fields", name, "asked_by"), N_("there is no step {name}", name=field.asked_by))


def _leftovers(kind: Kind) -> Iterator[PolicyFault]:
    """Find waits, outcomes and extensions that nothing uses: mistakes, not decoration."""
    used = {wait for state in kind.states.values() for wait in state.waits}
    for name, wait in kind.waits.items():
        if name not in used:
            yield PolicyFault(("waits", name), N_("no state waits for {name}", name=name))
        if wait.since is Since.EXTENSION and not kind.extension:
            yield PolicyFault(("waits", name, "since"), N_("no extension can be asked for: extension is missing"))
        if wait.waiting_for is Beyond.CHILDREN and kind.children is None:
            yield PolicyFault(("waits", name, "for"), N_("there are no children: children is missing"))
    if kind.extension and not any(wait.since is Since.EXTENSION for wait in kind.waits.values()):
        yield PolicyFault(
            ("extension",), N_("an extension is asked for and nobody is reminded: a wait since extension is missing")
        )
    for name in kind.outcomes or {}:
        if not any(state.outcome == name for state in kind.states.values()):
            yield PolicyFault(("outcomes", name), N_("no state has the outcome {name}", name=name))


def _sleepers(kind: Kind) -> Iterator[PolicyFault]:
    """Check that what Duban does by itself fits to what lets it."""
    for name, state in kind.states.items():
        if state.sleeps is None:
            continue
        step = kind.steps.get(state.sleeps.then)
        if step is not None and (step.itself is not Itself.DAY_COMES or name not in step.sources):
            yield PolicyFault(
                ("states", name, "sleeps", "then"),
                N_("{step} must come from {state}, with itself: day_comes", step=state.sleeps.then, state=name),
            )
    then = kind.children.then if kind.children else None
    if then is not None and kind.steps[then].itself is not Itself.CHILDREN_DONE:
        yield PolicyFault(("children", "then"), N_("{step} must have itself: children_done", step=then))
    for name, step in kind.steps.items():
        if step.itself is Itself.DAY_COMES and not any(
            state.sleeps is not None and state.sleeps.then == name for state in kind.states.values()
        ):
            yield PolicyFault(("steps", name, "itself"), N_("no state sleeps until {name}", name=name))
        if step.itself is Itself.CHILDREN_DONE and then != name:
            yield PolicyFault(("steps", name, "itself"), N_("children does not name {name}", name=name))
