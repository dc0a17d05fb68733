"""Passwords, attempts, links and who is shut out, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update

from engine.actions import check_password as checking
from engine.actions.api_tokens import Scope, make_token
from engine.actions.ask_link import VALID_FOR, ask_link, count_asking
from engine.actions.bundle_digests import bundle_digests
from engine.actions.calendar_feeds import make_calendar_feed
from engine.actions.check_password import check_password
from engine.actions.choose_language import choose_language
from engine.actions.edit_person import edit_person
from engine.actions.invite_person import invite_person
from engine.actions.open_sign_in import end_sign_in, open_sign_in, touch_sign_in
from engine.actions.outbox import tell
from engine.actions.set_absence import set_absence
from engine.actions.set_password import change_password, use_link
from engine.actions.shut_out import shut_out
from engine.reads.audit import audit_record
from engine.reads.bearers import read_bearer
from engine.reads.sign_ins import IDLE, LONGEST, SEEN_EVERY, digest_of, read_link, read_sign_in
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.passwords import PATIENCE
from engine.rules.refusal import NotAllowed, NotFound, NotReady, Refusal, TooSoon
from engine.rules.vocabulary import Role
from models import Account, AccountLink, Attempt, CalendarFeed, Digest, Event, Notification, Person, SignIn
from models.database import reading
from tests.world import World

GOOD, WRONG = "correct horse battery", "wrong horse battery"
CROWD = 200
ZONE = "Asia/Shanghai"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let hashes cost little: how much they cost is no matter of these tests."""
    checking._nobody.cache_clear()
    monkeypatch.setattr(checking, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield
    checking._nobody.cache_clear()


def after(world: World, span: timedelta) -> Moment:
    return Moment(at=world.moment.at + span, on=(world.moment.at + span).date())


def enter(world: World, who: str = "wang", password: str = GOOD, *, source: str = "10.0.0.1") -> int:
    return check_password(world.sessions, who=who, password=password, source=source, moment=world.moment)


def fail(world: World, who: str, *, times: int = 1, source: str = "10.0.0.1") -> list[type[Refusal]]:
    told: list[type[Refusal]] = []
    for _ in range(times):
        with pytest.raises(Refusal) as refused:
            enter(world, who, WRONG, source=source)
        told.append(refused.type)
    return told


def with_password(world: World, code: str = "wang", password: str = GOOD) -> str:
    return use_link(world.sessions, world.act("lin", invite_person, code, zone=ZONE), password, moment=world.moment)


def with_mail(world: World, code: str, email: str) -> None:
    with world.sessions.begin() as session:
        session.execute(update(Person).where(Person.code == code).values(email=email))


def house_events(world: World) -> list[tuple[str, dict[str, object]]]:
    with world.sessions() as session:
        query = select(Event.kind, Event.data).where(Event.measure_id.is_(None)).order_by(Event.seq)
        assert not audit_record(session).broken
        return [(kind, data) for kind, data in session.execute(query)]


def is_signed_in(world: World, secret: str, span: timedelta = timedelta(0)) -> bool:
    with reading(world.sessions) as session:
        return read_sign_in(session, secret, after(world, span)) is not None


def test_password_when_right_lets_in_by_code_name_or_address(either_world: World):
    world = either_world
    with_mail(world, "wang", "wang@example.cn")
    with_password(world)
    assert {enter(world, who) for who in ("wang", "王经办", "wang@example.cn")} == {world.people["wang"]}


def test_name_when_several_peoples_lets_nobody_in_by_it(either_world: World):
    world = either_world
    with_password(world)
    with world.sessions.begin() as session:
        session.execute(update(Person).where(Person.code == "sun").values(name="王经办"))
    assert fail(world, "王经办") == [NotAllowed]
    with pytest.raises(NotAllowed):
        enter(world, "王经办")
    assert enter(world) == world.people["wang"]


def test_sign_in_name_goes_before_the_name_of_somebody_else(either_world: World):
    world = either_world
    with_password(world)
    with world.sessions.begin() as session:
        session.execute(update(Person).where(Person.code == "sun").values(name="wang"))
    assert enter(world) == world.people["wang"]


@pytest.mark.parametrize("who", ["wang", "nobody"])
def test_failures_tell_the_same_and_wait_the_same_for_anybody(either_world: World, who: str):
    world, free = either_world, PATIENCE["both"].free
    with_password(world)
    assert fail(world, who, times=free + 2) == [NotAllowed] * free + [TooSoon] * 2
    if who == "wang":
        with pytest.raises(TooSoon):
            enter(world)
        assert enter(world, source="10.0.0.2") == world.people["wang"]  # from elsewhere it is free
    with world.sessions() as session:
        kept = dict(session.execute(select(Attempt.subject, Attempt.failures)).tuples().all())
    assert kept[f"both:{who}@10.0.0.1"] == free


def test_success_takes_back_what_it_was_counted_for(either_world: World):
    world = either_world
    with_password(world)
    fail(world, "wang", times=3)
    for _ in range(PATIENCE["source"].free):
        enter(world)
    with world.sessions() as session:
        kept = dict(session.execute(select(Attempt.subject, Attempt.failures)).tuples().all())
    assert kept == {"source:10.0.0.1": 3, "person:wang": 3}


def test_failures_of_yesterday_count_no_longer(either_world: World):
    world = either_world
    fail(world, "wang", times=PATIENCE["both"].free)
    world.moment = after(world, timedelta(days=1, seconds=1))
    assert fail(world, "wang", times=2) == [NotAllowed] * 2


def test_attempts_at_once_gain_nothing(either_world: World):
    """As many as are free are judged, however many come at the same moment."""
    world, count = either_world, PATIENCE["both"].free + 5
    start, told = Barrier(count), []

    def attempt() -> None:
        start.wait()
        try:
            enter(world, "wang", WRONG)
        except Refusal as refusal:
            told.append(type(refusal))

    threads = [Thread(target=attempt) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told, key=str) == sorted([NotAllowed] * PATIENCE["both"].free + [TooSoon] * 5, key=str)


def at_once(count: int, attempt: Callable[[int], object]) -> Counter[str]:
    """Return how often what came of attempts that begin at the same moment; "in" for who was let in."""
    start, told = Barrier(count), Counter[str]()

    def one(number: int) -> None:
        start.wait()
        try:
            attempt(number)
        except Refusal as refusal:
            told[type(refusal).__name__] += 1
        else:
            told["in"] += 1

    threads = [Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.fixture
def crowded(either_world: World) -> World:
    """Give a house of 200 people with a password, who all come from one address at half past eight."""
    world = either_world
    with world.sessions.begin() as session:
        unit = session.scalars(select(Person.unit_id)).first()
        people = [
            Person(code=f"p{number}", name=f"p{number}", unit_id=unit, email=None, language=None)
            for number in range(CROWD)
        ]
        session.add_all(people)
        session.flush()
        kept = checking.hash_password(GOOD)
        session.add_all(
            Account(person_id=person.id, password_hash=kept, changed_at=world.moment.at) for person in people
        )
    return world


def test_right_passwords_of_an_office_at_once_are_all_let_in(crowded: World):
    assert at_once(CROWD, lambda number: enter(crowded, f"p{number}")) == {"in": CROWD}
    with crowded.sessions() as session:
        assert session.scalar(select(func.sum(Attempt.failures))) == 0


def test_wrong_passwords_for_an_office_at_once_are_stopped(crowded: World):
    free = PATIENCE["source"].free
    told = at_once(CROWD, lambda number: enter(crowded, f"p{number}", WRONG))
    assert told == {"NotAllowed": free, "TooSoon": CROWD - free}


def test_right_passwords_among_wrong_ones_do_not_make_an_address_wait(crowded: World):
    """What was right is given back before the next is judged: failures alone use up what is free."""
    wrong = PATIENCE["source"].free - 2 * checking.AT_ONCE
    told = at_once(CROWD, lambda number: enter(crowded, f"p{number}", WRONG if number < wrong else GOOD))
    assert told == {"NotAllowed": wrong, "in": CROWD - wrong}


def test_right_password_does_not_lengthen_the_wait_of_its_address(either_world: World):
    """Only failures move the moment from which an address waits, and from which they are forgotten."""
    world = either_world
    with_password(world)
    fail(world, "nobody")
    failed_at = world.moment.at
    world.moment = after(world, timedelta(hours=23))
    enter(world)
    with world.sessions() as session:
        assert session.scalars(select(Attempt.last_at).where(Attempt.subject == "source:10.0.0.1")).one() == failed_at


def test_guessing_from_many_places_is_put_into_the_record_once(either_world: World):
    world, free = either_world, PATIENCE["person"].free
    with_password(world)
    for place in range(free):
        fail(world, "wang", source=f"10.0.1.{place}")
        fail(world, "nobody", source=f"10.0.2.{place}")
    assert fail(world, "wang", source="10.0.3.1") == [TooSoon]
    world.moment = after(world, PATIENCE["person"].longest)
    fail(world, "wang", source="10.0.3.2")
    assert [data for kind, data in house_events(world) if kind == "account:password:guess"] == [{"person": "wang"}]
    world.moment = after(world, PATIENCE["person"].longest)
    assert enter(world) == world.people["wang"]  # nobody is locked out for longer


def test_hash_when_made_with_older_parameters_is_made_anew(either_world: World, monkeypatch: pytest.MonkeyPatch):
    world = either_world
    with_password(world)
    monkeypatch.setattr(checking, "_HASHER", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    enter(world)
    with world.sessions() as session:
        assert ",t=2," in session.scalars(select(Account.password_hash)).one().replace("$t=", ",t=")
    enter(world)


def test_sign_in_ends_by_itself_and_when_ended(either_world: World):
    world = either_world
    secret = with_password(world)
    assert is_signed_in(world, secret, IDLE)
    assert not is_signed_in(world, secret, IDLE + timedelta(seconds=1))
    with world.sessions.begin() as session:
        (number,) = session.scalars(select(SignIn.id)).all()
        touch_sign_in(session, number, world.moment.at + LONGEST)
    assert is_signed_in(world, secret, LONGEST)
    assert not is_signed_in(world, secret, LONGEST + timedelta(seconds=1))
    with world.sessions.begin() as session:
        end_sign_in(session, number, person=world.people["sun"])  # not theirs
    assert is_signed_in(world, secret)
    with world.sessions.begin() as session:
        end_sign_in(session, number, person=world.people["wang"])
    assert not is_signed_in(world, secret)


def test_sign_in_when_opened_clears_away_what_has_expired(either_world: World):
    world = either_world
    with_password(world)
    world.moment = after(world, IDLE + timedelta(seconds=1))
    with world.sessions.begin() as session:
        open_sign_in(session, world.people["sun"], world.moment, how="password")
        assert session.scalars(select(SignIn.person_id)).all() == [world.people["sun"]]


def test_use_of_a_sign_in_is_put_down_every_few_minutes(world: World):
    secret = with_password(world)
    with reading(world.sessions) as session:
        for span, is_unseen in ((SEEN_EVERY, False), (SEEN_EVERY + timedelta(seconds=1), True)):
            found = read_sign_in(session, secret, after(world, span))
            assert found is not None
            assert (found.code, found.unit_name, found.is_unseen) == ("wang", "一处", is_unseen)


def test_link_when_asked_for_goes_to_the_persons_address_and_is_good_for_an_hour(either_world: World):
    world = either_world
    with_mail(world, "wang", "wang@example.cn")
    old = with_password(world)
    sent = ask_link(world.sessions, who="wang@example.cn", moment=world.moment, by_mail=True, tell_coordinator=False)
    assert sent is not None
    assert (sent.code, sent.name, sent.address) == ("wang", "王经办", "wang@example.cn")
    with reading(world.sessions) as session:
        assert read_link(session, sent.secret, after(world, VALID_FOR - timedelta(seconds=1))) == ("wang", "王经办")
        assert read_link(session, sent.secret, after(world, VALID_FOR)) is None
        assert session.scalars(select(AccountLink.digest).where(AccountLink.used_at.is_(None))).all() == [
            digest_of(sent.secret)
        ]
    use_link(world.sessions, sent.secret, "another long sentence", moment=world.moment)
    assert not is_signed_in(world, old)
    with pytest.raises(NotFound):
        use_link(world.sessions, sent.secret, GOOD, moment=world.moment)
    assert ("account:link:ask", {"person": "wang"}) in house_events(world)
    assert world.said() == []


@pytest.mark.parametrize("by_mail", [True, False])
def test_link_when_no_mail_reaches_the_person_is_left_to_the_coordinators(either_world: World, *, by_mail: bool):
    world = either_world
    if not by_mail:
        with_mail(world, "wang", "wang@example.cn")
    for _ in range(2):
        assert (
            ask_link(world.sessions, who="wang", moment=world.moment, by_mail=by_mail, tell_coordinator=False) is None
        )
    (line,) = world.said()
    assert (line.to, line.kind, line.data) == ("lin", "link_wanted", {"person": "王经办", "code": "wang"})
    with world.sessions() as session:
        assert session.scalar(select(func.count()).select_from(AccountLink)) == 0


def test_link_when_asked_for_by_nobody_we_know_leaves_no_trace_but_the_count(either_world: World):
    world = either_world
    assert ask_link(world.sessions, who="nobody", moment=world.moment, by_mail=True, tell_coordinator=True) is None
    with world.sessions() as session:
        for table in (AccountLink, Notification, Event):
            assert session.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize("who", ["wang", "nobody"])
def test_asking_for_links_again_and_again_must_wait(either_world: World, who: str):
    world = either_world
    for place in range(PATIENCE["ask"].free):
        count_asking(world.sessions, who=who, source=f"10.0.0.{place}", moment=world.moment)
    with pytest.raises(TooSoon):
        count_asking(world.sessions, who=who, source="10.0.1.1", moment=world.moment)
    count_asking(world.sessions, who="sun", source="10.0.1.1", moment=world.moment)


def bundled(world: World, *, is_quiet: bool = False) -> dict[str, list[str]]:
    """Return what goes out now, kind by kind, to whom."""
    with world.sessions.begin() as session:
        bundle_digests(
            session,
            batch=f"test:{world.moment.at}",
            moment=world.moment,
            channels=("inbox",),
            digests_per_day=0,
            is_quiet=is_quiet,
        )
        rows = session.execute(
            select(Person.code, Notification.kind)
            .select_from(Notification)
            .join(Digest, Digest.id == Notification.digest_id)
            .join(Person, Person.id == Digest.person_id)
            .order_by(Notification.id)
        ).tuples()
        found: dict[str, list[str]] = {}
        for code, kind in rows:
            found.setdefault(code, []).append(kind)
        return found


def test_first_invitation_tells_its_person_nothing(either_world: World):
    world = either_world
    world.act("lin", invite_person, "wang", zone=ZONE)
    world.act("lin", invite_person, "wang", zone=ZONE)
    assert world.said() == []


def test_link_when_made_for_who_has_a_password_is_told_to_them_alone_and_at_once(either_world: World):
    """By night, with the day's messages used up, and not to who stands in for them: that may be who made the link."""
    world = either_world
    with_password(world)
    day = world.today
    world.act("lin", set_absence, person="wang", substitute="lin", first_day=day, last_day=day)
    world.measure("1-01", due=day)
    with world.desk("lin") as desk:
        tell(desk, [world.people["wang"]], Notice.OPINION, role=Role.OWNER, key="x", by="李处长", text="尽快")
    for _ in range(2):
        world.act("lin", invite_person, "wang", zone=ZONE)
    first, second = (line for line in world.said() if line.kind == "link_made")
    assert (first.to, first.data) == (
        "wang",
        {"by": "林联络", "day": "2025-03-03", "time": "09:00", "code": "wang"},
    )
    assert second == first
    assert bundled(world, is_quiet=True) == {"wang": ["link_made", "link_made"]}


def test_link_when_made_for_who_was_shut_out_is_told(either_world: World):
    world = either_world
    with_password(world)
    world.act("lin", shut_out, "wang")
    world.act("lin", invite_person, "wang", zone=ZONE)
    assert [(line.to, line.kind) for line in world.said(to="wang")] == [("wang", "link_made")]


def test_password_when_changed_ends_links_that_are_open(either_world: World):
    world = either_world
    secret = with_password(world)
    made = world.act("lin", invite_person, "wang", zone=ZONE)
    with reading(world.sessions) as session:
        who = read_sign_in(session, secret, world.moment)
    assert who is not None
    change_password(world.sessions, who, old=GOOD, new="another long sentence", source="x", moment=world.moment)
    with pytest.raises(NotFound):
        use_link(world.sessions, made, GOOD, moment=world.moment)
    assert is_signed_in(world, secret)


def test_person_when_shut_out_gets_in_by_nothing_they_had(either_world: World):
    world = either_world
    signed_in = with_password(world)
    token = world.act("wang", make_token, name="报表", scope=Scope.ACT, days=30)
    link = world.act("lin", invite_person, "wang", zone=ZONE)
    world.act("wang", make_calendar_feed)
    with_password(world, "sun")
    world.act("lin", shut_out, "wang")
    assert not is_signed_in(world, signed_in)
    assert fail(world, "wang") == [NotAllowed]
    with pytest.raises(NotAllowed):
        enter(world)
    with reading(world.sessions) as session:
        assert read_bearer(session, token, world.moment) is None
        assert read_link(session, link, world.moment) is None
        assert session.scalar(select(func.count()).select_from(CalendarFeed)) == 0
    assert enter(world, "sun") == world.people["sun"]
    assert house_events(world)[-1] == ("account:access:end", {"person": "wang"})
    assert is_signed_in(world, with_password(world))  # a new link lets in again


def test_shutting_out_is_for_coordinators_and_never_oneself(world: World):
    for code in ("wang", "li", "zhao", "jian", "zhou"):
        with pytest.raises(NotAllowed):
            world.act(code, shut_out, "sun")
    with pytest.raises(NotAllowed):
        world.act("lin", shut_out, "lin")
    with pytest.raises(NotFound):
        world.act("lin", shut_out, "nobody")


def test_language_when_chosen_is_ones_own_and_stands_in_the_record(either_world: World):
    world = either_world
    world.act("wang", choose_language, "en")
    world.act("wang", choose_language, "en")
    with world.sessions() as session:
        assert session.scalars(select(Person.language).where(Person.code == "wang")).one() == "en"
    assert [kind for kind, _ in house_events(world)] == ["person:record:update"]
    with pytest.raises(NotReady):
        world.act("wang", choose_language, "fr")
    world.act("wang", choose_language, None)
    world.act("lin", edit_person, "wang", code="wang", name="王经办", unit="一处", email=None, language=None)
    assert len(house_events(world)) == 2
