"""`duban deploy` where there is no server to deploy to: one clear line, and the clock stays where it is."""

import subprocess
import sys

import pytest

from engine.actions.take_lease import keep_lease, lease_keeper
from flows.clock import LEASE
from tests.cli.conftest import Line
from tests.flows.conftest import ROOT, clean_environment
from tests.world import World

pytestmark = pytest.mark.e2e

NOBODY = "http://127.0.0.1:9/api"  #: nothing listens there


def deployed(duban: Line, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `duban deploy` in a process of its own: Prefect reads its settings once."""
    return subprocess.run(
        [sys.executable, "-c", "from cli.main import run; run()", "deploy", *words],
        cwd=ROOT,
        env={**clean_environment(), "DUBAN_HOME": str(duban.home), "DUBAN_LANGUAGE": "en", "PREFECT_API_URL": NOBODY},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_deploy_when_no_server_is_named_says_which_setting_lacks(founded: Line):
    said = founded("deploy")
    assert (said.status, said.out) == (1, "")
    assert said.err == "PREFECT_API_URL must name a Prefect server, such as http://prefect.example:4200/api\n"


def test_deploy_when_the_server_does_not_answer_says_so_in_one_line_and_leaves_the_clock(duban: Line, house: World):
    said = deployed(duban)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith(f"the Prefect server at {NOBODY} does not answer: ")
    assert said.stderr.count("\n") == 1
    assert lease_keeper(house.sessions, name=LEASE) is None


def test_removal_when_the_server_is_gone_gives_the_clock_back_all_the_same(duban: Line, house: World):
    keep_lease(house.sessions, name=LEASE, holder="duban@prefect.example:4200")
    other = deployed(duban, "--remove", "--pool", "west")
    assert lease_keeper(house.sessions, name=LEASE) == "duban@prefect.example:4200", "it is not west's to give"
    assert "the clock is free" not in other.stdout
    said = deployed(duban, "--remove")
    assert (said.returncode, said.stdout) == (0, "the clock is free: duban serve ticks\n")
    assert "does not answer" in said.stderr
    assert said.stderr.endswith("what is deployed there was left as it is\n")
    assert lease_keeper(house.sessions, name=LEASE) is None
