from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import delete, update

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.case import open_case, settle
from engine.actions.close_measure import close_measure
from engine.actions.decide_extension import decide_extension
from engine.actions.judge_verification import pass_verification
from engine.actions.reassign_measure import reassign_measure
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.reads.inbox import read_failures
from engine.rules.backoff import CLAIM_TIMEOUT, MAX_ATTEMPTS, WAITS
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, State, WaitsFor
from models import Measure, Notification, RoleGrant, Said, Sending
from tests.outbox_rows import (
    accept_all,
    bundle,
    claim,
    deliveries,
    fates,
    later,
    refuse_all,
    say_to,
    statements,
)
from tests.world import World


def _states(world: World) -> list[str]:
    return [row.state.value for row in deliveries(world)]


# Claims


def test_claim_when_deliveries_wait_takes_the_oldest_first_and_no_more_than_the_limit(either_world: World):
    for person in ("wang", "li", "zhou"):
        say_to(either_world, person)
        bundle(either_world, person)
        either_world.moment = later(either_world.moment, minutes=1)
    first, second = claim(either_world, limit=2), claim(either_world, limit=2)
    assert [one.id for one in (*first.deliveries, *second.deliveries)] == [row.id for row in deliveries(either_world)]
    assert (first.taken, second.taken) == (2, 1)
    assert claim(either_world).taken == 0


def test_claim_when_the_sender_crashed_comes_back_with_the_same_message_id(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world)
    (lost,) = claim(either_world).deliveries
    soon = either_world.moment.at + CLAIM_TIMEOUT - timedelta(seconds=1)
    assert claim(either_world, moment=Moment(at=soon, on=either_world.today)).taken == 0
    again = Moment(at=either_world.moment.at + CLAIM_TIMEOUT, on=either_world.today)
    (back,) = claim(either_world, moment=again).deliveries
    assert (back.id, back.message_id, back.says) == (lost.id, lost.message_id, lost.says)
    assert (lost.attempts, back.attempts) == (1, 2)


def test_claim_when_every_sender_crashed_gives_up_and_tells_the_coordinator(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world)
    for attempt in range(MAX_ATTEMPTS):
        assert len(claim(either_world, moment=later(either_world.moment, days=attempt)).deliveries) == 1
    over = claim(either_world, moment=later(either_world.moment, days=MAX_ATTEMPTS))
    assert (over.taken, over.deliveries, over.failed) == (1, (), 1)
    assert fates(either_world)[0] == ("meeting", "failed", "the sender never answered")
    assert fates(either_world)[1:] == [("delivery_failed", "pending", None)]


def test_answer_of_a_sender_when_its_claim_was_taken_over_does_not_undo_the_other(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world)
    slow = claim(either_world)
    quick = claim(either_world, moment=later(either_world.moment, hours=1))
    accept_all(either_world, quick)
    assert refuse_all(either_world, slow, retry=False) == 0
    assert _states(either_world) == ["sent"]
    assert fates(either_world) == [("meeting", "sent", None)]


# The re-check


def test_rung_when_the_wait_was_answered_meanwhile_is_cancelled(either_world: World):
    either_world.in_progress()
    either_world.fast_forward(date(2025, 3, 20))
    assert either_world.heard("wang", WaitsFor.MONTHLY_REPORT)
    either_world.act("wang", report_progress, "1-01", percent=50, text="过半")
    bundle(either_world)
    found = claim(either_world)
    assert found.cancelled
    assert {("rung", "cancelled", "answered")} <= set(fates(either_world, "1-01"))


def test_digest_when_nothing_in_it_is_true_any_more_is_not_sent(either_world: World):
    either_world.measure(owner=None)
    say_to(either_world, "wang", measure="1-01", kind=Notice.ASSIGNED.value)
    bundle(either_world, channels=("inbox", "eml"))
    found = claim(either_world)
    assert (found.taken, found.deliveries, found.cancelled) == (2, (), 1)
    assert _states(either_world) == ["cancelled", "cancelled"]
    assert [row.attempts for row in deliveries(either_world)] == [0, 0]
    assert fates(either_world) == [("assigned", "cancelled", "reassigned")]


