"""The ledger as a browser gets it: within how long 95 of 100 answers come, on the smallest and the largest ledger."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import Thread
from urllib.parse import quote

import uvicorn

from bench import floor
from bench.contest import Contest
from bench.ledgers import COORDINATOR, ROUND, calendar, moment, policies
from bench.plain import UNITS, Size
from config.settings import Settings
from engine.actions.desk import find_person
from engine.actions.fill_calendar import fill_calendar
from engine.actions.open_sign_in import open_sign_in
from flows.house import House
from intake.calendar.official_calendar import official_days
from models.database import open_database, sessions_of
from web.app import create_app
from web.visit import SIGN_IN

TIMES = 200
WARM = 20  #: answers before the watch is started
RAW_TIMES = 100


def measure_web(contest: Contest) -> None:
    """Measure the page on the contest's place, beside the raw query for what it lists."""
    sizes = dict.fromkeys((contest.scale.ledgers[0], contest.scale.ledgers[-1]))
    for measures in sizes:
        size = Size(measures=measures, due=contest.scale.due)
        plain, ledger = contest.plain(size), contest.ledger(size)
        turns = {
            "floor": partial(_milliseconds_raw, plain),
            "duban, 95 of 100 within": partial(page_within, ledger),
        }
        contest.run("web page", measures, "ms", turns)
        contest.place.drop(plain)


def _milliseconds_raw(url: str) -> float:
    return 1000 * floor.page(url, times=RAW_TIMES)


def page_within(url: str, times: int = TIMES) -> float:
    """Return within how many milliseconds 95 of 100 requests over loopback are answered, one after the other."""
    with serving(url) as (port, secret):
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        path, cookie, taken = f"/rounds/{ROUND}/ledger", {"Cookie": f"{SIGN_IN}={secret}"}, []
        for turn in range(WARM + times):
            unit = quote(f"{turn % UNITS + 1}处")
            begin = time.perf_counter()
            connection.request("GET", f"{path}?unit={unit}&state=in_progress", headers=cookie)
            answer = connection.getresponse()
            body = answer.read()
            taken.append(time.perf_counter() - begin)
            assert answer.status == 200, answer.status  # noqa: PLR2004
            assert b"measures/" in body
        connection.close()
    return 1000 * quantiles(taken[WARM:], n=20)[-1]


@contextmanager
def serving(url: str) -> Iterator[tuple[int, str]]:
    """Give the port of the workplace over a ledger, and the secret of a coordinator's sign-in."""
    engine = open_database(url)
    sessions = sessions_of(engine)
    now = moment()
    with sessions.begin() as session:
        fill_calendar(session, official_days(calendar().first, calendar().last), moment=now)
        secret = open_sign_in(session, find_person(session, COORDINATOR).id, now, how="password")
    with TemporaryDirectory(prefix="duban-bench-") as home:
        house = House(
            settings=Settings(home=Path(home), database_url=url),
            policies=policies(),
            engine=engine,
            sessions=sessions,
            clock=lambda _zone: now,
        )
        with socket.create_server(("127.0.0.1", 0)) as listener:
            config = uvicorn.Config(create_app(house), log_config=None, access_log=False, lifespan="off")
            server = uvicorn.Server(config)
            thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
            thread.start()
            try:
                yield listener.getsockname()[1], secret
            finally:
                server.should_exit = True
                thread.join()
    engine.dispose()
