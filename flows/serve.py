"""`duban serve`: the clock, delivery, and a Prefect server of its own in which the runs can be looked at."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from threading import Event
from types import FrameType

from engine.actions.take_lease import drop_lease
from engine.rules.text import N_, Text
from flows.clock import LEASE, start_clock, this_process
from flows.house import House
from flows.report import RunReport


def serve(
    house: House, *, with_prefect: bool, say: Callable[[Text], None], told: Callable[[RunReport], None], stop: Event
) -> None:
    """Serve until `stop` is set, or SIGTERM or SIGINT comes.  Stops cleanly: a run under way is finished first."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, end)
    named = os.environ.get("PREFECT_API_URL")
    if with_prefect and not named:
        from flows.prefect_server import prefect_server  # noqa: PLC0415 - only where it is used

        say(N_("starting the Prefect server; the first time takes half a minute"))
        server: AbstractContextManager[str] = prefect_server(house.home)
    else:
        server = nullcontext(named or "")
    with server as address:
        if address:
            say(N_("runs can be looked at under {address}", address=address.removesuffix("/api")))
        scheduler = start_clock(house, told)
        try:
            for job in scheduler.get_jobs():
                if job.next_run_time is not None and job.name in house.policies.schedule.crons:
                    say(N_("{run}: next at {time}", run=job.name, time=f"{job.next_run_time:%Y-%m-%d %H:%M}"))
            say(N_("Duban serves {home}; stop with Ctrl+C", home=house.home))
            stop.wait()
        finally:
            scheduler.shutdown(wait=True)
            drop_lease(house.sessions, name=LEASE, holder=this_process(), at=house.now().at)
