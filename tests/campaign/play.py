"""Plays a house day by day in child processes, and kills them, or the database's server, at random moments."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import takewhile
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tests.campaign import checks
from tests.campaign.child import BROKEN, LAST_MINUTE, TRIED_AGAIN, Task, carry_out
from tests.campaign.ledger import days
from tests.campaign.server import Server
from tests.notifications.test_smtp import serving
from tests.notifications.test_two_senders import Slow

PARTS = {"import": 0.2, "morning": 0.5}  #: of a day's kills; the rest is for sweep and delivery
GAP = 0.25  #: seconds from one blow to the next, on average
ALL_AT_ONCE = 0.15  #: how likely a blow hits every child
SERVER_FALLS = 0.4  #: how likely it hits the server, where that may fall
AT_WORK = 2  #: children that act for people, at most
MOST_FAULTS = 20  #: after which going on tells nothing more
STEP = 10  #: minutes that pass between two attempts
PACE = 10  #: minutes of the day that pass in a second, where mail is slow: so that claims can run out
STUCK_AFTER = 180  #: seconds: a phase that takes so long waits for ever
LOOK_AT_ALL_EVERY = 50  #: kills

#: Children are forked from a process that has imported everything (pytest, too: a child imports its parent's main
#: module) and holds nothing.
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.campaign.child", "pytest"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is played."""

    name: str
    kills: int
    children: int = 1
    server_falls: bool = False
    measures: int = 150
    at_least: int = 9  #: days
    mail_takes: float = 0.0  #: seconds that the mail server needs for each; 0: no mail server, only the outbox folder


@dataclass(slots=True, kw_only=True)
class Figures:
    """What came of it."""

    scenario: str
    days: int = 0
    kills: int = 0  #: children and servers
    server_kills: int = 0
    restarts: int = 0
    given_way: int = 0  #: children that the database left, and that tried again
    acknowledged: int = 0
    rungs: int = 0
    deliveries: int = 0
    tried_again: int = 0  #: deliveries with more than one attempt, the last accepted
    twice: int = 0  #: deliveries that reached the outbox folder twice, with one Message-ID
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


class Phase(NamedTuple):
    """One part of a day, for so many children."""

    name: str  #: import, morning, evening or mails
    on: date
    children: int


Children = dict[int, BaseProcess]  #: those that are at work, by their share of it


