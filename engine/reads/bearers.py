"""Whose token a program has brought: found by the hash of the secret, in one statement."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.reads.sign_ins import SEEN_EVERY, digest_of
from engine.rules.moment import Moment
from models import ApiToken, Person

ACTS = "act"  #: the scope that lets a program change something


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who a program acts for, and what it may do in their name."""

    token: int
    person: int
    code: str
    language: str | None
    may_act: bool
    is_unseen: bool  #: its use has not been put down for a while


_BEARER = (
    select(ApiToken, Person.code, Person.language)
    .join(Person, Person.id == ApiToken.person_id)
    .where(ApiToken.digest == bindparam("digest"))
)


def read_bearer(session: Session, secret: str, moment: Moment) -> Bearer | None:
    """Return whose token this is; None: nobody's, or it has expired or was revoked."""
    row = session.execute(_BEARER, {"digest": digest_of(secret)}).one_or_none()
    if row is None:
        return None
    token: ApiToken = row.ApiToken
    if token.revoked_at is not None or token.expires_at <= moment.at:
        return None
    return Bearer(
        token=token.id,
        person=token.person_id,
        code=row.code,
        language=row.language,
        may_act=token.scope == ACTS,
        is_unseen=token.used_at is None or moment.at - token.used_at > SEEN_EVERY,
    )
