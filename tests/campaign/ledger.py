"""The ledger that the campaign plays with, and what its people do on which day.

Everything follows from a measure's number, how it stands and the day: whoever is killed half-way finds what is left
to do, and an undisturbed house does exactly the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.close_measure import close_measure
from engine.actions.decide_extension import decide_extension
from engine.actions.desk import Desk
from engine.actions.judge_verification import pass_verification, return_measure
from engine.actions.rebound_measure import rebound_measure
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.rules.plan import FindingPlan, MeasurePlan, PersonPlan, RoundPlan, UnitPlan
from engine.rules.vocabulary import Level, Role, State, UnitKind
from models import Evidence, Extension, Measure, Person, Ruling, Verification
from tests.factories import FEEDBACK
from tests.plans import person, place, unit

ROUND = "campaign"
UNITS = 6
ITEMS = 10  #: measures of one item
OUTAGES = (1, 1, 1, 2, 3, 5, 8, 12)  #: calendar days from one run to the next


def days(seed: int) -> Iterator[date]:
    """Yield the days on which the house runs, without end; some are missed, as in an outage."""
    dice, day = Random(seed), FEEDBACK  # noqa: S311 - a game, not a secret
    while True:
        yield day
        day += timedelta(days=dice.choice(OUTAGES))


# Who and what there is


def plan(measures: int) -> RoundPlan:
    """Return a round with so many measures, as a ledger would tell it."""
    numbers = range(measures)
    return RoundPlan(
        kind="ledger",
        title="巡察整改",
        organisation="某局党委",
        feedback_on=FEEDBACK,
        units=tuple(_units()),
        people=tuple(_people()),
        findings=(_tree([_measure(number) for number in numbers]),),
    )


def _units() -> Iterator[UnitPlan]:
    yield unit("局党委", kind=UnitKind.COMMITTEE)
    yield unit("审计处", "局党委")
    for number in range(UNITS):
        yield unit(f"{number}处", "局党委")


def _people() -> Iterator[PersonPlan]:
    yield _person("lin", "林联络", "局党委", Role.COORDINATOR)
    yield _person("zhao", "赵书记", "局党委", Role.LEADING_GROUP)
    yield _person("qian", "钱副局长", "局党委")
    yield _person("jian", "简纪检", "局党委", Role.SUPERVISOR)
    yield _person("wu", "吴核验", "审计处", Role.VERIFIER)
    for number in range(UNITS):
        yield _person(f"head{number}", f"处长{number}", f"{number}处", Role.UNIT_HEAD)
        yield _person(f"one{number}", f"甲{number}", f"{number}处")
        yield _person(f"two{number}", f"乙{number}", f"{number}处")


def _person(code: str, name: str, where: str, *roles: Role) -> PersonPlan:
    return person(code, name, where, *roles, email=f"{code}@example.org")


def _measure(number: int) -> MeasurePlan:
    """Return a measure; every twentieth has nobody to do it."""
    where = number % UNITS
    owner = None if number % 20 == 19 else f"{'one' if number % 2 else 'two'}{where}"
    due = FEEDBACK + timedelta(days=10 + number * 37 % 100)
    return MeasurePlan(
        code=_code(number), text=f"措施{number}", lead="qian", unit=f"{where}处", owner=owner, due=due, place=place()
    )


def _code(number: int) -> str:
    return f"{number // ITEMS + 1}-{number % ITEMS + 1:02d}"


def _tree(measures: list[MeasurePlan]) -> FindingPlan:
    items = tuple(
        FindingPlan(
            level=Level.ITEM,
            number=start // ITEMS + 1,
            text=f"事项{start // ITEMS + 1}",
            measures=tuple(measures[start : start + ITEMS]),
            place=place(),
        )
        for start in range(0, len(measures), ITEMS)
    )
    problem = FindingPlan(level=Level.PROBLEM, number=1, text="问题", children=items, place=place())
    return FindingPlan(level=Level.ASPECT, number=1, text="方面", children=(problem,), place=place())


# Who does what


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What somebody does today."""

    code: str
    who: str
    what: Callable[[Desk], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A measure, as far as its people look at it."""

    measure: Measure
    owner: str
    pieces: int  #: of evidence
    shown_on: date | None  #: when the last of it was attached
    asked: Extension | None  #: the request that waits
    requests: int
    check: Verification | None  #: the open one
    today: date

    @property
    def number(self) -> int:
        """The measure's place in the ledger, from 0."""
        return self.measure.position - 1

    @property
    def rested(self) -> int:
        """Days since it came to where it stands."""
        return (self.today - self.measure.state_since).days


Act = tuple[str, Callable[[Desk], object]]


def steps(session: Session, today: date, *, share: int = 0, of: int = 1) -> list[Step]:
    """Return what is left to do today: at most one step for each measure of this share."""
    pieces = _counts(session, Evidence.measure_id)
    shown = {
        number: at.date()
        for number, at in session.execute(
            select(Evidence.measure_id, func.max(Evidence.added_at)).group_by(Evidence.measure_id)
        )
    }
    requests = _counts(session, Extension.measure_id)
    asked = {one.measure_id: one for one in session.scalars(select(Extension).where(Extension.ruling == _PENDING))}
    checks = {
        one.measure_id: one for one in session.scalars(select(Verification).where(Verification.verdict.is_(None)))
    }
    query = select(Measure, Person.code).join(Person, Person.id == Measure.owner_id).order_by(Measure.position)
    found = []
    for measure, owner in session.execute(query):
        if measure.position % of != share:
            continue
        standing = Standing(
            measure=measure,
            owner=owner,
            pieces=pieces.get(measure.id, 0),
            shown_on=shown.get(measure.id),
            asked=asked.get(measure.id),
            requests=requests.get(measure.id, 0),
            check=checks.get(measure.id),
            today=today,
        )
        act = _NEXT.get(measure.state, _nothing)(standing)
        if act is not None:
            found.append(Step(code=measure.code, who=act[0], what=act[1]))
    return found


_PENDING = Ruling.PENDING


def _counts(session: Session, column: object) -> dict[int, int]:
    return dict(session.execute(select(column, func.count()).group_by(column)).tuples().all())  # type: ignore[call-overload]


def _nothing(_standing: Standing) -> Act | None:
    return None


def _of_assigned(it: Standing) -> Act | None:
    """Most are accepted within two weeks; every eleventh never."""
    code = it.measure.code
    if it.number % 11 == 0 or it.rested < 1 + it.number % 14:
        return None
    return it.owner, lambda desk: accept_measure(desk, code)


def _of_in_progress(it: Standing) -> Act | None:
    """Two of three are reported on each month; every fifth gets a later date, or not; in the end it is handed in."""
    code, today, due = it.measure.code, it.today, it.measure.due
    if it.asked is not None and (today - it.asked.requested_on).days >= it.number % 9:
        return "qian", lambda desk: decide_extension(desk, code, approve=it.number % 2 == 0, reason="按期")
    near = due is not None and 0 < (due - today).days <= 9
    if it.number % 5 == 0 and near and it.requests == 0:
        later = due + timedelta(days=25)
        return it.owner, lambda desk: request_extension(desk, code, new_due=later, reason="流标")
    is_month_end = today.day >= 15 + it.number % 13
    if it.number % 3 and is_month_end and not _same_month(it.measure.reported_on, today):
        return it.owner, lambda desk: report_progress(desk, code, percent=today.month * 7, text="进展")
    if it.rested >= (6 + it.number * 29 % 60 if it.pieces == 0 else 6):
        if it.shown_on != today:  # evidence is a change of its own; the day's next step hands the measure in
            return it.owner, lambda desk: attach_evidence(desk, code, name=f"会议纪要{today}.pdf")
        return it.owner, lambda desk: submit_measure(desk, code)
    return None


def _same_month(one: date | None, other: date) -> bool:
    return one is not None and (one.year, one.month) == (other.year, other.month)


def _of_submitted(it: Standing) -> Act | None:
    """The coordinator asks the verifier the next day; a third comes back once; every seventeenth is left lying."""
    code = it.measure.code
    if it.check is None or it.check.verifier_id is None:
        return None if it.rested < 1 else ("lin", lambda desk: start_verification(desk, [code], verifier="wu"))
    if it.number % 17 == 0 or it.rested < 1 + it.number % 12:
        return None
    if it.number % 3 == 0 and it.pieces == 1:
        return "wu", lambda desk: return_measure(desk, code, reason="缺材料")
    return "wu", lambda desk: pass_verification(desk, code)


def _of_verified(it: Standing) -> Act | None:
    """The leading group closes within a month; every thirteenth never."""
    code = it.measure.code
    if it.number % 13 == 0 or it.rested < 3 + it.number % 30:
        return None
    return "zhao", lambda desk: close_measure(desk, code)


def _of_closed(it: Standing) -> Act | None:
    """Half of them come back after a month: so there is always something that waits."""
    code, later = it.measure.code, it.today + timedelta(days=40)
    if it.number % 2 == 0 or it.rested < 5 + it.number % 30:
        return None
    return "jian", lambda desk: rebound_measure(desk, code, due=later, reason="反弹")


_NEXT: dict[State, Callable[[Standing], Act | None]] = {
    State.ASSIGNED: _of_assigned,
    State.IN_PROGRESS: _of_in_progress,
    State.SUBMITTED: _of_submitted,
    State.VERIFIED: _of_verified,
    State.CLOSED: _of_closed,
}
