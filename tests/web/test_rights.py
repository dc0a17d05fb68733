"""Every page and form × everybody: who gets through, who is refused, and that no route was forgotten here.

wang owns the measure in unit one, li heads that unit, sun works there, qian leads the measure; tang and he (its head)
are of another unit; lin coordinates, wu verifies, zhao is of the leading group, jian supervises, shen audits.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import func, select

from config.files import policy_path
from engine.rules.vocabulary import Role
from flows.policy_file import mark_of
from models import Event
from tests.factories import build_person
from tests.web.house import Premises, Visitor, plant_findings, routes_of
from web.app import PAGES

pytestmark = pytest.mark.slow

EVERYBODY = frozenset(["wang", "sun", "li", "qian", "tang", "he", "lin", "wu", "zhao", "jian", "shen"])
HOUSE = frozenset(["lin", "wu", "zhao", "jian", "shen"])  #: roles that concern the whole house
NEAR = HOUSE | {"wang", "sun", "li", "qian"}  #: who sees the measure
OWNER, GROUP, COORDINATOR = frozenset({"wang", "li"}), frozenset({"zhao"}), frozenset({"lin"})
NOBODY: frozenset[str] = frozenset()
HEADS = HOUSE | {"li", "he"}
LADDER = policy_path(Path("none of their own"), "ladder.yaml").read_text(encoding="utf-8")
R, M = "/rounds/{round}", "/rounds/{round}/measures/1-01"

#: Who gets a page.
PAGES_FOR: dict[str, frozenset[str]] = {
    "/work": EVERYBODY,
    "/account": EVERYBODY,
    "/account/calendar": EVERYBODY,
    "/inbox": EVERYBODY,
    "/rounds": EVERYBODY,
    "/people": EVERYBODY,
    "/people/units": EVERYBODY,
    "/people/wang": EVERYBODY,
    f"{R}/ledger": EVERYBODY,  # each sees their own part
    f"{R}/ledger.csv": EVERYBODY,
    f"{R}/board": EVERYBODY,
    f"{R}/board/lights.svg": EVERYBODY,
    M: NEAR,
    f"{R}/verification": HOUSE,
    f"{R}/verification?queue=waiting": HOUSE,
    f"{R}/meetings": HEADS,
    f"{R}/meetings/2025-03": HEADS,
    f"{R}/documents": HOUSE,
    f"{R}/accountability": frozenset({"jian", "zhao"}),
    "/rounds/import": COORDINATOR,
    "/rounds/import/template.xlsx": COORDINATOR,
    "/rounds/import/{round}/ledger.xlsx": COORDINATOR,
    "/policies": HOUSE,
    "/policies/ladder.yaml": HOUSE,
    "/policies/round.yaml": HOUSE,
    "/policies/lifecycle.yaml": HOUSE,
    "/policies/calendar": HOUSE,
    "/delivery": frozenset({"lin", "jian", "shen"}),
    "/audit": frozenset({"lin", "jian", "zhao", "shen"}),
}
#: Who gets through with a form; others are refused, and nothing happens.
FORMS_FOR: dict[str, tuple[dict[str, str], frozenset[str]]] = {
    f"{M}/accept": ({}, frozenset({"wang"})),
    f"{M}/steps/report": ({"percent": "5", "text": "x"}, OWNER),
    f"{M}/report": ({"percent": "5", "text": "x"}, OWNER),
    f"{M}/evidence": ({"reference": "x"}, OWNER),
    f"{M}/submit": ({}, OWNER),
    f"{M}/extension": ({"new_due": "2025-12-31", "reason": "x"}, OWNER),
    f"{M}/co-unit": ({}, NOBODY),
    f"{M}/owner": ({"owner": "sun", "reason": "x"}, COORDINATOR | GROUP),
    f"{M}/close": ({}, GROUP),
    f"{M}/cancel": ({"how": "cancel", "reason": "x"}, GROUP),
    f"{M}/rebound": ({"due": "2025-12-31", "reason": "x"}, frozenset({"lin", "jian", "wu", "zhao"})),
    f"{M}/opinion": ({"text": "x"}, NEAR),
    f"{R}/ledger/assign": ({"codes": "1-01", "owner": "sun", "reason": "x"}, COORDINATOR | GROUP),
    f"{R}/ledger/remind": ({"codes": "1-01"}, COORDINATOR),
    f"{R}/ledger/views": ({"name": "x", "query": ""}, EVERYBODY),
    f"{R}/verification/start": ({"codes": "1-01"}, COORDINATOR),
    f"{R}/meetings": ({"held_on": "2025-03-20"}, COORDINATOR),
    f"{R}/meetings/2025-03/move": ({"key": "x", "way": "up"}, COORDINATOR),
    f"{R}/meetings/2025-03/add": ({"text": "x"}, COORDINATOR),
    f"{R}/meetings/2025-03/add-measure": ({"code": "1-01", "note": "x"}, COORDINATOR),
    f"{R}/meetings/2025-03/remove": ({"key": "added:1", "reason": ""}, COORDINATOR),
    f"{R}/meetings/2025-03/restore": ({"key": "x"}, COORDINATOR),
    f"{R}/meetings/2025-03/day": ({"held_on": "2025-03-21"}, COORDINATOR),
    f"{R}/meetings/2025-03/decide": ({"kind": "task", "text": "x"}, COORDINATOR | GROUP),
    f"{R}/meetings/2025-03/minutes": ({"text": "x"}, COORDINATOR | GROUP),
    f"{R}/documents/check": ({}, HOUSE),
    f"{R}/documents/papers": ({"kind": "lists"}, COORDINATOR),
    f"{R}/documents/1/submit": ({}, COORDINATOR),
    f"{R}/documents/1/approve": ({}, GROUP),
    f"{R}/documents/1/return": ({"reason": "x"}, GROUP),
    f"{R}/documents/1/withdraw": ({"reason": "x"}, GROUP),
    f"{R}/accountability": (
        {"kind": "talk", "about": "wang", "decided_on": "2025-03-01", "text": "x"},
        frozenset({"jian"}),
    ),
    "/people": ({"code": "neu", "name": "新人", "unit": "一处"}, COORDINATOR),
    "/people/wang": ({"code": "wang", "name": "王经办", "unit": "一处"}, COORDINATOR),
    "/people/wang/roles": ({"role": "auditor"}, COORDINATOR),
    "/people/wang/roles/revoke": ({"role": "auditor"}, COORDINATOR),
    "/people/wang/invite": ({}, COORDINATOR),
    "/people/zhou/shut-out": ({}, COORDINATOR),
    "/account/language": ({"language": "zh_CN"}, EVERYBODY),
    "/people/wang/absences": (
        {"substitute": "sun", "first_day": "2025-04-01", "last_day": "2025-04-02"},
        COORDINATOR | {"wang"},
    ),
    "/people/units": ({"name": "新处", "kind": "department"}, COORDINATOR),
    "/people/units/edit": ({"unit": "二处", "name": "二处", "kind": "department"}, COORDINATOR),
    "/policies/ladder.yaml": (
        {"text": LADDER, "known": "x", "tried": mark_of(LADDER), "what": "save", "reason": "x"},
        COORDINATOR,
    ),
    "/policies/calendar": ({"what": "set", "day": "2025-06-06", "confirmed": "yes"}, COORDINATOR),
    "/audit/checkpoints": ({}, frozenset({"lin", "jian", "zhao", "shen"})),
    "/audit/verify": ({}, frozenset({"lin", "jian", "zhao", "shen"})),
}
#: Tried in a test of their own: they need something that is there, or a file, or are for nobody in particular.
ELSEWHERE = (
    *("/", "/language", "/sign-in", "/sign-out", "/link/{secret}", "/sign-in/provider", "/sign-in/provider/back"),
    "/rounds/{round}/seen",
    *("/forgotten", "/mail/{token}", "/unsubscribe/{token}", "/account/reminders"),
    *("/account/prove", "/people/trust/{number}/confirm", "/people/trust/{number}/refuse"),
    "/people/trust/{number}/withdraw",
    *("/account/password", "/account/browsers", "/account/tokens", "/account/tokens/{token}/revoke"),
    *("/account/calendar", "/account/calendar/end", "/calendar/{secret}.ics"),
    "/rounds/{round}/measures/{code}/evidence/{number}",
    "/rounds/{round}/measures/{code}/extension/decide",
    "/rounds/{round}/ledger/views/{number}/drop",
    "/rounds/{round}/verification/{number}",
    "/rounds/{round}/verification/{number}/visits",
    "/rounds/{round}/verification/{number}/photos/{photo}",
    "/rounds/{round}/verification/{number}/pack",
    "/rounds/{round}/verification/{number}/pack.zip",
    "/rounds/{round}/meetings/{period}/publish",
    "/rounds/{round}/meetings/{period}/call-off",
    "/rounds/{round}/meetings/{period}/tasks/{number}/done",
    "/rounds/{round}/documents/{number}",
    *("/rounds/{round}/documents/{number}/figures", "/rounds/{round}/documents/{number}/figures/{figure}"),
    *("/rounds/import/{number}", "/rounds/import/{number}/confirm", "/rounds/import/{number}/discard"),
    *("/rounds/import/{number}/feedback", "/rounds/import/{number}/answer", "/rounds/import/{number}/into"),
    *("/people/{person}/absences/{number}/end", "/delivery/{number}/resend", "/audit/checkpoints/{number}.json"),
)
WITH_A_FILE = (("POST", "/rounds/import"), ("POST", "/rounds/{round}/documents"))
#: Refused; what the measure's state forbids is told before who may, where somebody sees the measure.
REFUSED = {403, 404, 409}


@pytest.fixture(scope="module")
def patterns() -> dict[tuple[str, str], APIRoute]:
    return {(method, route.path): route for route in routes_of(PAGES) for method in route.methods}


@pytest.fixture
def told(premises: Premises) -> Premises:
    """Give the house with a measure in work, a meeting, and an auditor."""
    world = premises.world
    problem = plant_findings(world)["1.1"]
    with world.sessions.begin() as session:
        auditor = build_person(session, Role.AUDITOR, code="shen", name="沈审计", unit_id=world.units["局党委"])
        world.people["shen"] = auditor.id
    world.in_progress("1-01", finding_id=problem, due=world.today.replace(month=9))
    lin = premises.visitor("lin")
    lin.post(f"/rounds/{premises.round}/meetings", held_on="2025-03-20")
    lin.post(f"/rounds/{premises.round}/documents/papers", kind="report")
    lin.post(f"/rounds/{premises.round}/documents/1/submit")
    return premises


def test_routes_when_listed_are_all_tried(patterns: dict[tuple[str, str], APIRoute]):
    tried = {("GET", one.partition("?")[0]) for one in PAGES_FOR} | {("POST", one) for one in FORMS_FOR}
    lacking = [
        (method, path)
        for (method, path), route in patterns.items()
        if path not in ELSEWHERE
        and (method, path) not in WITH_A_FILE
        and not any(method == asked and route.path_regex.fullmatch(one.format(round="r")) for asked, one in tried)
    ]
    assert lacking == []


@pytest.fixture
def people(told: Premises) -> dict[str, Visitor]:
    return {code: told.visitor(code) for code in sorted(EVERYBODY)}


def test_pages_when_opened_are_for_whom_they_are_meant(told: Premises, people: dict[str, Visitor]):
    nobody = told.visitor()
    for path, allowed in PAGES_FOR.items():
        address = path.format(round=told.round)
        seen = {code: visitor.client.get(address).status_code for code, visitor in people.items()}
        assert {code for code, status in seen.items() if status == 200} == allowed, path
        assert {status for code, status in seen.items() if code not in allowed} <= {403, 404}, path
        assert nobody.client.get(address, follow_redirects=False).status_code == 303, path


def test_forms_when_sent_by_somebody_else_are_refused_and_change_nothing(told: Premises, people: dict[str, Visitor]):
    nobody, before = told.visitor(), told.world.get("1-01").version
    with told.world.sessions() as session:
        events = session.scalar(select(func.count()).select_from(Event))
    for path, (fields, allowed) in FORMS_FOR.items():
        address = path.format(round=told.round)
        for code in sorted(EVERYBODY - allowed):
            assert people[code].post(address, **fields).status in REFUSED, (path, code)
        assert nobody.client.post(address, data=fields, follow_redirects=False).status_code == 303, path
    assert told.world.get("1-01").version == before
    with told.world.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == events
    for path, (fields, allowed) in FORMS_FOR.items():
        for code in sorted(allowed):
            assert people[code].post(path.format(round=told.round), **fields).status not in {403, 404}, (path, code)
