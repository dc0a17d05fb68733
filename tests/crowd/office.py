"""The office that the crowd works in: a home with a round, an account for everybody, and `duban serve` before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from config.settings import Settings
from engine.actions.check_password import hash_password
from engine.actions.import_round import import_round
from engine.rules.moment import Moment
from engine.rules.plan import FindingPlan, MeasurePlan, PersonPlan, RoundPlan, UnitPlan
from engine.rules.vocabulary import Level, Role, UnitKind
from flows.house import House, open_house
from models import Account, Person
from tests.flows.conftest import serving
from tests.plans import person, place, unit

ROUND = "crowd"
PASSWORD = "一句容易记住的话很安全"  # noqa: S105 - of people of a test
STARTS_WITHIN = 60  #: seconds
OPEN = re.compile(r"workplace is open under (http://\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who works here: sign-in names by what they do, and the measures of each owner."""

    owners: dict[str, tuple[str, ...]]
    heads: tuple[str, ...]
    verifiers: tuple[str, ...]
    coordinators: tuple[str, ...]
    leaders: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.owners) + len(self.heads) + len(self.verifiers) + len(self.coordinators) + len(self.leaders)


def cast_of(users: int, *, measures: int = 10) -> Cast:
    """Return so many people: of 20, one coordinates, verifies, leads, two are heads, the others own `measures`."""
    few = max(1, users // 20)
    heads = max(1, users // 10)
    owners = users - 3 * few - heads
    return Cast(
        owners={f"owner{one}": tuple(_codes(one, measures)) for one in range(owners)},
        heads=tuple(f"head{one}" for one in range(heads)),
        verifiers=tuple(f"verifier{one}" for one in range(few)),
        coordinators=tuple(f"coordinator{one}" for one in range(few)),
        leaders=tuple(f"leader{one}" for one in range(few)),
    )


def fill(home: Path, url: str | None, cast: Cast) -> House:
    """Found a home with a round for `cast`, everybody with a password."""
    home.mkdir()
    house = open_house(Settings(home=home, database_url=url, language="en"))
    now = house.now()
    ground = house.import_ground(now, round_code=ROUND, feedback_on=now.on - timedelta(days=40))
    kept = hash_password(PASSWORD)
    with house.sessions.begin() as session:
        import_round(session, _plan(cast, now.on), ground)
        session.execute(insert(Account), [_account(one, kept, now) for one in session.scalars(select(Person.id))])
    house.engine.dispose()
    return house


@contextmanager
def workplace(house: House) -> Iterator[str]:
    """Give the address of `duban serve`, a process of its own; it ends with exit code 0."""
    url = house.settings.database_url
    with serving(house, "--no-prefect", **({"DUBAN_DATABASE_URL": url} if url else {})) as served:
        found = OPEN.search(served.await_words("the workplace is open under", seconds=STARTS_WITHIN))
        assert found is not None
        yield found[1]
        code, said = served.end(), served.said()
        assert (code, "Traceback" in said) == (0, False), said


def _account(who: int, kept: str, now: Moment) -> dict[str, object]:
    return {"person_id": who, "password_hash": kept, "changed_at": now.at}


def _codes(owner: int, measures: int) -> Iterator[str]:
    return (f"{owner + 1}-{number + 1:02d}" for number in range(measures))


def _plan(cast: Cast, today: date) -> RoundPlan:
    units = [f"{number}处" for number in range(len(cast.heads))]
    owned = [
        FindingPlan(
            level=Level.ITEM,
            number=number + 1,
            text=f"事项{number + 1}",
            measures=tuple(_measures(owner, codes, units[number % len(units)], today)),
            place=place(),
        )
        for number, (owner, codes) in enumerate(cast.owners.items())
    ]
    problem = FindingPlan(level=Level.PROBLEM, number=1, text="问题", children=tuple(owned), place=place())
    aspect = FindingPlan(level=Level.ASPECT, number=1, text="方面", children=(problem,), place=place())
    return RoundPlan(
        kind="ledger",
        title="巡察整改",
        organisation="某局党委",
        feedback_on=today - timedelta(days=40),
        units=tuple(_units(units)),
        people=tuple(_people(cast, units)),
        findings=(aspect,),
    )


def _measures(owner: str, codes: tuple[str, ...], where: str, today: date) -> Iterator[MeasurePlan]:
    for number, code in enumerate(codes):
        due = today + timedelta(days=3 + 7 * number)
        yield MeasurePlan(
            code=code,
            text=f"完善第{code}项制度并抓好落实",
            lead="leader0",
            unit=where,
            owner=owner,
            due=due,
            place=place(),
        )


def _units(units: list[str]) -> Iterator[UnitPlan]:
    yield unit("局党委", kind=UnitKind.COMMITTEE)
    yield unit("审计处", "局党委")
    for name in units:
        yield unit(name, "局党委")


def _people(cast: Cast, units: list[str]) -> Iterator[PersonPlan]:
    for code in cast.coordinators:
        yield person(code, code, "局党委", Role.COORDINATOR)
    for code in cast.leaders:
        yield person(code, code, "局党委", Role.LEADING_GROUP)
    for code in cast.verifiers:
        yield person(code, code, "审计处", Role.VERIFIER)
    for number, code in enumerate(cast.heads):
        yield person(code, code, units[number % len(units)], Role.UNIT_HEAD)
    for number, code in enumerate(cast.owners):
        yield person(code, code, units[number % len(units)], email=f"{code}@example.org")
