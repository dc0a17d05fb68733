"""Fills a Duban database with a ledger of any size, in statements that the database itself multiplies out.

Rows go in through the product's models; timers are armed by the product's rules for one measure of each kind and laid
out for all of that kind.  Of the in-progress measures `size.due` owe the rung T+5 of their due date on the day TODAY:
one notification each, to the responsible leader.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from typing import cast as cast_to

from sqlalchemy import Engine, String, case, cast, insert, literal, null, select, text
from sqlalchemy.orm import Session

from bench.plain import LATER, PEOPLE, SUPERIORS, TEXT, TODAY, UNITS, Size, is_due, numbers
from config.files import Policies, load_policies
from engine.actions.append_events import append_events
from engine.actions.fill_calendar import fill_calendar
from engine.actions.policies import keep_policy, read_policy
from engine.actions.timers import SLICE, TimerGround, arm, wait_facts
from engine.now import moment_on
from engine.rules.moment import Moment
from engine.rules.vocabulary import Level, MeasureClass, Role, State, UnitKind, WaitsFor
from engine.rules.waits import waits
from engine.rules.working_days import WorkingCalendar
from intake.calendar.official_calendar import official_days
from models import Finding, Measure, Person, RoleGrant, Round, Timer, Unit
from models.database import open_database
from models.facts import FACTS, changes_between, facts_of
from models.schema import upgrade

ZONE = "Asia/Shanghai"
FEEDBACK = date(2025, 3, 3)
REPORTED = date(2025, 9, 8)  #: of everything in progress: the next monthly report is not due yet
ROUND = "bench"
COORDINATOR, GROUP = "lin", "zhao"  #: sign-in names; owners are o1, o2, …, leaders l1, l2, …, verifiers v1, v2, …
NAMED = "姓名"  #: before a sign-in name: a name
VERIFIERS = 10
ITEMS = 100
_RUNGS_BEFORE = 3  #: the last rung of the due date before T+5


def moment(day: date = TODAY) -> Moment:
    """Return nine o'clock of a day."""
    return moment_on(day, ZONE)


@cache
def calendar() -> WorkingCalendar:
    """Return the country's working days."""
    return WorkingCalendar.from_rows(_days())


@cache
def policies() -> Policies:
    """Return the policies that ship with the product."""
    return load_policies(Path("no folder of their own"))


def _days() -> Iterator[Any]:
    return official_days(date(2020, 1, 1), date(2032, 12, 31))


def fill_duban(url: str, size: Size, *, state: State = State.IN_PROGRESS) -> None:
    """Migrate an empty database and fill it; every measure stands in `state` (assigned or in_progress)."""
    engine = open_database(url)
    upgrade(engine)
    with Session(engine) as session, session.begin():
        fill_calendar(session, _days(), moment=moment(FEEDBACK))
        _people(session)
        round_ = _round(session)
        _measures(session, round_, size, state)
        _timers(session, round_)
        _creations(session, round_)
    _settle(engine)
    engine.dispose()


