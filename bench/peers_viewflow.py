"""django-viewflow: a process row and a task row for each step of each measure.

W1: `flow.Handle`, its documented node for a step done from code; each runs in the flow's own transaction.
W2: `flow.Timer` for each case and `fire_due_timers`, its documented dispatcher.
"""

from __future__ import annotations

from typing import Any

import django
from django.conf import settings
from django.db import connection, transaction

from bench.peer_process import Watch, file_of, is_sqlite, main, plain_url, schema, shuffled


def _database(url: str) -> dict[str, Any]:
    if is_sqlite(url):
        pragmas = "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
        options = {"init_command": pragmas, "transaction_mode": "IMMEDIATE"}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": file_of(url), "OPTIONS": options}
    from psycopg.conninfo import conninfo_to_dict

    found = conninfo_to_dict(plain_url(url))
    plain = {name.upper(): str(found[name]) for name in ("host", "port", "user", "password") if name in found}
    return {"ENGINE": "django.db.backends.postgresql", "NAME": found["dbname"], **plain}


def _set_up(url: str) -> tuple[Any, Any, Any]:
    """Start Django on this database; return the process class and both flows."""
    settings.configure(
        DATABASES={"default": _database(url)},
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "viewflow", "viewflow.workflow", "bench"],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SECRET_KEY="bench",  # noqa: S106 - no one signs in
    )
    django.setup()
    from django.core.management import call_command
    from viewflow.workflow import lock

    call_command("migrate", verbosity=0)
    from bench.peers_viewflow_flows import Lifecycle, Measure, Reminder

    kept = lock.no_lock if is_sqlite(url) else lock.select_for_update_lock
    Lifecycle.lock_impl = Reminder.lock_impl = kept
    with connection.schema_editor() as editor:
        editor.create_model(Measure)
    with connection.cursor() as cursor:
        for statement in schema(url):
            cursor.execute(statement)
    return Measure, Lifecycle, Reminder


def lifecycle(url: str, cases: int) -> float:
    """W1: run the handle of each step."""
    measure, flow_class, _ = _set_up(url)
    with transaction.atomic():
        for case in range(1, cases + 1):
            flow_class.start.run(owner=case % 2000)
    numbers = list(measure.objects.order_by("pk").values_list("pk", flat=True))
    watch = Watch()
    with watch.running():
        for case, step in shuffled(cases):
            node = getattr(flow_class, f"step{step}")
            task = flow_class.task_class.objects.get(process_id=numbers[case - 1], flow_task=node, status="NEW")
            node.run(task, step=step)
    assert measure.objects.filter(state="closed", status="DONE").count() == cases
    return watch.seconds


def sweep(url: str, due: int) -> float:
    """W2: fire the due timers."""
    _, _, flow_class = _set_up(url)
    from viewflow.workflow.timers import fire_due_timers

    with transaction.atomic():
        for case in range(1, due + 1):
            flow_class.start.run(owner=case % 2000)
    watch = Watch()
    with watch.running():
        fired = fire_due_timers()
    assert fired == due, fired
    assert fire_due_timers() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM escalation")
        assert cursor.fetchone()[0] == due
    return watch.seconds


if __name__ == "__main__":
    main("django-viewflow", {"W1": lifecycle, "W2": sweep})
