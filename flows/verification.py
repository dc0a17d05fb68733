"""The verification run: the coordinator triggers it; submitted measures get their verifiers, who are told."""

from __future__ import annotations

from collections.abc import Sequence

from engine.actions.desk import Desk, find_round
from engine.actions.start_verification import start_verification, waiting_for_verifier
from engine.rules.moment import Moment
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from flows.deliver import deliver
from flows.house import House
from flows.report import RunReport, logged
from i18n import say
from models.database import reading


def run_verification(
    house: House,
    moment: Moment,
    *,
    person: str,
    codes: Sequence[str] = (),
    verifier: str | None = None,
    round_code: str | None = None,
) -> RunReport:
    """Assign verifiers by rule and send what they must know.

    With `codes`: those, all or nothing.  Without: every submitted measure that nobody checks yet, each by itself, so
    that one which nobody may verify (it is named in `notes`) does not hold up the others.
    """
    with logged("verification", as_of=moment.on.isoformat()) as told:
        return told(_assign(house, moment, person=person, codes=codes, verifier=verifier, round_code=round_code))


def _assign(
    house: House, moment: Moment, *, person: str, codes: Sequence[str], verifier: str | None, round_code: str | None
) -> RunReport:
    calendar = house.calendar()
    notes: list[str] = []

    def start(some: Sequence[str]) -> None:
        with house.sessions.begin() as session:
            desk = Desk(session=session, moment=moment, calendar=calendar, person=person, round=round_code)
            chosen = start_verification(desk, some, verifier=verifier, checklist=house.policies.checklist)
        notes.extend(
            say(N_("{code} is verified by {person}", code=code, person=name), house.language)
            for code, name in chosen.items()
        )

    stranded: list[str] = []
    if codes:
        start(codes)
    else:
        with reading(house.sessions) as session:
            desk = Desk(session=session, moment=moment, calendar=calendar, person=person, round=round_code)
            codes = waiting_for_verifier(desk, find_round(session, round_code).id)
        for code in codes:
            try:
                start([code])
            except NotReady as refusal:
                stranded.append(f"{code}: {say(refusal.text, house.language)}")
    delivery = deliver(house, moment, batch=f"verification:{moment.at.isoformat()}")
    return RunReport(
        run="verification",
        as_of=moment.on.isoformat(),
        notifications=len(codes) - len(stranded),
        failed=len(stranded) + delivery.failed,
        sent=delivery.sent,
        cancelled=delivery.cancelled,
        notes=stranded + notes,
    )
