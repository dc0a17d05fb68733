"""Rows for tests: `build_*(session, **overrides)` fills in everything that the test does not care about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from config.files import Policies, load_policies
from engine.actions.policies import keep_policy, read_policy
from engine.actions.timers import TimerGround, sync_timers
from engine.now import moment_on
from engine.rules.moment import Moment
from engine.rules.too_near import Away, Substitutions
from engine.rules.vocabulary import Level, MeasureClass, Role, State, UnitKind
from engine.rules.work_record import WorkRecord
from engine.rules.working_days import WorkingCalendar
from models import Evidence, Finding, Measure, Person, Policy, RoleGrant, Round, Unit

ZONE = "Asia/Shanghai"
FEEDBACK = date(2025, 3, 3)
_numbers = count(1)


@cache
def shipped_policies() -> Policies:
    """Return the policies that ship with the product."""
    return load_policies(Path("no folder of their own"))


def at(day: date, *, hour: int = 9) -> Moment:
    """Return a moment of `day`, local time of the round."""
    return moment_on(day, ZONE, hour=hour)


def build_work(*, absences: Iterable[Away] = (), **overrides: Any) -> WorkRecord:
    """Return a record of the work on a measure; by default nobody has worked on it."""
    plain = {"hands": (), "units": (), "homes": {}, "names": {}, "today": date(2025, 12, 31)}
    return WorkRecord(**plain | overrides, substitutions=Substitutions(absences))


def build_unit(session: Session, **overrides: Any) -> Unit:
    return _add(session, Unit, {"name": f"单位{next(_numbers)}", "kind": UnitKind.SUBORDINATE}, overrides)


def build_person(session: Session, *roles: Role, **overrides: Any) -> Person:
    """Build a person with granted `roles`; UNIT_HEAD is granted for the person's own unit."""
    if "unit_id" not in overrides:
        overrides["unit_id"] = build_unit(session).id
    code = overrides.get("code", f"p{next(_numbers)}")
    person = _add(session, Person, {"code": code, "name": f"姓名{code}"}, overrides)
    for role in roles:
        unit = person.unit_id if role is Role.UNIT_HEAD else None
        session.add(RoleGrant(person_id=person.id, role=role, unit_id=unit))
    session.flush()
    return person


def build_policy(session: Session, **overrides: Any) -> Policy:
    policies = shipped_policies()
    plain = {"lifecycle": policies.lifecycle, "ladder": policies.ladder} | overrides
    return keep_policy(session, plain["lifecycle"], plain["ladder"], at(FEEDBACK))


def build_round(session: Session, **overrides: Any) -> Round:
    plain = {
        "code": f"r{next(_numbers)}",
        "title": "巡察整改",
        "organisation": "某局党委",
        "feedback_on": FEEDBACK,
        "plan_due": date(2025, 4, 3),
        "concentrated_end": date(2025, 9, 3),
        "report_due": date(2025, 9, 17),
        "zone": ZONE,
        "coordinator_may_close": False,
        "created_at": at(FEEDBACK).at,
    }
    if "policy_id" not in overrides:
        overrides["policy_id"] = build_policy(session).id
    return _add(session, Round, plain, overrides)


def build_finding(session: Session, round_: Round, **overrides: Any) -> Finding:
    number = next(_numbers)
    plain = {"round_id": round_.id, "level": Level.ITEM, "code": str(number), "position": number, "text": "问题"}
    return _add(session, Finding, plain, overrides)


def build_measure(
    session: Session, round_: Round, *, calendar: WorkingCalendar, on: date = FEEDBACK, **overrides: Any
) -> Measure:
    """Build a measure with its timers, as an import on the day `on` would; its `due` is its original due, too."""
    number = next(_numbers)
    if "finding_id" not in overrides:
        overrides["finding_id"] = build_finding(session, round_).id
    state = overrides.get("state", State.ASSIGNED)
    plain = {
        "round_id": round_.id,
        "policy_id": round_.policy_id,
        "code": f"M{number}",
        "position": number,
        "text": "完善制度",
        "measure_class": MeasureClass.STAGED,
        "state": state,
        "state_since": on,
        "accepted_on": None if state is State.ASSIGNED else on,
        "due": round_.concentrated_end,
        "original_due": overrides.get("due", round_.concentrated_end),
        "deadline_version": 1,
        "percent": 0,
        "closed_on": on if state is State.CLOSED else None,
        "created_at": at(on).at,
    }
    measure = _add(session, Measure, plain, overrides)
    book = read_policy(session.get_one(Policy, measure.policy_id))[1]
    sync_timers(session, [measure], TimerGround(books={measure.policy_id: book}, calendar=calendar, moment=at(on)))
    return measure


def build_evidence(session: Session, measure: Measure, **overrides: Any) -> Evidence:
    plain = {"measure_id": measure.id, "name": "会议纪要.pdf", "sha256": "ab" * 32, "added_at": at(FEEDBACK).at}
    return _add(session, Evidence, plain, overrides)


def _add(session: Session, kind: type[Any], plain: dict[str, Any], overrides: dict[str, Any]) -> Any:
    row = kind(**plain | overrides)
    session.add(row)
    session.flush()
    return row
