"""Accountability outcomes: for supervisors and the leading group alone; the record vouches for them, silently."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.actions.desk import find_actor
from engine.actions.reassign_measure import reassign_measure
from engine.actions.record_outcome import record_outcome
from engine.actions.set_absence import set_absence
from engine.reads.audit import audit_record
from engine.reads.outcomes import OutcomeLine, read_outcomes
from engine.rules.refusal import FourEyes, NotAllowed, NotFound, NotReady
from engine.rules.sight import hidden_events
from engine.rules.vocabulary import OutcomeKind
from models import AccountabilityOutcome, Event, Round
from tests.factories import build_finding
from tests.world import World


def given(world: World, **overrides: Any) -> dict[str, Any]:
    plain = {"kind": OutcomeKind.ADMONITION, "decided_on": world.today, "text": "履职不力,予以诫勉", "person": "wang"}
    return plain | overrides


def seen(world: World, person: str) -> tuple[OutcomeLine, ...]:
    with world.desk(person) as desk:
        return read_outcomes(desk.session, find_actor(desk), world.round)


def test_outcome_when_recorded_by_a_supervisor_then_only_they_and_the_leading_group_see_it(either_world: World):
    world = either_world
    world.measure()
    world.act("jian", record_outcome, **given(world, measure="1-01"))
    world.act("jian", record_outcome, **given(world, kind=OutcomeKind.CIRCULAR, person=None, unit="一处"))
    for person in ("jian", "zhao"):
        assert [(one.towards, one.is_unit, one.measure) for one in seen(world, person)] == [
            ("一处", True, None),
            ("王经办", False, "1-01"),
        ]
    for stranger in ("lin", "wang", "li", "zhou"):
        with pytest.raises(NotFound, match="there is nothing here"):
            seen(world, stranger)
        with pytest.raises(NotFound, match="there is nothing here"):
            world.act(stranger, record_outcome, **given(world))
        with world.desk(stranger) as desk:
            assert hidden_events(find_actor(desk)) == {"accountability:outcome:record"}
    with pytest.raises(NotAllowed):
        world.act("zhao", record_outcome, **given(world))


def test_outcome_when_about_oneself_or_ones_own_work_then_refused(either_world: World):
    world = either_world
    world.measure(owner="jian")
    world.act("lin", reassign_measure, "1-01", owner="wang", reason="调岗")
    with pytest.raises(FourEyes, match="holding themselves"):
        world.act("jian", record_outcome, **given(world, person="jian"))
    with pytest.raises(FourEyes, match="简纪检 may not decide on this measure: owned it"):
        world.act("jian", record_outcome, **given(world, measure="1-01"))


def test_outcome_when_recorded_then_the_record_vouches_for_it_and_tells_nothing(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        build_finding(session, session.get_one(Round, world.round), code="1-01")
    world.act("jian", record_outcome, **given(world, finding="1-01"))
    with world.sessions() as session:
        (event,) = session.scalars(select(Event).where(Event.measure_id.is_(None)))
        assert audit_record(session).broken == []
    assert (event.round_id, event.measure_id, sorted(event.data)) == (None, None, ["digest", "outcome"])
    told = json.dumps(event.data, ensure_ascii=False)
    assert not any(word in told for word in ("诫勉", "admonition", "wang", "王经办", "1-01"))
    with world.sessions.begin() as session:
        session.execute(update(AccountabilityOutcome).values(text="批评教育"))
    with world.sessions() as session:
        (broken,) = audit_record(session).broken
    assert (broken.event, str(broken.problem)) == (
        event.id,
        "the restricted entry that it vouches for is gone, or was changed",
    )


def test_outcome_when_it_is_gone_then_the_audit_says_so(world: World):
    world.act("jian", record_outcome, **given(world))
    with world.sessions.begin() as session:
        session.delete(session.scalars(select(AccountabilityOutcome)).one())
    with world.sessions() as session:
        assert len(audit_record(session).broken) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"unit": "一处"}, "either a person or a unit"),
        ({"person": None}, "either a person or a unit"),
        ({"text": " "}, "what was decided is missing"),
        ({"decided_on": "tomorrow"}, "still to come"),
        ({"measure": "9-99"}, "no measure and no finding 9-99"),
    ],
)
def test_outcome_when_something_is_wrong_then_refused(world: World, wrong: dict[str, Any], message: str):
    if "decided_on" in wrong:
        wrong = {"decided_on": world.today + timedelta(days=1)}
    with pytest.raises((NotReady, NotFound), match=message):
        world.act("jian", record_outcome, **given(world, **wrong))
    assert seen(world, "jian") == ()


@pytest.mark.parametrize("away", ["jian", "zhao"])
def test_outcome_when_who_may_see_it_is_away_then_it_does_not_exist_for_the_substitute(either_world: World, away: str):
    world = either_world
    world.act("jian", record_outcome, **given(world))
    days = {"first_day": world.today, "last_day": world.today}
    world.act(away, set_absence, person=away, substitute="tang", **days)
    world.confirm_trust()
    for forbidden in (lambda: seen(world, "tang"), lambda: world.act("tang", record_outcome, **given(world))):
        with pytest.raises(NotFound, match="there is nothing here"):
            forbidden()
    with world.desk("tang") as desk:
        assert hidden_events(find_actor(desk)) == {"accountability:outcome:record"}


def test_outcome_when_one_of_the_group_stands_in_for_the_supervisor_then_they_read_and_record_none(world: World):
    days = {"first_day": world.today, "last_day": world.today}
    world.act("jian", set_absence, person="jian", substitute="zhao", **days)
    world.confirm_trust()
    assert seen(world, "zhao") == ()
    with pytest.raises(NotAllowed):
        world.act("zhao", record_outcome, **given(world))
