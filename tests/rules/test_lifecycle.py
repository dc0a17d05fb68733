from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from engine.rules.lifecycle import REQUIRED, parse_lifecycle
from engine.rules.refusal import PolicyFault
from engine.rules.vocabulary import OPEN_STATES, Role, State
from tests.factories import shipped_policies

Table = dict[str, dict[str, Any]]


def edited(edit: Callable[[Table], object]) -> dict[str, Any]:
    plain = deepcopy(dict(shipped_policies().lifecycle))
    edit(plain["transitions"])
    return plain


def fault_of(plain: dict[str, Any]) -> PolicyFault:
    with pytest.raises(PolicyFault) as caught:
        parse_lifecycle(plain)
    return caught.value


def test_shipped_lifecycle_when_parsed_then_every_open_state_can_go_on():
    lifecycle = parse_lifecycle(shipped_policies().lifecycle)
    assert all(lifecycle.leaving(state) for state in OPEN_STATES)
    assert [arrow.name for arrow in lifecycle.leaving(State.CLOSED)] == ["rebound"]
    assert not lifecycle.leaving(State.CANCELLED)


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_transition_when_missing_then_the_lifecycle_is_refused(name: str):
    fault = fault_of(edited(lambda table: table.pop(name)))
    assert fault.path == ("transitions",)
    assert str(fault) == f"the transition {name} is missing"


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_transition_when_it_leads_elsewhere_then_the_lifecycle_is_refused(name: str):
    elsewhere = State.ASSIGNED if REQUIRED[name] is not State.ASSIGNED else State.SUBMITTED
    fault = fault_of(edited(lambda table: table[name].update(to=elsewhere.value)))
    assert fault.path == ("transitions", name, "to")
    assert str(fault) == f"{name} must lead to {REQUIRED[name].value}"


@pytest.mark.parametrize(
    ("edit", "path", "message"),
    [
        (
            lambda table: table["accept"].update({"from": ["asigned"]}),
            ("transitions", "accept", "from", 0),
            "asigned is not known; did you mean assigned?",
        ),
        (
            lambda table: table["accept"].update(to="nowhere"),
            ("transitions", "accept", "to"),
            "nowhere is not known; expected one of: assigned, in_progress, submitted, verified, closed, cancelled",
        ),
        (
            lambda table: table["accept"].update(by=["boss"]),
            ("transitions", "accept", "by", 0),
            f"boss is not known; expected one of: {', '.join(Role)}",
        ),
        (
            lambda table: table["pass"].update(needs=["four_eyes", "evidense"]),
            ("transitions", "pass", "needs", 1),
            "evidense is not known; did you mean evidence?",
        ),
        (
            lambda table: table["accept"].update(bye=["owner"]),
            ("transitions", "accept", "bye"),
            "bye is not a setting; expected: by, from, name, needs, to",
        ),
        (
            lambda table: table.update(accept="assigned"),
            ("transitions", "accept"),
            "a transition is written as from, to, by and needs",
        ),
        (
            lambda table: table["accept"].update({"from": "assigned"}),
            ("transitions", "accept", "from"),
            "a list in [ ] was expected under from",
        ),
        (
            lambda table: table["accept"].update({"from": []}),
            ("transitions", "accept"),
            "a transition needs at least one state to come from",
        ),
        (
            lambda table: table["close"].update(by=["leading_group", "coordinator"]),
            ("transitions", "close", "by"),
            "only the leading group closes; delegate it in the round",
        ),
        (
            lambda table: table["close"].update(by=[]),
            ("transitions", "close", "by"),
            "only the leading group closes; delegate it in the round",
        ),
        (
            lambda table: table.update(shortcut={"from": ["assigned"], "to": "closed", "by": ["owner"]}),
            ("transitions", "shortcut", "by"),
            "only the leading group closes; delegate it in the round",
        ),
        (
            lambda table: table["pass"].update(needs=["same_evidence"]),
            ("transitions", "pass", "needs"),
            "four_eyes cannot be left out: nobody verifies their own work",
        ),
        (
            lambda table: table.update(wave={"from": ["submitted"], "to": "verified", "by": ["owner"]}),
            ("transitions", "wave", "needs"),
            "four_eyes cannot be left out: nobody verifies their own work",
        ),
        (
            lambda table: table["accept"].pop("by"),
            ("transitions", "accept", "by"),
            "accept must say who may do it",
        ),
    ],
)
def test_transition_when_written_wrongly_then_the_fault_names_its_place(
    edit: Callable[[Table], object], path: tuple[str | int, ...], message: str
):
    fault = fault_of(edited(edit))
    assert (fault.path, str(fault)) == (path, message)


def test_state_when_nothing_leads_to_it_then_the_lifecycle_is_refused():
    def cut(table: Table) -> None:
        for name in ("cancel", "merge", "accept_risk"):
            table[name]["from"] = ["cancelled"]

    assert str(fault_of(edited(cut))) == "no transition leads to the state cancelled"


def test_state_when_nothing_leads_out_of_it_then_the_lifecycle_is_refused():
    def cut(table: Table) -> None:
        for name in ("close", "void", "cancel", "merge", "accept_risk"):
            table[name]["from"] = ["submitted"]

    assert str(fault_of(edited(cut))) == "no transition leads out of the state verified"


def test_states_when_they_only_lead_round_in_a_circle_then_the_lifecycle_is_refused():
    def cut(table: Table) -> None:
        for name in ("close", "cancel", "merge", "accept_risk"):
            table[name]["from"] = ["assigned"]
        table["reassign"]["from"] = ["assigned"]

    assert str(fault_of(edited(cut))).endswith("no way leads to an end of the measure")


@pytest.mark.parametrize("plain", [{}, {"transitions": []}, {"transitions": None}])
def test_lifecycle_when_it_holds_no_transitions_then_it_is_refused(plain: dict[str, Any]):
    assert fault_of(plain).path == ("transitions",)


def test_lifecycle_when_it_has_a_misspelt_part_then_it_is_refused():
    assert fault_of({**shipped_policies().lifecycle, "transition": {}}).path == ("transition",)
