"""`duban serve`: the clock, delivery, and a Prefect server of its own in which the runs can be looked at."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from engine.actions.take_lease import drop_lease, lease_keeper
from engine.rules.names import run_name
from engine.rules.text import N_, Text
from flows.clock import BESIDE, LEASE, start_clock, this_process
from flows.execute import Mode
from flows.house import House
from flows.renew_calendar import renew_calendar
from flows.report import RunReport


def serve(
    house: House,
    *,
    with_prefect: bool,
    beside: bool = False,
    say: Callable[[Text], None],
    told: Callable[[RunReport], None],
    stop: Event,
) -> None:
    """Serve until `stop` is set, or SIGTERM or SIGINT comes.  Stops cleanly: a run under way is finished first.

    Where deployments have the clock it does not tick, unless told to tick `beside` them; should they give it up while
    it serves, it begins to.
    """

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, end)
    renew_calendar(house, house.now())
    keeper = lease_keeper(house.sessions, name=LEASE)
    ticks, lease = beside or keeper is None, BESIDE if beside else LEASE
    if not ticks:
        say(N_("{holder} has the clock (duban deploy); this process does not tick, --clock makes it", holder=keeper))
    mode: Mode = "auto" if with_prefect else "plain"
    with _served(house, with_prefect=with_prefect, ticks=ticks, say=say) as address:
        if address:
            say(N_("runs can be looked at under {address}", address=address.removesuffix("/api")))
        scheduler = start_clock(house, told, mode=mode, lease=lease)
        try:
            for job in scheduler.get_jobs():
                if ticks and job.next_run_time is not None and job.name in house.policies.schedule.crons:
                    say(N_("{run}: next at {time}", run=run_name(job.name), time=f"{job.next_run_time:%Y-%m-%d %H:%M}"))
            say(N_("Duban serves {home}; stop with Ctrl+C", home=house.home))
            stop.wait()
        finally:
            scheduler.shutdown(wait=True)
            drop_lease(house.sessions, name=lease, holder=this_process(), at=house.now().at)


@contextmanager
def _served(house: House, *, with_prefect: bool, ticks: bool, say: Callable[[Text], None]) -> Iterator[str | None]:
    """Give the address of the Prefect server that the runs go to: the one named outside, one of our own, or none."""
    named = os.environ.get("PREFECT_API_URL")
    if not with_prefect or not (named or ticks):
        yield None
        return
    from flows.prefect_server import prefect_server, quiet_prefect  # noqa: PLC0415 - only where it is used

    if named:
        with quiet_prefect(house.home):
            yield named
        return
    say(N_("starting the Prefect server; the first time takes half a minute"))
    with prefect_server(house.home) as address:
        yield address