def test_assignment_when_accepted_before_it_was_sent_asks_for_nothing_any_more(either_world: World):
    either_world.measure(owner=None)
    either_world.act("lin", reassign_measure, "1-01", owner="wang")
    either_world.act("wang", accept_measure, "1-01")
    bundle(either_world)
    claim(either_world)
    assert ("assigned", "cancelled", "answered") in fates(either_world, "1-01")


def test_cancelled_digest_when_counting_for_the_cap_is_none(either_world: World):
    either_world.measure(owner=None)
    say_to(either_world, "wang", measure="1-01", kind=Notice.ASSIGNED.value)
    bundle(either_world, "a", cap=1)
    claim(either_world)
    say_to(either_world, "wang")
    assert bundle(either_world, "b", cap=1) == 1


def test_rung_when_the_measure_was_closed_meanwhile_is_cancelled(either_world: World):
    either_world.verified()
    timer = either_world.timers("1-01")[WaitsFor.CLOSE_OUT]
    say_to(
        either_world,
        "lin",
        measure="1-01",
        kind=Notice.RUNG.value,
        role=Role.COORDINATOR,
        waits_for=WaitsFor.CLOSE_OUT,
        deadline_version=timer.deadline_version,
        data={"rung": 0},
    )
    either_world.act("zhao", close_measure, "1-01")
    bundle(either_world)
    claim(either_world)
    assert ("rung", "cancelled", "closed") in fates(either_world, "1-01")


def test_rung_when_the_measure_was_reassigned_meanwhile_is_cancelled_for_the_former_owner(either_world: World):
    either_world.measure()
    either_world.fast_forward(date(2025, 3, 7))
    assert either_world.heard("wang")
    either_world.act("lin", reassign_measure, "1-01", owner="sun", reason="岗位调整")
    bundle(either_world)
    claim(either_world)
    told = fates(either_world, "1-01")
    assert ("rung", "cancelled", "reassigned") in told
    assert {state for kind, state, _ in told if kind in {"assigned", "reassigned_away"}} == {"pending"}


def test_rung_when_the_due_date_moved_meanwhile_is_cancelled(either_world: World):
    either_world.in_progress(due=date(2025, 4, 30))
    either_world.fast_forward(date(2025, 3, 19))
    assert either_world.heard("wang", WaitsFor.DUE_DATE)
    with either_world.sessions.begin() as session:
        session.execute(
            update(Measure)
            .where(Measure.code == "1-01")
            .values(due=date(2025, 6, 30), deadline_version=2, version=Measure.version + 1)
        )
    with either_world.desk("wang") as desk:
        settle(open_case(desk, "1-01"))
    bundle(either_world)
    claim(either_world)
    assert ("rung", "cancelled", "answered") in fates(either_world, "1-01")


@pytest.mark.parametrize(
    ("role", "person"),
    [
        (Role.OWNER, "wang"),
        (Role.LEADER, "qian"),
        (Role.UNIT_HEAD, "li"),
        (Role.COORDINATOR, "lin"),
        (Role.LEADING_GROUP, "zhao"),
        (Role.VERIFIER, "wu"),
    ],
)
def test_rung_when_the_person_still_holds_the_role_is_said(either_world: World, role: Role, person: str):
    either_world.submitted()
    say_to(either_world, person, measure="1-01", **_rung(either_world, role))
    say_to(either_world, "tang", measure="1-01", **_rung(either_world, role))
    bundle(either_world)
    claim(either_world)
    about = [fate for fate in fates(either_world, "1-01") if fate[0] == "rung"]
    assert about == [("rung", "pending", None), ("rung", "cancelled", "reassigned")]


def _rung(world: World, role: Role) -> dict[str, object]:
    timer = world.timers("1-01")[WaitsFor.VERIFICATION]
    return {
        "kind": Notice.RUNG.value,
        "role": role,
        "waits_for": WaitsFor.VERIFICATION,
        "deadline_version": timer.deadline_version,
        "data": {"rung": 1},
    }


