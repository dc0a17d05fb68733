"""Who works in the office of a seeded year, and the ledger that it begins with: six units, 17 people, 30 measures."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from engine.actions.import_round import import_round
from engine.rules.moment import Moment
from engine.rules.plan import FindingPlan, MeasurePlan, PersonPlan, Place, RoundPlan, UnitPlan
from engine.rules.vocabulary import Level, MeasureClass, Role, UnitKind
from flows.house import House
from tests.year.office import BEGINS, Office

UNITS = {
    "局党委": UnitKind.COMMITTEE,
    "一处": UnitKind.DEPARTMENT,
    "二处": UnitKind.DEPARTMENT,
    "三处": UnitKind.SUBORDINATE,
    "审计处": UnitKind.DEPARTMENT,
    "督查处": UnitKind.DEPARTMENT,
}
PEOPLE: dict[str, tuple[str, tuple[Role, ...]]] = {
    "lin": ("局党委", (Role.COORDINATOR,)),
    "fang": ("局党委", (Role.COORDINATOR,)),
    "zhao": ("局党委", (Role.LEADING_GROUP,)),
    "qian": ("局党委", (Role.LEADING_GROUP,)),
    "shen": ("局党委", (Role.LEADING_GROUP,)),
    "jian": ("局党委", (Role.SUPERVISOR,)),
    "li": ("一处", (Role.UNIT_HEAD,)),
    "wang": ("一处", ()),
    "sun": ("一处", ()),
    "he": ("二处", (Role.UNIT_HEAD,)),
    "tang": ("二处", ()),
    "zhou": ("二处", (Role.VERIFIER,)),
    "gao": ("三处", (Role.UNIT_HEAD,)),
    "bai": ("三处", ()),
    "wu": ("审计处", (Role.VERIFIER,)),
    "ma": ("审计处", (Role.UNIT_HEAD,)),
    "xu": ("督查处", (Role.VERIFIER,)),
}
OWNERS = ("wang", "sun", "li", "tang", "he", "bai", "gao", "zhou", "xu")
LEADS = ("qian", "zhao", "shen")
MEASURES = 30


def place(sheet: str) -> Place:
    return Place(file="台账.xlsx", sheet=sheet, row=3)


def units() -> tuple[UnitPlan, ...]:
    return tuple(
        UnitPlan(
            name=name,
            kind=kind,
            parent=None if kind is UnitKind.COMMITTEE else "局党委",
            place=place("单位"),
        )
        for name, kind in UNITS.items()
    )


def people() -> tuple[PersonPlan, ...]:
    return tuple(
        PersonPlan(
            code=code,
            name=f"{code}同志",
            unit=unit,
            roles=roles,
            email=f"{code}@office.example",
            language=None,
            place=place("人员"),
        )
        for code, (unit, roles) in PEOPLE.items()
    )


def plan_measure(dice: Random, number: int, today: date) -> MeasurePlan:
    """Make up a measure: most have an owner, some are due soon or overdue already, some are open-ended."""
    owner = dice.choice(OWNERS)
    unit = PEOPLE[owner][0]
    kind = dice.choice((MeasureClass.STAGED,) * 4 + (MeasureClass.AT_ONCE, MeasureClass.CONTINUOUS))
    due = today + timedelta(days=dice.choice((-20, 9, 20, *range(30, 300, 10))))
    others = [name for name in UNITS if name != unit]
    return MeasurePlan(
        code=f"1-{number:02d}",
        text=f"完善第{number}项制度",
        measure_class=kind,
        lead=dice.choice(LEADS) if dice.random() < 0.9 else None,
        unit=unit,
        co_units=(dice.choice(others),) if dice.random() < 0.2 else (),
        owner=owner if dice.random() < 0.9 else None,
        due=None if kind is MeasureClass.CONTINUOUS and dice.random() < 0.5 else due,
        place=place("台账"),
    )


def ledger(measures: list[MeasurePlan]) -> RoundPlan:
    """Return the ledger with these measures, all below one item."""
    item = FindingPlan(level=Level.ITEM, number=1, text="制度缺失", measures=tuple(measures), place=place("台账"))
    problem = FindingPlan(level=Level.PROBLEM, number=1, text="制度滞后", children=(item,), place=place("台账"))
    aspect = FindingPlan(level=Level.ASPECT, number=1, text="履行职责方面", children=(problem,), place=place("台账"))
    return RoundPlan(kind="ledger", units=units(), people=people(), findings=(aspect,))


def import_ledger(office: Office, measures: list[MeasurePlan]) -> None:
    """Read the ledger in, as whoever runs the machine would; with more measures it brings the round up to date."""

    def work(house: House, moment: Moment) -> None:
        ground = house.import_ground(moment, feedback_on=BEGINS)
        with house.sessions.begin() as session:
            import_round(session, ledger(measures), ground)

    office.run(f"import of {len(measures)}", work)
