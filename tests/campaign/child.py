"""What a child process does until it is done or killed: the product's own runs and actions, in a house of its own.

Whatever was acknowledged is written to a journal: one line, synced, only after the commit has returned.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from cli.troubles import trouble_of
from config.settings import Settings
from engine.actions.desk import Desk, one_request
from engine.actions.import_round import import_round
from engine.actions.sweep_deadlines import sweep_deadlines
from engine.rules.moment import Moment
from engine.rules.refusal import Conflict
from flows.daily import run_daily
from flows.deliver import deliver, run_deliver
from flows.house import House, open_house
from models import Event, Measure, Round
from models.database import reading
from tests.campaign.ledger import ROUND, plan, steps
from tests.factories import FEEDBACK, at

LAST_MINUTE = 12 * 60  #: after nine o'clock
BATCH = 25  #: timers per transaction: small, so that a sweep has many moments to die at
TRIED_AGAIN, BROKEN = 75, 70  #: exit status: the database went away; something else
AWAY = ("the database does not answer", "somebody else", "the database is busy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One phase of one day, for one of several children."""

    home: Path
    url: str
    phase: str  #: import, morning (people), evening (sweep and delivery)
    day: date
    minutes: int  #: after nine o'clock: time goes on between two attempts
    began: float  #: the phase, in seconds of the clock that all processes of a machine share
    pace: float  #: minutes of the day that pass in a real second; 0: it stands still within an attempt
    mail_port: int | None  #: of a mail server, where there is one
    journal: Path
    measures: int
    share: int = 0  #: which of the children
    of: int = 1  #: so many

    @property
    def moment(self) -> Moment:
        """The present, the same for all children of a phase where it goes on."""
        morning = at(self.day)
        minutes = min(self.minutes + self.pace * (time.monotonic() - self.began), LAST_MINUTE)
        return replace(morning, at=morning.at + timedelta(minutes=minutes))

    @property
    def settings(self) -> Settings:
        """What the house is told: where there is a mail server, it sends mail besides."""
        plain = Settings(home=self.home, database_url=self.url, language="en", batch=BATCH)
        if self.mail_port is None:
            return plain
        return plain.model_copy(
            update={
                "channels": ("inbox", "eml", "smtp"),
                "smtp_host": "127.0.0.1",
                "smtp_port": self.mail_port,
                "smtp_security": "none",
                "smtp_from": "duban@example.org",
            }
        )


def carry_out(task: Task) -> None:
    """Do the phase and leave with 0; any trouble is told as the command line would, in one line of `<journal>.err`."""
    logging.disable(logging.CRITICAL)
    try:
        house = open_house(task.settings)
        house = replace(house, clock=lambda _zone: task.moment)
        _PHASES[task.phase](task, house)
        house.engine.dispose()
    except Exception as error:  # noqa: BLE001 - what is told of it is what the campaign judges
        told = " ".join(trouble_of(error, None).lines("en"))
        with task.journal.with_suffix(".err").open("a", encoding="utf-8") as file:
            file.write(f"{task.day} {task.phase}: {type(error).__name__}: {told}\n")
        sys.exit(TRIED_AGAIN if any(sign in told for sign in AWAY) else BROKEN)


def _acknowledge(task: Task, **line: Any) -> None:
    with task.journal.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _import(task: Task, house: House) -> None:
    ground = house.import_ground(task.moment, round_code=ROUND, feedback_on=FEEDBACK)
    with reading(house.sessions) as session:
        if session.scalar(select(Round.id)) is not None:
            return
    with house.sessions.begin() as session:
        report = import_round(session, plan(task.measures), ground)
    _acknowledge(task, imported=report.created)


def _morning(task: Task, house: House) -> None:
    calendar = house.calendar()
    while True:
        with reading(house.sessions) as session:
            todo = steps(session, task.day, share=task.share, of=task.of)
        if not todo:
            return
        for step in todo:
            try:
                with one_request(house.sessions) as session:
                    desk = Desk(session=session, moment=task.moment, calendar=calendar, person=step.who, round=ROUND)
                    step.what(desk)
                    line = _newest(desk, step.code)
            except Conflict:  # somebody was faster: look again
                continue
            _acknowledge(task, **line)


def _newest(desk: Desk, code: str) -> dict[str, Any]:
    """Return what the action has put on record."""
    query = (
        select(Event.seq, Event.kind, Event.to_state, Event.hash)
        .join(Measure, Measure.id == Event.measure_id)
        .where(Measure.code == code)
        .order_by(Event.seq.desc())
        .limit(1)
    )
    seq, kind, state, digest = desk.session.execute(query).one()
    return {"code": code, "seq": seq, "kind": kind, "state": state, "hash": digest.hex(), "on": str(desk.moment.on)}


def _evening(task: Task, house: House) -> None:
    """The first child runs the day; the others sweep and deliver beside it."""
    if task.share == 0:
        report = run_daily(house, task.moment)
        _acknowledge(task, run=str(task.day), report=replace(report, repeated=False).as_json())
        return
    sweep_deadlines(house.sessions, moment=task.moment, calendar=house.calendar(), batch=BATCH)
    if task.mail_port is None:
        run_deliver(house, task.moment)
    else:  # what a delivery does, without giving way to the daily run: two senders at once
        deliver(house, task.moment, batch=f"beside:{task.share}:{task.moment.at.isoformat()}")


def _mails(task: Task, house: House) -> None:
    """Send what is left, and sweep nothing."""
    run_deliver(house, task.moment)


_PHASES = {"import": _import, "morning": _morning, "evening": _evening, "mails": _mails}
