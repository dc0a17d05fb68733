"""A seeded year: an office lives through it day by day, and its promises are looked at as it goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from engine.rules.moment import Moment
from flows.daily import run_daily
from flows.deliver import run_deliver
from flows.house import House
from models.database import reading
from tests.year import deadlines, hands, mail, meetings, others, record  # noqa: F401 - they register their promises
from tests.year.house_keeping import Housekeeping
from tests.year.mail_server import FINE, WEATHERS
from tests.year.mirror import Mirror
from tests.year.office import BEGINS, Broken, Office, fake_surroundings
from tests.year.people import Staff
from tests.year.promise import DAILY, DAY, DELIVER, END, PROMISES, Look

DAYS = 365
KILLED_RUN = 0.08  #: the chance that a run is killed
OUTAGE, LONGEST = 0.012, 12  #: the chance that an outage begins, and how many days one takes at most
ASTRAY = 0.012  #: the chance that the clock is set back
SETTLING = 9  #: days at the end; the last try of a delivery comes within four
REPEATED = 0.04  #: the chance that a run is started again


@dataclass(slots=True)
class Figures:
    """What a year came to."""

    seed: int
    days: int = 0
    steps: int = 0
    kills: int = 0
    refusals: int = 0
    events: int = 0
    rungs: int = 0
    notifications: int = 0
    mails: int = 0
    seconds: float = 0.0
    trace: str = ""
    done: dict[str, int] = field(default_factory=dict)


class Year:
    """One seed, played on one database."""

    def __init__(
        self, home: Path, url: str, seed: int, *, days: int = DAYS, promises: Collection[str] | None = None
    ) -> None:
        self.office = Office(home, url, seed)
        self.days = days
        self.promises = [one for name, one in PROMISES.items() if promises is None or name in promises]
        self._mirror, self._memory = Mirror(), {one.name: dict[str, Any]() for one in self.promises}
        self._staff = Staff(self.office)
        self._keeping = Housekeeping(self._staff)
        self._outage = 0

    def play(self) -> Figures:
        """Live through the year.  Raises Broken at the first step after which a promise does not hold."""
        began, office = time.monotonic(), self.office
        try:
            with fake_surroundings(office), self._no_other_errors():
                self._keeping.begin()
                for number in range(self.days):
                    self._day(BEGINS + timedelta(days=number + 1))
                self._send_the_rest()
                self._look(END)
        finally:
            office.close()
        return Figures(
            seed=office.seed,
            days=self.days,
            steps=office.steps,
            kills=office.kills,
            refusals=office.refusals,
            events=len(self._mirror.events),
            rungs=len(self._mirror.escalations),
            notifications=len(self._mirror.notifications),
            mails=len(office.server.taken),
            seconds=time.monotonic() - began,
            trace=office.digest(),
            done=dict(sorted(office.done.items())),
        )

    def _day(self, day: date) -> None:
        office, dice = self.office, self.office.dice
        if self._outage:
            self._outage -= 1
            return
        if dice.random() < OUTAGE:
            self._outage = dice.randint(1, LONGEST)
            office.note(f"nothing runs for {self._outage} days")
            return
        office.now = office.at(day, 8, 30) + timedelta(minutes=dice.randint(0, 20))
        office.is_astray = dice.random() < ASTRAY
        if office.is_astray:
            office.pass_minutes(-dice.choice((20, 120, 600, 1500, 3000)))
            office.note("the clock is set back")
        office.server.weather = dice.choice(WEATHERS)
        report = self._run("daily", run_daily)
        is_repeated = report is not None and report.repeated  # the clock may have been set back to a day that has run
        self._look(DELIVER if is_repeated else DAILY)
        if office.house.calendar().is_working(day):
            for _ in self._steps():
                if dice.random() < 0.05:
                    self._run("deliver", run_deliver)
                    self._look(DELIVER)
            if not office.is_astray:
                office.now = max(office.now, office.at(day, 17, 30))
            self._run("deliver", run_deliver)
            self._look(DAY)

    def _steps(self) -> Iterator[None]:
        yield from self._keeping.tend()
        yield from self._staff.work()

    def _run(self, name: str, work: Callable[[House, Moment], Any]) -> Any:
        office, dice = self.office, self.office.dice
        if dice.random() < KILLED_RUN:
            place = dice.choice(("write", "write", "write", "commit", "committed", "before", "after"))
            office.killer.arm(place, dice.randint(1, 12 if place == "write" else 4))
        report = office.run(name, work)
        if dice.random() < REPEATED:
            office.repeat(name, work)
        return report

    def _send_the_rest(self) -> None:
        """Let some days pass with nothing but fine weather and runs: what waits must have gone out."""
        office = self.office
        office.is_astray, office.server.weather = False, FINE
        for _ in range(SETTLING):
            office.now = office.at(office.today + timedelta(days=1), 9, 0)
            office.run("daily", run_daily)
            self._look(DAILY)

    def _look(self, when: str) -> None:
        office = self.office
        with reading(office.house.sessions) as session:
            self._mirror.refresh(session)
            for one in self.promises:
                look = Look(when, office, self._mirror, session, self._memory[one.name])
                for told in one.check(look):
                    raise self._broken(one.name, told)

    def _broken(self, name: str, told: str) -> Broken:
        office = self.office
        lines = "\n  ".join(office.last)
        return Broken(
            name,
            f"seed {office.seed}, step {office.steps}: {name}: {told}\n"
            f"the last steps were\n  {lines}\n"
            f"play it again with: make year SEED={office.seed}",
        )

    @contextmanager
    def _no_other_errors(self) -> Iterator[None]:
        """Tell of any other error as of a broken promise: an action refuses or is done, a run ends."""
        try:
            with suppress(KeyboardInterrupt):
                yield
        except Broken:
            raise
        except Exception as error:
            raise self._broken("refuses-or-does", f"{type(error).__name__}: {error}") from error
