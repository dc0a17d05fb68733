"""The interface under schemathesis: whatever fits its description, or does not, is answered as the description says.

In this process, with a fixed seed: the same requests in every run.
"""

from __future__ import annotations

import os
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.group_meetings import draw_up
from tests.web.api.conftest import Office
from web.api.pace import Pace

pytestmark = pytest.mark.slow

SEED = 20250903
#: Requests of each kind for each operation; DUBAN_FUZZ=200 looks deeper.
EACH = int(os.environ.get("DUBAN_FUZZ", "3"))
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
#: Left out: positive_data_acceptance (what fits may still be refused by the engine: 403, 404, 409, 422), use_after_free
#: and ensure_resource_availability (they follow links between operations, of which there are none), ignored_auth and
#: unsupported_method (test_requests tries every bad token, and another way of asking).
MISFIT_CHECKS = [*CHECKS, checks.negative_data_rejection]


@pytest.fixture
def busy_office(office: Office) -> Office:
    """Give a house with something of everything, and programs that may call as often as they like."""
    world = office.world
    world.measure("1-01")
    world.in_progress("1-02")
    world.submitted("1-03")
    world.verified("1-04")
    draw_up(world)
    office.premises.app.state.api.state.pace = Pace(per_minute=10**9, at_once=10**9)
    return office


def fuzz(office: Office, mode: GenerationMode, count: int, wanted: list[Any], known: dict[str, Any]) -> int:
    """Call every operation `count` times; return how many calls were made."""
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", office.premises.app)
    programs, calls = cycle([office.program(who) for who in ("lin", "zhao", "wang")]), 0

    for found in schema.get_all_operations():
        operation = found.ok()
        names = {one.name for one in operation.path_parameters}
        takes = [one.name for one in operation.iter_parameters() if one.name != "Authorization"]
        if mode is GenerationMode.NEGATIVE and not takes and not operation.body:
            continue  # there is nothing that could be wrong
        headers = {"Authorization": f"Bearer {next(programs).token}"}
        real = {name: value for name, value in known.items() if name in names}

        @seed(SEED)
        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode, path_parameters=real or None, headers=headers))
        def call(case: Case) -> None:
            nonlocal calls
            calls += 1
            case.call_and_validate(checks=wanted)

        call()
    return calls


def test_interface_when_requests_fit_its_description_answers_as_described(busy_office: Office):
    known = {"round": busy_office.premises.round, "code": "1-02", "period": "2025-09", "person": "wang", "number": 1}
    assert fuzz(busy_office, GenerationMode.POSITIVE, EACH, CHECKS, known) > 40


def test_interface_when_requests_do_not_fit_refuses_them_as_described(busy_office: Office):
    assert fuzz(busy_office, GenerationMode.NEGATIVE, EACH, MISFIT_CHECKS, {}) > 40
