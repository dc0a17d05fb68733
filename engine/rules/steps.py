"""What each step of a measure asks of who takes it, and how answers are read: for forms, commands, the API.  Pure.

The steps that Duban acts upon are told here; a transition that only an office's lifecycle knows asks for its reason.
Whether somebody may take a step is judged by `engine.rules.access`, `errands` and the actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.rules.lifecycle import REQUIRED, Guard, Lifecycle, Transition
from engine.rules.matters.vocabulary import FieldType
from engine.rules.names import action_name
from engine.rules.policy_words import unknown_word
from engine.rules.refusal import NotFound, NotReady
from engine.rules.text import N_, Text, Words

_WHOLE = 100  #: percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One thing that a step asks for."""

    name: str
    label: Text
    type: FieldType
    needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StepForm:
    """A step as it is offered."""

    name: str
    words: Text | Words
    asks: tuple[Asked, ...]


_REASON = Asked(name="reason", label=N_("Reason"), type=FieldType.LONG_TEXT)
_REMARK = Asked(name="reason", label=N_("Remark"), type=FieldType.LONG_TEXT, needed=False)
_OWNER = Asked(name="owner", label=N_("New owner: name or sign-in name"), type=FieldType.PERSON)
_NEW_DUE = N_("New due date")

#: By step: what it asks for.  Those of the lifecycle, and those that lead nowhere.
STEPS: Mapping[str, tuple[Asked, ...]] = {
    "accept": (),
    "report": (
        Asked(name="percent", label=N_("How far it is, in percent"), type=FieldType.COUNT),
        Asked(name="text", label=N_("What was done, and what comes next"), type=FieldType.LONG_TEXT),
    ),
    "evidence": (
        Asked(
            name="reference",
            label=N_("Or the name of a paper that is kept elsewhere"),
            type=FieldType.TEXT,
            needed=False,
        ),
    ),
    "confirm_co_unit": (),
    "submit": (),
    "request_extension": (Asked(name="new_due", label=_NEW_DUE, type=FieldType.DATE), _REASON),
    "decide_extension": (
        Asked(name="approve", label=N_("Approve"), type=FieldType.YES_NO),
        Asked(name="reason", label=N_("Reason (needed to refuse)"), type=FieldType.LONG_TEXT, needed=False),
        Asked(name="new_due", label=_NEW_DUE, type=FieldType.DATE, needed=False),
    ),
    "assign": (_OWNER,),
    "reassign": (_OWNER, _REASON),
    "start_verification": (Asked(name="verifier", label=N_("Verifier"), type=FieldType.PERSON, needed=False),),
    "pass": (_REMARK,),
    "return": (_REASON,),
    "close": (),
    "rebound": (Asked(name="due", label=_NEW_DUE, type=FieldType.DATE), _REASON),
    "cancel": (_REASON,),
    "merge": (_REASON,),
    "accept_risk": (_REASON,),
}


def form_of(name: str, lifecycle: Lifecycle | None = None) -> StepForm:
    """Return what the step `name` asks for.  Raises NotFound for one that nobody takes, or that is not there."""
    if name in STEPS:
        return StepForm(name=name, words=action_name(name), asks=STEPS[name])
    transition = lifecycle.transitions.get(name) if lifecycle else None
    if transition is None or not transition.by:
        known = (*STEPS, *(own_steps(lifecycle) if lifecycle else ()))
        raise NotFound(unknown_word(name, known, ()).text)
    return StepForm(name=name, words=words_of(transition), asks=(_reason_of(transition),))


def own_steps(lifecycle: Lifecycle) -> tuple[str, ...]:
    """Return the transitions that only this lifecycle knows and that people take."""
    return tuple(name for name, arrow in lifecycle.transitions.items() if name not in REQUIRED and arrow.by)


def words_of(transition: Transition) -> Text | Words:
    """Return what a transition is called: the office's own words, else Duban's, else its name."""
    return transition.words or action_name(transition.name)


def _reason_of(transition: Transition) -> Asked:
    return _REASON if Guard.REASON in transition.needs else _REMARK


def read_given(form: StepForm, given: Mapping[str, str]) -> dict[str, Any]:
    """Return what was given as values of its types: a day, a whole number, yes or no, else words.

    What was left empty is absent.  Raises NotReady for a field that the step does not ask for, one that it needs and
    was not given, and a value that is none of its type.
    """
    asked = {one.name: one for one in form.asks}
    for name in given:
        if name not in asked:
            raise NotReady(N_("{step} asks for no {name}", step=form.words, name=name))
    values = {}
    for name, one in asked.items():
        written = given.get(name, "").strip()
        if written:
            values[name] = _value(one, written)
        elif one.needed and name != _REASON.name:  # a missing reason is refused after who may not
            raise NotReady(N_("{step} needs: {name}", step=form.words, name=one.label))
    return values


def _value(asked: Asked, written: str) -> Any:
    try:
        if asked.type is FieldType.DATE:
            return date.fromisoformat(written)
        if asked.type is FieldType.COUNT:
            number = int(written)
            if 0 <= number <= _WHOLE:
                return number
            raise ValueError(written)  # noqa: TRY301 - told as any other value that is none
        if asked.type is FieldType.YES_NO:
            return {"yes": True, "true": True, "no": False, "false": False}[written.lower()]
    except (ValueError, KeyError):
        told = N_("{name}: not {value}; {expected}", name=asked.label, value=written[:60], expected=_TOLD[asked.type])
        raise NotReady(told) from None
    return written


_TOLD: Mapping[FieldType, Text] = {
    FieldType.DATE: N_("a day such as 2025-09-03 was expected"),
    FieldType.COUNT: N_("a whole number from 0 to 100 was expected"),
    FieldType.YES_NO: N_("yes or no was expected"),
}
