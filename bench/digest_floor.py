"""W3's second floor: raw SQL on Duban's own tables that keeps all of its promise, with the floor's small template.

Each message is put on record before it is sent, claimed, looked at again and written down word for word: four times
the floor's writing, before a line of Duban runs.
"""

from __future__ import annotations

from contextlib import closing
from itertools import groupby
from operator import itemgetter
from typing import Any

from bench.floor import DIGEST, Raw
from bench.ledgers import moment
from bench.timing import stopwatch

_BUNDLE = (
    """INSERT INTO digest (batch, person_id, "on", created_at) SELECT DISTINCT 'bench', person_id, :on, :at
       FROM notification WHERE digest_id IS NULL AND state = 'pending'""",
    """INSERT INTO delivery (digest_id, channel, state, message_id, attempts, next_try_at)
       SELECT id, 'inbox', 'pending', '<digest-' || id || '.inbox@duban>', 0, :at FROM digest WHERE batch = 'bench'""",
)
#: By person: a join is quicker only where the database has had time to count.
_PUT_IN = (
    "UPDATE notification SET digest_id = :id WHERE person_id = :person AND digest_id IS NULL AND state = 'pending'"
)
_CLAIM = "UPDATE delivery SET state = 'sending', attempts = 1, next_try_at = :at WHERE state = 'pending'"
#: What the promise must know of each: does the wait still stand, does the person still hold the role; and what is said.
_TELLS = """
    SELECT notification.digest_id, notification.id, notification.person_id, notification.role, notification.kind,
        notification.slip, notification.waits_for, notification.deadline, notification.data, measure.state,
        measure.owner_id, measure.lead_id, measure.unit_id, verification.verifier_id, extension.approver_role,
        timer.measure_id, measure.code, measure.text, unit.name, owner.name, reader.name
    FROM notification JOIN digest ON digest.id = notification.digest_id JOIN person AS reader
        ON reader.id = digest.person_id LEFT JOIN measure ON measure.id = notification.measure_id
        LEFT JOIN unit ON unit.id = measure.unit_id LEFT JOIN person AS owner ON owner.id = measure.owner_id
        LEFT JOIN verification ON verification.measure_id = measure.id AND verification.verdict IS NULL
        LEFT JOIN extension ON extension.measure_id = measure.id AND extension.ruling = 'pending'
        LEFT JOIN timer ON timer.measure_id = notification.measure_id AND timer.waits_for = notification.waits_for
            AND timer.deadline_version = notification.deadline_version
    WHERE digest.batch = 'bench' AND notification.state = 'pending' ORDER BY notification.digest_id, notification.id"""
_SLIP, _CODE, _TEXT = 5, 16, 17  #: where they stand in each row
_SENT = "UPDATE delivery SET state = 'sent', sent_at = :at, subject = :subject, body = :body WHERE digest_id = :digest"
_SAID = "UPDATE notification SET state = 'sent' WHERE digest_id IS NOT NULL AND state = 'pending'"


def deliver_raw(url: str) -> float:
    """Deliver everything that waits in Duban's outbox, in three transactions; return the seconds."""
    with closing(Raw(url)) as raw, stopwatch() as watch:
        today: dict[str, Any] = {"at": moment().at, "on": moment().on}
        if raw.is_sqlite:
            today = {name: str(value) for name, value in today.items()}
        with raw.transaction():
            for statement in _BUNDLE:
                raw.run(statement, **today)
            digests = raw.run("SELECT id, person_id FROM digest WHERE batch = 'bench'")
            raw.run_many(_PUT_IN, [{"id": number, "person": person} for number, person in digests])
        with raw.transaction():
            raw.run(_CLAIM, **today)
            rows: list[tuple[Any, ...]] = raw.run(_TELLS).fetchall()
        messages = [
            {"digest": digest, "subject": "督办", "body": _message(list(lines))} | today
            for digest, lines in groupby(rows, itemgetter(0))
        ]
        with raw.transaction():
            raw.run_many(_SENT, messages)
            raw.run(_SAID)
    return watch.seconds


def _message(rows: list[tuple[Any, ...]]) -> str:
    lines = [{"level": row[_SLIP], "measure": row[_CODE], "text": row[_TEXT]} for row in rows]
    return DIGEST.render(name=rows[0][-1], lines=lines)
