"""The flows that `prefect worker` runs; a deployment's entry point is the name of one: `flows.deployed.daily`.

Each opens the house from the environment of the worker (DUBAN_DATABASE_URL, DUBAN_HOME, DUBAN_CONFIG, …) and calls the
same function that the clock and the command line call.  Imported by Prefect alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from prefect import Flow, flow, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.context import FlowRunContext
from prefect.deployments import arun_deployment
from prefect.exceptions import ObjectNotFound
from prefect.runtime import deployment

from config.settings import Settings
from engine.actions.keep_run import is_at_work
from engine.now import moment_at, moment_on, read_clock
from engine.rules.moment import Moment
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from flows.clock import NEVER_MISSED, missed_tick, owed_runs
from flows.daily import run_daily
from flows.execute import RUNS
from flows.house import House, open_house
from flows.log_file import logging_to
from flows.prefect_flows import RETRIES, tabled
from flows.report import RunReport
from flows.sweep import CallHelpers, run_sweeper
from i18n import say

log = logging.getLogger(__name__)

CALL_WITHIN = 60  #: seconds, for Prefect to take down that helpers are wanted


def timed(run: str) -> Flow[..., Any]:
    """Return the flow of a timed run: for the tick it was planned for, or for a day (`as_of`) when asked by hand."""

    @flow(
        name=f"duban-{run}",
        description=RUNS[run].__doc__,
        flow_run_name=f"duban-{run}",
        retries=RETRIES.get(run, 0),
        log_prints=False,
    )
    async def timed_run(as_of: date | None = None, again: bool = False) -> RunReport:  # noqa: FBT001, FBT002 - Prefect's form
        call, planned = helpers_by_deployment(), _planned()
        if run in NEVER_MISSED:
            await drop_backlog()

        def work() -> RunReport:
            with opened() as house:
                moment = moment_on(as_of, house.zone) if as_of else moment_at(planned, house.zone)
                if as_of is None and run in NEVER_MISSED:
                    moment = house.now()
                elif as_of is None and is_overtaken(house, run, moment):
                    return told(house, run, moment, N_("a later one was planned by the time a worker came to it"))
                return do(house, run, moment, call, again=again)

        return await tabled(run, work)

    return timed_run


def do(house: House, run: str, moment: Moment, call: CallHelpers, *, again: bool = False) -> RunReport:
    """Do the run as everywhere; here a daily one may be helped."""
    if run == "daily":
        return run_daily(house, moment, again=again, call_helpers=call)
    return RUNS[run](house, moment, again=again)


daily = timed("daily")
deliver = timed("deliver")
monthly = timed("monthly")
watchdog = timed("watchdog")


@flow(name="duban-catch-up", flow_run_name="duban-catch-up", log_prints=False)
async def catch_up() -> RunReport:
    """Run once what was missed or cut short, unless somebody is at it: Prefect does not start a lost run again."""
    call = helpers_by_deployment()
    await drop_backlog()

    def work() -> RunReport:
        with opened() as house:
            caught, failed = [], 0
            for run, moment in owed_runs(house):
                if is_at_work(house.engine, run):
                    continue
                try:
                    done = do(house, run, moment, call)
                except Exception:  # the other runs are owed all the same
                    log.exception("the run failed; it is tried again", extra={"run": run})
                    failed += 1
                else:
                    caught += [] if done.repeated else [f"{run} {done.as_of}"]
            return RunReport(run="catch-up", as_of=house.now().on.isoformat(), failed=failed, notes=caught)

    return await tabled("catch-up", work)


@flow(name="duban-sweep", flow_run_name="duban-sweep", log_prints=False)
async def sweep(run: int, at: str) -> RunReport:
    """Help the daily run with number `run`, which sweeps for the moment `at` (ISO 8601)."""

    def work() -> RunReport:
        with opened() as house:
            return run_sweeper(house, moment_at(datetime.fromisoformat(at), house.zone), run=run)

    return await tabled("sweep", work)


def helpers_by_deployment() -> CallHelpers:
    """Return how a flow asks for sweepers: as runs of the deployment `duban-sweep` beside its own.

    Call it inside a flow.  That Prefect does not answer is no reason to fail: the run sweeps by itself as well.
    """
    loop, name = asyncio.get_running_loop(), f"duban-sweep/{deployment.name}"

    async def ask(count: int, wanted: dict[str, Any]) -> None:
        for _ in range(count):
            await arun_deployment(name, parameters=wanted, timeout=0)

    def call(count: int, run: int, moment: Moment) -> None:
        wanted = {"run": run, "at": moment.at.isoformat()}
        try:
            asyncio.run_coroutine_threadsafe(ask(count, wanted), loop).result(CALL_WITHIN)
        except Exception:
            log.exception("no helpers could be asked for; the sweep goes on alone")

    return call


async def drop_backlog() -> None:
    """Take back earlier ticks of this deployment to which no worker came: they would do now what this run does.

    After an outage of days there are hundreds, and each would be a process.
    """
    assert deployment.id is not None
    waiting = FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(any_=[UUID(deployment.id)]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        expected_start_time=FlowRunFilterExpectedStartTime.model_validate({"before_": read_clock("UTC").at}),
    )
    async with get_client() as client:
        for late in await client.read_flow_runs(flow_run_filter=waiting):
            with suppress(ObjectNotFound):  # another run was quicker
                await client.delete_flow_run(late.id)


@contextmanager
def opened() -> Iterator[House]:
    """Give the house that the worker's environment names, with its log.  Raises NotReady."""
    settings = Settings()
    if not settings.home.is_absolute():
        raise NotReady(N_("DUBAN_HOME must be a full path here: the folder that a worker runs in is soon gone"))
    house = open_house(settings, upgrade=False)
    try:
        with logging_to(house.home, settings.log):
            yield house
    finally:
        house.engine.dispose()


def is_overtaken(house: House, run: str, moment: Moment) -> bool:
    """Say whether a later tick of the run has come meanwhile: after an outage only the newest is caught up."""
    cron = house.policies.schedule.crons.get(run)
    return cron is not None and missed_tick(cron, ZoneInfo(house.zone), house.now().at, moment.at) is not None


def told(house: House, run: str, moment: Moment, why: Any) -> RunReport:
    """Return the report of a run that was not needed."""
    return RunReport(run=run, as_of=moment.on.isoformat(), notes=[say(why, house.language)])


def _planned() -> datetime:
    """Return when this flow run was to start; the same at every attempt."""
    context = FlowRunContext.get()
    assert context is not None
    assert context.flow_run is not None
    planned = context.flow_run.expected_start_time
    assert planned is not None
    return planned
