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
from engine.reads.ledger_page import LedgerFilter, find_unit, read_ledger_page
from engine.reads.ledger_terms import Order
from engine.reads.round_figures import read_status
from engine.reads.tallies import read_tallies
from engine.rules.vocabulary import State
from models import Round
from models.database import glancing, open_database, reading, sessions_of

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
            "duban": partial(milliseconds, partial(page, times=TIMES), ledger),
        }
        contest.run("W4 page", measures, "ms", pages)
        counting = {
            "floor, kept counters": partial(milliseconds, partial(floor.counts, times=TIMES, kept=True), plain),
            "floor, counted": partial(milliseconds, partial(floor.counts, times=FEW, kept=False), plain),
            "core, kept counters": partial(milliseconds, partial(core.counts, times=TIMES), plain),
            "duban": partial(milliseconds, partial(counts, times=TIMES), ledger),
            "duban, status": partial(milliseconds, partial(status, times=1), ledger),
        }
        contest.run("W4 counts", measures, "ms", counting)
        contest.place.drop(plain)


def page(url: str, times: int) -> float:
    """Return the mean seconds of the first page of a unit's open measures by due date, each in a session of its own."""
    engine = open_database(url)
    sessions = sessions_of(engine)
    with reading(sessions) as session:
        number = session.scalars(select(Round.id).where(Round.code == ROUND)).one()
        units = [find_unit(session, f"{unit}处") for unit in range(1, UNITS + 1)]
    with stopwatch() as watch:
        for turn in range(times):
            only = LedgerFilter(unit=units[turn % UNITS], states=frozenset({State.IN_PROGRESS}))
            with glancing(sessions) as session:
                found = read_ledger_page(
                    session, number, on=moment().on, calendar=calendar(), only=only, order=Order.DUE, limit=PAGE
                )
            assert found.lines
    engine.dispose()
    return watch.seconds / times


def counts(url: str, times: int) -> float:
    """Return the mean seconds of the progress counts by unit and state, each in a session of its own."""
    engine = open_database(url)
    sessions = sessions_of(engine)
    with reading(sessions) as session:
        number = session.scalars(select(Round.id).where(Round.code == ROUND)).one()
    with stopwatch() as watch:
        for _ in range(times):
            with glancing(sessions) as session:
                found = read_tallies(session, number)
            assert len({one.unit for one in found}) == UNITS
    engine.dispose()
    return watch.seconds / times


def status(url: str, times: int) -> float:
    """Return the mean seconds of the whole status of today: findings done, lateness, counts by state and by unit."""
    engine = open_database(url)
    sessions = sessions_of(engine)
    with reading(sessions) as session:
        round_ = session.scalars(select(Round).where(Round.code == ROUND)).one()
    with stopwatch() as watch:
        for _ in range(times):
            with reading(sessions) as session:
                found = read_status(session, round_, moment().on, calendar())
            assert len(found.by_unit) == UNITS
    engine.dispose()
    return watch.seconds / times
