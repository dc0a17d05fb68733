"""`duban doctor`: each fault is found by its check, told in one row, and ends with 1; a warning with 0."""

import os
import sqlite3
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from config.settings import Settings
from engine.actions.take_lease import keep_lease, take_lease
from engine.rules.moment import Moment
from engine.rules.vocabulary import WaitsFor
from flows.checks.finding import Check, Level
from flows.checks.run import CHECKS, run_checks
from flows.clock import LEASE
from flows.house import House
from models import Delivery, Digest, Outcome, Person, Run, Sending, StuckTimer, Tally, Timer, WorkingDay
from models.database import sessions_of
from tests.cli.conftest import Line
from tests.factories import at, shipped_policies
from tests.world import World

DAY = date(2025, 9, 10)
Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - as shutil gives it


@pytest.fixture
def well(house: World, tmp_path: Path) -> House:
    """Give a house that is in order on the day: swept, its clock held, its calendar long."""
    house.in_progress(due=date(2025, 9, 30))
    house.at(DAY).sweep()
    with house.sessions.begin() as session:
        session.add(run(at(DAY).at))
        session.execute(update(Person).values(email="somebody@example.org"))
    take_lease(house.sessions, name=LEASE, holder="host:1", at=at(DAY).at, lasts=timedelta(minutes=15))
    settings = Settings(home=tmp_path / "home")
    return House(settings=settings, policies=shipped_policies(), engine=house.engine, sessions=house.sessions)


def run(begun: datetime, state: Outcome = Outcome.DONE, kind: str = "daily") -> Run:
    done = begun if state is Outcome.DONE else None
    return Run(
        kind=kind, period=str(begun), version=1, as_of=begun.date(), state=state, started_at=begun, finished_at=done
    )


def found(house: House, moment: Moment | None = None) -> dict[str, Check]:
    return {check.name: check for check in run_checks(house, moment or at(DAY))}


def bad(checks: dict[str, Check]) -> dict[str, Level]:
    return {name: check.level for name, check in checks.items() if check.level is not Level.OK}


def test_doctor_when_all_is_well_finds_everything_in_order(well: House):
    checks = found(well)
    assert list(checks) == ["database", *CHECKS]
    assert bad(checks) == {}, {name: str(check.text) for name, check in checks.items()}


def _old_timer(house: House) -> None:
    with house.sessions.begin() as session:
        session.execute(update(Timer).values(fires_on=DAY - timedelta(days=10)))


def _passed_by(house: House) -> None:
    """Leave a timer that the run of the day could not look at."""
    _old_timer(house)
    with house.sessions.begin() as session:
        session.execute(update(Run).values(report={"notes": ["left 1"]}))


def _stuck(house: House) -> None:
    with house.sessions.begin() as session:
        measure = session.query(Timer.measure_id).first()[0]
        session.add(StuckTimer(measure_id=measure, waits_for=WaitsFor.DUE_DATE, error="x", on=DAY, at=at(DAY).at))


def _delivery(state: Sending, *, days: int) -> Callable[[House], None]:
    def change(house: House) -> None:
        with house.sessions.begin() as session:
            digest = Digest(batch="x", person_id=1, on=DAY, created_at=at(DAY).at)
            session.add(digest)
            session.flush()
            session.add(
                Delivery(
                    digest_id=digest.id,
                    channel="eml",
                    state=state,
                    message_id="m",
                    attempts=1,
                    next_try_at=at(DAY).at - timedelta(days=days),
                )
            )

    return change


def _runs(*states: tuple[Outcome, timedelta]) -> Callable[[House], None]:
    def change(house: House) -> None:
        with house.sessions.begin() as session:
            session.query(Run).delete()
            for state, ago in states:
                session.add(run(at(DAY).at - ago, state))

    return change


def _no_lease(house: House) -> None:
    take_lease(house.sessions, name=LEASE, holder="host:1", at=at(DAY).at - timedelta(days=1), lasts=timedelta(0))


