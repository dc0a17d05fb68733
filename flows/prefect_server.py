"""A Prefect server of Duban's own: a child process on a free loopback port, with its data in DUBAN_HOME/prefect.

It stops with whoever started it, also when that is killed.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from engine.rules.refusal import NotReady
from engine.rules.text import N_

START_WITHIN = 120  #: seconds; a cold first start takes about 20
STOP_WITHIN = 10  #: seconds
HAND_IN_WITHIN = 10  #: seconds
LOOPBACK = "127.0.0.1"


@contextmanager
def quiet_prefect(home: Path) -> Iterator[None]:
    """Set, for as long as it lasts, where Prefect keeps its things, and that it tells nobody anything."""
    folder = (home / "prefect").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with environment(
        DO_NOT_TRACK="1",
        PREFECT_SERVER_ANALYTICS_ENABLED="false",
        PREFECT_HOME=str(folder),
        PREFECT_LOGGING_LEVEL=os.environ.get("PREFECT_LOGGING_LEVEL", "WARNING"),
        # A flow that fails would print its error's message, which may name people; duban.log tells of it without.
        PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL="CRITICAL",
        PREFECT_CLI_COLORS="false",
    ):
        yield


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Set environment variables, and put back what there was."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def prefect_server(home: Path) -> Iterator[str]:
    """Start a server and give its API's address, also in PREFECT_API_URL; stop it at the end.

    Raises NotReady, naming the log, when it does not answer within two minutes.
    """
    with quiet_prefect(home), _child(home) as address, environment(PREFECT_API_URL=address):
        try:
            yield address
        finally:
            _hand_in_events()


@contextmanager
def _child(home: Path) -> Iterator[str]:
    logs = home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    log, port = logs / "prefect.log", _free_port()
    address = f"http://{LOOPBACK}:{port}/api"
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            [sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(port)],
            env={
                **os.environ,
                "PREFECT_API_URL": address,
                "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one prctl call
        )
    try:
        _await_health(child, f"{address}/health", log)
        yield address
    finally:
        _stop(child)


def _hand_in_events() -> None:
    """Let Prefect hand in the events that it still holds: else it tries for minutes after its server is gone."""
    if "prefect.events.worker" in sys.modules:
        logging.getLogger("EventsWorker").setLevel(logging.ERROR)  # that it is still at it worries nobody
        sys.modules["prefect.events.worker"].EventsWorker.drain_all(timeout=HAND_IN_WITHIN, at_exit=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    """Ask the kernel to end the server when its parent dies, however it dies (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _await_health(child: subprocess.Popen[bytes], address: str, log: Path) -> None:
    opener = build_opener(ProxyHandler({}))  # a proxy has no business on the loopback
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until and child.poll() is None:
        try:
            with opener.open(address, timeout=2) as answer:
                if answer.status == 200:  # noqa: PLR2004 - HTTP's OK
                    return
        except (URLError, OSError):
            time.sleep(0.2)
    _stop(child)
    raise NotReady(N_("the Prefect server did not start; see {log}", log=log))


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