class Play:
    """One scenario in a folder of its own, on one database."""

    def __init__(
        self,
        scenario: Scenario,
        folder: Path,
        url: str,
        *,
        seed: int,
        server: Server | None = None,
        told: Callable[[Figures], None] = lambda _: None,
    ) -> None:
        folder.mkdir(parents=True)
        self.scenario, self.url, self.home = scenario, url, folder / "home"
        self._journal, self._seed, self._server, self._told = folder / "journal", seed, server, told
        self._dice = Random(f"{seed} {scenario.name}")  # noqa: S311 - a game, not a secret
        self._minutes = 0
        self._part_of_day = 0.0
        self._looked_at = 0
        self._phase_began = 0.0
        self._office = Slow(scenario.mail_takes)
        self._mail_port: int | None = None
        self.figures = Figures(scenario=scenario.name)

    def run(self, until: date | None = None) -> date:
        """Play until the scenario's kills are done, or up to and with `until`; return the last day."""
        if not self.scenario.mail_takes:
            return self._run(until)
        with serving(self._office) as self._mail_port:
            return self._run(until)

    def _run(self, until: date | None) -> date:
        began, on = time.monotonic(), date.min
        for on in takewhile(lambda day: until is None or day <= until, days(self._seed)):
            self._day(on)
            if until is None and self.figures.kills >= self.scenario.kills and self._has_run_long_enough:
                break
        self._send_the_rest(on)
        self.figures.seconds = time.monotonic() - began
        self._look(on, at_the_end=True)
        return on

    @property
    def _has_run_long_enough(self) -> bool:
        return self.figures.days >= self.scenario.at_least

    @property
    def _may_kill(self) -> bool:
        """Spread the kills over the days, and over what is done on a day: none has more than its part."""
        part = min(1.0, (self.figures.days + self._part_of_day) / self.scenario.at_least)
        return self.figures.kills < self.scenario.kills * part

    def _day(self, on: date) -> None:
        self._minutes = 0
        if self.figures.days == 0:
            self._phase(Phase("import", on, 1))
        self._phase(Phase("morning", on, min(self.scenario.children, AT_WORK)))
        self._phase(Phase("evening", on, self.scenario.children))
        self.figures.days += 1
        if self.figures.kills >= self._looked_at + LOOK_AT_ALL_EVERY:
            self._look(on)
        self._told(self.figures)

    def _send_the_rest(self, on: date) -> None:
        """Let days pass on which only mail goes out: what the daily cap held back, what a dead sender had claimed."""
        for later in range(1, 15):
            self._minutes = 0
            self._phase(Phase("mails", on + timedelta(days=later), 1))
            if not checks.count_unsent(self.url):
                return

    def _phase(self, phase: Phase) -> None:
        self._part_of_day = PARTS.get(phase.name, 1.0)
        self._phase_began = time.monotonic()
        alive = {share: self._start(phase, share) for share in range(phase.children)}
        try:
            self._see_through(phase, alive)
        finally:
            for child in alive.values():  # only where the campaign itself is cut short
                child.kill()

    def _see_through(self, phase: Phase, alive: Children) -> None:
        """Wait for all of them, and hit them meanwhile."""
        next_blow, stuck = self._next_blow(), time.monotonic() + STUCK_AFTER
        while alive:
            wait = max(0.0, (next_blow if self._may_kill else stuck) - time.monotonic())
            ended = connection.wait([child.sentinel for child in alive.values()], wait)
            for share, child in list(alive.items()):
                if child.sentinel in ended:
                    self._take_leave(phase, alive, share)
            if time.monotonic() > stuck:
                raise AssertionError(f"{self.scenario.name}: {phase.name} of {phase.on} waits for ever")
            if alive and self._may_kill and time.monotonic() >= next_blow:
                self._strike(phase, alive)
                next_blow = self._next_blow()

    def _next_blow(self) -> float:
        return time.monotonic() + self._dice.expovariate(1 / GAP)

    def _start(self, phase: Phase, share: int) -> BaseProcess:
        task = Task(
            home=self.home,
            url=self.url,
            phase=phase.name,
            day=phase.on,
            minutes=self._minutes,
            began=self._phase_began,
            pace=PACE if self._mail_port else 0,
            mail_port=self._mail_port,
            journal=self._journal,
            measures=self.scenario.measures,
            share=share,
            of=phase.children,
        )
        child = PROCESSES.Process(target=carry_out, args=(task,))
        child.start()
        return child

    def _restart(self, phase: Phase, alive: Children, share: int) -> None:
        self.figures.restarts += 1
        if not self._mail_port:  # else time goes on by itself, for all of them
            self._minutes = min(self._minutes + STEP, LAST_MINUTE)
        alive[share] = self._start(phase, share)

    def _take_leave(self, phase: Phase, alive: Children, share: int) -> None:
        """See why a child has ended, and start it again unless it is done."""
        child = alive.pop(share)
        child.join()
        if child.exitcode == 0:
            return
        if child.exitcode == TRIED_AGAIN:
            self.figures.given_way += 1
        else:
            told = f"{self.scenario.name}: a child ended with {child.exitcode} in {phase.name} of {phase.on}"
            self.figures.faults.append(told)
            assert child.exitcode == BROKEN, self.figures.faults
            assert len(self.figures.faults) < MOST_FAULTS, self.figures.faults
        self._restart(phase, alive, share)

    def _strike(self, phase: Phase, alive: Children) -> None:
        may_fall = self._server is not None and self.scenario.server_falls
        if may_fall and (self.figures.server_kills == 0 or self._dice.random() < SERVER_FALLS):
            assert self._server is not None
            self._server.kill()
            self.figures.kills += 1
            self.figures.server_kills += 1
            self._server.come_back()
            return  # the children notice, and are started again when they have ended
        hit = list(alive) if self._dice.random() < ALL_AT_ONCE else [self._dice.choice(list(alive))]
        for share in hit:
            alive[share].kill()
        for share in hit:
            alive[share].join()
            self.figures.kills += 1
            self._restart(phase, alive, share)

    # What came of it

    def acknowledged(self) -> list[dict[str, Any]]:
        """Return the journal: every change whose commit has returned."""
        if not self._journal.exists():
            return []
        whole = self._journal.read_text(encoding="utf-8").split("\n")[:-1]  # the last may have been cut off by a kill
        return [line for line in map(_line, whole) if line]

    def troubles(self) -> list[str]:
        """Return what children said of their trouble, without day and phase."""
        path = self._journal.with_suffix(".err")
        return [] if not path.exists() else path.read_text(encoding="utf-8").splitlines()

    def _look(self, on: date, *, at_the_end: bool = False) -> None:
        self._looked_at = self.figures.kills
        lines = self.acknowledged()
        found = checks.look(self.url, self.home, lines, on, at_the_end=at_the_end)
        if self._mail_port:
            accepted = [str(mail["Message-ID"]) for mail in self._office.taken]
            found.blame("mail", checks.look_at_post(self.url, accepted, kills=self.figures.kills))
        self.figures.acknowledged = len(lines)
        self.figures.rungs, self.figures.deliveries = found.rungs, found.deliveries
        self.figures.tried_again, self.figures.twice = found.tried_again, found.twice
        self.figures.faults += [f"{self.scenario.name}: {fault}" for fault in found.faults]


def _line(text: str) -> dict[str, Any] | None:
    """Return a line of the journal; None for one that a kill cut in two, and the next line was added to."""
    try:
        return dict(json.loads(text))
    except ValueError:
        return None
