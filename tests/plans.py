"""Plans for tests, as `intake` would read them from a ledger or a notice; and how they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.actions.import_round import import_round
from engine.actions.import_target import ImportGround
from engine.rules.import_report import ImportReport
from engine.rules.plan import FindingPlan, MeasurePlan, PersonPlan, Place, RoundPlan, UnitPlan
from engine.rules.vocabulary import Level, Role, UnitKind
from models.database import Sessions
from tests.factories import FEEDBACK, ZONE, at, shipped_policies
from tests.world import real_calendar

DUE = date(2025, 9, 3)


def place(row: int = 3, sheet: str | None = "台账") -> Place:
    return Place(file="台账.xlsx", sheet=sheet, row=row)


def unit(name: str, parent: str | None = None, kind: UnitKind = UnitKind.DEPARTMENT) -> UnitPlan:
    return UnitPlan(name=name, kind=kind, parent=parent, place=place(sheet="单位"))


def person(code: str, name: str, unit: str = "规划处", *roles: Role, **overrides: Any) -> PersonPlan:
    plain = {"email": None, "language": None, "place": place(sheet="人员")} | overrides
    return PersonPlan(code=code, name=name, unit=unit, roles=roles, **plain)


UNITS = (
    unit("局党委", kind=UnitKind.COMMITTEE),
    unit("规划处", "局党委"),
    unit("财务处", "局党委"),
)
PEOPLE = (
    person("wangjg", "王建国", "局党委", Role.LEADING_GROUP),
    person("lihm", "李红梅", "规划处", Role.UNIT_HEAD),
    person("zhangw", "张伟", "规划处"),
    person("zhaozq", "赵志强", "财务处", Role.COORDINATOR),
)


def measure(code: str | None = "1-1", **overrides: Any) -> MeasurePlan:
    """Return a measure as a filled row tells it: led by wangjg, owned by zhangw, of 规划处."""
    plain = {
        "text": f"修订制度{code}",
        "lead": "王建国",
        "unit": "规划处",
        "owner": "张伟",
        "due": DUE,
        "place": place(),
    }
    return MeasurePlan(**{"code": code} | plain | overrides)


def tree(*measures: MeasurePlan, item: str = "规划未及时修订", problem: str = "规划滞后") -> FindingPlan:
    """Return one aspect with one problem with one item with these measures."""
    lowest = FindingPlan(level=Level.ITEM, number=1, text=item, measures=measures, place=place())
    middle = FindingPlan(level=Level.PROBLEM, number=1, text=problem, children=(lowest,), place=place())
    return FindingPlan(level=Level.ASPECT, number=1, text="贯彻落实方面", children=(middle,), place=place())


def ledger(*measures: MeasurePlan, **overrides: Any) -> RoundPlan:
    plain = {"units": UNITS, "people": PEOPLE, "findings": (tree(*measures),) if measures else ()}
    return RoundPlan(kind="ledger", **plain | overrides)


def notice(*texts: str, **overrides: Any) -> RoundPlan:
    """Return a notice with these measures, told by their texts alone."""
    told = tuple(MeasurePlan(code=None, text=text, place=place(sheet=None)) for text in texts)
    plain = {
        "title": "整改进展情况的通报",
        "organisation": "某局党委",
        "feedback_on": FEEDBACK,
        "findings": (tree(*told),),
    }
    return RoundPlan(kind="notice", **plain | overrides)


def ground(day: date = FEEDBACK, **overrides: Any) -> ImportGround:
    policies = shipped_policies()
    plain = {
        "moment": at(day),
        "calendar": real_calendar(),
        "rules": policies.round,
        "zone": ZONE,
        "lifecycle": dict(policies.lifecycle),
        "ladder": dict(policies.ladder),
        "feedback_on": FEEDBACK,
    }
    return ImportGround(**plain | overrides)


def store(sessions: Sessions, plan: RoundPlan, day: date = FEEDBACK, **overrides: Any) -> ImportReport:
    """Import `plan` in a transaction of its own."""
    with sessions.begin() as session:
        return import_round(session, plan, ground(day, **overrides))


def store_all(session: Session, plans: Sequence[RoundPlan], day: date = FEEDBACK) -> list[ImportReport]:
    return [import_round(session, plan, ground(day)) for plan in plans]
