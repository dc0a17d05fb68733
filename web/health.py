"""/healthz and /metrics: for monitors.  They name nobody, and say no more than counts and moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from engine.reads.calendar import read_calendar
from engine.reads.health import Condition, read_condition
from engine.rules.moment import Moment
from engine.rules.refusal import Refusal
from flows.checks.finding import Level
from flows.checks.run import run_checks
from flows.house import House
from models.database import glancing

OK, UNAVAILABLE = 200, 503


def health_routes(house: House) -> APIRouter:
    """Return the routes for monitors."""
    routes = APIRouter()

    @routes.get("/healthz")
    def healthz() -> Response:
        """Answer 200 when nothing is bad, else 503 with what is; `duban doctor` tells the figures."""
        levels = {check.name: check.level for check in run_checks(house, house.now(), only_quick=True)}
        bad = [name for name, level in levels.items() if level is Level.BAD]
        answer = {"status": "bad" if bad else "ok", "bad": bad, "checks": levels}
        return JSONResponse(answer, status_code=UNAVAILABLE if bad else OK, headers={"Cache-Control": "no-store"})

    @routes.get("/metrics")
    def metrics() -> Response:
        """Answer with all figures in the form of Prometheus; 503 when the database does not give them."""
        registry = CollectorRegistry()
        try:
            registry.register(_Figures(house))
            return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
        except (SQLAlchemyError, Refusal):
            return Response("the database does not answer\n", status_code=UNAVAILABLE, media_type="text/plain")

    return routes


class _Figures(Collector):
    """Reads the database when Prometheus asks, and at no other time."""

    def __init__(self, house: House) -> None:
        self._house = house

    def describe(self) -> list[Metric]:
        """Say nothing beforehand: else the registry would ask the database twice."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every figure."""
        moment = self._house.now()
        with glancing(self._house.sessions) as session:
            condition = read_condition(session, moment, read_calendar(session))
        yield from figures(condition, moment, ZoneInfo(self._house.zone))


def figures(condition: Condition, moment: Moment, zone: ZoneInfo) -> Iterator[Metric]:
    """Yield what Prometheus is told; a moment that never was is left out."""
    yield _family("measures", "Measures by state", ("state",), {(state,): n for state, n in condition.measures.items()})
    yield _one("measures_overdue", "Open measures whose due date has passed", condition.overdue)
    yield _one("timers_due", "Timers that the next sweep must look at", condition.due_timers)
    due_since = moment.at if condition.oldest_due is None else datetime.combine(condition.oldest_due, time(), zone)
    age = max((moment.at - due_since).total_seconds(), 0)
    yield _one("oldest_due_timer_age_seconds", "How long the oldest of them has waited for a sweep; 0: none has", age)
    yield _one("timers_stuck", "Timers set aside with an error in the last seven days", condition.lateness.stuck)
    yield _family(
        "outbox_notifications",
        "Notifications by state",
        ("state",),
        {(state,): n for state, n in condition.outbox.items()},
    )
    yield _family("deliveries", "Deliveries by channel and state", ("channel", "state"), condition.deliveries)
    yield _one("deliveries_late", "Deliveries that wait longer than a day", condition.lateness.undelivered)
    yield _family("runs", "Runs by kind and outcome", ("kind", "outcome"), condition.runs)
    if condition.last_daily is not None:
        since = (moment.at - condition.last_daily).total_seconds()
        yield _one("daily_run_age_seconds", "Seconds since a daily run was last finished", since)
    yield CounterMetricFamily("duban_events", "Events on record", value=condition.events)


def _one(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"duban_{name}", told, value=value)


def _family(name: str, told: str, labels: tuple[str, ...], values: Mapping[Any, int]) -> Metric:
    family = GaugeMetricFamily(f"duban_{name}", told, labels=labels)
    for key, value in values.items():
        family.add_metric([str(part) for part in key], value)
    return family
