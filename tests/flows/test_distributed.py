"""The daily run on two workers, of which one loses power in the middle: every due rung exactly once, one digest each.

DUBAN_TEST_DISTRIBUTED_DUE sets how many measures are due (12,000), of twice as many.  Prefect's server works on this
machine's PostgreSQL where there is one with pg_trgm, else on SQLite: the test's id tells which.  Duban's own data is on
PostgreSQL.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine, distinct, func, select, text

from bench.ledgers import fill_duban
from bench.ledgers import moment as today
from bench.plain import Size
from config.settings import Settings
from engine.actions.take_lease import lease_keeper
from engine.reads.other_waits import count_due
from flows.clock import LEASE
from flows.house import open_house
from models import Base, Delivery, Digest, Escalation, Fate, Notification, Outcome, Run, Said, Sending, Timer
from models.database import open_database, reading, sessions_of
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
from tests.free_record import free_record

pytestmark = [pytest.mark.prefect, pytest.mark.postgres, pytest.mark.e2e]

DUE = int(os.environ.get("DUBAN_TEST_DISTRIBUTED_DUE", "12000"))
DONE_WITHIN = 60 + DUE / 200  #: seconds; far more than it takes
DAY = today().on
INSTALLED = installed_postgres()
SCHEDULE = "version: 1\nzone: Asia/Shanghai\nruns: {{{runs}}}\n"
LEAP_DAY = 'watchdog: "0 4 29 2 *"'  #: nothing starts by itself while the tests run


@pytest.fixture(scope="module", params=["prefect-on-postgres" if INSTALLED else "prefect-on-sqlite-no-pg_trgm-here"])
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give a Prefect server on which Duban is deployed."""
    folder = tmp_path_factory.mktemp("stage")
    with ExitStack() as stack:
        database = stack.enter_context(prefect_postgres(INSTALLED)) if INSTALLED else None
        stage = stack.enter_context(prefect_stage(folder, database))
        (folder / "config").mkdir()
        (folder / "config" / "schedule.yaml").write_text(SCHEDULE.format(runs=LEAP_DAY), encoding="utf-8")
        for command in ("init", "deploy"):
            done = duban(stage, command, settings=set_up(stage, home=folder / "home"))
            assert done.returncode == 0, done.stderr
        yield stage


def set_up(stage: Stage, **more: object) -> dict[str, str]:
    """Return what is set on every machine of the cluster: nothing starts by itself."""
    named = {f"DUBAN_{name.upper()}": str(value) for name, value in more.items()}
    return {"DUBAN_CONFIG": str(stage.folder / "config"), "DUBAN_LANGUAGE": "en", **named}


