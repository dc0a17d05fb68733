"""Whose token a program brings: only one that is known, not expired and not revoked counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from engine.actions.api_tokens import Scope, make_token, revoke_token, touch_token
from engine.reads.bearers import Bearer, read_bearer
from engine.reads.sign_ins import SEEN_EVERY, read_tokens
from engine.rules.moment import Moment
from models.database import reading
from tests.world import World


def bearer(world: World, secret: str, *, after: timedelta = timedelta(0)) -> Bearer | None:
    with reading(world.sessions) as session:
        return read_bearer(session, secret, Moment(at=world.moment.at + after, on=world.today))


def test_token_when_good_tells_whose_it_is_and_what_it_may(either_world: World):
    world = either_world
    reads = world.act("wang", make_token, name="报表", scope=Scope.READ, days=30)
    acts = world.act("lin", make_token, name="OA", scope=Scope.ACT, days=30)
    first, second = bearer(world, reads), bearer(world, acts)
    assert first is not None
    assert second is not None
    assert (first.code, first.may_act, second.code, second.may_act) == ("wang", False, "lin", True)
    assert bearer(world, reads + "x") is None
    assert bearer(world, "") is None


def test_token_when_expired_or_revoked_is_nobodys(either_world: World):
    world = either_world
    secret = world.act("wang", make_token, name="报表", scope=Scope.READ, days=1)
    assert bearer(world, secret, after=timedelta(hours=23)) is not None
    assert bearer(world, secret, after=timedelta(days=1)) is None
    with reading(world.sessions) as session:
        (token,) = read_tokens(session, world.people["wang"])
    world.act("wang", revoke_token, token.id)
    assert bearer(world, secret) is None


def test_token_when_used_is_put_down_every_few_minutes(world: World):
    secret = world.act("wang", make_token, name="报表", scope=Scope.READ, days=1)
    found = bearer(world, secret)
    assert found is not None
    assert found.is_unseen
    with world.sessions.begin() as session:
        touch_token(session, found.token, world.moment.at)
    assert bearer(world, secret, after=SEEN_EVERY) == replace(found, is_unseen=False)
    assert bearer(world, secret, after=SEEN_EVERY + timedelta(seconds=1)) == found