def _drifted(house: House) -> None:
    with house.sessions.begin() as session:
        session.execute(update(Tally).values(measures=2))


def _short_calendar(last: date) -> Callable[[House], None]:
    def change(house: House) -> None:
        with house.sessions.begin() as session:
            session.query(WorkingDay).filter(WorkingDay.day > last).delete()

    return change


DAYS, HOURS = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("change", "check", "level"),
    [
        (_old_timer, "timers", Level.OK),  # it came after the run of the day
        (_passed_by, "timers", Level.BAD),
        (_stuck, "stuck", Level.BAD),
        (_delivery(Sending.PENDING, days=2), "outbox", Level.BAD),
        (_delivery(Sending.PENDING, days=0), "outbox", Level.OK),
        (_delivery(Sending.FAILED, days=0), "outbox", Level.WARN),
        (_delivery(Sending.PERHAPS, days=0), "outbox", Level.WARN),
        (_runs(), "daily_run", Level.WARN),
        (_runs((Outcome.DONE, 3 * DAYS)), "daily_run", Level.BAD),
        (_runs((Outcome.DONE, DAYS), (Outcome.FAILED, timedelta(0))), "daily_run", Level.BAD),
        (_runs((Outcome.DONE, DAYS), (Outcome.RUNNING, timedelta(0))), "daily_run", Level.OK),
        (_runs((Outcome.DONE, DAYS), (Outcome.RUNNING, 8 * HOURS)), "daily_run", Level.WARN),
        (_no_lease, "clock", Level.WARN),
        (_drifted, "tallies", Level.BAD),
        (_short_calendar(date(2025, 12, 31)), "calendar", Level.WARN),
        (_short_calendar(date(2025, 9, 29)), "calendar", Level.BAD),
        (_short_calendar(date(2025, 9, 1)), "calendar", Level.BAD),
    ],
)
def test_doctor_when_something_is_wrong_finds_it(
    well: House, change: Callable[[House], None], check: str, level: Level
):
    change(well)
    checks = found(well)
    assert checks[check].level is level, str(checks[check].text)
    assert set(bad(checks)) <= {check}


@pytest.mark.parametrize(
    ("on", "level", "words"),
    [
        (date(2025, 11, 28), Level.OK, "the last deadline is"),
        (date(2025, 12, 1), Level.OK, "1 with deadlines in 2027, whose days off are provisional"),
        (date(2026, 12, 1), Level.WARN, "1 with deadlines in 2027, whose notice on days off is out: import the"),
        (date(2027, 1, 4), Level.WARN, "1 with deadlines in 2027, whose notice on days off is out: import the"),
    ],
)
def test_doctor_when_deadlines_lie_in_a_provisional_year_then_it_says_which_in_december_and_while_it_lasts(
    well: House, house: World, on: date, level: Level, words: str
):
    house.in_progress("2-01", due=date(2027, 2, 12), reported_on=DAY)
    check = found(well, at(on))["calendar"]
    assert (check.level, words in str(check.text)) == (level, True), str(check.text)
    assert ("2-01" in str(check.text)) is ("2027" in words)


def test_doctor_when_deployments_hold_the_clock_is_content(well: House):
    keep_lease(well.sessions, name=LEASE, holder="pool")
    assert found(well)["clock"].level is Level.OK
    assert "pool" in str(found(well)["clock"].text)


@pytest.mark.parametrize(("free", "level"), [(10**10, Level.OK), (5 * 10**8, Level.WARN), (10**7, Level.BAD)])
def test_doctor_when_the_disk_fills_says_so(well: House, monkeypatch: pytest.MonkeyPatch, free: int, level: Level):
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(total=10**12, used=0, free=free))
    assert found(well)["disk"].level is level


