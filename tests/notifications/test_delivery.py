from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from engine.actions.edit_person import edit_person
from engine.actions.report_progress import report_progress
from engine.reads.inbox import read_failures, read_inbox
from engine.rules.backoff import CLAIM_TIMEOUT, MAX_ATTEMPTS
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.text import N_
from models import Absence, Person, Round
from notifications import delivery, hand_over
from notifications.delivery import deliver_outbox
from notifications.hand_over import DeliveryReport
from notifications.senders import Mail, Sender, SendFailed
from notifications.senders.eml import EmlSender
from notifications.senders.inbox import InboxSender
from tests.factories import build_round
from tests.outbox_rows import deliveries, digests, fates, later, say_to, statements
from tests.world import World


class Post:
    """A channel that keeps what it took, and refuses whom it is told to."""

    channel = "eml"

    def __init__(self) -> None:
        self.taken: list[Mail] = []
        self.refuses: dict[str, Exception | BaseException] = {}

    def close(self) -> None:
        pass

    def send(self, mail: Mail) -> None:
        if mail.to_code in self.refuses:
            raise self.refuses[mail.to_code]
        self.taken.append(mail)


@pytest.fixture
def post() -> Post:
    return Post()


def _deliver(
    world: World, senders: Mapping[str, Sender], *, batch: str = "daily", moment: Moment | None = None
) -> DeliveryReport:
    return deliver_outbox(
        world.sessions,
        moment=moment or world.moment,
        now=lambda: (moment or world.moment).at,
        batch=batch,
        senders=senders,
        calendar=world.calendar,
        digests_per_day=9,
        language="en",
    )


def test_delivery_when_much_waits_sends_one_message_to_each_person(either_world: World, post: Post):
    for code in ("1-01", "1-02", "1-03"):
        either_world.measure(code)
    either_world.fast_forward(date(2025, 3, 7))
    report = _deliver(either_world, {"eml": post})
    assert sorted(mail.to_code for mail in post.taken) == ["li", "wang"]
    assert (report.bundled, report.sent, report.failed, report.retry) == (len(either_world.said()), 2, 0, 0)
    (mail,) = [mail for mail in post.taken if mail.to_code == "li"]
    assert mail.subject == "Duban, 2025-03-07: 3 to do (yellow slip: 3)"
    assert "Unit: 一处  ·  Owner: 王经办  ·  acceptance by 2025-03-06  ·  one working day late" in mail.text


def test_delivery_when_an_address_was_changed_then_the_former_one_is_told_too(either_world: World, post: Post):
    world = either_world
    with world.sessions.begin() as session:
        session.execute(update(Person).where(Person.code == "jian").values(email="jian@old.example"))
    changed = {"code": "jian", "name": "简纪检", "unit": "局党委", "email": "jian@new.example", "language": None}
    world.act("lin", edit_person, "jian", **changed)
    _deliver(world, {"eml": post, "inbox": InboxSender()})
    world.confirm_trust()
    assert {mail.to_address for mail in post.taken if mail.to_code == "jian"} == {"jian@old.example"}
    post.taken.clear()
    _deliver(world, {"eml": post, "inbox": InboxSender()}, batch="later")
    mails = {mail.to_address: mail.text for mail in post.taken if mail.to_code == "jian"}
    assert mails.keys() == {"jian@old.example", "jian@new.example"}
    assert "your address until now" in mails["jian@old.example"]
    assert "your address until now" not in mails["jian@new.example"]
    post.taken.clear()
    assert _deliver(world, {"eml": post}, batch="last").bundled == 0


def test_delivery_when_run_again_sends_nothing(either_world: World, post: Post):
    say_to(either_world, "wang")
    _deliver(either_world, {"eml": post})
    report = _deliver(either_world, {"eml": post})
    assert (report.bundled, report.sent, len(post.taken)) == (0, 0, 1)


def test_delivery_when_the_language_is_chosen_speaks_it(either_world: World, post: Post):
    with either_world.sessions.begin() as session:
        session.get_one(Person, either_world.people["wang"]).language = "zh_CN"
    say_to(either_world, "wang", "li", data={"meeting": "第7次会议", "held_on": "2025-03-10"})
    _deliver(either_world, {"eml": post})
    to = {mail.to_code: mail for mail in post.taken}
    assert "第7次会议议程已印发，会议定于2025年3月10日召开。" in to["wang"].text
    assert "The agenda of 第7次会议 is out. The meeting is held on 2025-03-10." in to["li"].text


