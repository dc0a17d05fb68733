"""procrastinate: one job for each reminder, on PostgreSQL; one worker with its default settings works them off."""

from __future__ import annotations

import asyncio
from typing import Any

import procrastinate

from bench.peer_process import STATES, SUPERIORS, Skip, Watch, is_sqlite, main, plain_url, schema


def sweep(url: str, due: int) -> float:
    """W2: the due cases' jobs wait; time one worker until none is left."""
    if is_sqlite(url):
        message = "it works on PostgreSQL only"
        raise Skip(message)
    return asyncio.run(_work(plain_url(url), due))


async def _work(url: str, due: int) -> float:
    connector = procrastinate.PsycopgConnector(conninfo=url)
    app = procrastinate.App(connector=connector)

    @app.task(name="remind")
    async def remind(case: int, owner: int) -> None:
        async with connector.pool.connection() as connection:  # one transaction
            await connection.execute("INSERT INTO escalation (measure_id, level) VALUES (%s, 1)", [case])
            await connection.execute(
                "INSERT INTO notification (measure_id, person_id, state) VALUES (%s, %s, 'pending')",
                [case, owner % SUPERIORS],
            )
            await connection.execute(
                "INSERT INTO audit (measure_id, from_state, to_state, at) VALUES (%s, %s, %s, CURRENT_TIMESTAMP)",
                [case, STATES[1], STATES[1]],
            )

    watch = Watch()
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for statement in schema("postgresql"):
            await connector.execute_query_async(statement)
        await remind.batch_defer_async(*({"case": case, "owner": case % 2000} for case in range(1, due + 1)))
        with watch.running():
            await app.run_worker_async(wait=False, install_signal_handlers=False)
        found: Any = await connector.execute_query_one_async("SELECT count(*) AS n FROM escalation")
        assert found["n"] == due, found
    return watch.seconds


if __name__ == "__main__":
    main("procrastinate", {"W2": sweep})
