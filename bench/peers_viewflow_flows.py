"""The flows of django-viewflow's part; imported when Django is set up, since its models want that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, models
from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.models import Process

from bench.peer_process import STATES, SUPERIORS, TEXT


def _audit(number: int, before: str, after: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit (measure_id, actor_id, from_state, to_state, at) "
            "VALUES (%s, 7, %s, %s, CURRENT_TIMESTAMP)",
            [number, before, after],
        )


class Measure(Process):  # type: ignore[misc]
    text = models.TextField()
    owner_id = models.BigIntegerField()
    state = models.CharField(max_length=20, default=STATES[0])

    class Meta:
        app_label = "bench"


class Lifecycle(flow.Flow):  # type: ignore[misc]
    process_class = Measure
    start = flow.StartHandle(this.begin).Next(this.step0)
    step0 = flow.Handle(this.record).Next(this.step1)
    step1 = flow.Handle(this.record).Next(this.step2)
    step2 = flow.Handle(this.record).Next(this.end)
    end = flow.End()

    def begin(self, activation: Any, owner: int) -> None:
        activation.process.text, activation.process.owner_id = TEXT, owner
        activation.process.save()

    def record(self, activation: Any, step: int) -> None:
        activation.process.state = STATES[step + 1]
        activation.process.save()
        _audit(activation.process.pk, STATES[step], STATES[step + 1])


class Reminder(flow.Flow):  # type: ignore[misc]
    process_class = Measure
    start = flow.StartHandle(this.begin).Next(this.wait)
    wait = flow.Timer(this.delay).Next(this.escalate)
    escalate = flow.Function(this.write).Next(this.wait)

    def begin(self, activation: Any, owner: int) -> None:
        activation.process.text, activation.process.owner_id = TEXT, owner
        activation.process.save()

    def delay(self, activation: Any) -> timedelta:
        is_first = activation.process.state == STATES[0]
        return timedelta(seconds=-1) if is_first else timedelta(days=14)

    def write(self, activation: Any) -> None:
        measure = activation.process
        measure.state = STATES[1]  # the next check lies ahead
        measure.save()
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO escalation (measure_id, level) VALUES (%s, 1)", [measure.pk])
            cursor.execute(
                "INSERT INTO notification (measure_id, person_id, state) VALUES (%s, %s, 'pending')",
                [measure.pk, measure.owner_id % SUPERIORS],
            )
        _audit(measure.pk, STATES[1], STATES[1])
