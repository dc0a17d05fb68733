"""Who calls: the person behind the token, with just their own rights; and what a request that changes something brings.

`Reads` is for requests that look, `Acts` for those that change something, which a token must be made for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from engine.actions.api_tokens import touch_token
from engine.actions.desk import Desk, find_actor, find_round, one_request
from engine.reads.bearers import Bearer, read_bearer
from engine.rules.access import Actor
from engine.rules.refusal import TooSoon
from engine.rules.sight import Place, Sight, open_place, sight_of
from engine.rules.text import N_
from flows.house import House
from models import Round
from models.database import glancing
from web.api.pace import Pace
from web.api.problems import NoToken, ReadsOnly, language_of
from web.api.strict_query import refuse_other_queries
from web.visit import Visit

LONGEST_KEY = 200


@dataclass(frozen=True, kw_only=True)
class Caller(Visit):
    """One request of a program that acts for a person."""

    bearer: Bearer
    actor: Actor  #: their rights today
    key: str | None = None  #: Idempotency-Key
    expected: int | None = None  #: the version of the measure that If-Match names
    asked: bytes = b""  #: SHA-256 of what is asked

    @cached_property
    def sight(self) -> Sight:
        """Which measures they see."""
        return sight_of(self.actor)

    def open(self, place: Place) -> None:
        """Refuse, unless they may open a place.  Raises NotAllowed or NotFound."""
        open_place(self.actor, place)

    def find_round(self, session: Session, code: str) -> Round:
        """Return the round with this code.  Raises NotFound."""
        return find_round(session, code)

    def reading_desk(self, session: Session, round_: str) -> Desk:
        """Return a desk for asking what may be done; nothing may be written at it."""
        return Desk(session=session, moment=self.moment, calendar=self.calendar, person=self.bearer.code, round=round_)

    @contextmanager
    def acting(self, round_: str | None) -> Iterator[Desk]:
        """Give the desk of one action; what was done is committed at the end, all or nothing."""
        with one_request(self.house.sessions) as session:
            yield self.house.desk(session, self.bearer.code, self.moment, round_)


_bearer = HTTPBearer(auto_error=False, description="A token of your own, made on the page of your account.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def reads(request: Request, credentials: Credentials) -> Caller:
    """Return who calls.  Raises NoToken, or TooSoon when the token has called too often."""
    house: House = request.app.state.house
    pace: Pace = request.app.state.pace
    moment = house.now()
    if credentials is None:
        raise NoToken
    with glancing(house.sessions) as session:
        bearer = read_bearer(session, credentials.credentials, moment)
        if bearer is None:
            raise NoToken
        request.state.language = bearer.language
        seconds = pace.wait(bearer.token)
        if seconds:
            raise TooSoon(
                N_("too many requests; the next one may come in {seconds} seconds", seconds=seconds), seconds=seconds
            )
        desk = Desk(session=session, moment=moment, calendar=request.app.state.calendar(), person=bearer.code)
        actor = find_actor(desk)
    if bearer.is_unseen:
        with one_request(house.sessions) as session:
            touch_token(session, bearer.token, moment.at)
    refuse_other_queries(request)
    return Caller(
        house=house, request=request, moment=moment, language=language_of(request), bearer=bearer, actor=actor
    )


async def digest_of_request(request: Request) -> bytes:
    """Return the SHA-256 of what is asked; of an upload without its files, whose own digests are added later."""
    digest = sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    if not request.headers.get("content-type", "").startswith("multipart/"):
        digest.update(await request.body())
    return digest.digest()


def acts(
    caller: Annotated[Caller, Depends(reads)],
    asked: Annotated[bytes, Depends(digest_of_request)],
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=LONGEST_KEY,
            pattern=r"^[!-~]+$",
            description="A word of your own: sent again within a day, the request is done once and answered alike.",
            examples=["2f6c1e0a-accept-1.2-03"],
        ),
    ] = None,
) -> Caller:
    """Return who calls to change something.  Raises NotAllowed when the token is for reading."""
    if not caller.bearer.may_act:
        raise ReadsOnly(N_("this token may only read; make another one to change something"))
    return _with(caller, key=idempotency_key, asked=asked)


def acts_on_measure(
    caller: Annotated[Caller, Depends(acts)],
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            pattern=r'^"[0-9]{1,9}"$|^\*$',
            description="The version of the measure that you have read (its ETag); when it has changed since, 412.",
            examples=['"3"'],
        ),
    ] = None,
) -> Caller:
    """Return who calls to change a measure, and which version of it they have read."""
    return _with(caller, expected=int(if_match.strip('"')) if if_match and if_match != "*" else None)


def _with(caller: Caller, **more: object) -> Caller:
    plain = {name: getattr(caller, name) for name in Caller.__dataclass_fields__}
    return Caller(**(plain | more))  # a copy, without what the first has worked out


Reads = Annotated[Caller, Depends(reads)]
Acts = Annotated[Caller, Depends(acts)]
Changes = Annotated[Caller, Depends(acts_on_measure)]