def test_delivery_when_one_sender_call_breaks_sends_the_others(world: World, post: Post):
    say_to(world, "wang", "li", "zhou", "lin")
    post.refuses = {
        "wang": SendFailed(N_("{address} is not an e-mail address", address="wang@"), retry=False),
        "li": SendFailed(N_("the message cannot be written: {error}", error="disk"), retry=True),
        "zhou": ZeroDivisionError("a bug"),
    }
    world.expected_errors = ["message not sent"]
    report = _deliver(world, {"eml": post})
    assert (report.sent, report.failed, report.retry) == (1, 1, 2)
    with world.sessions() as session:
        errors = {failure.code: failure.error for failure in read_failures(session)}
    assert errors == {
        "wang": "wang@ is not an e-mail address",
        "li": "the message cannot be written: disk",
        "zhou": "ZeroDivisionError: a bug",
    }


def test_delivery_when_given_up_tells_the_coordinator_in_the_next_run(either_world: World, post: Post):
    say_to(either_world, "wang")
    post.refuses = {"wang": SendFailed(N_("{address} is not an e-mail address", address="wang@"), retry=False)}
    _deliver(either_world, {"eml": post}, batch="first")
    _deliver(either_world, {"eml": post}, batch="second")
    (mail,) = post.taken
    assert mail.to_code == "lin"
    assert "A message to 王经办 could not be delivered (eml): wang@ is not an e-mail address" in mail.text


def test_delivery_when_the_coordinator_cannot_be_reached_either_comes_to_rest(either_world: World, post: Post):
    post.refuses = {who: SendFailed(N_("to do"), retry=False) for who in either_world.people}
    say_to(either_world, "wang", "lin")
    for run in range(5):
        _deliver(either_world, {"eml": post}, batch=f"run {run}", moment=later(either_world.moment, minutes=run))
    assert len(digests(either_world)) == 3
    assert {state for _, state, _ in fates(either_world)} == {"failed"}


def test_delivery_when_killed_between_sending_and_recording_sends_again_under_the_same_id(
    either_world: World, post: Post, monkeypatch: pytest.MonkeyPatch
):
    say_to(either_world, "wang")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as crash:
        crash.setattr(hand_over, "record_sent", killed)
        with pytest.raises(KeyboardInterrupt):
            _deliver(either_world, {"eml": post})
    assert [row.state.value for row in deliveries(either_world)] == ["sending"]
    assert fates(either_world) == [("meeting", "pending", None)]
    assert _deliver(either_world, {"eml": post}).sent == 0
    again = Moment(at=either_world.moment.at + CLAIM_TIMEOUT, on=either_world.today)
    assert _deliver(either_world, {"eml": post}, moment=again).sent == 1
    first, second = post.taken
    assert first.message_id == second.message_id
    assert fates(either_world) == [("meeting", "sent", None)]


