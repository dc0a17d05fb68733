"""Every operation × everybody: who gets through, and that none was forgotten.  The same table as for the pages' forms.

wang owns the measure in unit one, li heads that unit, sun works there, qian leads the measure; tang and he (its head)
are of another unit; lin coordinates, wu verifies, zhao is of the leading group, jian supervises, shen audits.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from engine.rules.vocabulary import Role
from models import Event
from tests.factories import build_person
from tests.group_meetings import draw_up
from tests.web.api.conftest import Office, Program

pytestmark = pytest.mark.slow

EVERYBODY = frozenset(["wang", "sun", "li", "qian", "tang", "he", "lin", "wu", "zhao", "jian", "shen"])
HOUSE = frozenset(["lin", "wu", "zhao", "jian", "shen"])  #: roles that concern the whole house
NEAR = HOUSE | {"wang", "sun", "li", "qian"}  #: who sees the measure
OWNER, GROUP, COORDINATOR = frozenset({"wang", "li"}), frozenset({"zhao"}), frozenset({"lin"})
NOBODY: frozenset[str] = frozenset()
R, M = "/rounds/{round}", "/rounds/{round}/measures/1-01"

#: By operation: where it is asked, and who is answered.
LOOKS: dict[str, tuple[str, frozenset[str]]] = {
    "who_am_i": ("/me", EVERYBODY),
    "list_my_work": ("/work", EVERYBODY),
    "list_inbox": ("/inbox", EVERYBODY),
    "list_rounds": ("/rounds", EVERYBODY),
    "show_round": (R, EVERYBODY),
    "show_status": (f"{R}/status", EVERYBODY),
    "list_measures": (f"{R}/measures", EVERYBODY),  # each sees their own part
    "show_measure": (M, NEAR),
    "list_meetings": (f"{R}/meetings", HOUSE | {"li", "he"}),
    "show_meeting": (f"{R}/meetings/2025-03", HOUSE | {"li", "he"}),
    "show_agenda": (f"{R}/meetings/2025-03/agenda", HOUSE | {"li", "he"}),
    "list_documents": (f"{R}/documents", HOUSE),
    "list_people": ("/people", EVERYBODY),
    "show_person": ("/people/wang", EVERYBODY),
    "list_units": ("/units", EVERYBODY),
    "list_trust_requests": ("/trust-requests", frozenset({"lin", "zhao", "jian", "wu"})),
    "list_absences": ("/absences", EVERYBODY),
    "list_runs": ("/runs", frozenset({"lin", "jian", "shen"})),
    "list_event_kinds": ("/event-kinds", EVERYBODY),
    "list_webhooks": ("/webhooks", COORDINATOR),
}
#: By operation: where, with what, and who gets through; others are refused, and nothing happens.
CHANGES: dict[str, tuple[str, Any, frozenset[str]]] = {
    "take_step": (f"{M}/steps/accept", {}, frozenset({"wang"})),
    "accept_measure": (f"{M}/accept", None, frozenset({"wang"})),
    "report_progress": (f"{M}/reports", {"percent": 5, "text": "x"}, OWNER),
    "submit_measure": (f"{M}/submit", None, OWNER),
    "request_extension": (f"{M}/extension", {"new_due": "2025-12-31", "reason": "x"}, OWNER),
    "confirm_co_unit": (f"{M}/co-unit", None, NOBODY),
    "acknowledge": (
        f"{M}/acknowledgement",
        {"waits_for": "due_date"},
        frozenset({"wang", "li", "qian", "lin", "zhao"}),
    ),
    "reassign_measure": (f"{M}/owner", {"owner": "sun", "reason": "x"}, COORDINATOR | GROUP),
    "start_verification": (f"{M}/verification", {}, COORDINATOR),
    "start_verifications": (f"{R}/verifications", {"codes": ["1-01"]}, COORDINATOR),
    "pass_verification": (f"{M}/verification/pass", {}, frozenset({"wu"})),
    "return_measure": (f"{M}/verification/return", {"reason": "x"}, frozenset({"wu"})),
    "decide_extension": (
        f"{M}/extension/decision",
        {"approve": True},
        frozenset({"lin", "zhao", "li", "qian", "wang"}),
    ),
    "close_measure": (f"{M}/close", None, GROUP),
    "cancel_measure": (f"{M}/cancel", {"how": "cancel", "reason": "x"}, GROUP),
    "rebound_measure": (f"{M}/rebound", {"due": "2025-12-31", "reason": "x"}, frozenset({"lin", "jian", "wu", "zhao"})),
    "write_opinion": (f"{M}/opinions", {"text": "x"}, NEAR),
    "draw_up_agenda": (f"{R}/agendas", {"held_on": "2025-03-20"}, COORDINATOR),
    "record_decision": (f"{R}/meetings/2025-03/decisions", {"kind": "task", "text": "x"}, COORDINATOR | GROUP),
    "call_off_meeting": (f"{R}/meetings/2025-03/call-off", {"reason": "x"}, COORDINATOR),
    "set_absence": (
        "/absences",
        {"person": "wang", "substitute": "sun", "first_day": "2025-04-01", "last_day": "2025-04-02"},
        COORDINATOR | {"wang"},
    ),
    "grant_role": ("/people/wang/roles", {"role": "auditor"}, COORDINATOR),
    "revoke_role": ("/people/wang/roles/revoke", {"role": "auditor"}, COORDINATOR),
    "add_webhook": ("/webhooks", {"url": "https://oa.example/"}, COORDINATOR),
    "pause_webhook": ("/webhooks/1/pause", None, COORDINATOR),
    "resume_webhook": ("/webhooks/1/resume", None, COORDINATOR),
}
#: Tried in a test of their own: they need something that is there, or a file.
ELSEWHERE = {
    *("confirm_trust_request", "refuse_trust_request", "withdraw_trust_request"),
    *("attach_evidence", "fetch_evidence", "fetch_document", "end_absence", "show_webhook", "drop_webhook"),
}


@pytest.fixture
def told(office: Office) -> Office:
    """Give the house with a measure in work, a meeting, and an auditor."""
    world = office.world
    with world.sessions.begin() as session:
        auditor = build_person(session, Role.AUDITOR, code="shen", name="沈审计", unit_id=world.units["局党委"])
        world.people["shen"] = auditor.id
    world.in_progress("1-01", due=world.today.replace(month=9))
    draw_up(world, world.today.replace(month=3, day=20))
    return office


@pytest.fixture
def programs(told: Office) -> dict[str, Program]:
    return {code: told.program(code) for code in sorted(EVERYBODY)}


def test_operations_when_listed_are_all_tried(office: Office):
    told = office.premises.visitor().client.get("/api/v1/openapi.json").json()
    ids = {one["operationId"] for ways in told["paths"].values() for one in ways.values()}
    assert ids == LOOKS.keys() | CHANGES.keys() | ELSEWHERE


def test_looks_when_asked_for_are_for_whom_they_are_meant(told: Office, programs: dict[str, Program]):
    for name, (path, allowed) in LOOKS.items():
        seen = {code: one.get(path.format(round=told.premises.round)).status_code for code, one in programs.items()}
        assert {code for code, status in seen.items() if status == 200} == allowed, name
        assert {status for code, status in seen.items() if code not in allowed} <= {403, 404}, name


def test_changes_when_asked_for_by_somebody_else_are_refused_and_change_nothing(
    told: Office, programs: dict[str, Program]
):
    before = told.world.get("1-01").version
    with told.world.sessions() as session:
        events = session.scalar(select(func.count()).select_from(Event))
    for name, (path, body, allowed) in CHANGES.items():
        for code in sorted(EVERYBODY - allowed):
            answer = programs[code].post(path.format(round=told.premises.round), body)
            assert answer.status_code in {403, 404, 409, 422}, (name, code, answer.text)
            assert answer.status_code != 422 or name == "decide_extension", (name, code, answer.text)
    assert told.world.get("1-01").version == before
    with told.world.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == events


def test_changes_when_asked_for_by_whom_they_are_for_are_not_forbidden(told: Office, programs: dict[str, Program]):
    programs["lin"].post("/webhooks", {"url": "https://oa.example/"})
    for name, (path, body, allowed) in CHANGES.items():
        for code in sorted(allowed):
            address = path.format(round=told.premises.round)
            if name.endswith("_webhook") and "/1/" in path:
                address = address.replace("/1/", f"/{programs['lin'].get('/webhooks').json()['webhooks'][0]['id']}/")
            answer = programs[code].post(address, body)
            assert answer.status_code not in {403, 404}, (name, code, answer.text)
