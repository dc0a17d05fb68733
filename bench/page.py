"""W4: the ledger page (a unit's open measures by due date, the first 50), and progress counts by unit and state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlalchemy import select

from bench import core, floor, orm
from bench.contest import Contest
from bench.ledgers import ROUND, calendar, moment
from bench.plain import UNITS, Size
from bench.timing import stopwatch
from engine.reads.measure_page import MeasureFilter, list_measures
from engine.reads.round_figures import read_status
from engine.rules.vocabulary import State
from models import Round
from models.database import open_database, reading, sessions_of

TIMES = 100  #: for what takes well under a millisecond
FEW = 3  #: for what grows with the ledger
PAGE = 50


def measure_page(contest: Contest) -> None:
    """Measure W4 on the contest's place, for every size but the smallest."""
    for measures in contest.scale.ledgers[1:]:
        size = Size(measures=measures, due=contest.scale.due)
        plain, ledger = contest.plain(size), contest.ledger(size)

        def milliseconds(work: Callable[[str], float], url: str) -> float:
            return 1000 * work(url)

        pages = {
            "floor": partial(milliseconds, partial(floor.page, times=TIMES), plain),
            "core": partial(milliseconds, partial(core.page, times=TIMES), plain),
            "orm": partial(milliseconds, partial(orm.page, times=TIMES), plain),
            "duban": partial(milliseconds, partial(page, times=FEW), ledger),
        }
        contest.run("W4 page", measures, "ms", pages)
        counting = {
            "floor, kept counters": partial(milliseconds, partial(floor.counts, times=TIMES, kept=True), plain),
            "floor, counted": partial(milliseconds, partial(floor.counts, times=FEW, kept=False), plain),
            "core, kept counters": partial(milliseconds, partial(core.counts, times=TIMES), plain),
            "duban": partial(milliseconds, partial(counts, times=1), ledger),
        }
        contest.run("W4 counts", measures, "ms", counting)
        contest.place.drop(plain)


def page(url: str, times: int) -> float:
    """Return the mean seconds of Duban's list of a unit's open measures.  It reads all of them: there are no pages."""
    engine = open_database(url)
    sessions = sessions_of(engine)
    with reading(sessions) as session:
        number = session.scalars(select(Round.id).where(Round.code == ROUND)).one()
    with stopwatch() as watch:
        for turn in range(times):
            only = MeasureFilter(unit=f"{turn % UNITS + 1}处", state=State.IN_PROGRESS)
            with reading(sessions) as session:
                found = list_measures(session, number, on=moment().on, calendar=calendar(), only=only)
            assert found[:PAGE]
    engine.dispose()
    return watch.seconds / times


def counts(url: str, times: int) -> float:
    """Return the mean seconds of Duban's status: counts by state and by unit, of today."""
    engine = open_database(url)
    sessions = sessions_of(engine)
    with reading(sessions) as session:
        round_ = session.scalars(select(Round).where(Round.code == ROUND)).one()
    with stopwatch() as watch:
        for _ in range(times):
            with reading(sessions) as session:
                status = read_status(session, round_, moment().on, calendar())
            assert len(status.by_unit) == UNITS
    engine.dispose()
    return watch.seconds / times