def test_rung_for_a_unit_head_when_the_grant_was_withdrawn_is_cancelled(either_world: World):
    either_world.submitted()
    say_to(either_world, "li", measure="1-01", **_rung(either_world, Role.UNIT_HEAD))
    with either_world.sessions.begin() as session:
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == either_world.people["li"]))
    bundle(either_world)
    claim(either_world)
    assert fates(either_world, "1-01")[-1] == ("rung", "cancelled", "reassigned")


def test_rung_for_the_approver_when_a_request_waits_is_said(either_world: World):
    either_world.in_progress()
    either_world.act("wang", request_extension, "1-01", new_due=date(2025, 12, 31), reason="招标流标")
    timer = either_world.timers("1-01")[WaitsFor.EXTENSION]
    fields = {"waits_for": WaitsFor.EXTENSION, "deadline_version": timer.deadline_version, "data": {"rung": 0}}
    say_to(either_world, "qian", measure="1-01", kind="rung", role=Role.APPROVER, **fields)
    say_to(either_world, "li", measure="1-01", kind="rung", role=Role.APPROVER, **fields)
    bundle(either_world)
    claim(either_world)
    about = [fate for fate in fates(either_world, "1-01") if fate[0] == "rung"]
    assert about == [("rung", "pending", None), ("rung", "cancelled", "reassigned")]


def test_verification_wanted_when_started_meanwhile_is_cancelled(either_world: World):
    either_world.submitted(verifier=None)
    either_world.at(date(2025, 3, 4)).act("lin", start_verification, ["1-01"], verifier="wu")
    bundle(either_world)
    claim(either_world)
    told = fates(either_world, "1-01")
    assert ("verification_wanted", "cancelled", "answered") in told
    assert ("verification_asked", "pending", None) in told


def test_verification_asked_when_it_passed_to_another_verifier_is_cancelled(either_world: World):
    either_world.submitted(verifier="wu")
    either_world.act("lin", start_verification, ["1-01"], verifier="zhou")
    bundle(either_world)
    claim(either_world)
    asked = [fate for fate in fates(either_world, "1-01") if fate[0] == "verification_asked"]
    assert asked == [("verification_asked", "cancelled", "reassigned"), ("verification_asked", "pending", None)]


def test_verification_asked_when_the_verdict_was_given_meanwhile_is_cancelled(either_world: World):
    either_world.submitted(verifier="wu")
    either_world.act("wu", pass_verification, "1-01")
    bundle(either_world)
    claim(either_world)
    asked = [fate for fate in fates(either_world, "1-01") if fate[0] == "verification_asked"]
    assert asked == [("verification_asked", "cancelled", "answered")]


@pytest.mark.parametrize("meanwhile", [None, "decided", "submitted"])
def test_extension_asked_when_it_has_been_answered_is_cancelled(either_world: World, meanwhile: str | None):
    either_world.in_progress()
    either_world.act("wang", request_extension, "1-01", new_due=date(2025, 12, 31), reason="招标流标")
    if meanwhile == "decided":
        either_world.act("qian", decide_extension, "1-01", approve=True, reason="同意")
    elif meanwhile == "submitted":
        either_world.act("wang", attach_evidence, "1-01", name="会议纪要.pdf", sha256="ab" * 32)
        either_world.act("wang", submit_measure, "1-01")
    bundle(either_world)
    claim(either_world)
    asked = [fate for fate in fates(either_world, "1-01") if fate[0] == "extension_asked"]
    assert asked == [("extension_asked", "cancelled" if meanwhile else "pending", "answered" if meanwhile else None)]


def test_news_when_the_world_moved_on_stays_true(either_world: World):
    either_world.submitted()
    either_world.act("wu", pass_verification, "1-01")
    either_world.act("zhao", close_measure, "1-01")
    bundle(either_world)
    claim(either_world)
    assert {state for kind, state, _ in fates(either_world, "1-01") if kind in {"passed", "closed"}} == {"pending"}


