"""Stores units and people from a ledger's sheets, and finds them again by what the ledger calls them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules.plan import Fault, PersonPlan, UnitPlan
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from models import Person, RoleGrant, Unit
from models.bulk import new_ids


def store_units(session: Session, plans: Sequence[UnitPlan], faults: list[Fault]) -> dict[str, int]:
    """Create or bring up to date every unit; return name → id of all units there are."""
    known = {unit.name: unit for unit in session.scalars(select(Unit))}
    ids = new_ids(session, Unit)
    for plan in plans:
        if plan.name not in known:
            known[plan.name] = Unit(id=next(ids), name=plan.name, kind=plan.kind)
            session.add(known[plan.name])
        known[plan.name].kind = plan.kind
    session.flush()
    for plan in plans:
        if plan.parent is None:
            continue
        if plan.parent not in known:
            message = N_("the unit above is not in the sheet and not on record")
            faults.append(Fault(place=plan.place, value=plan.parent, message=message))
        else:
            known[plan.name].parent_id = known[plan.parent].id
    session.flush()
    return {name: unit.id for name, unit in known.items()}


@dataclass(slots=True)
class Directory:
    """People by code and by name, units by name; and back."""

    by_code: dict[str, int]
    by_name: dict[str, list[int]]
    unit_of: dict[int, int]
    name_of: dict[int, str]
    units: dict[str, int]
    unit_name_of: dict[int, str]

    def find_unit(self, name: str) -> int | Text:
        """Return the unit called `name`, or why there is none."""
        return self.units.get(name) or N_("the unit is not in the sheet 单位 and not on record")

    def find_person(self, who: str) -> int | Text:
        """Return the person with this code or name, or why there is none."""
        if who in self.by_code:
            return self.by_code[who]
        named = self.by_name.get(who, [])
        if len(named) == 1:
            return named[0]
        return (
            N_("several people have this name; write the person's code")
            if named
            else N_("this person is not in the sheet 人员 and not on record")
        )


def store_people(
    session: Session, plans: Sequence[PersonPlan], units: dict[str, int], faults: list[Fault]
) -> Directory:
    """Create or bring up to date every person with their granted roles; return the directory of all people."""
    known = {person.code: person for person in session.scalars(select(Person))}
    ids = new_ids(session, Person)
    for plan in plans:
        if plan.unit not in units:
            message = N_("the unit is not in the sheet 单位 and not on record")
            faults.append(Fault(place=plan.place, value=plan.unit, message=message))
            continue
        person = known.get(plan.code)
        if person is None:
            person = known[plan.code] = Person(id=next(ids), code=plan.code, name=plan.name, unit_id=units[plan.unit])
            session.add(person)
        person.name, person.unit_id = plan.name, units[plan.unit]
        person.email = plan.email or person.email
        person.language = plan.language or person.language
    session.flush()
    _grant(session, plans, known)
    by_name: dict[str, list[int]] = defaultdict(list)
    for person in known.values():
        by_name[person.name].append(person.id)
    return Directory(
        by_code={code: person.id for code, person in known.items()},
        by_name=by_name,
        unit_of={person.id: person.unit_id for person in known.values()},
        name_of={person.id: person.name for person in known.values()},
        units=units,
        unit_name_of={number: name for name, number in units.items()},
    )


def _grant(session: Session, plans: Sequence[PersonPlan], known: dict[str, Person]) -> None:
    """Add the roles that the sheet grants and nobody has granted yet.  An import takes no role away."""
    granted = set(session.execute(select(RoleGrant.person_id, RoleGrant.role, RoleGrant.unit_id)).tuples().all())
    for plan in plans:
        person = known.get(plan.code)
        if person is None:
            continue
        for role in plan.roles:
            grant = (person.id, role, person.unit_id if role is Role.UNIT_HEAD else None)
            if grant not in granted:
                granted.add(grant)
                session.add(RoleGrant(person_id=grant[0], role=grant[1], unit_id=grant[2]))
    session.flush()
