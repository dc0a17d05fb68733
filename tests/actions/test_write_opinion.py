"""An opinion: who may give one, what stands in the record, and who is told."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.actions.write_opinion import LONGEST, write_opinion
from engine.rules.refusal import NotFound, NotReady
from models import CoUnit, Event
from tests.world import World

CODE = "1-01"


def told(world: World) -> list[tuple[str, str]]:
    return [(line.to, line.data["text"]) for line in world.said(kind="opinion")]


def test_opinion_when_given_is_an_event_and_told_to_the_owner(either_world: World):
    world = either_world
    world.in_progress()
    before = world.get(CODE).version
    world.act("jian", write_opinion, CODE, "  进度偏慢\n请加快  ")
    with world.sessions() as session:
        event = session.scalars(select(Event).where(Event.kind == "measure:opinion:write")).one()
    assert (event.data["text"], event.actor_id) == ("进度偏慢\n请加快", world.people["jian"])
    assert (told(world), world.get(CODE).version) == ([("wang", "进度偏慢\n请加快")], before + 1)


def test_opinion_when_it_names_people_tells_them_once_and_never_its_author(either_world: World):
    world = either_world
    world.in_progress()
    world.act("wang", write_opinion, CODE, "@李处长 @li ＠qian请看，@王经办 @没有此人，@孙经办和")
    assert sorted(person for person, _ in told(world)) == ["li", "qian", "sun"]


def test_opinion_when_it_names_somebody_who_does_not_see_the_measure_tells_them_nothing(either_world: World):
    world = either_world
    world.in_progress()
    world.act("wang", write_opinion, CODE, "@tang 请协助")
    assert told(world) == []


def test_opinion_when_two_are_given_on_one_day_tells_both(either_world: World):
    world = either_world
    world.in_progress()
    world.act("li", write_opinion, CODE, "一")
    world.act("li", write_opinion, CODE, "二")
    assert told(world) == [("wang", "一"), ("wang", "二")]


@pytest.mark.parametrize("person", ["tang", "he"])
def test_opinion_of_somebody_who_does_not_see_it_is_refused_as_if_it_were_not_there(either_world: World, person: str):
    world = either_world
    world.in_progress()
    with pytest.raises(NotFound):
        world.act(person, write_opinion, CODE, "看看")
    with world.sessions.begin() as session:
        session.add(CoUnit(measure_id=world.get(CODE).id, unit_id=world.units["二处"]))
    world.act(person, write_opinion, CODE, "我们配合")


@pytest.mark.parametrize("text", ["", "  \n", "长" * (LONGEST + 1)])
def test_opinion_without_a_text_of_a_fit_length_is_refused(world: World, text: str):
    world.in_progress()
    with pytest.raises(NotReady):
        world.act("wang", write_opinion, CODE, text)
    assert "measure:opinion:write" not in world.events(CODE)
