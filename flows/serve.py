"""`duban serve`: the clock, delivery, and a Prefect server of its own in which the runs can be looked at."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from engine.actions.take_lease import drop_lease
from engine.rules.names import run_name
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
    with _served(house, with_prefect=with_prefect, say=say) as address:
        if address:
            say(N_("runs can be looked at under {address}", address=address.removesuffix("/api")))
        scheduler = start_clock(house, told)
        try:
            for job in scheduler.get_jobs():
                if job.next_run_time is not None and job.name in house.policies.schedule.crons:
                    say(N_("{run}: next at {time}", run=run_name(job.name), time=f"{job.next_run_time:%Y-%m-%d %H:%M}"))
            say(N_("Duban serves {home}; stop with Ctrl+C", home=house.home))
            stop.wait()
        finally:
            scheduler.shutdown(wait=True)
            drop_lease(house.sessions, name=LEASE, holder=this_process(), at=house.now().at)


@contextmanager
def _served(house: House, *, with_prefect: bool, say: Callable[[Text], None]) -> Iterator[str | None]:
    """Give the address of the Prefect server that the runs go to: the one named outside, one of our own, or none."""
    named = os.environ.get("PREFECT_API_URL")
    if not named and not with_prefect:
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
