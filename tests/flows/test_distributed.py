"""The daily run on two workers, of which one loses power in the middle: every due rung exactly once, one digest each.

DUBAN_TEST_DISTRIBUTED_DUE sets how many measures are due (20,000).  Prefect's server works on this machine's PostgreSQL
where there is one with pg_trgm, else on SQLite: the test's id tells which.  Duban's own data is on PostgreSQL.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, distinct, func, select

from bench.ledgers import fill_duban
from bench.ledgers import moment as today
from bench.plain import Size
from engine.reads.swept import count_due
from models import Delivery, Digest, Escalation, Fate, Notification, Outcome, Run, Said, Sending
from models.database import reading, sessions_of
from tests.flows.cluster import (
    Stage,
    Worker,
    asked,
    duban,
    installed_postgres,
    prefect_postgres,
    prefect_stage,
    workers,
)
from tests.flows.conftest import until

pytestmark = [pytest.mark.prefect, pytest.mark.postgres]

DUE = int(os.environ.get("DUBAN_TEST_DISTRIBUTED_DUE", "20000"))
DONE_WITHIN = 60 + DUE / 200  #: seconds; far more than it takes
DAY = today().on
INSTALLED = installed_postgres()


@pytest.fixture(scope="module", params=["prefect-on-postgres" if INSTALLED else "prefect-on-sqlite-no-pg_trgm-here"])
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give a Prefect server with nothing on it."""
    folder = tmp_path_factory.mktemp("stage")
    if INSTALLED is None:
        with prefect_stage(folder, None) as started:
            yield started
        return
    with prefect_postgres(INSTALLED) as database, prefect_stage(folder, database) as started:
        yield started


