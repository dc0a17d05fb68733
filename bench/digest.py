"""W3: the notifications of a sweep become one message for each recipient; all are rendered and marked.

Duban bundles, claims, looks again whether each still holds, renders in the recipient's language, hands over and
records; the sender only counts.  "duban" delivers to the inbox, which shows text; "duban, with HTML" to a channel that
shows both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bench import core, floor, orm
from bench.contest import Contest
from bench.digest_floor import deliver_raw
from bench.ledgers import calendar, fill_duban, moment
from bench.plain import SUPERIORS, Size
from bench.timing import Turn, stopwatch
from engine.actions.sweep_deadlines import sweep_deadlines
from models.database import open_database, sessions_of
from notifications.delivery import deliver_outbox
from notifications.senders import Mail


class CountingSender:
    """Takes every mail and counts it."""

    channel = "inbox"

    def __init__(self, *, shows_html: bool) -> None:
        self.sent = 0
        self._shows_html = shows_html

    def close(self) -> None:
        """Let go of nothing."""

    def send(self, mail: Mail) -> None:
        """Take the mail."""
        assert mail.text
        assert not self._shows_html or mail.html()
        self.sent += 1


def measure_digest(contest: Contest) -> None:
    """Measure W3 on the contest's place."""
    size = Size(measures=2 * contest.scale.due, due=contest.scale.due)
    plain, ledger = contest.plain(size), contest.place.fresh(contest.name("duban"))
    floor.sweep(plain, design="timer")
    fill_duban(ledger, size)
    engine = open_database(ledger)
    sweep_deadlines(sessions_of(engine), moment=moment(), calendar=calendar())
    engine.dispose()

    def bare(work: Callable[[str], float]) -> float:
        with contest.copied(plain) as url:
            return work(url)

    def duban(*, shows_html: bool) -> float:
        with contest.copied(ledger) as url:
            return deliver(url, size.due, shows_html=shows_html)

    def raw() -> float:
        with contest.copied(ledger) as url:
            return deliver_raw(url)

    turns: dict[str, Turn] = {
        "floor": partial(bare, floor.digest),
        "core": partial(bare, core.digest),
        "orm": partial(bare, orm.digest),
        "floor that keeps the promise": raw,
        "duban": partial(duban, shows_html=False),
        "duban, with HTML": partial(duban, shows_html=True),
    }
    contest.run("W3", size.due, "s", turns)
    contest.place.drop(plain)
    contest.place.drop(ledger)


def deliver(url: str, due: int, *, shows_html: bool) -> float:
    """Deliver everything that waits; return the seconds."""
    engine = open_database(url)
    sessions = sessions_of(engine)
    sender = CountingSender(shows_html=shows_html)
    with sessions() as session:
        session.connection()
    with stopwatch() as watch:
        report = deliver_outbox(
            sessions,
            moment=moment(),
            now=lambda: moment().at,
            batch="bench",
            senders={"inbox": sender},
            calendar=calendar(),
            digests_per_day=3,
            language="zh_CN",
        )
    engine.dispose()
    assert report.bundled == due
    assert sender.sent == report.sent == min(due, SUPERIORS)
    return watch.seconds