def _settle(engine: Engine) -> None:
    """Let PostgreSQL know what it holds, as its own housekeeping would by and by."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _people(session: Session) -> None:
    """Add units with their heads, owners, leaders, verifiers in a unit of their own, and the committee."""
    first = [{"name": "局党委", "kind": UnitKind.COMMITTEE}, {"name": "审计处", "kind": UnitKind.DEPARTMENT}]
    rest = [{"name": f"{number}处", "kind": UnitKind.SUBORDINATE} for number in range(1, UNITS + 1)]
    session.execute(insert(Unit), first + rest)
    units = dict(session.execute(select(Unit.name, Unit.id)).tuples().all())
    own = [units[f"{number}处"] for number in range(1, UNITS + 1)]

    def person(code: str, unit: int) -> dict[str, Any]:
        return {"code": code, "name": f"{NAMED}{code}", "unit_id": unit}

    rows = [person(f"o{number}", own[number % UNITS]) for number in range(1, PEOPLE + 1)]
    rows += [person(f"l{number}", units["局党委"]) for number in range(1, SUPERIORS + 1)]
    rows += [person(f"v{number}", units["审计处"]) for number in range(1, VERIFIERS + 1)]
    rows += [person(f"h{number}", own[number % UNITS]) for number in range(UNITS)]
    rows += [person(COORDINATOR, units["局党委"]), person(GROUP, units["局党委"])]
    session.execute(insert(Person), rows)
    ids = dict(session.execute(select(Person.code, Person.id)).tuples().all())
    grants = [(COORDINATOR, Role.COORDINATOR, None), (GROUP, Role.LEADING_GROUP, None)]
    grants += [(f"v{number}", Role.VERIFIER, None) for number in range(1, VERIFIERS + 1)]
    session.execute(
        insert(RoleGrant),
        [{"person_id": ids[code], "role": role, "unit_id": unit} for code, role, unit in grants]
        + [
            {"person_id": ids[f"h{number}"], "role": Role.UNIT_HEAD, "unit_id": own[number % UNITS]}
            for number in range(UNITS)
        ],
    )


def _round(session: Session) -> Round:
    policy = keep_policy(session, dict(policies().lifecycle), dict(policies().ladder), moment(FEEDBACK))
    round_ = Round(
        code=ROUND,
        title="巡察整改",
        organisation="某局党委",
        feedback_on=FEEDBACK,
        plan_due=date(2025, 4, 3),
        concentrated_end=date(2025, 9, 3),
        report_due=date(2025, 9, 17),
        zone=ZONE,
        coordinator_may_close=False,
        policy_id=policy.id,
        created_at=moment(FEEDBACK).at,
    )
    session.add(round_)
    session.flush()
    session.execute(
        insert(Finding),
        [
            {"round_id": round_.id, "level": Level.ASPECT, "code": str(number), "position": number, "text": "问题"}
            for number in range(1, ITEMS + 1)
        ],
    )
    return round_


def _measures(session: Session, round_: Round, size: Size, state: State) -> None:
    """Insert all measures in one statement; who owns and leads which follows from its number."""

    def first(query: Any) -> int:
        return int(session.scalars(query.limit(1)).one())

    owner = first(select(Person.id).where(Person.code == "o1"))
    lead = first(select(Person.id).where(Person.code == "l1"))
    unit = first(select(Unit.id).where(Unit.name == "1处"))
    finding = first(select(Finding.id).where(Finding.round_id == round_.id).order_by(Finding.id))
    each = numbers(size.measures)
    n = each.c.n
    later = case({number: literal(day) for number, day in enumerate(LATER)}, value=n % len(LATER))
    due = case((is_due(n, size), literal(_due_day())), else_=later)
    taken_up = null() if state is State.ASSIGNED else literal(FEEDBACK)
    plain: dict[str, Any] = {
        "round_id": literal(round_.id),
        "finding_id": n % ITEMS + finding,
        "policy_id": literal(round_.policy_id),
        "code": literal("M") + cast(n, String),
        "position": n,
        "text": literal(TEXT),
        "measure_class": literal(MeasureClass.STAGED, Measure.measure_class.type),
        "lead_id": n % SUPERIORS + lead,
        "unit_id": n % UNITS + unit,
        "owner_id": n % PEOPLE + owner,
        "state": literal(state, Measure.state.type),
        "state_since": literal(FEEDBACK),
        "accepted_on": taken_up,
        "original_due": due,
        "due": due,
        "deadline_version": literal(1),
        "percent": literal(0),
        "reported_on": null() if state is State.ASSIGNED else literal(REPORTED),
        "version": literal(1),
        "created_at": literal(moment(FEEDBACK).at, Measure.created_at.type),
    }
    session.execute(insert(Measure).from_select(list(plain), select(*plain.values())))


def _creations(session: Session, round_: Round) -> None:
    """Begin the record of every measure, as an import does: the one part that goes row by row, for its hashes."""
    came, last, number = moment(FEEDBACK), 0, round_.id
    columns = [Measure.id, *(getattr(Measure, name) for name in FACTS)]
    query = select(*columns).where(Measure.round_id == number).order_by(Measure.id).limit(SLICE)
    while measures := session.execute(query.where(Measure.id > last)).all():
        last = measures[-1].id
        append_events(
            session,
            [
                {
                    "round_id": number,
                    "measure_id": measure.id,
                    "kind": "measure:import:create",
                    "on": came.on,
                    "at": came.at,
                    "to_state": measure.state,
                    "data": {"due": measure.due.isoformat() if measure.due else None},
                    "changed": changes_between({}, facts_of(cast_to("Measure", measure))),
                }
                for measure in measures
            ],
        )


def _due_day() -> date:
    """Return the due date whose rung T+5 falls on TODAY."""
    return calendar().shift(TODAY, -5)


def _timers(session: Session, round_: Round) -> None:
    """Arm, for every due date in the ledger, the timers of one measure by the rules, and lay them out for the rest."""
    session.flush()
    book = read_policy(keep_policy(session, dict(policies().lifecycle), dict(policies().ladder), moment()))[1]
    for day in (_due_day(), *LATER):
        measure = session.scalar(select(Measure).where(Measure.round_id == round_.id, Measure.due == day).limit(1))
        if measure is None:
            continue
        ground = TimerGround(books={round_.policy_id: book}, calendar=calendar(), moment=moment(FEEDBACK))
        # What is due today stands where yesterday's sweep left it: every rung before T+5 is climbed.
        climbed = {(measure.id, WaitsFor.DUE_DATE, 1): _RUNGS_BEFORE} if day == _due_day() else {}
        for wait in waits(wait_facts(measure, None), book, calendar()):
            row = arm(measure, wait, ground, climbed)
            columns = [
                Measure.id if name == "measure_id" else literal(value, Timer.__table__.c[name].type)
                for name, value in row.items()
            ]
            alike = (Measure.round_id == round_.id, Measure.state == measure.state, Measure.due == day)
            session.execute(insert(Timer).from_select(list(row), select(*columns).where(*alike)))