@pytest.fixture
def settings(postgres_database: Engine, tmp_path: Path) -> dict[str, str]:
    """Give what is set on every machine of the cluster."""
    return {
        "DUBAN_DATABASE_URL": postgres_database.url.render_as_string(hide_password=False),
        "DUBAN_HOME": str(tmp_path / "home"),
        "DUBAN_LANGUAGE": "en",
        "DUBAN_SWEEPERS": "2",
        "DUBAN_BATCH": str(max(20, DUE // 800)),  # small, so that there is a middle
    }


@pytest.fixture
def ledger(postgres_database: Engine, settings: dict[str, str]) -> Engine:
    """Give a database in which DUE measures are due on DAY, and as many are not."""
    fill_duban(settings["DUBAN_DATABASE_URL"], Size(measures=2 * DUE, due=DUE))
    return postgres_database


def test_daily_when_a_helper_loses_power_in_the_middle_tells_everybody_once(
    stage: Stage, ledger: Engine, settings: dict[str, str]
):
    deployed = duban(stage, "deploy", settings=settings)
    assert deployed.returncode == 0, deployed.stderr
    with workers(stage, "one", "two", pool="duban", at_once=1, settings=settings) as pair:
        run = triggered(stage, "daily")
        helper = await_helper(stage, ledger)
        worker_of(pair, helper).kill()
        assert 0 < due(ledger) < DUE, "it was in the middle"
        await_state(stage, run, "COMPLETED", pair)
    assert state(stage, helper) in {"RUNNING", "CRASHED"}, "Prefect may never hear what became of it"
    everybody_heard_once(ledger, settings)


def test_daily_when_its_own_worker_loses_power_is_finished_by_the_next_trigger(
    stage: Stage, ledger: Engine, settings: dict[str, str]
):
    assert duban(stage, "deploy", settings=settings).returncode == 0
    with workers(stage, "three", "four", pool="duban", at_once=1, settings=settings) as pair:
        run = triggered(stage, "daily")
        await_helper(stage, ledger)
        worker_of(pair, run).kill()
        assert 0 < due(ledger) < DUE, "it was in the middle"
        assert the_run(ledger).state is Outcome.RUNNING
        await_state(stage, triggered(stage, "daily"), "COMPLETED", pair)
    everybody_heard_once(ledger, settings)


# What is done, and what it comes to


def triggered(stage: Stage, run: str, **parameters: str) -> str:
    """Trigger a run by hand, and return the number of the flow run."""
    (deployment,) = asked(stage.address, "deployments/filter", flows={"name": {"any_": [f"duban-{run}"]}})
    given = {"as_of": DAY.isoformat(), **parameters}
    created = asked(stage.address, f"deployments/{deployment['id']}/create_flow_run", parameters=given)
    return str(created["id"])


def await_helper(stage: Stage, ledger: Engine) -> str:
    """Return the flow run of a sweeper as soon as it is at work."""
    helpers = {"flows": {"name": {"any_": ["duban-sweep"]}}, "flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}}
    until(lambda: bool(asked(stage.address, "flow_runs/filter", **helpers)), seconds=DONE_WITHIN)
    newest = max(asked(stage.address, "flow_runs/filter", **helpers), key=lambda found: found["start_time"])
    before = due(ledger)
    until(lambda: due(ledger) <= before - DUE // 20, seconds=DONE_WITHIN)
    return str(newest["id"])


def worker_of(pair: list[Worker], flow_run: str) -> Worker:
    """Return the worker that has a process for the flow run."""
    (found,) = [worker for worker in pair if worker.runs(flow_run)]
    return found


def state(stage: Stage, flow_run: str) -> str:
    (found,) = asked(stage.address, "flow_runs/filter", flow_runs={"id": {"any_": [flow_run]}})
    return str(found["state_type"])


def await_state(stage: Stage, flow_run: str, wanted: str, pair: list[Worker]) -> None:
    """Wait until the flow run is in that state; show what the workers said when it ends in another."""
    final = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
    until(lambda: state(stage, flow_run) in final, seconds=DONE_WITHIN)
    told = "\n".join(worker.log.read_text(encoding="utf-8") for worker in pair)
    assert state(stage, flow_run) == wanted, told


def due(ledger: Engine) -> int:
    with reading(sessions_of(ledger)) as session:
        return count_due(session, DAY)


def the_run(ledger: Engine) -> Run:
    with reading(sessions_of(ledger)) as session:
        return session.scalars(select(Run).where(Run.kind == "daily")).one()


def everybody_heard_once(ledger: Engine, settings: dict[str, str]) -> None:
    """Hold the record against what was due: nothing is missing, nothing is double, and the report says so."""
    with reading(sessions_of(ledger)) as session:
        assert count_due(session, DAY) == 0
        rungs, measures = session.execute(select(func.count(), func.count(distinct(Escalation.measure_id)))).one()
        assert (rungs, measures) == (DUE, DUE)
        fates = select(distinct(Escalation.fate), Escalation.climbed_on)
        assert session.execute(fates).tuples().all() == [(Fate.CLIMBED, DAY)]
        said, of, to = session.execute(
            select(
                func.count(),
                func.count(distinct(Notification.measure_id)),
                func.count(distinct(Notification.person_id)),
            ).where(Notification.state == Said.SENT, Notification.digest_id.is_not(None))
        ).one()
        assert (said, of) == (DUE, DUE)
        assert session.scalar(select(func.count()).select_from(Notification)) == DUE
        digests, people = session.execute(select(func.count(), func.count(distinct(Digest.person_id)))).one()
        assert (digests, people) == (to, to), "one digest each"
        sent = select(func.count()).where(Delivery.state == Sending.SENT, Delivery.attempts == 1)
        assert session.scalar(sent) == 2 * to, "inbox and .eml"
        assert session.scalar(select(func.count()).select_from(Delivery)) == 2 * to
    run = the_run(ledger)
    assert run.state is Outcome.DONE
    assert run.report is not None
    told = {name: run.report[name] for name in ("reminders", "escalations", "notifications", "failed", "superseded")}
    assert told == {"reminders": 0, "escalations": DUE, "notifications": DUE, "failed": 0, "superseded": 0}
    assert len(list((Path(settings["DUBAN_HOME"]) / "outbox").rglob("*.eml"))) == to
