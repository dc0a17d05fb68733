"""W2: one sweep over a ledger of T open measures, some of them due today.

Escalation, audit record, notification to the superior and next check, exactly once for each; a second run does
nothing.  `python -m bench.sweep URL` is one sweeper in a process of its own; `idle` in the URL's place only imports.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench import core, floor, orm
from bench.contest import Contest
from bench.ledgers import calendar, moment
from bench.peers import peer_turns
from bench.places import keep_log, log_position
from bench.plain import Size
from bench.sweep_floor import rows_of_sweep, write_ready
from bench.timing import peak_memory, stopwatch
from engine.actions.sweep_deadlines import sweep_deadlines
from models import Escalation, Notification
from models.database import open_database, sessions_of

MEGABYTE = 1_000_000


def measure_sweep(contest: Contest) -> None:
    """Measure W2 on the contest's place, for ledgers of every size."""
    due = contest.scale.due
    for measures in contest.scale.ledgers:
        size = Size(measures=measures, due=due)
        plain, ledger = contest.plain(size), contest.ledger(size)
        _race(contest, plain, ledger, size)
        _log_and_memory(contest, plain, ledger, size)
        contest.place.drop(plain)
    given = contest.scale.peer_due
    turns = peer_turns(contest, "W2", given)
    scaled = {name: partial(_scaled, turn, due / given) for name, turn in turns.items()}
    contest.run("W2", given, "s", scaled)


def _scaled(turn: Callable[[], float], factor: float) -> float:
    return turn() * factor


def _race(contest: Contest, plain: str, ledger: str, size: Size) -> None:
    def bare(work: Callable[[str], float]) -> float:
        with contest.copied(plain) as url:
            return work(url)

    def duban() -> float:
        with contest.copied(ledger) as url:
            return sweep(url, size.due)

    with contest.copied(ledger) as url:
        written = rows_of_sweep(url)

    def rows_alone() -> float:
        with contest.copied(ledger) as url:
            return write_ready(url, written)

    contest.run(
        "W2",
        size.measures,
        "s",
        {
            "floor, date on the row": partial(bare, partial(floor.sweep, design="row")),
            "floor, timer table": partial(bare, partial(floor.sweep, design="timer")),
            "core": partial(bare, core.sweep),
            "orm": partial(bare, orm.sweep),
            "floor, Duban's rows ready-made": rows_alone,
            "duban": duban,
        },
    )


def sweep(url: str, due: int) -> float:
    """Sweep once, make sure that everything happened once and nothing on the second run; return the seconds."""
    engine = open_database(url)
    sessions = sessions_of(engine)
    with sessions() as session:
        session.connection()
    with stopwatch() as watch:
        sweep_deadlines(sessions, moment=moment(), calendar=calendar())
    again = sweep_deadlines(sessions, moment=moment(), calendar=calendar())
    assert again.batches == 0, "the second sweep found something to do"
    with Session(engine) as session:
        for table in (Escalation, Notification):
            assert session.scalar(select(func.count()).select_from(table)) == due, table
    engine.dispose()
    return watch.seconds


def _log_and_memory(contest: Contest, plain: str, ledger: str, size: Size) -> None:
    """Measure the log in a run of its own, and the memory in a process of its own."""
    for system, design in (("floor, date on the row", "row"), ("floor, timer table", "timer")):
        with contest.copied(plain) as url:
            contest.place.checkpoint()
            log = floor.sweep_log(url, design=design)  # type: ignore[arg-type]
        contest.keep("W2 log", system, size.measures, "MB", log / MEGABYTE)
    with contest.copied(ledger) as url:
        contest.place.checkpoint()
        contest.keep("W2 log", "duban", size.measures, "MB", _log_of_sweep(url) / MEGABYTE)
    with contest.copied(ledger) as url:
        contest.keep("W2 memory", "duban", size.measures, "MB", sweeper(url)["memory"])
    contest.keep("W2 memory", "duban, idle", size.measures, "MB", sweeper("idle")["memory"])


def _log_of_sweep(url: str) -> int:
    engine = open_database(url)
    keep_log(engine)
    before = log_position(url)
    sweep_deadlines(sessions_of(engine), moment=moment(), calendar=calendar())
    written = log_position(url) - before
    engine.dispose()
    return written


def sweeper(url: str) -> dict[str, float]:
    """Run one sweeper in a process of its own; return its seconds and its peak memory in megabytes."""
    return answer_of(start_sweeper(url))


def start_sweeper(url: str) -> subprocess.Popen[str]:
    """Start a sweeper; it begins when it is told `go`, so that many can begin at once."""
    command = [sys.executable, "-m", "bench.sweep", url]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def answer_of(process: subprocess.Popen[str]) -> dict[str, float]:
    """Tell a sweeper to go, where nobody did, and return what it answers."""
    answer, _ = process.communicate("go\n" if process.stdin and not process.stdin.closed else None)
    assert process.returncode == 0, "the sweeper failed"
    found: dict[str, float] = json.loads(answer)
    return found


def main(url: str) -> None:
    """Be one sweeper: ready, go, answer."""
    engine: Any = None
    if url != "idle":
        engine = open_database(url)
        with engine.connect():
            calendar()
    else:
        calendar()
    print("ready", flush=True)  # noqa: T201 - this is how it answers
    sys.stdin.readline()
    seconds = 0.0
    if engine is not None:
        with stopwatch() as watch:
            sweep_deadlines(sessions_of(engine), moment=moment(), calendar=calendar())
        seconds = watch.seconds
    print(json.dumps({"seconds": seconds, "memory": peak_memory()}))  # noqa: T201 - the same


if __name__ == "__main__":
    main(sys.argv[1])
