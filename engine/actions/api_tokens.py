"""Tokens with which programs act for a person: made and revoked by that person alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.actions.ask_trust import prove
from engine.actions.desk import Desk, find_actor, record
from engine.actions.open_sign_in import new_secret
from engine.reads.sign_ins import digest_of
from engine.reads.trust import guarded
from engine.rules.refusal import NotFound, NotReady
from engine.rules.text import N_
from models import ApiToken

PREFIX = "duban_"  #: so that a token is known for one wherever it turns up
LONGEST_DAYS = 366


class Scope(StrEnum):
    """What a token may be used for."""

    READ = "read"
    ACT = "act"  #: reading and changing


def make_token(desk: Desk, *, name: str, scope: Scope, days: int) -> str:
    """Return the secret of a new token of one's own; it is shown once.

    Raises NotReady; Unproved for a token that acts for who holds trust, where the password was not given of late.
    """
    if not name.strip():
        raise NotReady(N_("say what the token is for"))
    if not 1 <= days <= LONGEST_DAYS:
        raise NotReady(N_("a token is good for 1 to {most} days", most=LONGEST_DAYS))
    actor, secret = find_actor(desk), f"{PREFIX}{new_secret()}"
    if scope is Scope.ACT and actor.person in guarded(desk.session, desk.moment):
        prove(is_proved=desk.is_proved)
    desk.session.add(
        ApiToken(
            digest=digest_of(secret),
            person_id=actor.person,
            name=" ".join(name.split())[:200],
            scope=scope.value,
            made_at=desk.moment.at,
            expires_at=desk.moment.at + timedelta(days=days),
        )
    )
    record(desk, "account:token:make", actor=actor.person, scope=scope.value)
    return secret


def revoke_token(desk: Desk, token: int) -> None:
    """End a token of one's own at once.  Raises NotFound."""
    actor = find_actor(desk)
    found = desk.session.scalar(select(ApiToken).where(ApiToken.id == token, ApiToken.person_id == actor.person))
    if found is None:
        raise NotFound(N_("there is no such token"))
    if found.revoked_at is None:
        found.revoked_at = desk.moment.at
        record(desk, "account:token:revoke", actor=actor.person)


def touch_token(session: Session, token: int, at: datetime) -> None:
    """Put down that a token is used; called every few minutes of its use."""
    session.execute(update(ApiToken).where(ApiToken.id == token).values(used_at=at))
