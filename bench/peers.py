"""Other engines, each in its documented way of one process, job or workflow for a case.

They live in an environment of their own (`.venv-bench`, made by `make bench`), since their pins are not Duban's, and
run as child processes that print JSON.  What is not installed, or fails, is left out with a word.
"""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache, partial
from math import nan
from pathlib import Path
from typing import Any

from bench.contest import Contest
from bench.timing import Turn

ROOT = Path(__file__).parent.parent
PEERS = {
    "SpiffWorkflow": "spiff",
    "django-viewflow": "viewflow",
    "DBOS": "dbos",
    "procrastinate": "procrastinate",
}
TIMEOUT_SECONDS = 120
MOST_CASES = {("DBOS", "sqlite"): 20}  #: with more waiting at once it no longer comes to an end
TRIAL = 2  #: cases of the first, untimed go, which tells whether a peer is there at all


def environment() -> Path:
    """Return the Python of the peers; another one is named by DUBAN_BENCH_PYTHON."""
    return Path(os.environ.get("DUBAN_BENCH_PYTHON", ROOT / ".venv-bench" / "bin" / "python"))


def peer_turns(contest: Contest, work: str, number: int) -> dict[str, Turn]:
    """Return the turns of the peers that can do `work` here: transitions a second for W1, seconds for W2."""
    turns: dict[str, Turn] = {}
    for name in PEERS:
        first = _ask(contest, name, work, TRIAL)
        if "seconds" in first:
            most = MOST_CASES.get((name, contest.place.kind), number) if work == "W1" else number
            turns[name] = partial(_turn, contest, name, work, min(number, most))
        elif (why := f"{name}, {work}, {contest.place.kind}: {first['skip']}") not in contest.results.skipped:
            contest.results.skipped.append(why)
    return turns


def _turn(contest: Contest, name: str, work: str, number: int) -> float:
    answer = _ask(contest, name, work, number)
    if "seconds" not in answer:
        contest.results.skipped.append(f"{name}, a run of {work}, {contest.place.kind}: {answer['skip']}")
        return nan
    seconds = float(answer["seconds"])
    return 3 * number / seconds if work == "W1" else seconds


def _ask(contest: Contest, name: str, work: str, number: int) -> dict[str, Any]:
    if not environment().exists():
        return {"skip": "not installed (make bench installs the peers)"}
    url = contest.place.fresh(contest.name("peer"))
    try:
        return run_peer(PEERS[name], work, url, number)
    finally:
        contest.place.drop(url)


def run_peer(script: str, work: str, url: str, number: int) -> dict[str, Any]:
    """Run one peer's script; return what it answers, or why it did not."""
    command = [str(environment()), "-m", f"bench.peers_{script}", work, url, str(number)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {"skip": f"not done within {TIMEOUT_SECONDS} s"}
    if done.returncode != 0:
        told = done.stderr.strip().splitlines() or ["no word"]
        return {"skip": told[-1][:200]}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


@cache
def installed_versions() -> tuple[str, ...]:
    """Return name and version of each peer that is installed."""
    if not environment().exists():
        return ()
    names = ["SpiffWorkflow", "django-viewflow", "dbos", "procrastinate", "Django"]
    script = (
        "from importlib.metadata import version, PackageNotFoundError\n"
        f"for name in {names!r}:\n"
        "    try: print(name, version(name))\n"
        "    except PackageNotFoundError: pass\n"
    )
    done = subprocess.run([str(environment()), "-c", script], capture_output=True, text=True, check=True)
    return tuple(done.stdout.splitlines())
