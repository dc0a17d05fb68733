"""Duban's runs as Prefect flows: what they did stands in a table artifact.  Imported only where Prefect is used.

Flows are asynchronous: a synchronous flow waits a second for its heartbeat thread.  A flow holds no state; it can be
lost at any line and simply run again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from threading import Thread

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.report import RunReport

RETRIES = {"deliver": 2}  #: how often a failed run is tried again at once; the others wait for their next tick


async def tabled(name: str, work: Callable[[], RunReport]) -> RunReport:
    """Do `work` on a thread, inside a flow, and leave a table of what it did."""
    report = await asyncio.to_thread(work)
    await acreate_table_artifact(
        table=[{"what": key, "value": str(value)} for key, value in report.as_json().items()],
        key=f"duban-{name}",
        description=f"duban {name}, as of {report.as_of}",
    )
    return report


def as_flow(name: str, work: Callable[[], RunReport]) -> RunReport:
    """Run `work` as the flow `duban-<name>` on the server at PREFECT_API_URL.

    It works the same inside an event loop and outside.
    """

    @flow(name=f"duban-{name}", flow_run_name=f"duban-{name}", retries=RETRIES.get(name, 0), log_prints=False)
    async def run() -> RunReport:
        return await tabled(name, work)

    found: list[RunReport] = []
    failed: list[BaseException] = []

    def drive() -> None:
        try:
            # Prefect read its settings when it was imported; the server may be another by now
            with temporary_settings({PREFECT_API_URL: os.environ["PREFECT_API_URL"]}):
                found.append(asyncio.run(run()))
        except BaseException as error:  # noqa: BLE001 - carried over to the caller's thread
            failed.append(error)

    thread = Thread(target=drive, name=f"duban-{name}")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]
