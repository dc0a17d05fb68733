"""Promises about what is said: once, to whoever receives it that day, and what becomes of it is on record."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.year.deadlines import wait_of
from tests.year.promise import DAILY, DAY, END, Look, promise

#: Kinds for the person alone; an invitation lives on in the calendar that it went to.
PERSONAL = frozenset(
    {"link_made", "trust_asked", "trust_decided", "role_taken", "meeting", "meeting_set", "meeting_off"}
)
SETTLED_WITHIN = 15  #: daily runs, in which a notification has gone out or is told to have failed


@promise(
    "one-mail",
    "No mail is delivered twice; only one whose line was cut, or whose sender died, after it was handed over goes out"
    " again, under the same Message-ID.",
)
def one_mail(look: Look) -> Iterator[str]:
    server = look.office.server
    if look.when not in {DAY, END}:
        return
    for number, count in Counter(one.message_id for one in server.taken).items():
        if count > 1 and number not in server.perhaps:
            yield f"the mail {number} was delivered {count} times"
    deliveries = {row.message_id: row for row in look.mirror.deliveries.values()}
    seen: int = look.memory.get("seen", 0)
    for one in server.taken[seen:]:
        if one.message_id not in deliveries:
            yield f"the mail {one.message_id} belongs to no delivery"
    look.memory["seen"] = len(server.taken)


@promise("sent-is-said", "What is recorded as sent was accepted by its channel, and says the measure that it is about.")
def sent_is_said(look: Look) -> Iterator[str]:
    mirror = look.mirror
    sent: dict[int, list[str]] = look.memory.setdefault("sent", defaultdict(list))
    for before, row in mirror.fresh_deliveries:
        if row.state != "sent" or (before is not None and before.state == "sent"):
            continue
        sent[row.digest_id].append(row.body)
        if row.channel == "smtp":
            texts = [one.text for one in look.office.server.taken if one.message_id == row.message_id]
            if not any(map(partial(_is_alike, row.body), texts)):
                yield f"delivery {row.id} is recorded as sent, and the server never took its mail {row.message_id}"
    for before, row in mirror.fresh_notifications:
        if row.state == "sent" and (before is None or before.state != "sent"):
            code = mirror.measures[row.measure_id].code if row.measure_id is not None else ""
            if not any(code in body for body in sent[row.digest_id]):
                yield f"notification {row.id} of {code} is recorded as sent, and no message says anything of it"


def _is_alike(body: str, text: str) -> bool:
    """Say whether a mail holds what is on record of it; links and ends of lines are the mail's own."""
    return {line.strip() for line in body.splitlines()} <= {line.strip() for line in text.splitlines()}


@promise(
    "to-the-receiver",
    "A message goes to whose duty it is, or to who stands in for them on that day; what is personal, to them alone.",
)
def to_the_receiver(look: Look) -> Iterator[str]:
    mirror = look.mirror
    for before, row in mirror.fresh_notifications:
        if row.digest_id is None or (before is not None and before.digest_id is not None):
            continue
        digest = mirror.digests[row.digest_id]
        wanted = row.person_id if row.kind in PERSONAL else mirror.stands_in_for(row.person_id, digest.on)
        if look.when != DAY and digest.person_id != wanted:
            yield f"notification {row.id} of person {row.person_id} went to {digest.person_id}, not to {wanted}"


@promise("settled", "Every notification is sent, called off with a reason that holds, or told to have failed.")
def settled(look: Look) -> Iterator[str]:
    mirror, runs = look.mirror, look.memory.get("runs", 0) + (look.when == DAILY)
    look.memory["runs"] = runs
    waiting: dict[int, int] = look.memory.setdefault("waiting", {})
    for before, row in mirror.fresh_notifications:
        if row.state == "pending":
            waiting.setdefault(row.id, runs)
        else:
            waiting.pop(row.id, None)
            if row.state == "cancelled" and (before is None or before.state == "pending"):
                yield from _unfounded(look, row)
            if row.state == "failed":
                yield from _untold(look, row)
    for number, since in waiting.items():
        if runs - since > SETTLED_WITHIN:
            yield f"notification {number} ({mirror.notifications[number].kind}) waits since {runs - since} runs"
            waiting[number] = runs


def _unfounded(look: Look, row: Any) -> Iterator[str]:
    """Yield why a rung must not have been called off: it still waits, for this very person."""
    mirror = look.mirror
    if row.kind != "rung" or row.measure_id is None:
        return
    timer = mirror.timers.get((row.measure_id, row.waits_for))
    stands = timer is not None and wait_of(timer) == wait_of(row)
    if not stands or row.person_id not in mirror.holders(row.measure_id, row.role):
        return
    higher = any(
        other.kind == "rung"
        and (*wait_of(other), other.person_id, other.digest_id) == (*wait_of(row), row.person_id, row.digest_id)
        and other.data["rung"] > row.data["rung"]
        and other.state != "cancelled"
        for other in mirror.notifications.values()
    )
    if not higher:
        yield f"notification {row.id} was called off ({row.reason}), and its deadline still waits for its person"


def _untold(look: Look, row: Any) -> Iterator[str]:
    mirror = look.mirror
    failed = [one.id for one in mirror.deliveries.values() if one.digest_id == row.digest_id and one.state == "failed"]
    told = {one.dedup_key for one in mirror.notifications.values() if one.kind == "delivery_failed"}
    if row.kind == "delivery_failed":
        return
    for number in failed:
        if not any(key.startswith(f"delivery_failed:{number}:") for key in told):
            yield f"delivery {number} has failed, and no coordinator was told"
    if not failed:
        yield f"notification {row.id} is recorded as failed, and no delivery of it is"
