"""Policies, calendar, delivery, inbox and audit: shown, tried, changed, refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.actions.deliver_digests import begin_attempt
from engine.rules.vocabulary import State
from models import Measure, Sending, WorkingDay
from tests.free_record import free_record
from tests.outbox_rows import accept_all, bundle, claim, deliveries, later, refuse_all, say_to
from tests.web.house import Page, Premises, Visitor


def test_policies_when_shown_then_pictures_versions_and_how_many_measures_run_on_each(either_premises: Premises):
    either_premises.world.measure()
    shown = either_premises.visitor("zhou").get("/policies")
    assert len(shown.tree.xpath("//*[name()='svg']")) == 12  # the lifecycle, and a ladder for each of eleven waits
    (row,) = shown.tree.xpath("//table/tbody/tr")
    assert [cell.text_content() for cell in row][-2:] == ["1", "0"]
    assert either_premises.visitor("wang").get("/policies").status == 403


def cells(shown: Page, kind: str) -> set[str]:
    return {cell.text_content().split()[0] for cell in shown.tree.xpath(f"//td[contains(@class,'{kind}')]")}


def test_calendar_when_a_day_is_made_then_it_is_previewed_saved_and_taken_back(either_premises: Premises):
    world = either_premises.world
    world.measure(due=world.today.replace(month=9, day=10))
    lin = either_premises.visitor("lin")
    asked = {"what": "own", "day": "2025-09-10", "working": "off", "note": "校庆"}
    preview = lin.post("/policies/calendar", **asked)
    assert ("1-01" in preview.words, cells(preview, "own")) == (True, set())
    fields = preview.form("/policies/calendar")
    saved = lin.post("/policies/calendar", **{"confirmed": "yes"} | fields)
    assert cells(saved, "own") == {"10"}
    assert "校庆" in saved.words
    with world.sessions() as session:
        assert session.scalars(select(WorkingDay.source).where(WorkingDay.note == "校庆")).all() == ["own"]
    back = lin.post("/policies/calendar", what="withdraw", day="2025-09-10")
    assert "1-01" in back.words
    done = lin.post("/policies/calendar", confirmed="yes", **back.form("/policies/calendar"))
    assert cells(done, "own") == set()
    assert either_premises.visitor("zhou").post("/policies/calendar", **asked).status == 403


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"what": "own", "day": "", "working": "off"}, 409),
        ({"what": "own", "day": "2025-09-10", "until": "2025-09-01"}, 409),
        ({"what": "withdraw", "day": "2025-09-10"}, 404),
        ({"what": "notice"}, 422),
    ],
)
def test_calendar_when_it_is_wrong_then_said(premises: Premises, fields: dict[str, str], status: int):
    assert premises.visitor("lin").post("/policies/calendar", **fields).status == status


def test_calendar_when_the_notice_is_uploaded_then_previewed_and_saved(premises: Premises):
    lin = premises.visitor("lin")
    own = "日期,安排,说明\n2025-06-20,放假,校庆\n".encode()
    preview = lin.post("/policies/calendar", what="notice", files={"file": ("own.csv", own)})
    assert (preview.status, "校庆" in preview.words) == (200, True), preview.words
    fields = preview.form("/policies/calendar")
    assert "20" in cells(lin.post("/policies/calendar", **{"confirmed": "yes"} | fields), "own")


def test_delivery_when_given_up_then_shown_and_sent_again(either_premises: Premises):
    world = either_premises.world
    say_to(world, "wang", "sun")
    bundle(world)
    refuse_all(world, claim(world), retry=False)
    lin = either_premises.visitor("lin")
    shown = lin.get("/delivery")
    assert shown.tree.xpath("string(//a[@aria-current='page' and contains(@href,'kind=')]/@href)").endswith("failed")
    assert ("the disk is full" in shown.words, "王经办" in shown.words) == (True, True)
    (first, _) = [form.get("action") for form in shown.tree.forms if form.get("action").endswith("/resend")]
    assert either_premises.visitor("jian").post(first).status == 403
    assert lin.post(first).status == 200
    assert sorted(one.state for one in deliveries(world)) == [Sending.FAILED, Sending.PENDING]
    assert "王经办" in lin.get("/delivery", kind="waiting").words + lin.get("/delivery").words
    assert either_premises.visitor("wang").get("/delivery").status == 403


def test_delivery_when_perhaps_sent_then_so_called_and_not_cancelled(premises: Premises):
    world = premises.world
    world.measure()
    say_to(world, "wang", measure="1-01", kind="assigned")
    bundle(world)
    (mail,) = claim(world).deliveries
    with world.sessions.begin() as session:
        assert begin_attempt(session, mail, subject="督办：1项待办", body="1-01", at=world.moment.at)
        session.execute(update(Measure).values(owner_id=world.people["sun"]))
    claim(world, moment=later(world.moment, hours=1))
    shown = premises.visitor("lin").get("/delivery", kind="perhaps").words
    assert ("可能已发出" in shown, "督办：1项待办" in shown, "王经办" in shown) == (True, True, True)
    assert "王经办" not in premises.visitor("lin").get("/delivery", kind="cancelled").words
    assert "督办：1项待办" in premises.visitor("lin").get("/delivery").words, "the first tab that holds something"


def test_delivery_when_something_is_no_longer_true_then_cancelled_with_its_reason(premises: Premises):
    world = premises.world
    world.measure()
    world.fast_forward(world.today.replace(day=10))
    bundle(world)
    with world.sessions.begin() as session:
        session.execute(update(Measure).values(owner_id=world.people["sun"]))
    claim(world)
    assert "已改由他人负责" in premises.visitor("jian").get("/delivery", kind="cancelled").words
    assert world.get("1-01").state == State.ASSIGNED


def test_inbox_when_opened_then_holds_what_the_person_was_told_and_nobody_else(premises: Premises):
    world = premises.world
    say_to(world, "wang")
    bundle(world, channels=("inbox",))
    accept_all(world, claim(world))
    assert premises.visitor("wang").get("/inbox").tree.xpath("//summary/strong/text()") == ["s"]
    assert "还没有" in premises.visitor("sun").get("/inbox").words


def verified(premises: Premises, visitor: Visitor, **given: Any) -> Page:
    visitor.post("/audit/verify", **given)
    premises.app.state.audit_run.wait()
    return visitor.get("/audit")


def test_audit_when_the_record_is_walked_then_whole_or_broken_is_told(either_premises: Premises):
    world = either_premises.world
    world.in_progress()
    jian = either_premises.visitor("jian")
    taken = jian.post("/audit/checkpoints")
    (link,) = taken.tree.xpath("//a[contains(@href,'/audit/checkpoints/')]/@href")
    anchor = jian.client.get(link)
    assert "attachment" in anchor.headers["content-disposition"]
    kept = {"anchor": ("checkpoint.json", anchor.content)}
    assert "记录完整" in verified(either_premises, jian, files=kept).words
    other = json.dumps(json.loads(anchor.content) | {"digest": "00"}).encode()
    assert "所给核对点" in verified(either_premises, jian, files={"anchor": ("checkpoint.json", other)}).words
    assert jian.post("/audit/verify", files={"anchor": ("x.json", b"{}")}).status == 422
    with world.engine.begin() as connection, free_record(connection):
        connection.exec_driver_sql("UPDATE event SET kind = 'measure:state:reject'")
    assert "被改动" in verified(either_premises, jian).words
    for stranger in ("wang", "zhou", "li"):
        visitor = either_premises.visitor(stranger)
        assert visitor.get("/audit").status == visitor.post("/audit/verify").status == visitor.get(link).status == 403


def test_audit_when_events_are_searched_then_what_fits_is_listed_and_nothing_restricted(premises: Premises):
    world = premises.world
    world.submitted()
    outcome = {"kind": "talk", "decided_on": "2025-03-03", "text": "谈话", "person": "wang"}
    premises.visitor("jian").post(f"/rounds/{premises.round}/accountability", **outcome)
    lin = premises.visitor("lin")
    assert "登记问责处理" not in lin.get("/audit").words
    assert "登记问责处理" in premises.visitor("jian").get("/audit").words
    found = lin.get("/audit", person="wang", kind="measure:state:submit", first_day="2025-03-03", last_day="")
    assert len(found.tree.xpath("//h2[@id='events']/following-sibling::div[1]//tbody/tr")) == 1
    assert "没有符合" in lin.get("/audit", measure="9-99").words
