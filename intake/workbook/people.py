"""Read the sheets 单位 and 人员 of a ledger workbook, and check each against itself.

Called by `read_workbook`.  A name that occurs twice, or a unit above that the sheet does not have, is a fault; a unit
that only 人员 or 台账 names may be known to the database, so that is not judged here.
"""

from __future__ import annotations

from engine.rules.ledger_layout import (
    KIND_WORDS,
    LANGUAGE_WORDS,
    MAX_CODE,
    MAX_NAME,
    NEVER_GRANTED,
    ROLE_WORDS,
    Field,
    is_email,
)
from engine.rules.plan import PersonPlan, UnitPlan
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from intake.workbook.cell_values import read_name, split_names, word_reader
from intake.workbook.table import Record, Table


def read_units(table: Table) -> tuple[UnitPlan, ...]:
    """Return the units in the order of the sheet; what is wrong is told to the table's findings."""
    kinds, kind_words = word_reader(KIND_WORDS), tuple(told[0] for told in KIND_WORDS.values())
    units: dict[str, tuple[UnitPlan, Record]] = {}
    for record in table.records():
        record.need(Field.NAME, N_("the name of a unit"))
        name = read_name(record.name(Field.NAME, MAX_NAME))
        kind = kinds[record.need(Field.KIND, N_("one of: {words}", words=kind_words))]
        parent = read_name(record.text(Field.PARENT)) or None
        if name in units:
            record.fault(Field.NAME, N_("a name that occurs once; row {row} has it too", row=units[name][1].row))
        if isinstance(kind, Text):
            record.fault(Field.KIND, kind)
        elif kind is not None and name and name not in units:
            unit = UnitPlan(name=name, kind=kind, parent=parent, place=record.place(Field.NAME))
            units[name] = (unit, record)
    names = frozenset(units)
    for unit, record in units.values():
        if unit.parent is not None and unit.parent not in names:
            record.fault(Field.PARENT, N_("a unit that this sheet has"))
        elif _is_above_itself(unit, units):
            record.fault(Field.PARENT, N_("another unit: this one would be above itself"))
    return tuple(unit for unit, _ in units.values())


def _is_above_itself(unit: UnitPlan, units: dict[str, tuple[UnitPlan, Record]]) -> bool:
    above, seen = unit.parent, set[str]()
    while above is not None and above in units and above not in seen:
        if above == unit.name:
            return True
        seen.add(above)
        above = units[above][0].parent
    return False


def read_people(table: Table) -> tuple[PersonPlan, ...]:
    """Return the people in the order of the sheet; what is wrong is told to the table's findings."""
    languages, roles = word_reader(LANGUAGE_WORDS), word_reader(ROLE_WORDS)
    people: list[PersonPlan] = []
    rows: dict[str, int] = {}
    for record in table.records():
        record.need(Field.NAME, N_("the name of a person"))
        record.need(Field.UNIT, N_("the name of a unit"))
        name = read_name(record.name(Field.NAME, MAX_NAME))
        account = record.name(Field.ACCOUNT, MAX_CODE)
        unit = read_name(record.name(Field.UNIT, MAX_NAME))
        email, language = record.name(Field.EMAIL, MAX_NAME), languages[record.text(Field.LANGUAGE)]
        code, told_by = (account, Field.ACCOUNT) if account else (name, Field.NAME)
        if code and code in rows:
            message = N_("a sign-in name that occurs once; row {row} has it too: give each an account", row=rows[code])
            record.fault(told_by, message)
        rows.setdefault(code, record.row)
        if email and not is_email(email):
            record.fault(Field.EMAIL, N_("an e-mail address"))
        if isinstance(language, Text):
            record.fault(Field.LANGUAGE, language)
            language = None
        granted: dict[Role, None] = {}
        for word in split_names(record.text(Field.ROLES)):
            role = roles[word]
            if isinstance(role, Text):
                record.fault(Field.ROLES, role)
                break
            if role is not None and role not in NEVER_GRANTED:
                granted[role] = None
        people.append(
            PersonPlan(
                name=name,
                code=code,
                unit=unit,
                roles=tuple(granted),
                email=email or None,
                language=language,
                place=record.place(Field.NAME),
            )
        )
    return tuple(people)
