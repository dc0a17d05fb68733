"""The whole campaign: which scenarios, the undisturbed house beside them, and what all of it comes to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path

from tests.campaign import checks
from tests.campaign.play import Figures, Play, Scenario
from tests.campaign.server import Server

LONG = (
    Scenario(name="sqlite", kills=90),
    Scenario(name="sqlite, 2 sweepers", kills=60, children=2),
    Scenario(name="sqlite, 8 sweepers", kills=60, children=8, at_least=6),
    Scenario(name="postgres", kills=90),
    Scenario(name="postgres, 2 sweepers", kills=60, children=2),
    Scenario(name="postgres, 8 sweepers", kills=60, children=8, at_least=6),
    Scenario(name="postgres, server falls", kills=50, server_falls=True),
    Scenario(name="postgres, server falls, 2 sweepers", kills=30, children=2, server_falls=True),
    Scenario(name="sqlite, 2 senders, slow mail", kills=30, children=2, mail_takes=0.3),
    Scenario(name="postgres, 2 senders, slow mail", kills=30, children=2, mail_takes=0.3),
)
_SMALL = {"measures": 30, "at_least": 4}
SHORT = (
    Scenario(name="sqlite, 2 sweepers", kills=8, children=2, **_SMALL),
    Scenario(name="postgres, 2 sweepers", kills=8, children=2, **_SMALL),
    Scenario(name="postgres, server falls", kills=6, server_falls=True, **_SMALL),
)


def campaign(
    scenarios: Sequence[Scenario],
    folder: Path,
    *,
    seed: int,
    server: Server | None,
    told: Callable[[Scenario, Figures], None] = lambda _scenario, _figures: None,
) -> list[Figures]:
    """Play the scenarios (those on PostgreSQL only with a server), and each beside an undisturbed house."""
    played: list[tuple[Play, date]] = []
    for number, scenario in enumerate(scenarios):
        url = _url(scenario, folder / str(number), server)
        if url is None:
            continue
        play = Play(
            scenario, folder / str(number), url, seed=seed, server=server, told=lambda now, of=scenario: told(of, now)
        )
        played.append((play, play.run()))
        told(scenario, play.figures)
    calm = Scenario(name="undisturbed", kills=0, measures=scenarios[0].measures)
    beside = folder / "undisturbed"
    undisturbed = Play(
        calm, beside, f"sqlite:///{beside / 'home' / 'duban.db'}", seed=seed, told=lambda now: told(calm, now)
    )
    undisturbed.run(until=max(until for _, until in played))
    for play, until in played:
        found = checks.compare(checks.facts(play.url, until), checks.facts(undisturbed.url, until))
        play.figures.faults += [f"{play.scenario.name}: {fault}" for fault in found]
        play.figures.faults += _strange(play)
    return [play.figures for play, _ in played] + [undisturbed.figures]


def _url(scenario: Scenario, folder: Path, server: Server | None) -> str | None:
    if scenario.name.startswith("sqlite"):
        return f"sqlite:///{folder / 'home' / 'duban.db'}"
    return server.new_database() if server is not None else None


def _strange(play: Play) -> list[str]:
    """Return the troubles that children told of, beyond a database that went away."""
    expected = play.scenario.server_falls
    told = {line.split(": ", 1)[1] for line in play.troubles()}
    return [f"{play.scenario.name}: a child said: {line}" for line in sorted(told) if not (expected and _is_away(line))]


def _is_away(line: str) -> bool:
    return "the database does not answer" in line


def total(figures: Sequence[Figures]) -> Figures:
    """Return the sum of all that were disturbed."""
    whole = Figures(scenario="together")
    for one in figures:
        if one.scenario == "undisturbed":
            continue
        for field in fields(Figures):
            if field.name != "scenario":
                setattr(whole, field.name, getattr(whole, field.name) + getattr(one, field.name))
    return whole


def empty(folder: Path) -> Path:
    """Return the folder with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
