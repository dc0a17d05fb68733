"""Names of people, and who receives in whose place on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules.stand_ins import receiver
from models import Absence, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody's name, and all absences."""

    names: Mapping[int, str]
    absences: Mapping[int, tuple[tuple[date, date, int], ...]]  #: person → (first day, last day, substitute)

    def receiver(self, person: int, on: date) -> int:
        """Return who receives for `person` on a day (engine.rules.stand_ins)."""
        away = {
            absent: who for absent, spans in self.absences.items() for first, last, who in spans if first <= on <= last
        }
        return receiver(person, away)

    def called(self, person: int, on: date) -> str:
        """Return the name that receives on a day; for a substitute with the absent person's name."""
        receiver = self.receiver(person, on)
        name = self.names[person]
        return name if receiver == person else f"{self.names[receiver]}({name})"


def read_people(session: Session) -> People:
    """Read names and absences: two statements."""
    absences: dict[int, list[tuple[date, date, int]]] = defaultdict(list)
    rows = session.execute(
        select(Absence.person_id, Absence.first_day, Absence.last_day, Absence.substitute_id).order_by(Absence.id)
    )
    for person, first, last, substitute in rows:
        absences[person].append((first, last, substitute))
    return People(
        names=dict(session.execute(select(Person.id, Person.name)).tuples().all()),
        absences={person: tuple(spans) for person, spans in absences.items()},
    )


def find_signing_in(session: Session, who: str) -> int | None:
    """Return the one person of this sign-in name, or else of this e-mail address.

    None: there is none, or several, or they are shut out: then a coordinator's link lets them in again.
    """
    for column in (Person.code, Person.email):
        query = select(Person.id, Person.shut_out_at).where(column == who.strip()).limit(2)
        found = session.execute(query).tuples().all()
        if found:
            number, shut_out_at = found[0]
            return number if len(found) == 1 and shut_out_at is None else None
    return None
