"""Kinds of matters: files made at random come back as they were; what is wrong in one is told with its place."""

from __future__ import annotations

from collections.abc import Callable
from json import dumps, loads
from typing import Any

import pytest
from hypothesis import given

from engine.rules.matters.graph import check_graph
from engine.rules.matters.kind import Kind
from engine.rules.matters.parse import parse_kind
from engine.rules.matters.printed import printed
from engine.rules.matters.together import check_together
from engine.rules.matters.values import Faults
from tests.rules.kind_files import kinds

WORDS = {"zh": "甲", "en": "a"}
LADDER = {
    "within": 3,
    "rungs": [{"at": "T+1", "to": ["owner"], "slip": "red"}, {"at": "T+5", "to": ["leading_group"], "slip": "group"}],
    "repeat_every": 5,
}
ASK = {"zh": "请办理{text}", "en": "Please do {text}"}
SMALL: dict[str, Any] = {
    "name": WORDS,
    "code": "A-{n}",
    "about": ["nothing"],
    "opened": {"by": ["coordinator"]},
    "fields": {
        "grave": {"name": WORDS, "type": "yes_no", "needed": True},
        "size": {"name": WORDS, "type": "choice", "choices": {"big": WORDS, "small": WORDS}},
        "seen_on": {"name": WORDS, "type": "date"},
        "signers": {"name": WORDS, "type": "people"},
    },
    "due": "given",
    "states": {
        "begun": {"name": WORDS, "phase": "open", "waits": ["work"]},
        "looked_at": {"name": WORDS, "phase": "handed_in", "waits": ["look"]},
        "ended": {"name": WORDS, "phase": "done"},
    },
    "steps": {
        "hand_in": {"name": WORDS, "from": ["begun"], "to": "looked_at", "by": ["owner"]},
        "end": {"name": WORDS, "from": ["looked_at"], "to": "ended", "by": ["leading_group"]},
    },
    "waits": {
        "work": {"name": WORDS, "for": "owner", "ask": ASK, **LADDER},
        "look": {"name": WORDS, "for": "leading_group", "ask": ASK, **LADDER},
    },
    "visible": ["people"],
}


def read(plain: dict[str, Any]) -> tuple[Kind | None, Faults]:
    faults = Faults()
    kind = parse_kind(plain, faults)
    if kind is not None:
        check_graph(kind, faults)
    return kind, faults


