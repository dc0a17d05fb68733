"""Each piece of the benchmark with tiny numbers, so that it cannot rot."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import report
from bench.__main__ import WORKS, measure
from bench.contest import Contest, Scale
from bench.goals import judge
from bench.places import SqlitePlace
from bench.sweep import sweeper
from bench.timing import Figure, Results

pytestmark = pytest.mark.e2e

TINY = Scale(
    repeats=1,
    measures=3,
    due=20,
    ledgers=(200, 400),
    peer_due=5,
    import_rows=30,
    two_workers_due=20,
)


@pytest.fixture(autouse=True)
def no_peers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DUBAN_BENCH_PYTHON", str(tmp_path / "nowhere"))


@pytest.fixture
def contest(tmp_path: Path) -> Contest:
    return Contest(place=SqlitePlace(tmp_path), scale=TINY, results=Results())


@pytest.mark.parametrize(
    ("work", "figures"),
    [
        ("W1", {"W1", "W1 one request"}),
        ("W2", {"W2", "W2 log", "W2 memory"}),
        ("W3", {"W3"}),
        ("W4", {"W4 page", "W4 counts"}),
        ("web", {"web page"}),
        ("import", {"import"}),
    ],
)
def test_work_when_run_on_tiny_ledgers_measures_duban_beside_the_floor(
    contest: Contest, work: str, figures: set[str]
) -> None:
    WORKS[work](contest)

    found = contest.results.figures
    assert {one.work for one in found} == figures
    systems = {(one.work, one.system.partition(",")[0]) for one in found}
    assert {(name, "duban") for name in figures - {"W1 one request"}} <= systems
    assert all(one.median > 0 for one in found)
    assert judge(contest.results), "the figures allow to judge a goal"


def test_peers_when_not_installed_are_left_out_with_a_word(contest: Contest) -> None:
    WORKS["W1"](contest)

    assert len(contest.results.skipped) == 4
    assert all("not installed" in word for word in contest.results.skipped)


def test_sweeper_when_idle_answers_its_memory() -> None:
    assert sweeper("idle")["memory"] > 10


def test_report_when_written_tells_machine_goals_and_figures(tmp_path: Path) -> None:
    said: list[str] = []
    results, places = measure(TINY, ["start"], [], say=said.append)
    assert said[0] == "start"
    assert [line.rsplit(" ", 2)[0] for line in said[1:]] == ["start: duban --help", "start: python alone"]
    results.add(Figure(work="W3", system="floor", database="sqlite", size=20, unit="s", runs=(1.0, 2.0, 3.0)))
    results.add(Figure(work="W3", system="duban", database="sqlite", size=20, unit="s", runs=(3.0,)))

    report.write(results, places, tmp_path / "results.md", revision="now", is_quick=True)

    written = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert "Python 3." in written
    assert "| W3: × the floor, inbox alone | sqlite | ≤ 2 | 1.5 | reached |" in written
    assert "| sqlite | 20 | floor | 2 s | 1, 2, 3 | 0.667 × as fast |" in written
    assert "duban --help" in written


def test_goal_when_figure_is_beyond_its_bound_is_missed() -> None:
    results = Results()
    for system, seconds in (("floor", 1.0), ("duban", 2.1)):
        results.add(Figure(work="W3", system=system, database="sqlite", size=20, unit="s", runs=(seconds,)))

    (goal,) = judge(results)

    assert not goal.is_reached
