"""The monthly run: snapshot, agenda, documents, invitations; once per round and month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import select

from documents.kinds import KINDS, SIGNED
from documents.papers.asked import LAYOUT, Asked, Version
from engine.actions.freeze_agenda import day_set, freeze_agenda, is_frozen_since, period_of
from engine.actions.invite_group import announce_agenda
from engine.actions.keep_document import keep_document
from engine.actions.keep_run import RunTicket
from engine.actions.snapshot_ledger import snapshot_ledger
from engine.rules.moment import Moment
from flows.deliver import deliver
from flows.folders import folder_name
from flows.house import House
from flows.papers import keep_template
from flows.report import RunReport, once
from flows.templates import paper_templates_of
from models import Meeting, Round
from models.database import reading

#: What the run prints and an office may have its own template of.
MONTHLY = tuple(key for key in sorted(SIGNED) if KINDS[key].monthly)


def run_monthly(
    house: House, moment: Moment, *, again: bool = False, held_on: date | None = None, round_code: str | None = None
) -> RunReport:
    """Draw up the month's agenda and documents for every round, or for one; the second run of a month does nothing.

    `held_on`: the day of the meeting; by default the day that it is set for already, else the day of the run.
    """
    paper_templates_of(house.settings, *MONTHLY)  # one that does not hold is told before anything is frozen or printed
    period = period_of(held_on or moment.on)
    query = select(Round.id).order_by(Round.id)
    if round_code is not None:
        query = query.where(Round.code == round_code)

    def work(ticket: RunTicket) -> RunReport:
        with house.sessions() as session:
            rounds = session.scalars(query).all()
        made = [
            path for number in rounds for path in _draw_up(house, number, moment, held_on, ticket, asked_again=again)
        ]
        delivery = deliver(house, moment, batch=f"monthly:{period}:{ticket.version}")
        return RunReport(
            run="monthly",
            as_of=moment.on.isoformat(),
            notifications=delivery.bundled,
            failed=delivery.failed,
            sent=delivery.sent,
            cancelled=delivery.cancelled,
            documents=[path.as_posix() for path in made],
        )

    key = period if round_code is None else f"{period}:{round_code}"
    return once(house, "monthly", key, moment, work, again=again)


def _draw_up(
    house: House, round_id: int, moment: Moment, held_on: date | None, ticket: RunTicket, *, asked_again: bool
) -> list[Path]:
    """Freeze the agenda of one round, print it, record the documents and tell the leading group.

    Printing only reads; cut short anywhere, the next trigger finds the frozen agenda and prints it again.
    """
    calendar, period = house.calendar(), period_of(held_on or moment.on)
    with house.sessions.begin() as session:
        again = (asked_again or ticket.version > 1) and not (
            ticket.is_resumed and is_frozen_since(session, round_id, period, ticket.began_at)
        )
        agenda = freeze_agenda(
            session,
            round_id=round_id,
            held_on=held_on or day_set(session, round_id, period) or moment.on,
            moment=moment,
            calendar=calendar,
            again=again,
        )
        snapshot_ledger(session, round_id=round_id, period=period, moment=moment, calendar=calendar, again=again)
    mark = "" if agenda.version == 1 else f"-v{agenda.version}"
    asked = Asked(until=moment, calendar=calendar, period=period, version=agenda.version, language=house.language)
    templates = paper_templates_of(house.settings, *MONTHLY)
    with reading(house.sessions) as session:
        round_ = session.get_one(Round, round_id)
        folder = Path("documents") / folder_name(round_.code) / period
        (house.home / folder).mkdir(parents=True, exist_ok=True)
        printed = {folder / f"{kind.key}{mark}{form}": kind for kind in KINDS.values() for form in kind.monthly}
        for path, kind in printed.items():
            kept = Version(kind=kind.key, period=period, number=agenda.version)
            template = templates.get(kind.key)
            kind.write(house.home / path, session, round_, replace(asked, kept=kept, template=template))
    made = list(printed)
    with house.sessions.begin() as session:
        for path, kind in printed.items():
            keep_document(
                session,
                house.home,
                path,
                round_id=round_id,
                kind=kind.key,
                period=period,
                version=agenda.version,
                moment=moment,
                layout=LAYOUT,
                template=keep_template(house, templates.get(kind.key)),
            )
        meeting = session.get_one(Meeting, agenda.meeting_id)
        announce_agenda(session, meeting, version=agenda.version, documents=made, moment=moment)
    return made
