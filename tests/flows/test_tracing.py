"""The rows behind a figure: whoever may not see a measure is told how many there are, and no more."""

from datetime import date

from engine.reads.recount import Recounter
from engine.rules.figure import Figure, Findings, Measures
from engine.rules.moment import day_end
from engine.rules.sight import Sight
from engine.rules.vocabulary import Level
from flows.tracing import rows_behind
from models import Round
from models.database import reading
from tests.factories import ZONE
from tests.world import World


def test_rows_when_somebody_sees_one_unit_are_its_own_and_a_count_of_the_rest(either_world: World):
    world = either_world.at(date(2025, 3, 4))
    for code, unit in (("a", "一处"), ("b", "二处"), ("c", "一处")):
        world.measure(code, unit_id=world.units[unit], owner=None, lead=None)
    with reading(world.sessions) as session:
        recounter = Recounter(session, session.get_one(Round, world.round), day_end(date(2025, 3, 5), ZONE))
        (every,) = recounter.recount(Figure(value=3, source=Measures())).parts
        mine = Sight(everything=False, units=frozenset({world.units["一处"]}))
        seen = rows_behind(session, world.round, every, mine)
        assert [row["code"] for row in seen.rows] == ["a", "c"]
        assert (seen.hidden, seen.of_measures) == (1, True)
        assert rows_behind(session, world.round, every).hidden == 0
        (findings,) = recounter.recount(Figure(value=0, source=Findings(level=Level.ASPECT))).parts
        assert not rows_behind(session, world.round, findings, mine).of_measures
