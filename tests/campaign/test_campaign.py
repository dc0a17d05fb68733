"""The short form of the crash campaign, and the doubts that its checks must raise."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.campaign import checks
from tests.campaign.campaign import SHORT, campaign, total
from tests.campaign.play import Play, Scenario
from tests.campaign.server import Server, postgres

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give a server that may be killed; skip where none starts."""
    started = postgres()
    try:
        found = started.__enter__()
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting is the reason to skip
        pytest.skip(f"PostgreSQL did not start ({type(error).__name__}: {error})")
    yield found
    started.__exit__(None, None, None)


def seed() -> int:
    """Return another seed each time: every run looks at other moments.  It is printed, and told by a failure."""
    found = SystemRandom().randrange(10**6)
    print(f"seed {found}: repeat with make campaign ARGS='--seed {found}'")  # noqa: T201 - shown when the test fails
    return found


def test_house_on_sqlite_when_killed_at_random_moments_loses_nothing_and_doubles_nothing(tmp_path: Path):
    whole = total(campaign(SHORT[:1], tmp_path / "play", seed=seed(), server=None))
    assert whole.faults == []
    assert whole.kills >= SHORT[0].kills


@pytest.mark.postgres
def test_house_on_postgres_when_it_or_the_server_is_killed_loses_nothing_and_doubles_nothing(
    tmp_path: Path, server: Server
):
    whole = total(campaign(SHORT[1:], tmp_path / "play", seed=seed(), server=server))
    assert whole.faults == []
    assert whole.server_kills > 0
    assert min(whole.acknowledged, whole.rungs, whole.deliveries) > 0


# The checks themselves: what is spoiled by hand is found


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> tuple[Play, date]:
    """Give a house that ran for a few days, undisturbed."""
    folder = tmp_path_factory.mktemp("quiet") / "play"
    scenario = Scenario(name="quiet", kills=0, measures=12, at_least=4)
    play = Play(scenario, folder, f"sqlite:///{folder / 'home' / 'duban.db'}", seed=1)
    return play, play.run()


def found_after(play: Play, on: date, *statements: str, **spoiled: Any) -> list[str]:
    """Return the faults that are found when the statements have been carried out; then take them back."""
    path = Path(play.url.removeprefix("sqlite:///"))
    kept = path.read_bytes()
    engine = create_engine(play.url)
    with engine.begin() as connection:
        for (trigger,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        for statement in statements:
            assert connection.execute(text(statement)).rowcount, "it has spoiled nothing"
    engine.dispose()
    try:
        lines = spoiled.get("lines", play.acknowledged())
        return checks.look(play.url, play.home, lines, on, at_the_end=True).faults
    finally:
        for beside in path.parent.glob("duban.db*"):
            beside.unlink()
        path.write_bytes(kept)


def test_checks_when_nothing_was_disturbed_find_nothing(quiet: tuple[Play, date]):
    play, on = quiet
    assert play.figures.faults == []
    assert play.figures.acknowledged > 0
    assert found_after(play, on) == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM event WHERE id = (SELECT max(id) FROM event WHERE kind LIKE 'measure:state:%')", "acknowledged"),
        ("UPDATE event SET kind = 'x' WHERE id = (SELECT max(id) FROM event)", "the record is broken"),
        ("UPDATE run SET report = '{}' WHERE id = (SELECT max(id) FROM run WHERE kind = 'daily')", "run acknowledged"),
        ("UPDATE timer SET fires_on = '2025-03-01' WHERE measure_id = 1", "timers due"),
        ("UPDATE notification SET person_id = 1 WHERE kind = 'rung'", "told twice"),
        ("UPDATE escalation SET fate = 'superseded', climbed_on = '2030-01-01' WHERE rung < 2", "owners passed over"),
        ("UPDATE delivery SET message_id = 'x' WHERE channel = 'eml'", "share a Message-ID"),
        ("UPDATE delivery SET state = 'pending' WHERE id = 1", "neither delivered nor cancelled"),
        ("UPDATE notification SET state = 'pending' WHERE id = 1", "neither sent nor cancelled"),
        ("DELETE FROM delivery WHERE channel = 'eml' AND id < 5", "another Message-ID"),
    ],
)
def test_checks_when_a_house_is_spoiled_find_it(quiet: tuple[Play, date], statement: str, told: str):
    assert told in "\n".join(found_after(*quiet, statement))


def test_checks_when_a_mail_is_gone_find_it(quiet: tuple[Play, date]):
    play, on = quiet
    mail = next(play.home.glob("outbox/*/*.eml"))
    kept = mail.read_bytes()
    mail.unlink()
    faults = found_after(play, on)
    mail.write_bytes(kept)
    assert "no mail is there" in "\n".join(faults)


def test_checks_when_mails_come_twice_or_of_nobody_or_not_at_all_find_it(quiet: tuple[Play, date], tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    shutil.copyfile(quiet[0].home / "duban.db", tmp_path / "duban.db")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE delivery SET channel = 'smtp' WHERE channel = 'eml'"))
        first, *others = connection.scalars(text("SELECT message_id FROM delivery WHERE channel = 'smtp' ORDER BY id"))
        connection.execute(text("UPDATE delivery SET state = 'cancelled' WHERE message_id = :one"), {"one": first})
    engine.dispose()
    assert list(checks.look_at_post(url, others, kills=0)) == []
    assert list(checks.look_at_post(url, [*others, others[0]], kills=1)) == []
    (again,) = checks.look_at_post(url, [*others, others[0]], kills=0)
    (strange,) = checks.look_at_post(url, [*others, "<x>"], kills=0)
    (lost,) = checks.look_at_post(url, others[1:], kills=0)
    (called_off,) = checks.look_at_post(url, [first, *others], kills=0)
    told = ("went out again", "belongs to no delivery", "never came", "came, and is cancelled")
    assert [words in line for words, line in zip(told, (again, strange, lost, called_off), strict=True)] == [True] * 4


def test_comparison_when_a_rung_is_missing_or_too_many_says_which():
    calm = {"rungs": Counter({"a": 1, "b": 1})}
    assert checks.compare({"rungs": Counter({"a": 1, "b": 1})}, calm) == []
    (few,) = checks.compare({"rungs": Counter({"a": 1})}, calm)
    (many,) = checks.compare({"rungs": Counter({"a": 2, "b": 1})}, calm)
    assert "only an undisturbed house has: 1, such as ['b']" in few
    assert "an undisturbed house has not: 1, such as ['a']" in many


def test_journal_when_a_kill_cut_a_line_keeps_the_others(quiet: tuple[Play, date], tmp_path: Path):
    play, _ = quiet
    torn = Play(play.scenario, tmp_path / "torn", play.url, seed=1)
    torn._journal.write_text(json.dumps({"run": "a"}) + '\n{"run": "b\n' + json.dumps({"run": "c"}) + "\n", "utf-8")
    assert [line["run"] for line in torn.acknowledged()] == ["a", "c"]