def edited(edit: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    plain = loads(dumps(SMALL))  # nothing in it is shared
    edit(plain)
    return plain


@given(kinds())
def test_kind_when_printed_and_read_again_is_the_same(plain: dict[str, Any]):
    kind, faults = read(plain)
    assert [(fault.path, str(fault)) for fault in faults] == []
    assert kind is not None
    again, faults = read(printed(kind))
    assert not faults
    assert again == kind
    assert printed(kind) == printed(again)


@pytest.mark.parametrize(
    ("edit", "path", "message"),
    [
        (lambda it: it.update(colour="red"), ("colour",), "colour is not a setting"),
        (lambda it: it["name"].pop("zh"), ("name", "zh"), "the words for zh are missing"),
        (lambda it: it.update(code="A"), ("code",), "A names every matter alike"),
        (lambda it: it["steps"]["end"].update(to="endet"), ("steps", "end", "to"), "did you mean ended?"),
        (lambda it: it["steps"]["end"].update(by=["boss"]), ("steps", "end", "by", 0), "boss is not known"),
        (lambda it: it["steps"]["end"].update(needs=["colour"]), ("steps", "end", "needs", 0), "colour is not known"),
        (lambda it: it["steps"]["end"].update(by=["owner"]), ("steps", "end"), "nobody does that alone"),
        (lambda it: it["steps"]["end"].pop("by"), ("steps", "end"), "end must say who may do it"),
        (lambda it: it["steps"].pop("hand_in"), ("states", "begun"), "no step leads out of the state begun"),
        (
            lambda it: it["states"].update(lost={"name": WORDS, "phase": "open", "waits": ["work"]}),
            ("states", "lost"),
            "no step leads to the state lost",
        ),
        (lambda it: it["steps"]["end"].update(to="begun"), ("states", "begun"), "no way leads to an end"),
        (lambda it: it["states"]["begun"].pop("waits"), ("states", "begun"), "a matter may wait for nobody"),
        (
            lambda it: it["waits"]["work"].update(when="owned"),
            ("states", "begun"),
            "a matter may wait for nobody",
        ),
        (
            lambda it: it["states"]["begun"].update(waits=["wrok"]),
            ("states", "begun", "waits", 0),
            "did you mean work?",
        ),
        (lambda it: it["waits"].update(more=it["waits"]["work"]), ("waits", "more"), "no state waits for more"),
        (
            lambda it: it["waits"]["work"].update(rungs=[{"at": "T-3", "to": ["owner"], "slip": "red"}]),
            ("waits", "work", "rungs"),
            "the last rung comes after the deadline",
        ),
        (
            lambda it: it["waits"]["work"]["ask"].update(en="Please do {what}"),
            ("waits", "work", "ask", "en"),
            "what is not known",
        ),
        (lambda it: it["waits"]["work"]["ask"].update(zh="请{"), ("waits", "work", "ask", "zh"), "stands alone"),
        (
            lambda it: it.update(due={"from": "opened", "rows": [{"when": {"grave": True}, "then": {"months": 1}}]}),
            ("due", "rows"),
            "no row decides this case: grave = no",
        ),
        (
            lambda it: it.update(
                due={
                    "from": "opened",
                    "rows": [
                        {"when": {"grave": True}, "then": {"months": 1}},
                        {"when": {"grave": True, "size": "big"}, "then": {"months": 2}},
                    ],
                    "else": {"months": 1},
                }
            ),
            ("due", "rows", 1),
            "a row above decides every case of this one already",
        ),
        (
            lambda it: it["steps"]["end"].update(to={"size": {"big": "ended"}}, needs=["size"]),
            ("steps", "end", "to", "size"),
            "no state is named for the answer small",
        ),
        (
            lambda it: it["steps"]["end"].update(to={"size": {"big": "ended", "small": "begun"}}),
            ("steps", "end", "to"),
            "which must stand among its needs",
        ),
        (
            lambda it: it["fields"].update({True: {"name": WORDS, "type": "date"}}),
            ("fields", True),
            "put the name in quotes",
        ),
        (
            lambda it: it["fields"].update(owner={"name": WORDS, "type": "text"}),
            ("fields", "owner"),
            "has owner already",
        ),
        (
            lambda it: it["fields"]["size"].update(asked_by="ask"),
            ("fields", "size", "asked_by"),
            "there is no step ask",
        ),
        (lambda it: it["fields"]["size"].pop("choices"), ("fields", "size"), "needs choices"),
        (lambda it: it.update(visible=["boss"]), ("visible", 0), "boss is not known"),
        (lambda it: it.update(ledger={"sheet": "a/b", "columns": ["code"]}), ("ledger", "sheet"), "none of them"),
        (lambda it: it.update(ledger={"sheet": "表", "columns": ["grave"]}), ("ledger", "columns"), "the column code"),
        (
            lambda it: it.update(agenda=[{"section": "own", "name": WORDS, "when": ["late"]}]),
            ("agenda", 0, "when", 0),
            "late",
        ),
        (
            lambda it: it["steps"]["end"].update(effects=[{"opn": {"kind": "measure"}}]),
            ("steps", "end", "effects", 0),
            "did you mean open?",
        ),
        (
            lambda it: it["states"]["begun"].update(sleeps={"until": "seen_on", "then": "end"}),
            ("states", "begun", "sleeps", "then"),
            "itself: day_comes",
        ),
        (
            lambda it: it.update(extension={"decided_by": ["leader"]}),
            ("extension",),
            "a wait since extension is missing",
        ),
        (lambda it: it.update(outcomes={"good": WORDS}), ("outcomes", "good"), "no state has the outcome good"),
        (
            lambda it: it["states"]["looked_at"].update(clock="stopped"),
            ("steps", "hand_in"),
            "somebody else must approve it",
        ),
        (
            lambda it: it["steps"]["hand_in"].update(undo=True, effects=["report"]),
            ("steps", "hand_in", "undo"),
            "that is not taken back",
        ),
    ],
)
def test_kind_when_one_thing_is_wrong_then_its_place_is_told(
    edit: Callable[[dict[str, Any]], object], path: tuple[str | int, ...], message: str
):
    _, faults = read(edited(edit))
    assert any(message in str(fault) for fault in faults if fault.path == path), faults


def test_overdue_when_its_ladder_ends_below_the_leading_group_then_it_is_told():
    plain = edited(lambda it: it["waits"]["work"].update(since="due", rungs=LADDER["rungs"][:1]))
    del plain["waits"]["work"]["within"]
    _, faults = read(plain)
    assert [(fault.path, str(fault)) for fault in faults] == [
        (("waits", "work", "rungs"), "what is overdue must reach the leading group by a rung after T")
    ]


def test_faults_when_there_are_several_are_all_told_at_once():
    plain = edited(lambda it: (it.pop("visible"), it["steps"]["end"].update(by=["boss"]), it["name"].pop("en")))
    _, faults = read(plain)
    assert [fault.path for fault in faults] == [("steps", "end", "by", 0), ("name", "en"), ()]


def test_kinds_when_they_name_each_other_wrongly_are_told_in_the_file_that_names():
    opener = edited(
        lambda it: it["steps"]["end"].update(effects=[{"open": {"kind": "small"}}, {"open": {"kind": "smal"}}])
    )
    known = {name: kind for name, plain in (("opener", opener), ("small", SMALL)) if (kind := read(plain)[0])}
    assert [(name, fault.path, str(fault)) for name, fault in check_together(known)] == [
        (
            "opener",
            ("steps", "end", "effects", 0, "open", "kind"),
            "no step of another opens small: its file lacks opened, effect: true",
        ),
        (
            "opener",
            ("steps", "end", "effects", 1, "open", "kind"),
            "smal is not known; did you mean small?",
        ),
    ]
