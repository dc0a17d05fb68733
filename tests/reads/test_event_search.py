"""Events are searched page by page; what is restricted does not exist for who may not see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.actions.desk import find_actor
from engine.actions.record_outcome import record_outcome
from engine.actions.report_progress import report_progress
from engine.reads import event_search
from engine.reads.event_search import Sought, search_events
from engine.rules.vocabulary import OutcomeKind
from tests.world import World


def found(world: World, seer: str, /, *, before: int | None = None, **sought: object) -> tuple[list[str], int | None]:
    with world.desk(seer) as desk:
        lines, after = search_events(desk.session, find_actor(desk), Sought(**sought), before=before)  # type: ignore[arg-type]
    return [one.kind for one in lines], after


def test_events_when_searched_then_by_person_kind_measure_and_day(either_world: World, monkeypatch: pytest.MonkeyPatch):
    world = either_world
    world.submitted("1-01")
    world.in_progress("1-02")
    world.at(world.today + timedelta(days=1))
    world.act("wang", report_progress, "1-02", percent=20, text="进展")
    assert found(world, "lin", first_day=world.today)[0] == ["measure:progress:report"]
    assert "measure:progress:report" not in found(world, "lin", last_day=world.today - timedelta(days=1))[0]
    assert found(world, "lin", measure="1-02")[0] == ["measure:progress:report", "measure:state:accept"]
    assert found(world, "lin", person="lin")[0] == ["measure:verification:start"]
    assert found(world, "lin", kind="measure:state:submit") == (["measure:state:submit"], None)
    everything, _ = found(world, "lin")
    monkeypatch.setattr(event_search, "PAGE", 2)
    pages, before = [], None
    while True:
        kinds, before = found(world, "lin", before=before)
        pages += kinds
        if before is None:
            break
    assert pages == everything


def test_events_when_one_is_restricted_then_others_never_see_it(either_world: World):
    world = either_world
    given = {"kind": OutcomeKind.TALK, "decided_on": world.today, "text": "谈话", "person": "wang"}
    world.act("jian", record_outcome, **given)
    assert found(world, "jian")[0] == found(world, "zhao")[0] == ["accountability:outcome:record"]
    for stranger in ("lin", "zhou", "wang"):
        assert found(world, stranger) == ([], None)
        assert found(world, stranger, person="jian") == ([], None)
        assert found(world, stranger, kind="accountability:outcome:record") == ([], None)
