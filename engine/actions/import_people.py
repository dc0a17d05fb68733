"""Stores units and people from a ledger's sheets, and finds them again by what the ledger calls them.

What a coordinator has set by hand on the pages stands, and the report says so; whom the pages have renamed is found by
the former name, too.  What one may not do alone waits for a second person (`import_trust`).  Everything else is as the
file says; its empty cells change nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.import_trust import ImportTrust
from engine.actions.leave_unit import leave_unit
from engine.reads.set_by_hand import SetByHand, read_set_by_hand
from engine.rules.import_report import Change, ImportReport
from engine.rules.names import ROLE_NAMES, UNIT_KIND_NAMES
from engine.rules.plan import Fault, PersonPlan, UnitPlan
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from models import Person, RoleGrant, Unit
from models.bulk import new_ids

_NAMES: dict[str, Text] = {
    "name": N_("name"),
    "unit_id": N_("unit"),
    "email": N_("e-mail"),
    "language": N_("language"),
    "kind": N_("kind"),
    "parent_id": N_("unit above"),
}


@dataclass(slots=True, kw_only=True)
class HouseGround:
    """What storing units and people goes by, and what it tells."""

    session: Session
    report: ImportReport
    faults: list[Fault]
    trust: ImportTrust
    on: date  #: when people have left their units, where a file says that they are in another
    by_hand: SetByHand = field(init=False)

    def __post_init__(self) -> None:
        """Read what coordinators have set by hand."""
        self.by_hand = read_set_by_hand(self.session)

    def take(self, row: Any, called: str, column: str, value: Any, names: dict[int, str] | None = None) -> None:
        """Set a column of a row on record as the file says, unless it was set by hand; tell either."""
        old = getattr(row, column)
        if value is None or value == old:
            return
        spoken = names or {}
        if self.by_hand.holds("units" if isinstance(row, Unit) else "people", row.id, column):
            self._keep(called, _NAMES[column], spoken.get(old, old), spoken.get(value, value))
            return
        self.note(called, column.removesuffix("_id"), spoken.get(old, old), spoken.get(value, value))
        setattr(row, column, value)

    def note(self, called: str, name: str, before: Any, after: Any) -> None:
        """Tell one difference."""
        told = [None if one is None else str(one) for one in (before, after)]
        self.report.changes.append(Change(code=called, field=name, before=told[0], after=told[1]))

    def keep_role(self, called: str, role: Role) -> None:
        """Tell that a role that was taken away by hand is not given again."""
        self.report.kept.append(
            N_(
                "{code}: the role {role} was taken away by hand; the file still names it, and it stays away",
                code=called,
                role=ROLE_NAMES[role],
            )
        )

    def _keep(self, called: str, what: Text, record: Any, file: Any) -> None:
        self.report.kept.append(
            N_(
                "{code}: the {what} stays {record}; the file says {file}, but it was set by hand",
                code=called,
                what=what,
                record=UNIT_KIND_NAMES.get(record, record) or N_("empty"),
                file=UNIT_KIND_NAMES.get(file, file),
            )
        )


def store_units(ground: HouseGround, plans: Sequence[UnitPlan]) -> dict[str, int]:
    """Create or bring up to date every unit; return name → id of all units there are, by former names, too."""
    session = ground.session
    rows = {unit.id: unit for unit in session.scalars(select(Unit))}
    known = {unit.name: unit for unit in rows.values()}
    for name, number in ground.by_hand.former["units"].items():
        known.setdefault(name, rows[number])
    ids = new_ids(session, Unit)
    new: set[str] = set()
    for plan in plans:
        if plan.name not in known:
            known[plan.name] = Unit(id=next(ids), name=plan.name, kind=plan.kind)
            session.add(known[plan.name])
            new.add(plan.name)
        ground.take(known[plan.name], plan.name, "kind", plan.kind)
    session.flush()
    names = {unit.id: unit.name for unit in known.values()}
    for plan in plans:
        if plan.parent is None:
            continue
        if plan.parent not in known:
            message = N_("the unit above is not in the sheet and not on record")
            ground.faults.append(Fault(place=plan.place, value=plan.parent, message=message))
        elif plan.name in new:
            known[plan.name].parent_id = known[plan.parent].id
        else:
            ground.take(known[plan.name], plan.name, "parent_id", known[plan.parent].id, names)
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


def store_people(ground: HouseGround, plans: Sequence[PersonPlan], units: dict[str, int]) -> Directory:
    """Create or bring up to date every person with their granted roles; return the directory of all people."""
    session = ground.session
    rows = {person.id: person for person in session.scalars(select(Person))}
    known = {person.code: person for person in rows.values()}
    for code, number in ground.by_hand.former["people"].items():
        known.setdefault(code, rows[number])
    unit_names = dict(session.execute(select(Unit.id, Unit.name)).tuples().all())
    ids = new_ids(session, Person)
    for plan in plans:
        if plan.unit not in units:
            message = N_("the unit is not in the sheet 单位 and not on record")
            ground.faults.append(Fault(place=plan.place, value=plan.unit, message=message))
            continue
        person = known.get(plan.code)
        if person is None:
            person = known[plan.code] = Person(
                id=next(ids),
                code=plan.code,
                name=plan.name,
                unit_id=units[plan.unit],
                email=plan.email,
                language=plan.language,
            )
            session.add(person)
        else:
            _update(ground, person, plan, units[plan.unit], unit_names)
    session.flush()
    _grant(ground, [plan for plan in plans if plan.code in known], known, set(rows))
    ground.trust.ask()
    by_name: dict[str, list[int]] = defaultdict(list)
    for person in {one.id: one for one in known.values()}.values():
        by_name[person.name].append(person.id)
    for plan in plans:  # a file goes on calling people what it calls them
        if plan.code in known and known[plan.code].id not in by_name[plan.name]:
            by_name[plan.name].append(known[plan.code].id)
    return Directory(
        by_code={code: person.id for code, person in known.items()},
        by_name=by_name,
        unit_of={person.id: person.unit_id for person in known.values()},
        name_of={person.id: person.name for person in known.values()},
        units=units,
        unit_name_of=unit_names,
    )


def _update(ground: HouseGround, person: Person, plan: PersonPlan, unit: int, unit_names: dict[int, str]) -> None:
    """Bring a person up to date; who moves to another unit no longer heads the former."""
    former = person.unit_id
    ground.take(person, plan.code, "name", plan.name)
    ground.take(person, plan.code, "unit_id", unit, unit_names)
    is_by_hand = ground.by_hand.holds("people", person.id, "email")
    if is_by_hand or ground.trust.may_change_email(plan.code, person, plan.email):
        ground.take(person, plan.code, "email", plan.email)
    ground.take(person, plan.code, "language", plan.language)
    if person.unit_id != former and leave_unit(ground.session, person, former, on=ground.on):
        ground.note(plan.code, "head_of", unit_names[former], None)


def _grant(ground: HouseGround, plans: Sequence[PersonPlan], known: dict[str, Person], on_record: set[int]) -> None:
    """Add the roles that the sheet grants and nobody has granted yet, or taken away by hand.

    An import takes no role away, but that of the head of a unit from who has left it.
    """
    session = ground.session
    granted = set(session.execute(select(RoleGrant.person_id, RoleGrant.role, RoleGrant.unit_id)).tuples().all())
    for plan in plans:
        person = known[plan.code]
        for role in plan.roles:
            grant = (person.id, role, person.unit_id if role is Role.UNIT_HEAD else None)
            if grant in granted:
                continue
            if grant in ground.by_hand.revoked:
                ground.keep_role(plan.code, role)
                continue
            if not ground.trust.may_grant(plan.code, person, role):
                continue
            granted.add(grant)
            session.add(RoleGrant(person_id=grant[0], role=grant[1], unit_id=grant[2]))
            if person.id in on_record:
                is_head = role is Role.UNIT_HEAD
                ground.note(plan.code, "head_of" if is_head else "role", None, plan.unit if is_head else role.value)
    session.flush()
