"""Trust that waits for a second person: listed, asked for, confirmed, refused, withdrawn."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

import i18n
from engine.actions.decide_trust import confirm_request, refuse_request, withdraw_request
from engine.actions.desk import Desk
from engine.actions.grant_role import grant_role, revoke_role
from engine.reads.trust import TrustLine, find_line, read_requests
from engine.rules.access import only_for
from engine.rules.trust import TRUSTED, TrustKind, TrustState
from engine.rules.vocabulary import Role
from web.api.answers import NO_CONTENT, act
from web.api.caller import Acts, Caller, Reads
from web.api.people import PersonCode
from web.api.shapes import Asked, Given, Line, Number, Words

routes = APIRouter(tags=["people"])


class TrustRequest(Given):
    """Something that takes effect when a second person who holds trust confirms it."""

    number: int
    kind: TrustKind
    what: str = Field(description="What is asked, in a sentence.")
    person: str = Field(description="Sign-in name of whom it concerns.")
    asked_by: str | None = Field(description="Name; null: whoever runs the machine.")
    asked_at: datetime
    expires_at: datetime
    state: TrustState
    is_lapsed: bool = Field(description="Nobody answered in time.")
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    confirmers: list[str] = Field(description="Names of those who may confirm it.")
    may_confirm: bool = Field(description="Whether the caller may.")


class TrustRequests(Given):
    """What waits, and what was decided in the last month."""

    requests: list[TrustRequest]


class RoleAsked(Asked):
    """A role to be given or taken away."""

    role: Role
    unit: Line | None = Field(default=None, description="For a unit's head: the unit; null: the person's own.")


class RoleGiven(Given):
    """What came of it."""

    waits: int | None = Field(description="The request that waits for a second person; null: the role is given.")


class Refused(Asked):
    """Why a request is refused."""

    reason: Words


@routes.get("/trust-requests", operation_id="list_trust_requests", response_model=TrustRequests)
def list_requests(caller: Reads) -> TrustRequests:
    """List what waits for a second person, and what was decided of late.  For who holds a trusted role."""
    only_for(caller.actor, "confirm_trust", TRUSTED)
    with caller.reading() as session:
        found = read_requests(
            session,
            caller.moment,
            reader=caller.bearer.person,
            coordinates=caller.actor.holds(Role.COORDINATOR),
        )
    return TrustRequests(requests=[_told(caller, one) for one in found])


@routes.post("/trust-requests/{number}/confirm", operation_id="confirm_trust_request", response_model=TrustRequest)
def confirm(caller: Acts, number: Number) -> Response:
    """Let a request take effect, as the second person who holds trust."""
    return act(caller, lambda desk: _after(caller, desk, confirm_request(desk, number).id))


@routes.post("/trust-requests/{number}/refuse", operation_id="refuse_trust_request", response_model=TrustRequest)
def refuse(caller: Acts, number: Number, body: Refused) -> Response:
    """Refuse a request, with a reason."""
    return act(caller, lambda desk: _after(caller, desk, refuse_request(desk, number, reason=body.reason).id))


@routes.post("/trust-requests/{number}/withdraw", operation_id="withdraw_trust_request", response_model=TrustRequest)
def withdraw(caller: Acts, number: Number) -> Response:
    """Take back what one has asked."""
    return act(caller, lambda desk: _after(caller, desk, withdraw_request(desk, number).id))


@routes.post("/people/{person}/roles", operation_id="grant_role", response_model=RoleGiven)
def give(caller: Acts, person: PersonCode, body: RoleAsked) -> Response:
    """Give a role; a trusted one waits for a second person.  For coordinators."""

    def given(desk: Desk) -> RoleGiven:
        waits = grant_role(desk, person, body.role, unit=body.unit)
        return RoleGiven(waits=waits.id if waits else None)

    return act(caller, given)


@routes.post(
    "/people/{person}/roles/revoke", operation_id="revoke_role", status_code=NO_CONTENT, response_class=Response
)
def take(caller: Acts, person: PersonCode, body: RoleAsked) -> Response:
    """Take a role away, at once.  For coordinators."""
    return act(caller, lambda desk: revoke_role(desk, person, body.role, unit=body.unit))


def _after(caller: Caller, desk: Desk, number: int) -> TrustRequest:
    desk.session.flush()
    return _told(caller, find_line(desk.session, number, caller.moment, reader=caller.bearer.person))


def _told(caller: Caller, line: TrustLine) -> TrustRequest:
    plain = {name: getattr(line, name) for name in TrustRequest.model_fields}
    return TrustRequest(**plain | {"what": i18n.say(line.what, caller.language), "confirmers": list(line.confirmers)})
