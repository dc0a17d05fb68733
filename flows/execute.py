"""How a run is executed: at once, or through Prefect; the same code either way.

`auto` goes through Prefect when PREFECT_API_URL is set; `prefect` always does, with a server of its own where none is
named; `plain` never does, and never imports Prefect (which costs a second).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Literal, Protocol

from engine.rules.moment import Moment
from flows.daily import run_daily
from flows.deliver import run_deliver
from flows.house import House
from flows.monthly import run_monthly
from flows.report import RunReport
from flows.watchdog import run_watchdog

Mode = Literal["auto", "prefect", "plain"]


class TimedRun(Protocol):
    """What every timed run looks like."""

    def __call__(self, house: House, moment: Moment, *, again: bool = False) -> RunReport:
        """Run once for the moment's period."""


#: The runs that the clock, the command line and Prefect know by name.
RUNS: dict[str, TimedRun] = {
    "daily": run_daily,
    "deliver": run_deliver,
    "monthly": run_monthly,
    "watchdog": run_watchdog,
}


def execute(house: House, run: str, moment: Moment, *, mode: Mode = "auto", again: bool = False) -> RunReport:
    """Run `run` once and return what it did."""

    def work() -> RunReport:
        return RUNS[run](house, moment, again=again)

    return through(house, run, work, mode=mode)


def through(house: House, name: str, work: Callable[[], RunReport], *, mode: Mode = "auto") -> RunReport:
    """Do `work` plainly, or as the Prefect flow `duban-<name>` that leaves a table of what it did."""
    is_served = bool(os.environ.get("PREFECT_API_URL"))
    if mode == "plain" or (mode == "auto" and not is_served):
        return work()
    from flows.prefect_server import prefect_server, quiet_prefect  # noqa: PLC0415 - only where it is used

    with quiet_prefect(house.home) if is_served else prefect_server(house.home):
        from flows.prefect_flows import as_flow  # noqa: PLC0415 - imports Prefect, after its settings are made

        return as_flow(name, work)