def test_delivery_when_killed_while_sending_keeps_as_sent_what_was_answered_before(either_world: World, post: Post):
    say_to(either_world, "wang", "li")
    post.refuses = {"li": KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        _deliver(either_world, {"eml": post})
    assert [row.state.value for row in deliveries(either_world)] == ["sent", "sending"]
    post.refuses = {}
    again = Moment(at=either_world.moment.at + CLAIM_TIMEOUT, on=either_world.today)
    assert _deliver(either_world, {"eml": post}, moment=again).sent == 1


def test_delivery_when_a_channel_was_taken_away_fails_visibly(either_world: World, post: Post):
    say_to(either_world, "wang")
    post.refuses = {"wang": SendFailed(N_("to do"), retry=True)}
    _deliver(either_world, {"eml": post})
    report = _deliver(either_world, {"inbox": InboxSender()}, moment=later(either_world.moment, hours=1))
    assert report.failed == 1
    with either_world.sessions() as session:
        (failure,) = read_failures(session)
    assert failure.error == "the channel eml is not set up"


def test_delivery_when_the_wait_is_over_leaves_it_out_and_sends_the_rest(either_world: World, post: Post):
    either_world.in_progress("1-01")
    either_world.in_progress("1-02")
    either_world.fast_forward(date(2025, 3, 20))
    either_world.act("wang", report_progress, "1-01", percent=50, text="过半")
    _deliver(either_world, {"eml": post})
    (mail,) = [mail for mail in post.taken if mail.to_code == "wang"]
    assert "[1-02]" in mail.text
    assert "[1-01]" not in mail.text


def test_delivery_when_somebody_stands_in_says_for_whom_and_says_it_once(either_world: World, post: Post):
    code = either_world.measure()
    with either_world.sessions.begin() as session:
        for person in ("wang", "sun"):
            session.add(
                Absence(
                    person_id=either_world.people[person],
                    substitute_id=either_world.people["tang"],
                    first_day=either_world.today,
                    last_day=either_world.today + timedelta(days=9),
                )
            )
    say_to(either_world, "wang", "sun", measure=code, kind=Notice.CLOSED.value)
    say_to(either_world, "wang", "tang", measure=code, kind=Notice.PASSED.value, data={"verifier": "吴核验"})
    _deliver(either_world, {"eml": post})
    (mail,) = post.taken
    assert mail.to_code == "tang"
    assert mail.text.count("This measure is closed out.") == 1
    assert mail.text.count("You receive this in the place of 王经办, 孙经办.") == 1
    assert mail.text.count("has passed this measure") == 1
    assert "in the place of 王经办.\n" not in mail.text


def test_delivery_over_inbox_and_files_can_be_read_in_both(either_world: World, tmp_path: Path):
    senders: dict[str, Sender] = {"inbox": InboxSender(), "eml": EmlSender(tmp_path / "outbox")}
    say_to(either_world, "wang", data={"meeting": "第7次会议", "held_on": "2025-03-10"})
    assert _deliver(either_world, senders, batch="a").sent == 2
    say_to(either_world, "wang", data={"meeting": "第8次会议", "held_on": "2025-03-11"})
    assert _deliver(either_world, senders, batch="b", moment=later(either_world.moment, hours=1)).sent == 2
    with either_world.sessions() as session:
        newest, oldest = read_inbox(session, "wang", limit=9)
        assert read_inbox(session, "wang", limit=1) == (newest,)
        assert read_inbox(session, "li", limit=9) == ()
        assert read_failures(session) == ()
    assert "第8次会议" in newest.text
    assert "第7次会议" in oldest.text
    assert newest.subject == "Duban: meeting of the leading group"
    assert len(list((tmp_path / "outbox" / "2025-03-03").iterdir())) == 2


def test_delivery_when_the_disk_is_full_reaches_the_inbox_and_tries_the_file_again(either_world: World, tmp_path: Path):
    blocked = tmp_path / "outbox"
    blocked.write_text("a file where the folder should be")
    senders: dict[str, Sender] = {"inbox": InboxSender(), "eml": EmlSender(blocked)}
    say_to(either_world, "wang")
    report = _deliver(either_world, senders)
    assert (report.sent, report.retry) == (1, 1)
    blocked.unlink()
    report = _deliver(either_world, senders, moment=later(either_world.moment, minutes=1))
    assert (report.sent, report.retry) == (1, 0)
    with either_world.sessions() as session:
        assert read_failures(session) == ()


def test_delivery_when_every_attempt_fails_ends_after_the_last(either_world: World, post: Post):
    post.refuses = {"wang": SendFailed(N_("to do"), retry=True)}
    say_to(either_world, "wang")
    reports = [
        _deliver(either_world, {"eml": post}, moment=later(either_world.moment, days=day))
        for day in range(MAX_ATTEMPTS + 1)
    ]
    assert [report.retry for report in reports] == [1] * (MAX_ATTEMPTS - 1) + [0, 0]
    assert [report.failed for report in reports] == [0] * (MAX_ATTEMPTS - 1) + [1, 0]


def test_statements_of_a_delivery_do_not_grow_with_people_but_for_what_leaves_duban(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
):
    counts: dict[str, list[int]] = {"inbox": [], "eml": []}
    for channel, found in counts.items():
        for people in (1, 9):
            for _ in range(20):
                say_to(world, *sorted(world.people)[:people])
            with statements(world.engine) as seen:
                _deliver(world, {channel: post}, batch=f"{channel} for {people}")
            found.append(len([one for one in seen if one.startswith(("SELECT", "UPDATE", "INSERT"))]))
    assert counts["inbox"][0] == counts["inbox"][1]
    assert (counts["eml"][1] - counts["eml"][0]) / 8 <= 5, "begun, recorded, and what it said marked as sent"
    monkeypatch.setattr(delivery, "BATCH", 2)
    say_to(world, *sorted(world.people)[:9])
    progress: list[int] = []
    deliver_outbox(
        world.sessions,
        moment=world.moment,
        now=lambda: world.moment.at,
        batch="in parts",
        senders={"eml": post},
        calendar=world.calendar,
        digests_per_day=9,
        language="en",
        report=lambda done: progress.append(done.sent),
    )
    assert progress == [2, 4, 6, 8, 9]


def test_deadline_when_beyond_the_calendar_is_told_without_counting(either_world: World, post: Post):
    code = either_world.measure()
    say_to(either_world, "wang", measure=code, kind=Notice.ASSIGNED.value, deadline=date(2040, 1, 2), data={"by": "林"})
    _deliver(either_world, {"eml": post})
    assert "Due 2040-01-02\n" in post.taken[0].text


def test_rounds_when_several_are_named(either_world: World, post: Post):
    with either_world.sessions.begin() as session:
        other = build_round(session, title="专项审计整改").id
        session.get_one(Round, either_world.round).title = "巡察整改"
    say_to(either_world, "wang", "li")
    say_to(either_world, "wang", round_id=other, data={"meeting": "另一次"})
    _deliver(either_world, {"eml": post})
    to = {mail.to_code: mail.text for mail in post.taken}
    assert "Round: 专项审计整改" in to["wang"]
    assert "Round: 巡察整改" in to["wang"]
    assert "Round:" not in to["li"]