def test_two_steps_of_one_ladder_when_in_one_digest_are_said_once(either_world: World):
    either_world.submitted()
    low, high = _rung(either_world, Role.VERIFIER), _rung(either_world, Role.VERIFIER) | {"data": {"rung": 2}}
    say_to(either_world, "wu", measure="1-01", **low)
    say_to(either_world, "wu", measure="1-01", **high)
    say_to(either_world, "qian", measure="1-01", **low | {"role": Role.LEADER})
    bundle(either_world)
    claim(either_world)
    about = [fate for fate in fates(either_world, "1-01") if fate[0] == "rung"]
    assert about == [("rung", "cancelled", "superseded"), ("rung", "pending", None), ("rung", "pending", None)]


def test_second_channel_when_the_matter_is_settled_meanwhile_leaves_it_out_but_keeps_what_was_sent(
    either_world: World,
):
    either_world.submitted()
    say_to(either_world, "wu", measure="1-01", **_rung(either_world, Role.VERIFIER))
    bundle(either_world, channels=("inbox", "eml"))
    accept_all(either_world, claim(either_world, limit=1))  # whichever digest is first: its inbox
    everything = claim(either_world)
    accept_all(either_world, everything)
    assert {state for _, state, _ in fates(either_world, "1-01")} == {"sent"}
    say_to(either_world, "wu", measure="1-01", **_rung(either_world, Role.VERIFIER))
    bundle(either_world, "second", channels=("inbox", "eml"))
    accept_all(either_world, claim(either_world, limit=1))
    either_world.act("wu", pass_verification, "1-01")
    late = claim(either_world)
    assert (late.taken, late.deliveries) == (1, ())
    assert _states(either_world)[-2:] == ["sent", "cancelled"]
    assert fates(either_world, "1-01")[-2:] == [("rung", "sent", None), ("passed", "pending", None)]


# What senders answer


def test_sent_when_recorded_keeps_the_words_and_the_moment(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world)
    assert fates(either_world) == [("meeting", "pending", None)]
    accept_all(either_world, claim(either_world))
    (row,) = deliveries(either_world)
    assert (row.state, row.subject, row.body, row.sent_at) == (Sending.SENT, "s", "b", either_world.moment.at)
    assert fates(either_world) == [("meeting", "sent", None)]


def test_failure_when_it_may_pass_is_tried_again_after_each_wait_and_then_given_up(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world)
    moment, tried = either_world.moment, []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        found = claim(either_world, moment=moment)
        assert [one.attempts for one in found.deliveries] == [attempt]
        assert refuse_all(either_world, found, moment=moment) == (attempt == MAX_ATTEMPTS)
        tried.append(moment.at)
        (row,) = deliveries(either_world)
        moment = Moment(at=row.next_try_at, on=moment.on)
    assert tuple(after - before for before, after in pairwise(tried)) == WAITS
    assert row.state is Sending.FAILED
    assert row.last_error == "the disk is full"
    assert claim(either_world, moment=later(moment, days=30)).taken == 0
    assert fates(either_world) == [("meeting", "failed", "the disk is full"), ("delivery_failed", "pending", None)]


def test_failure_when_trying_again_is_of_no_use_tells_the_coordinator_at_once(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world)
    assert refuse_all(either_world, claim(either_world), retry=False) == 1
    (line,) = either_world.said(to="lin", kind="delivery_failed")
    assert line.data == {"person": "王经办", "channel": "eml", "error": "the disk is full"}


def test_failure_when_another_channel_has_sent_keeps_the_notification_sent(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world, channels=("inbox", "eml"))
    accept_all(either_world, claim(either_world, limit=1))
    refuse_all(either_world, claim(either_world), retry=False)
    assert fates(either_world)[0] == ("meeting", "sent", None)
    assert either_world.said(to="lin", kind="delivery_failed")


