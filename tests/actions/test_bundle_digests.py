from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine

from engine.actions.bundle_digests import bundle_digests
from engine.rules.notices import NEVER_CAPPED
from engine.rules.vocabulary import Slip
from models import Absence
from tests.outbox_rows import accept_all, bundle, claim, deliveries, digests, later, say_to, statements
from tests.world import World


def _away(world: World, person: str, substitute: str, *, days: int = 0) -> None:
    with world.sessions.begin() as session:
        first = world.today + timedelta(days=days)
        session.add(
            Absence(
                person_id=world.people[person],
                substitute_id=world.people[substitute],
                first_day=first,
                last_day=first + timedelta(days=3),
            )
        )


def test_bundling_when_two_people_are_told_makes_one_digest_each_and_a_delivery_per_channel(either_world: World):
    say_to(either_world, "wang", "wang", "li")
    assert bundle(either_world, channels=("inbox", "eml")) == 3
    assert digests(either_world) == [("daily", "wang", 2), ("daily", "li", 1)]
    assert [row.channel for row in deliveries(either_world)] == ["inbox", "eml", "inbox", "eml"]
    names = {row.message_id for row in deliveries(either_world)}
    assert len(names) == 4
    assert all(name.startswith("<digest-") and name.endswith("@duban>") for name in names)


def test_bundling_when_nothing_waits_makes_nothing(either_world: World):
    assert bundle(either_world) == 0
    assert digests(either_world) == []


def test_bundling_when_run_again_adds_nothing(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world)
    assert bundle(either_world) == 0
    assert len(digests(either_world)) == 1


def test_bundling_when_more_appears_before_the_sending_adds_to_the_same_digest(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world)
    say_to(either_world, "wang", "li")
    assert bundle(either_world) == 2
    assert digests(either_world) == [("daily", "wang", 2), ("daily", "li", 1)]
    assert len(deliveries(either_world)) == 2


def test_bundling_when_more_appears_after_the_sending_makes_a_further_digest(either_world: World):
    for number in (1, 2, 3):
        say_to(either_world, "wang")
        bundle(either_world, cap=9)
        accept_all(either_world, claim(either_world))
        assert len(digests(either_world)) == number
    assert digests(either_world) == [("daily", "wang", 1), ("daily#2", "wang", 1), ("daily#3", "wang", 1)]


def test_bundling_when_another_run_finds_more_makes_its_own_digest(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world, "daily")
    say_to(either_world, "wang")
    bundle(either_world, "deliver")
    assert digests(either_world) == [("daily", "wang", 1), ("deliver", "wang", 1)]


def test_cap_when_reached_holds_back_all_but_the_slips_that_are_never_capped(either_world: World):
    for run in ("a", "b"):
        say_to(either_world, "wang")
        bundle(either_world, run, cap=2)
    for slip in Slip:
        say_to(either_world, "wang", slip=slip)
    assert bundle(either_world, "c", cap=2) == len(NEVER_CAPPED)
    assert bundle(either_world, "d", cap=2) == 0
    either_world.at(either_world.today + timedelta(days=1))
    assert bundle(either_world, "e", cap=2) == len(Slip) - len(NEVER_CAPPED)


def test_cap_when_a_digest_is_still_unsent_lets_further_lines_into_it(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world, cap=1)
    say_to(either_world, "wang")
    assert bundle(either_world, cap=1) == 1
    assert digests(either_world) == [("daily", "wang", 2)]


def test_quiet_hours_while_they_last_hold_back_all_but_the_slips_that_are_never_capped(either_world: World):
    say_to(either_world, "li")
    bundle(either_world)
    for slip in Slip:
        say_to(either_world, "wang", slip=slip)
    say_to(either_world, "li")
    assert bundle(either_world, quiet=True) == len(NEVER_CAPPED)
    assert bundle(either_world, quiet=True) == 0
    assert bundle(either_world, "morning") == len(Slip) - len(NEVER_CAPPED) + 1
    assert sorted(digests(either_world)) == [
        ("daily", "li", 1),
        ("daily", "wang", 2),
        ("morning", "li", 1),
        ("morning", "wang", 3),
    ]


def test_cap_when_one_person_reached_it_leaves_others_alone(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world, "a", cap=1)
    say_to(either_world, "wang", "li")
    assert bundle(either_world, "b", cap=1) == 1
    assert digests(either_world)[-1] == ("b", "li", 1)


@pytest.mark.parametrize(
    ("absences", "receives"),
    [
        ([], "wang"),
        ([("wang", "sun")], "sun"),
        ([("wang", "sun"), ("sun", "tang")], "tang"),
        ([("wang", "sun"), ("sun", "wang")], "wang"),
        ([("wang", "sun"), ("wang", "tang")], "tang"),
    ],
    ids=["nobody away", "substitute", "substitute's substitute", "circle", "later word counts"],
)
def test_receiver_when_people_are_away_is_who_stands_in(
    either_world: World, absences: list[tuple[str, str]], receives: str
):
    for person, substitute in absences:
        _away(either_world, person, substitute)
    say_to(either_world, "wang", "tang", kind="closed")
    bundle(either_world)
    expected = {("daily", receives), ("daily", "tang")}
    assert {(batch, code) for batch, code, _ in digests(either_world)} == expected


def test_receiver_when_the_absence_begins_tomorrow_is_the_person(either_world: World):
    _away(either_world, "wang", "sun", days=1)
    say_to(either_world, "wang", kind="closed")
    bundle(either_world)
    assert digests(either_world) == [("daily", "wang", 1)]


def test_receiver_when_away_by_the_time_of_bundling_is_the_substitute(either_world: World):
    say_to(either_world, "wang", kind="closed")
    _away(either_world, "wang", "sun")
    bundle(either_world)
    assert digests(either_world) == [("daily", "sun", 1)]


def test_kind_when_unknown_waits_for_the_version_that_knows_it(either_world: World):
    say_to(either_world, "wang", kind="of_tomorrow")
    assert bundle(either_world) == 0


def test_statements_when_bundling_do_not_grow_with_what_waits(either_world: World):
    counts = []
    for size in (1, 400):
        say_to(either_world, *["wang", "li", "lin", "zhou"] * size)
        with statements(either_world.engine) as seen:
            assert bundle(either_world, f"{size} each") == 4 * size
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10


def test_bundling_when_the_clock_was_put_back_makes_a_digest_of_that_day(either_world: World):
    say_to(either_world, "wang")
    either_world.moment = later(either_world.moment, days=-1)
    assert bundle(either_world) == 1


@pytest.mark.postgres
def test_bundling_when_another_run_is_at_it_waits_and_makes_no_empty_digest(postgres_database: Engine):
    world = World(postgres_database)
    say_to(world, "wang", "li")
    late: list[int] = []
    other = Thread(target=lambda: late.append(bundle(world, "other")), daemon=True)
    with world.sessions.begin() as session:
        first = bundle_digests(session, batch="daily", moment=world.moment, channels=("eml",), digests_per_day=3)
        other.start()
        other.join(timeout=0.2)
        assert other.is_alive()
    other.join(timeout=30)
    assert (first, late) == (2, [0])
    assert digests(world) == [("daily", "wang", 1), ("daily", "li", 1)]