def test_doctor_when_prefect_is_set_and_gone_says_so(well: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert found(well)["prefect"].level is Level.BAD


def test_doctor_when_nothing_leaves_the_house_warns(well: House):
    settings = well.settings.model_copy(update={"channels": ("inbox",)})
    told = found(
        House(settings=settings, policies=well.policies, engine=well.engine, sessions=sessions_of(well.engine))
    )
    assert told["mail"].level is Level.WARN


@pytest.mark.parametrize(
    ("settings", "level"),
    [
        ({}, Level.OK),
        ({"listen": "192.0.2.7:8765"}, Level.WARN),
        ({"listen": "192.0.2.7:8765", "address": "https://duban.office.example"}, Level.OK),
        ({"channels": ("inbox", "smtp")}, Level.WARN),
    ],
)
def test_doctor_when_others_come_and_nobody_said_by_which_address_warns(
    well: House, settings: dict[str, object], level: Level
):
    house = replace(well, settings=well.settings.model_copy(update=settings))
    assert found(house)["address"].level is level


@pytest.mark.postgres
def test_doctor_on_postgres_looks_at_all(postgres_database: Engine):
    world = World(postgres_database)
    settings = Settings(home=Path(os.devnull))
    house = House(settings=settings, policies=shipped_policies(), engine=world.engine, sessions=world.sessions)
    assert bad(found(house)) == {"calendar": Level.BAD}  # days are lacking: nothing more can be judged
    with world.sessions.begin() as session:
        session.add_all(
            WorkingDay(day=day, is_working=True, ordinal=number, source="own")
            for number, day in enumerate((DAY + timedelta(days=back) for back in range(-30, 30)), start=1)
        )
    assert list(found(house)) == ["database", *CHECKS]


# The command


def test_doctor_command_when_something_is_bad_ends_with_1_and_tells_both_ways(duban: Line, house: World):
    house.measure()
    house.at(DAY)
    said = duban("doctor")
    assert (said.status, said.err) == (1, "")
    assert "deadlines due" in said.out
    as_json = duban("doctor", "--json")
    assert as_json.status == 1
    assert as_json.json["ok"] is False
    assert {check["name"]: check["level"] for check in as_json.json["checks"]}["timers"] == "bad"
    chinese = duban("doctor", language="zh_CN")
    assert "duban init" not in chinese.out
    assert "到期" in chinese.out


def test_doctor_command_when_only_warned_ends_with_0(founded: Line):
    said = founded("doctor", "--json")
    assert (said.status, said.json["ok"]) == (0, True)
    assert "warn" in {check["level"] for check in said.json["checks"]}


def test_doctor_command_when_nothing_is_set_up_makes_nothing(duban: Line):
    said = duban("doctor")
    assert (said.status, said.err) == (1, "")
    assert "duban init" in said.out
    assert not duban.home.exists()


def test_doctor_command_when_a_policy_is_broken_goes_on(founded: Line):
    own = founded.home / "config" / "ladder.yaml"
    own.parent.mkdir()
    own.write_text("version: 1\nwaits: [\n", encoding="utf-8")
    said = founded("doctor", "--json")
    levels = {check["name"]: check["level"] for check in said.json["checks"]}
    assert (said.status, levels["config"], levels["database"]) == (1, "bad", "ok")


def test_doctor_command_when_the_database_is_old_or_broken_says_so(founded: Line):
    with sqlite3.connect(founded.home / "duban.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    said = founded("doctor", "--json")
    assert said.status == 1
    assert next(check["text"] for check in said.json["checks"] if check["level"] == "bad").startswith(
        "sqlite, schema 0001"
    )
    (founded.home / "duban.db").write_bytes(b"this is no database, whatever it is called" * 100)
    said = founded("doctor", "--json")
    assert said.status == 1
    assert said.json["checks"][-1]["level"] == "bad"


def test_moment_of_the_tests_is_past_the_planned_daily_run():
    assert at(DAY).at > datetime(2025, 9, 10, 0, 30, tzinfo=UTC)
