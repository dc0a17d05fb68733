"""W1: measures driven from assigned to closed, in shuffled order, every step a commit of its own.

The bare contestants take three transitions a measure, each with one audit record.  Duban takes six requests: four
transitions (accept, submit, pass, close) and two that its guards ask for (evidence, the choice of a verifier).  Its
figure is that of the four transitions, each a whole request: rights, guards, event, timers, outbox.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial

from bench import core, floor, orm
from bench.contest import Contest
from bench.ledgers import COORDINATOR, GROUP, NAMED, ROUND, calendar, fill_duban, moment
from bench.peers import peer_turns
from bench.plain import PEOPLE, Size
from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.close_measure import close_measure
from engine.actions.desk import Desk, one_request
from engine.actions.judge_verification import pass_verification
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.rules.vocabulary import State
from models.database import open_database, sessions_of

STEPS = 3
Order = list[tuple[int, int]]

#: Duban's requests in order: name, and whether it is a transition.
REQUESTS = (
    ("accept", True),
    ("evidence", False),
    ("submit", True),
    ("start", False),
    ("pass", True),
    ("close", True),
)


def measure_lifecycle(contest: Contest) -> None:
    """Measure W1 on the contest's place."""
    cases = contest.scale.measures
    plain = contest.plain(Size(measures=cases, due=0), state="assigned")
    ledger = contest.place.fresh(contest.name("duban"))
    fill_duban(ledger, Size(measures=cases, due=0), state=State.ASSIGNED)
    order = shuffled(cases, STEPS)

    def bare(work: Callable[[str, Order], float]) -> float:
        with contest.copied(plain) as url:
            return len(order) / work(url, order)

    seconds: dict[str, list[float]] = defaultdict(list)

    def duban() -> float:
        with contest.copied(ledger) as url:
            spent = drive(url, cases)
        for name, value in spent.items():
            seconds[name].append(value)
        return 4 * cases / sum(spent[name] for name, is_transition in REQUESTS if is_transition)

    contest.run(
        "W1",
        cases,
        "/s",
        {
            "floor": partial(bare, partial(floor.lifecycle, design="row")),
            "floor with timer table": partial(bare, partial(floor.lifecycle, design="timer")),
            "core": partial(bare, core.lifecycle),
            "orm": partial(bare, orm.lifecycle),
            "duban": duban,
            **peer_turns(contest, "W1", cases),
        },
    )
    whole = [sum(values) for values in zip(*seconds.values(), strict=True)]
    contest.keep("W1", "duban, all six requests", cases, "/s", *(6 * cases / value for value in whole))
    for name, values in seconds.items():
        contest.keep("W1 one request", name, cases, "ms", *(1000 * value / cases for value in values))
    contest.place.drop(plain)
    contest.place.drop(ledger)


def shuffled(cases: int, steps: int) -> Order:
    """Return every step of every case: each case's in order, the cases strewn among one another."""
    turns = [case for case in range(1, cases + 1) for _ in range(steps)]
    random.Random(1).shuffle(turns)  # the same order in every run
    done: dict[int, int] = defaultdict(int)
    order = []
    for case in turns:
        order.append((case, done[case]))
        done[case] += 1
    return order


def drive(url: str, cases: int) -> dict[str, float]:
    """Drive every measure of Duban's ledger to its close; return the seconds that each kind of request took in all."""
    engine = open_database(url)
    sessions = sessions_of(engine)
    with sessions() as session:
        session.connection()
    spent = dict.fromkeys((name for name, _ in REQUESTS), 0.0)
    verifiers: dict[str, str] = {}
    for case, step in shuffled(cases, len(REQUESTS)):
        name, code = REQUESTS[step][0], f"M{case}"
        person = _who(name, case, verifiers.get(code, ""))
        begin = time.perf_counter()
        with one_request(sessions) as session:
            desk = Desk(session=session, moment=moment(), calendar=calendar(), person=person, round=ROUND)
            answer = _act(desk, name, code)
        spent[name] += time.perf_counter() - begin
        if isinstance(answer, dict):
            verifiers |= {case: name.removeprefix(NAMED) for case, name in answer.items()}  # people sign in by code
        elif name == "close":
            assert answer is State.CLOSED
    engine.dispose()
    return spent


def _who(name: str, case: int, verifier: str) -> str:
    by = {"start": COORDINATOR, "close": GROUP, "pass": verifier}
    return by.get(name, f"o{case % PEOPLE + 1}")


def _act(desk: Desk, name: str, code: str) -> State | dict[str, str]:
    if name == "accept":
        return accept_measure(desk, code).state
    if name == "evidence":
        return attach_evidence(desk, code, name="会议纪要.pdf", sha256="ab" * 32).state
    if name == "submit":
        return submit_measure(desk, code).state
    if name == "start":
        return start_verification(desk, [code])
    if name == "pass":
        return pass_verification(desk, code).state
    return close_measure(desk, code).state
