"""The clock and Prefect together: a run that was due starts by itself and stands on the server, with its table."""

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from flows.daily import run_daily
from flows.house import House
from tests.factories import at
from tests.flows.cluster import asked
from tests.flows.conftest import ROOT, clean_environment, serving, until
from tests.world import World

pytestmark = [pytest.mark.prefect, pytest.mark.e2e]


def server_processes(home: Path) -> list[int]:
    """Return the processes whose Prefect lives in `home`."""
    mark, found = f"PREFECT_HOME={home / 'prefect'}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes() and b"prefect" in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:  # it has ended meanwhile
            continue
    return found


def test_daily_when_due_starts_by_itself_and_stands_on_the_server(house: House, town: World):
    town.in_progress(due=date(2025, 9, 3))
    run_daily(house, at(date(2025, 9, 1)))
    with serving(house) as served:
        served.await_words("starting the Prefect server", seconds=60)
        said = served.await_words("daily run for", seconds=150)
        found = re.search(r"looked at under (http://127\.0\.0\.1:\d+)", said)
        assert found, said
        address = f"{found[1]}/api"
        named = {"flows": {"name": {"any_": ["duban-daily"]}}}
        until(
            lambda: any(run["state_type"] == "COMPLETED" for run in asked(address, "flow_runs/filter", **named)),
            seconds=30,
        )
        (run,) = asked(address, "flow_runs/filter", **named)
        (table,) = asked(address, "artifacts/filter", artifacts={"key": {"any_": ["duban-daily"]}})
        assert (table["type"], table["flow_run_id"]) == ("table", run["id"])
        cells = {line["what"]: line["value"] for line in json.loads(table["data"])}
        assert cells["run"] == "daily"
        assert f"daily run for {cells['as_of']}" in served.said()
        assert int(cells["sent"]) > 0
        assert server_processes(house.home)
        assert served.end() == 0, served.said()
    assert server_processes(house.home) == []
    assert "Traceback" not in served.said()


#: A process that runs twice through Prefect, each time on a server of its own, and tells what is left of them.  The
#: second run fails, with a message that names somebody.
TWO_RUNS = """
import os, sys
from pathlib import Path
from config.settings import Settings
from engine.now import moment_on
from datetime import date
from flows.execute import execute, through
from flows.house import open_house

def fail():
    raise RuntimeError("王经办 could not be told")

house = open_house(Settings())
before = dict(os.environ)
print(execute(house, "daily", moment_on(date(2025, 9, 4), house.zone), mode="prefect").run, dict(os.environ) == before)
try:
    through(house, "watchdog", fail, mode="prefect")
except RuntimeError:
    print("failed", dict(os.environ) == before)
"""


def test_servers_when_two_runs_brought_their_own_are_gone_and_leave_no_settings(house: House):
    done = subprocess.run(
        [sys.executable, "-c", TWO_RUNS],
        cwd=ROOT,
        env={**clean_environment(), "DUBAN_HOME": str(house.home)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "daily True\nfailed True\n"), done.stderr
    assert done.stderr == "", "every event was handed in before its server went, and the failure names nobody"
    assert server_processes(house.home) == []