def test_failure_when_another_channel_may_still_send_leaves_the_notification_waiting(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world, channels=("inbox", "eml"))
    refuse_all(either_world, claim(either_world, limit=1), retry=False)
    assert fates(either_world)[0] == ("meeting", "pending", None)
    refuse_all(either_world, claim(either_world), retry=False)
    assert fates(either_world)[0] == ("meeting", "failed", "the disk is full")


def test_news_of_a_failure_when_it_fails_itself_is_not_told_again(either_world: World):
    say_to(either_world, "lin", kind=Notice.DELIVERY_FAILED.value)
    bundle(either_world)
    assert refuse_all(either_world, claim(either_world), retry=False) == 1
    assert fates(either_world) == [("delivery_failed", "failed", "the disk is full")]


def test_failures_when_asked_for_show_what_is_given_up_and_what_is_tried_again(either_world: World):
    say_to(either_world, "wang")
    bundle(either_world, "a")
    refuse_all(either_world, claim(either_world), retry=True)
    say_to(either_world, "li")
    bundle(either_world, "b")
    refuse_all(either_world, claim(either_world), retry=False)
    with either_world.sessions() as session:
        gone, waiting = read_failures(session)
    assert (gone.code, gone.next_try_at, gone.error) == ("li", None, "the disk is full")
    assert (waiting.code, waiting.attempts) == ("wang", 1)
    assert waiting.next_try_at == either_world.moment.at + WAITS[0]


# Cost


def test_digest_when_sent_marks_what_it_said_and_nothing_that_was_put_aside_before(either_world: World):
    either_world.measure(owner=None)
    say_to(either_world, "wang", "wang")
    say_to(either_world, "wang", measure="1-01", kind=Notice.ASSIGNED.value)
    bundle(either_world)
    say_to(either_world, "wang")
    accept_all(either_world, claim(either_world))
    assert fates(either_world) == [
        ("meeting", "sent", None),
        ("meeting", "sent", None),
        ("assigned", "cancelled", "reassigned"),
        ("meeting", "pending", None),
    ]


@pytest.mark.parametrize("fate", [Said.CANCELLED, Said.FAILED])
def test_digest_when_sent_marks_what_another_channel_put_aside_meanwhile(either_world: World, fate: Said):
    say_to(either_world, "wang", "wang")
    bundle(either_world)
    found = claim(either_world)
    with either_world.sessions.begin() as session:
        said = min(one.id for one in found.deliveries[0].says)
        session.execute(update(Notification).where(Notification.id == said).values(state=fate, reason="closed"))
    accept_all(either_world, found)
    assert fates(either_world) == [("meeting", "sent", None)] * 2


@pytest.mark.parametrize("size", [1, 60])
def test_statements_when_delivering_do_not_grow_with_the_number_of_messages(either_world: World, size: int):
    either_world.measure(owner=None)
    for number in range(size):
        say_to(either_world, "wang", "li", "zhou", "wu")
        say_to(either_world, "wang", measure="1-01", kind=Notice.ASSIGNED.value)
        bundle(either_world, f"run {number}", cap=10**6)
    with statements(either_world.engine) as seen:
        found = claim(either_world, limit=3 * size)
    assert found.taken == 3 * size
    assert found.cancelled
    assert len([one for one in seen if one.startswith(("SELECT", "UPDATE", "INSERT"))]) == 6
    with statements(either_world.engine) as seen:
        accept_all(either_world, found)
    assert len([one for one in seen if one.startswith(("SELECT", "UPDATE", "INSERT"))]) == 3
    failing = claim(either_world, limit=3 * size)
    with statements(either_world.engine) as seen:
        assert refuse_all(either_world, failing, retry=False) == len(failing.deliveries)
    assert len([one for one in seen if one.startswith(("SELECT", "UPDATE", "INSERT"))]) == 7


def test_measure_when_in_any_state_is_judged(either_world: World):
    for state in State:
        code = either_world.measure(f"s-{state.value}", state=state)
        say_to(either_world, "wang", measure=code, kind=Notice.ASSIGNED.value)
    bundle(either_world)
    assert len(claim(either_world).deliveries[0].says) == len(State)
