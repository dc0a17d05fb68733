"""A small cluster for tests: a Prefect server on a database of its own, and workers; all of it ended by process id."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

import psycopg

from flows.prefect_server import _die_with_parent, _free_port
from tests.flows.conftest import ROOT, clean_environment, until

STARTED_WITHIN = 120  #: seconds
ROLE = "prefect"
PREFECT = (sys.executable, "-m", "prefect")


def asked(address: str, what: str, **body: Any) -> Any:
    """Return the answer of the server's own HTTP interface."""
    request = Request(  # noqa: S310 - our own server on the loopback
        f"{address}/{what}", data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
        return json.load(answer)


# PostgreSQL with pg_trgm, which Prefect's schema needs and the one from PyPI lacks


@dataclass(frozen=True, slots=True)
class Installed:
    """A PostgreSQL of this machine's own, such as Debian's."""

    programs: Path
    user: str | None  #: who runs it, where we are root


def installed_postgres() -> Installed | None:
    """Find a PostgreSQL with pg_trgm, and a user who may run it; the newest one."""
    for programs in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True):
        told = subprocess.run([programs / "pg_config", "--sharedir"], capture_output=True, text=True, check=False)
        if (Path(told.stdout.strip()) / "extension" / "pg_trgm.control").exists() and (programs / "initdb").exists():
            if os.geteuid() != 0:
                return Installed(programs, None)
            known = {entry.pw_name for entry in pwd.getpwall()}
            return next((Installed(programs, name) for name in ("postgres", "nobody") if name in known), None)
    return None


def _version(programs: Path) -> int:
    name = programs.parent.name
    return int(name) if name.isdigit() else 0


@contextmanager
def prefect_postgres(found: Installed) -> Iterator[str]:
    """Start a PostgreSQL in a folder that goes with it, and give the address of an empty database for Prefect."""
    folder = Path(tempfile.mkdtemp(prefix="duban-prefect-"))
    as_user = {"user": found.user, "group": pwd.getpwnam(found.user).pw_gid, "extra_groups": []} if found.user else {}
    try:
        if found.user:
            shutil.chown(folder, found.user)
        quietly: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", **as_user}
        lasting = {"preexec_fn": _die_with_parent}
        made = [found.programs / "initdb", "-D", folder / "data", "-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(made, check=True, **quietly)
        settings = [f"-cunix_socket_directories={folder}", "-clisten_addresses=", "-cfsync=off"]
        server = subprocess.Popen([found.programs / "postgres", "-D", folder / "data", *settings], **quietly, **lasting)
        try:
            until(lambda: _made_database(folder), seconds=STARTED_WITHIN)
            yield f"postgresql+asyncpg://{ROLE}@/prefect?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made_database(folder: Path) -> bool:
    try:
        with psycopg.connect(host=str(folder), user=ROLE, dbname="postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE prefect")
    except psycopg.OperationalError:
        return False
    return True


# Prefect


@dataclass(frozen=True, slots=True)
class Stage:
    """A Prefect server, and what its clients need to know."""

    folder: Path
    address: str
    settings: Mapping[str, str]


@contextmanager
def prefect_stage(folder: Path, database: str | None) -> Iterator[Stage]:
    """Start a Prefect server, on `database` or on SQLite in `folder`."""
    port = _free_port()
    settings = {
        **clean_environment(),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_HOME": str(folder / "prefect"),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "NO_PROXY": "127.0.0.1",
    }
    address = settings["PREFECT_API_URL"]
    named = {"PREFECT_API_DATABASE_CONNECTION_URL": database} if database else {}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"],
            cwd=folder,
            env={**settings, **named},
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one prctl call
        )
    try:
        until(lambda: _answers(address) or server.poll() is not None, seconds=STARTED_WITHIN)
        assert server.poll() is None, (folder / "server.log").read_text(encoding="utf-8")
        yield Stage(folder, address, settings)
    finally:
        end(server)


def _answers(address: str) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(f"{address}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


class Worker:
    """A `prefect worker start` process, as on a machine of its own."""

    def __init__(self, stage: Stage, name: str, *, pool: str, at_once: int, settings: Mapping[str, str]) -> None:
        self.log = stage.folder / f"worker-{name}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [*PREFECT, "worker", "start", "--pool", pool, "--name", name, "--limit", str(at_once)],
                cwd=stage.folder,  # not where the sources lie: the installed package is what runs
                env={**stage.settings, **settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one prctl call
            )

    def runs(self, flow_run: str) -> bool:
        """Say whether this worker has a process for that flow run."""
        mark = f"PREFECT__FLOW_RUN_ID={flow_run}".encode()
        return any(mark in _environment(pid) for pid in descendants(self.process.pid))

    def kill(self) -> None:
        """Let the machine lose power: the worker and whatever it runs are gone at once."""
        for pid in [self.process.pid, *descendants(self.process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(timeout=30)


@contextmanager
def workers(stage: Stage, *names: str, pool: str, at_once: int, settings: Mapping[str, str]) -> Iterator[list[Worker]]:
    """Give workers, and see that neither they nor their runs outlive the test."""
    started: list[Worker] = []
    try:
        started.extend(Worker(stage, name, pool=pool, at_once=at_once, settings=settings) for name in names)
        yield started
    finally:
        for worker in started:
            worker.kill()


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to stop; insist when it does not, also with its children."""
    children = descendants(process.pid)
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=20)
    for pid in [*children, process.pid]:
        if process.poll() is None or pid != process.pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    process.wait(timeout=20)


def descendants(pid: int) -> list[int]:
    """Return the children of a process, and theirs."""
    children = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(process.name))
    found, new = [], children.get(pid, [])
    while new:
        found += new
        new = [grandchild for child in new for grandchild in children.get(child, [])]
    return found


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:  # it has ended meanwhile
        return b""


def duban(stage: Stage, *arguments: str, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command of Duban's as an operator of the cluster."""
    return subprocess.run(
        [sys.executable, "-c", "from cli.main import run; run()", *arguments],
        cwd=ROOT,
        env={**stage.settings, **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
