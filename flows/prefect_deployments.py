"""Registers deployments on a Prefect server and takes them away.  Imported only where Prefect is used.

The name of a deployment is that of its work pool, so that two installations can share a server, each with its pool.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName, FlowFilter, FlowFilterName
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.utilities.callables import parameter_schema
from prefect.workers.process import ProcessWorker

from config.schedule import crontab
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from flows.deployments import Deployment

#: What a run's process is told beside the worker's own environment: Prefect is to tell nobody anything.
ENVIRONMENT = {"DO_NOT_TRACK": "1"}


async def register(address: str, pool: str, wanted: Sequence[Deployment], zone: str) -> None:
    """Make the pool if it is absent, register `wanted`, and remove what an older Duban had there besides."""
    async with _server(address) as client:
        await _make_pool(client, pool)
        for one in wanted:
            await _register(client, pool, one, zone)
        flows = {one.flow for one in wanted}
        for present in await _present(client, pool):
            if (await client.read_flow(present.flow_id)).name not in flows:
                await client.delete_deployment(present.id)


async def remove(address: str, pool: str) -> list[str]:
    """Delete all deployments in `pool` and return their names; the pool itself and past runs stay."""
    async with _server(address) as client:
        gone = []
        for present in await _present(client, pool):
            gone.append(f"{(await client.read_flow(present.flow_id)).name}/{present.name}")
            await client.delete_deployment(present.id)
        return sorted(gone)


@asynccontextmanager
async def _server(address: str) -> AsyncIterator[PrefectClient]:
    with temporary_settings({PREFECT_API_URL: address}):
        async with get_client() as client:
            problem = await client.api_healthcheck()
            if problem is not None:
                raise NotReady(
                    N_("the Prefect server at {address} does not answer: {problem}", address=address, problem=problem)
                )
            yield client


async def _make_pool(client: PrefectClient, pool: str) -> None:
    try:
        await client.read_work_pool(pool)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        await client.create_work_pool(WorkPoolCreate(name=pool, type=ProcessWorker.type, base_job_template=template))


async def _register(client: PrefectClient, pool: str, wanted: Deployment, zone: str) -> None:
    """Create or update: the server replaces the schedules, and drops runs that it had planned by the old ones."""
    module, _, name = wanted.entry_point.rpartition(".")
    flow = getattr(import_module(module), name)
    schedules = []
    if wanted.cron is not None:
        line, either_day = crontab(wanted.cron)
        schedule = CronSchedule(cron=line, timezone=zone, day_or=either_day)
        schedules.append(DeploymentScheduleCreate(schedule=schedule, active=True))
    await client.create_deployment(
        flow_id=await client.create_flow_from_name(wanted.flow),
        name=pool,
        work_pool_name=pool,
        schedules=schedules,
        entrypoint=wanted.entry_point,
        pull_steps=[],
        description=flow.description,
        tags=["duban"],
        job_variables={"env": ENVIRONMENT},
        parameter_openapi_schema=parameter_schema(flow).model_dump(exclude_unset=True),
        enforce_parameter_schema=True,
    )


async def _present(client: PrefectClient, pool: str) -> list[DeploymentResponse]:
    return await client.read_deployments(
        flow_filter=FlowFilter(name=FlowFilterName(like_="duban-")),
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[pool])),
    )