@pytest.fixture
def settings(stage: Stage, postgres_database: Engine, tmp_path: Path) -> dict[str, str]:
    """Give the settings of two machines that share an empty database; small batches, so that there is a middle."""
    url = postgres_database.url.render_as_string(hide_password=False)
    return set_up(stage, database_url=url, home=tmp_path / "home", sweepers=2, batch=DUE // 200)


@pytest.fixture
def ledger(postgres_database: Engine, settings: dict[str, str]) -> Iterator[Engine]:
    """Give a database in which DUE measures are due on DAY, and as many are not."""
    fill_duban(settings["DUBAN_DATABASE_URL"], Size(measures=2 * DUE, due=DUE))
    with postgres_database.begin() as connection:  # whom nothing reaches the coordinators are told of
        connection.execute(text("UPDATE person SET email = code || '@example.cn'"))
    yield postgres_database
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with postgres_database.begin() as connection, free_record(connection):
        connection.execute(text(f"TRUNCATE {tables}"))  # so many rows are not deleted in seconds


def test_daily_when_a_helper_loses_power_in_the_middle_tells_everybody_once(
    stage: Stage, ledger: Engine, settings: dict[str, str]
):
    with workers(stage, "one", "two", pool="duban", at_once=1, settings=settings) as pair:
        run, helper = both_sweeping(stage, ledger)
        worker_of(pair, helper).kill()
        assert 0 < due(ledger) < DUE // 2, "it was in the middle"
        await_state(stage, run, "COMPLETED", pair)
    assert state(stage, helper) in {"RUNNING", "CRASHED"}, "Prefect may never hear what became of it"
    everybody_heard_once(ledger, settings)


def test_daily_when_its_own_worker_loses_power_is_finished_by_the_next_trigger(
    stage: Stage, ledger: Engine, settings: dict[str, str]
):
    with workers(stage, "three", "four", pool="duban", at_once=1, settings=settings) as pair:
        run, _ = both_sweeping(stage, ledger)
        worker_of(pair, run).kill()
        assert 0 < due(ledger) < DUE // 2, "it was in the middle"
        assert the_run(ledger).state is Outcome.RUNNING
        await_state(stage, triggered(stage, "daily", as_of=DAY.isoformat()), "COMPLETED", pair)
    everybody_heard_once(ledger, settings)


def test_deploy_when_repeated_brings_the_schedules_up_to_date_and_when_removed_gives_the_clock_back(
    stage: Stage, sqlite_template: Path, tmp_path: Path
):
    config = tmp_path / "schedule.yaml"
    config.write_text(SCHEDULE.format(runs='daily: "30 8 * * 1-5", deliver: "*/5 * * * *"'), encoding="utf-8")
    shutil.copyfile(sqlite_template, tmp_path / "duban.db")
    west = set_up(stage, home=tmp_path, config=tmp_path)
    engine = open_database(f"sqlite:///{tmp_path / 'duban.db'}")
    first = duban(stage, "deploy", "--pool", "west", settings=west)
    assert first.returncode == 0, first.stderr
    weekdays = ("30 8 * * mon,tue,wed,thu,fri", "Asia/Shanghai", False)
    assert schedules(stage, "west") == {
        "duban-daily": [weekdays],
        "duban-deliver": [("*/5 * * * *", "Asia/Shanghai", False)],
        "duban-catch-up": [("*/15 * * * *", "Asia/Shanghai", False)],
        **{f"duban-{run}": [] for run in ("monthly", "watchdog", "sweep")},
    }
    assert lease_keeper(sessions_of(engine), name=LEASE) == f"west@{urlsplit(stage.address).netloc}"
    config.write_text(SCHEDULE.format(runs='daily: "0 7 1 * fri"'), encoding="utf-8")
    assert duban(stage, "deploy", "--pool", "west", settings=west).returncode == 0
    again = schedules(stage, "west")
    assert (again["duban-daily"], again["duban-deliver"]) == ([("0 7 1 * fri", "Asia/Shanghai", True)], [])
    elsewhere = duban(stage, "deploy", "--pool", "east", settings=west)
    assert (elsewhere.returncode, "has the clock; take that away first" in elsewhere.stderr) == (1, True)
    assert duban(stage, "deploy", "--pool", "west", "--remove", settings=west).returncode == 0
    assert schedules(stage, "west") == {}
    assert schedules(stage, "duban"), "those of others stay"
    assert lease_keeper(sessions_of(engine), name=LEASE) is None
    engine.dispose()


def test_runs_when_triggered_on_a_worker_leave_their_tables_and_clear_what_piled_up(
    stage: Stage, settings: dict[str, str]
):
    house = open_house(Settings(home=Path(settings["DUBAN_HOME"]), database_url=settings["DUBAN_DATABASE_URL"]))
    house.engine.dispose()
    pause_schedules(stage)
    piled_up = [triggered(stage, "watchdog") for _ in range(5)]
    others = [triggered(stage, "deliver"), triggered(stage, "catch-up")]
    others.append(triggered(stage, "monthly", as_of=DAY.isoformat()))
    with workers(stage, "five", pool="duban", at_once=2, settings=settings) as one:
        for flow_run in others:
            await_state(stage, flow_run, "COMPLETED", one)
    left = states(stage, piled_up)
    assert set(left) == {"COMPLETED"}
    assert len(left) <= 2, "the worker had claimed two; the first of them cleared the rest"
    (table,) = asked(stage.address, "artifacts/filter", artifacts={"key": {"any_": ["duban-monthly"]}})
    cells = {line["what"]: line["value"] for line in json.loads(table["data"])}
    assert (cells["run"], cells["as_of"]) == ("monthly", DAY.isoformat())


# What is done, and what it comes to


def schedules(stage: Stage, pool: str) -> dict[str, list[tuple[str, str, bool]]]:
    """Return flow → what its deployment in `pool` is planned by: cron, zone, whether either day is enough."""
    found = asked(stage.address, "deployments/filter", deployments={"name": {"any_": [pool]}})
    flows = {one["id"]: one["name"] for one in asked(stage.address, "flows/filter")}
    plans = {flows[one["flow_id"]]: [plan["schedule"] for plan in one["schedules"]] for one in found}
    return {
        name: [(plan["cron"], plan["timezone"], plan["day_or"]) for plan in several] for name, several in plans.items()
    }


def states(stage: Stage, flow_runs: list[str]) -> list[str]:
    """Return the states of those flow runs that are still there."""
    found = asked(stage.address, "flow_runs/filter", flow_runs={"id": {"any_": flow_runs}})
    return [str(one["state_type"]) for one in found]


def pause_schedules(stage: Stage) -> None:
    """Let nothing start by itself: a planned run, come due meanwhile, clears away one that was triggered by hand."""
    for deployment in asked(stage.address, "deployments/filter"):
        asked(stage.address, f"deployments/{deployment['id']}/pause_deployment")


def triggered(stage: Stage, run: str, **parameters: str) -> str:
    """Trigger a run by hand, and return the number of the flow run."""
    named = {"flows": {"name": {"any_": [f"duban-{run}"]}}, "deployments": {"name": {"any_": ["duban"]}}}
    (deployment,) = asked(stage.address, "deployments/filter", **named)
    created = asked(stage.address, f"deployments/{deployment['id']}/create_flow_run", parameters=parameters)
    return str(created["id"])


def both_sweeping(stage: Stage, ledger: Engine) -> tuple[str, str]:
    """Trigger the daily run; return its flow run and its helper's as soon as both are at work on the second half.

    That half is held until both wait for it: else a quick machine would be done before the helper is there.
    """
    half = select(Timer.measure_id).where(Timer.fires_on <= DAY, Timer.measure_id % 2 == 0).with_for_update()
    with sessions_of(ledger)() as holder:
        holder.execute(half).all()
        run = triggered(stage, "daily", as_of=DAY.isoformat())
        until(lambda: sweepers_that_wait(ledger) == 2, seconds=DONE_WITHIN)
        left = due(ledger)
    until(lambda: due(ledger) < left * 0.9, seconds=DONE_WITHIN)
    at_work = {"flows": {"name": {"any_": ["duban-sweep"]}}, "flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}}
    newest = max(asked(stage.address, "flow_runs/filter", **at_work), key=lambda found: found["start_time"])
    return run, str(newest["id"])


def sweepers_that_wait(ledger: Engine) -> int:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with reading(sessions_of(ledger)) as session:
        return session.scalar(text(waiting)) or 0


def worker_of(pair: list[Worker], flow_run: str) -> Worker:
    """Return the worker that has a process for the flow run."""
    (found,) = [worker for worker in pair if worker.runs(flow_run)]
    return found


def state(stage: Stage, flow_run: str) -> str:
    (found,) = states(stage, [flow_run])
    return found


def await_state(stage: Stage, flow_run: str, wanted: str, pair: list[Worker]) -> None:
    """Wait until the flow run is in that state; show what the workers said when it ends in another."""
    final = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
    until(lambda: state(stage, flow_run) in final, seconds=DONE_WITHIN)
    told = "\n".join(worker.log.read_text(encoding="utf-8") for worker in pair)
    assert state(stage, flow_run) == wanted, told


def due(ledger: Engine) -> int:
    with reading(sessions_of(ledger)) as session:
        return count_due(session, DAY)[0]


def the_run(ledger: Engine) -> Run:
    with reading(sessions_of(ledger)) as session:
        return session.scalars(select(Run).where(Run.kind == "daily")).one()


def everybody_heard_once(ledger: Engine, settings: dict[str, str]) -> None:
    """Hold the record against what was due: nothing is missing, nothing is double, and the report says so."""
    with reading(sessions_of(ledger)) as session:
        assert count_due(session, DAY) == (0, None)
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
