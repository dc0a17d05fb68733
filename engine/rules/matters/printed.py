"""Writes a kind as the plain content of a file: what was read comes back, without what is usual.

`parse_kind(printed(kind))` is `kind` again; a test holds it for kinds made at random.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.rules.ladder import Ladder
from engine.rules.matters.kind import Class, Due, Effect, Field, Kind, Opened, Span, State, Step, Table, Wait
from engine.rules.matters.vocabulary import Since, Verb
from engine.rules.text import Words

_USUAL_HOLD = 5


def printed(kind: Kind) -> dict[str, Any]:
    """Return `kind` as its file would say it."""
    return _told(
        name=_words(kind.words),
        code=kind.code,
        key=kind.key,
        about=list(kind.about),
        publish=kind.is_published,
        restricted=kind.is_restricted,
        opened=_opened(kind.opened),
        fields=_each(kind.fields, _field),
        due=_due(kind.due),
        outcomes=_each(kind.outcomes, _words),
        states=_each(kind.states, _state),
        steps=_each(kind.steps, _step),
        waits=_each(kind.waits, _wait),
        children=_told(
            kinds=list(kind.children.kinds),
            join=kind.children.enough,
            then=kind.children.then,
            drop=kind.children.drop,
        )
        if kind.children
        else None,
        extension={"decided_by": _plain(kind.extension)} if kind.extension else None,
        classes=_each(kind.classes, _class),
        agenda=[
            _told(section=one.section, name=_words(one.words) if one.words else None, when=list(one.when))
            for one in kind.agenda
        ],
        ledger={"sheet": kind.ledger.name, "columns": list(kind.ledger.columns)} if kind.ledger else None,
        visible=_plain(kind.visible),
    )


def _told(**parts: Any) -> dict[str, Any]:
    """Return what is there: nothing false, empty or absent; a number stays, 0 too."""
    return {
        name.rstrip("_"): value
        for name, value in parts.items()
        if value is not None and value is not False and value not in ([], {})
    }


def _each(parts: Mapping[str, Any] | None, write: Any) -> dict[str, Any] | None:
    return None if parts is None else {name: write(part) for name, part in parts.items()}


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _plain(values: Any) -> list[str]:
    return [str(value.value) for value in values]


def _span(span: Span) -> dict[str, int]:
    return {"months": span.months, "working_days": span.working_days}


def _table(table: Table[Any], then: Any) -> dict[str, Any]:
    rows = [{"when": dict(when), "then": then(what)} for when, what in table.rows]
    return {"rows": rows} if table.otherwise is None else {"rows": rows, "else": then(table.otherwise)}


def _due(due: Due) -> Any:
    if due.how is not None:
        return due.how.value
    assert due.span is not None
    return {"from": due.since, **(_table(due.span, _span) if isinstance(due.span, Table) else _span(due.span))}


def _opened(opened: Opened) -> dict[str, Any]:
    written = _told(by=_plain(opened.by), effect=opened.effect, public=list(opened.public), import_=opened.imported)
    if opened.schedule is not None:
        written["schedule"] = {**_span(opened.schedule.every), "from": opened.schedule.since}
    return written


def _field(field: Field) -> dict[str, Any]:
    return _told(
        name=_words(field.words),
        type=field.type.value,
        needed=field.needed,
        asked_by=field.asked_by,
        column=field.column,
        sum=field.sum,
        from_=field.source,
        show_when=dict([field.show_when]) if field.show_when else None,
        sees=_plain(field.sees),
        keep=None if field.keep is None else f"{field.keep}y",
        choices=_each(field.choices, _words),
        of=_each(field.of, _field),
        kind=field.kind,
    )


def _ladder(ladder: Ladder) -> dict[str, Any]:
    return _told(
        within=ladder.within,
        rungs=[{"at": f"T{rung.offset:+d}", "to": _plain(rung.to), "slip": rung.slip.value} for rung in ladder.rungs],
        repeat_every=ladder.repeat_every,
        hold_at_most=None if ladder.hold_at_most == _USUAL_HOLD else ladder.hold_at_most,
    )


def _wait(wait: Wait) -> dict[str, Any]:
    return {
        **_told(
            name=_words(wait.words),
            for_=wait.waiting_for.value,
            since=None if wait.since is Since.STATE else wait.since.value,
            when=wait.when.value if wait.when else None,
            ask=_words(wait.ask) if wait.ask else None,
            day=wait.day,
            counts_from=wait.counts_from,
        ),
        **(_ladder(wait.ladder) if wait.ladder else {}),
    }


def _state(state: State) -> dict[str, Any]:
    return _told(
        name=_words(state.words),
        phase=state.phase.value,
        waits=list(state.waits),
        sleeps={"until": state.sleeps.until, "then": state.sleeps.then} if state.sleeps else None,
        clock="stopped" if state.is_stopped else None,
        outcome=state.outcome,
    )


def _step(step: Step) -> dict[str, Any]:
    return _told(
        name=_words(step.words),
        from_=list(step.sources),
        to=step.target if step.answer is None else {step.answer[0]: dict(step.answer[1])},
        by=_table(step.by, _plain) if isinstance(step.by, Table) else _plain(step.by),
        itself=step.itself.value if step.itself else None,
        each=_told(of=step.each.of, pass_=step.each.enough) if step.each else None,
        delegated_to=_plain(step.delegated_to),
        needs=[*_plain(step.needs), *step.asks],
        minor=step.is_minor,
        undo=step.may_undo,
        tells=_each(step.tells, _words),
        effects=[_effect(effect) for effect in step.effects],
    )


def _effect(effect: Effect) -> Any:
    if effect.verb is Verb.PRINT:
        return dict(effect.args)
    return {effect.verb.value: dict(effect.args)} if effect.args else effect.verb.value


def _class(one: Class) -> dict[str, Any]:
    return _told(
        name=_words(one.words),
        due=_due(one.due) if one.due else None,
        ladders=_each(one.ladders, _ladder),
    )
