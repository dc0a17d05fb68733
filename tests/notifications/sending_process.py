"""A sender as a process of its own: `python -m tests.notifications.sending_process URL PORT MOMENT` delivers once.

It prints what it did.  `MOMENT` is the run's, such as that of a run that is caught up; the present is the clock's.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime

from engine.now import moment_at, read_clock
from models.database import open_database, sessions_of
from notifications.delivery import deliver_outbox
from notifications.senders.inbox import InboxSender
from notifications.senders.smtp import SmtpSender
from tests.notifications.test_smtp import server_at
from tests.world import real_calendar

ZONE = "Asia/Shanghai"


def main(url: str, port: int, moment: datetime) -> None:
    """Deliver over the inbox and the mail server at `port` of this machine."""
    engine = open_database(url)
    report = deliver_outbox(
        sessions_of(engine),
        moment=moment_at(moment, ZONE),
        now=lambda: read_clock(ZONE).at,
        batch=f"caught up at {moment}",
        senders={"inbox": InboxSender(), "smtp": SmtpSender(server_at(port))},
        calendar=real_calendar(),
        digests_per_day=9,
        language="en",
    )
    engine.dispose()
    print(json.dumps(asdict(report)))  # noqa: T201 - what its parent reads


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
