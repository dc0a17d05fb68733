"""Which flows are deployed on a Prefect server, and when each starts."""

from __future__ import annotations

from dataclasses import dataclass

from config.schedule import crontab
from flows.house import House

CATCH_UP = "*/15 * * * *"  #: as often as the embedded clock looks for what was missed


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One flow of `flows.deployed`, as it is registered."""

    run: str  #: daily, deliver, …, catch-up, sweep
    cron: str | None  #: None: started by hand, or by another run

    @property
    def flow(self) -> str:
        """The flow's name on the server."""
        return f"duban-{self.run}"

    @property
    def entry_point(self) -> str:
        """Where a worker finds the flow: a name in the installed package."""
        return f"flows.deployed.{self.run.replace('-', '_')}"


def deployments_of(house: House) -> tuple[Deployment, ...]:
    """Return what is to be deployed, with the crons of schedule.yaml, their weekdays by name.

    Prefect reads some ranges of numbers differently, such as 0-0.
    """
    crons = {run: crontab(cron)[0] for run, cron in house.policies.schedule.crons.items()}
    timed = [Deployment(run=run, cron=crons.get(run)) for run in ("daily", "deliver", "monthly", "watchdog")]
    return (*timed, Deployment(run="catch-up", cron=CATCH_UP), Deployment(run="sweep", cron=None))
