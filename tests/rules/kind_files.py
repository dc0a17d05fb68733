"""Kinds made at random for Hypothesis, as the plain content of their files; each is valid."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from engine.rules.ladder import DECIDERS
from engine.rules.matters.visibility import Circle
from engine.rules.vocabulary import Role, Slip

WORDS = st.fixed_dictionaries(
    {
        "zh": st.sampled_from(["核查", "办理:甲", "是", "#一"]),
        "en": st.sampled_from(["check", "yes", "0", "a: b", "- x"]),
    }
)
ROLES = st.lists(st.sampled_from([role.value for role in Role]), min_size=1, max_size=3, unique=True)
SPAN = st.fixed_dictionaries({"months": st.integers(0, 24)}, optional={"working_days": st.integers(0, 60)})


@st.composite
def ladders(draw: st.DrawFn, *, is_counted: bool) -> dict[str, Any]:
    """Draw a ladder whose last rung comes late and reaches the leading group."""
    offsets = sorted(draw(st.sets(st.integers(-30, 30), max_size=3)) | {draw(st.integers(31, 60))})
    slips = st.sampled_from([slip.value for slip in Slip])
    rungs = [{"at": f"T{offset:+d}", "to": draw(ROLES), "slip": draw(slips)} for offset in offsets]
    rungs[-1]["to"] = ["leading_group"]
    body: dict[str, Any] = {"rungs": rungs, "repeat_every": draw(st.integers(1, 250))}
    if is_counted:
        body["within"] = draw(st.integers(0, 250))
    if draw(st.booleans()):
        body["hold_at_most"] = draw(st.integers(0, 20))
    return body


@st.composite
def fields(draw: st.DrawFn) -> dict[str, Any]:
    """Draw fields of several types; `answer` and `grave` always stand there, for decisions."""
    drawn: dict[str, Any] = {
        "answer": {"name": draw(WORDS), "type": "choice", "choices": {"one": draw(WORDS), "two": draw(WORDS)}},
        "grave": {"name": draw(WORDS), "type": "yes_no", "needed": draw(st.booleans())},
        "day": {"name": draw(WORDS), "type": "date", "needed": True, "column": draw(st.booleans())},
        "who": {"name": draw(WORDS), "type": "people"},
    }
    if draw(st.booleans()):
        drawn["rows"] = {
            "name": draw(WORDS),
            "type": "list",
            "sum": "rows_told",
            "show_when": {"grave": draw(st.booleans())},
            "of": {"paid": {"name": draw(WORDS), "type": "money", "sum": "paid"}},
        }
    if draw(st.booleans()):
        drawn["secret"] = {
            "name": draw(WORDS),
            "type": "long_text",
            "sees": draw(ROLES),
            "keep": "10y",
            "from": "parent.due",
        }
    return drawn


@st.composite
def kinds(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a kind: a line of open states that leads to an end, with further steps between any of its states."""
    open_states = [f"s{number}" for number in range(draw(st.integers(1, 4)))]
    states: dict[str, Any] = {}
    waits: dict[str, Any] = {}
    for state in open_states:
        since = draw(st.sampled_from(["state", "opened", "due", "reported", "due_or_opened"]))
        waits[f"w_{state}"] = {
            "name": draw(WORDS),
            "for": draw(st.sampled_from(["owner", "leading_group", "outside"])),
            "since": since,
            "ask": {"zh": "请办理{code}", "en": "Please do {code}"},
            **({"day": draw(st.integers(1, 31)), "counts_from": 3} if since == "reported" else {}),
            **draw(ladders(is_counted=since not in {"due", "reported"})),
        }
        phase = "open" if state == "s0" else draw(st.sampled_from(["open", "handed_in", "verified"]))
        states[state] = {"name": draw(WORDS), "phase": phase, "waits": [f"w_{state}"]}
    states["ended"] = {"name": draw(WORDS), "phase": "done", "outcome": "good"}
    states["gone"] = {"name": draw(WORDS), "phase": "dropped"}
    steps = {
        f"go_{state}": {"name": draw(WORDS), "from": [state], "to": after, "by": draw(ROLES), "needs": ["four_eyes"]}
        for state, after in zip(open_states, [*open_states[1:], "ended"], strict=True)
    }
    steps["drop"] = {
        "name": draw(WORDS),
        "from": open_states,
        "to": "gone",
        "by": ["leading_group"],
        "needs": ["reason"],
    }
    if draw(st.booleans()):
        branches = {"one": draw(st.sampled_from(open_states)), "two": "ended"}
        by: Any = {"rows": [{"when": {"grave": True}, "then": ["leading_group"]}], "else": draw(ROLES)}
        steps["split"] = {
            "name": draw(WORDS),
            "from": open_states[-1:],
            "to": {"answer": branches},
            "by": by,
            "needs": ["answer", "four_eyes"],
            "tells": {"who": {"zh": "{grave}", "en": "{due}"}},
        }
    if draw(st.booleans()):
        steps["sign"] = {"name": draw(WORDS), "from": open_states, "to": "ended", "each": {"of": "who", "pass": 2}}
    if draw(st.booleans()):
        set_owner = {"set": {"owner": "actor"}}
        steps["stay"] = {"name": draw(WORDS), "from": open_states, "by": draw(ROLES), "effects": ["report", set_owner]}
    table = {"from": "opened", "rows": [{"when": {"grave": True}, "then": draw(SPAN)}], "else": draw(SPAN)}
    optional: dict[str, Any] = {
        "publish": draw(st.booleans()),
        "restricted": draw(st.booleans()),
        "ledger": {"sheet": "表", "columns": ["code", "grave", "due"]},
        "agenda": [
            {"section": "own", "name": draw(WORDS), "when": ["raised", "w_s0"]},
            {"section": "other", "when": ["done"]},
        ],
        "classes": {"fast": {"name": draw(WORDS), "due": table}},
    }
    kind = {
        "name": draw(WORDS),
        "code": draw(st.sampled_from(["A-{n}", "{year}-{random}"])),
        "about": draw(st.lists(st.sampled_from(["finding", "round", "nothing"]), min_size=1, unique=True)),
        "opened": {"by": draw(ROLES), "schedule": {"months": 1, "from": "round.plan_due"}, "public": ["form"]},
        "fields": draw(fields()),
        "due": draw(st.sampled_from(["given", {"from": "day", "working_days": 3}, table])),
        "outcomes": {"good": draw(WORDS)},
        "states": states,
        "steps": steps,
        "waits": waits,
        "visible": draw(
            st.lists(st.sampled_from([*map(str, Circle), *map(str, Role)]), min_size=1, max_size=4, unique=True)
        ),
    }
    if draw(st.booleans()):
        waits["longer"] = {
            **waits[f"w_{open_states[0]}"],
            **draw(ladders(is_counted=True)),
            "since": "extension",
        }
        waits["longer"].pop("day", None)
        waits["longer"].pop("counts_from", None)
        states[open_states[0]]["waits"].append("longer")
        kind["extension"] = {
            "decided_by": draw(st.lists(st.sampled_from([*map(str, DECIDERS)]), min_size=1, max_size=2))
        }
    return kind | {name: body for name, body in optional.items() if draw(st.booleans())}
