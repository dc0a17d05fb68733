"""Rounds, meetings, people, documents, runs and webhooks through the interface; and what describes it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

from engine.actions.record_outcome import record_outcome
from engine.rules.vocabulary import OutcomeKind
from flows.deliver import run_deliver
from tests.notifications.receiver import receiving
from tests.outbox_rows import say_to
from tests.web.api.conftest import Office
from tests.world import World

MEETING = date(2025, 3, 20)


def test_round_when_asked_for_is_told_with_its_figures_of_any_day(office: Office):
    office.world.in_progress("1-01")
    wang = office.program("wang")
    (listed,) = wang.get("/rounds").json()["rounds"]
    assert wang.get(office.root).json() == listed
    status = wang.get(f"{office.root}/status").json()
    assert (status["measures"], status["by_state"]["in_progress"]) == (1, 1)
    before = wang.get(f"{office.root}/status", as_of=str(office.world.today - timedelta(days=1))).json()
    assert before["by_state"]["assigned"] == 1, "it was accepted only today"
    tomorrow = wang.get(f"{office.root}/status", as_of=str(office.world.today + timedelta(days=1)))
    assert (tomorrow.status_code, tomorrow.json()["code"]) == (422, "not_ready")
    assert wang.get("/rounds/没有").json()["detail"] == "there is no round 没有"


def test_meeting_when_drawn_up_and_decided_is_told_and_carried_out(either_office: Office):
    office = either_office
    lin, zhao, wang = (office.program(who) for who in ("lin", "zhao", "wang"))
    code = office.world.verified("1-01")
    body = {"held_on": str(MEETING)}
    refused = wang.post(f"{office.root}/agendas", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    drawn = lin.post(f"{office.root}/agendas", body)
    assert (drawn.status_code, drawn.json()["version"]) == (201, 1)
    lines = {one["section"]: one["lines"] for one in drawn.json()["sections"]}
    assert [line["code"] for line in lines["close_out"]] == [code]
    assert lin.post(f"{office.root}/agendas", {**body, "again": True}).json()["version"] == 2
    assert lin.get(f"{office.root}/meetings/2025-03/agenda", version=1).json() == drawn.json()
    too_early = lin.post(f"{office.root}/meetings/2025-03/decisions", {"kind": "task", "text": "备忘"})
    assert (too_early.status_code, too_early.json()["code"]) == (422, "not_ready")
    office.world.at(MEETING)
    decided = lin.post(
        f"{office.root}/meetings/2025-03/decisions", {"kind": "close", "text": "同意销号", "measure": code}
    )
    assert (decided.status_code, decided.json()["number"], decided.json()["measure"]) == (201, 1, code)
    assert zhao.get(lin.measure(code)).json()["line"]["state"] == "closed"
    (meeting,) = zhao.get(f"{office.root}/meetings").json()["meetings"]
    assert zhao.get(f"{office.root}/meetings/2025-03").json() == meeting
    assert [one["text"] for one in meeting["decisions"]] == ["同意销号"]
    assert meeting["called_off"] is None
    assert wang.get(f"{office.root}/meetings").status_code == 403
    assert lin.get(f"{office.root}/meetings/2025-13").status_code == 422
    assert lin.get(f"{office.root}/meetings/2025-02").status_code == 404


def test_agenda_when_changed_by_hand_tells_what_was_left_out_and_what_decisions_are_about(either_office: Office):
    office, world = either_office, either_office.world
    for number in (1, 2):
        world.verified(f"1-0{number}")
    lin = office.program("lin")
    visitor, there = office.premises.visitor("lin"), f"/rounds/{office.premises.round}/meetings"
    draft = visitor.post(there, held_on=str(MEETING))
    keys = draft.tree.xpath("//article/@data-key")
    visitor.post(f"{there}/2025-03/remove", key=keys[0], reason="材料不齐", how="defer")
    visitor.post(f"{there}/2025-03/add", text="通报暗访情况", presenter="", minutes="")
    agenda = lin.post(f"{office.root}/agendas", {"held_on": str(MEETING)}).json()
    (left,) = agenda["left_out"]
    assert (left["subject"], left["code"], left["reason"]) == (keys[0], "1-01", "材料不齐")
    assert (left["by"], left["is_deferred"]) == ("林联络", True)
    lines = [line for section in agenda["sections"] for line in section["lines"]]
    assert [(line["code"], line["hand"] is not None) for line in lines] == [("1-02", False), (None, True)]
    assert lines[0]["subject"] == keys[1]
    body = {"kind": "close", "text": "同意销号", "measure": "1-02", "subject": keys[1]}
    world.at(MEETING)
    assert lin.post(f"{office.root}/meetings/2025-03/decisions", body).json()["subject"] == keys[1]
    (decision,) = lin.get(f"{office.root}/meetings/2025-03").json()["decisions"]
    assert decision["subject"] == keys[1]
    refused = lin.post(f"{office.root}/meetings/2025-03/call-off", {"reason": "冲突"})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_ready")


def test_meeting_when_called_off_is_told_with_its_reason_until_a_newer_agenda(office: Office):
    lin = office.program("lin")
    office.world.verified("1-01")
    lin.post(f"{office.root}/agendas", {"held_on": str(MEETING)})
    off = lin.post(f"{office.root}/meetings/2025-03/call-off", {"reason": "与上级会议冲突"})
    today = str(office.world.today)
    assert off.json()["called_off"] == {"on": today, "reason": "与上级会议冲突", "by": "林联络"}
    assert lin.get(f"{office.root}/meetings/2025-03").json() == off.json()
    lin.post(f"{office.root}/agendas", {"held_on": str(MEETING), "again": True})
    assert lin.get(f"{office.root}/meetings/2025-03").json()["called_off"] is None


def test_people_when_listed_tell_roles_and_absences(office: Office):
    wang, lin = office.program("wang"), office.program("lin")
    assert [(one["code"], one["roles"]) for one in wang.get("/people", search="联络").json()["people"]] == [
        ("lin", [{"role": "coordinator", "unit": None}])
    ]
    assert wang.get("/people/li").json()["roles"] == [{"role": "unit_head", "unit": "一处"}]
    assert wang.get("/people/nobody").status_code == 404
    assert {one["name"] for one in wang.get("/units").json()["units"]} >= {"一处", "二处"}
    day = office.world.today
    body = {"person": "wang", "substitute": "sun", "first_day": str(day), "last_day": str(day + timedelta(days=9))}
    made = wang.post("/absences", body)
    assert made.status_code == 201
    assert lin.get("/absences").json()["absences"] == [made.json()]
    assert office.program("tang").post(f"/absences/{made.json()['id']}/end").status_code == 403
    assert wang.post(f"/absences/{made.json()['id']}/end").status_code == 204
    assert wang.post("/absences/999/end").status_code == 404


def test_inbox_when_something_was_sent_holds_it(office: Office):
    say_to(office.world, "wang")
    run_deliver(office.premises.house, office.world.moment)
    wang = office.program("wang")
    (message,) = wang.get("/inbox").json()["messages"]
    assert message["subject"]
    assert office.program("sun").get("/inbox").json() == {"messages": []}


def test_runs_when_listed_are_for_who_may_see_delivery(office: Office):
    assert office.program("lin").get("/runs").json() == {"runs": [], "next": None}
    assert office.program("wang").get("/runs").status_code == 403


def test_documents_when_listed_are_for_who_may_see_them(office: Office):
    assert office.program("zhao").get(f"{office.root}/documents").json() == {"documents": []}
    assert office.program("wang").get(f"{office.root}/documents").status_code == 403
    assert office.program("zhao").get(f"{office.root}/documents/1").status_code == 404


def test_webhook_when_added_hears_of_what_the_interface_does(world: World, tmp_path: Path):
    office = Office(world, tmp_path, webhook_networks=("127.0.0.0/8",))
    lin, wang = office.program("lin"), office.program("wang")
    code = office.world.measure("1-01")
    assert wang.post("/webhooks", {"url": "https://oa.example/"}).status_code == 403
    assert wang.get("/webhooks").status_code == 403
    with receiving() as receiver:
        made = lin.post("/webhooks", {"url": receiver.address, "kinds": ["measure:state:*"]}).json()
        wang.post(f"{wang.measure(code)}/accept")
        report = run_deliver(office.premises.house, office.world.moment)
    assert report.called == 1
    (heard,) = receiver.heard
    assert heard.is_signed_with(made["secret"])
    assert heard.told["type"] in {one["kind"] for one in lin.get("/event-kinds").json()["kinds"]}
    (listed,) = lin.get("/webhooks").json()["webhooks"]
    assert "secret" not in listed
    assert listed["last_error"] is None
    assert lin.get(f"/webhooks/{made['id']}").json() == listed
    for way in ("pause", "resume"):
        assert lin.post(f"/webhooks/{made['id']}/{way}").status_code == 204
    assert lin.client.delete(f"/webhooks/{made['id']}").status_code == 204
    assert lin.get(f"/webhooks/{made['id']}").status_code == 404
    assert lin.post("/webhooks", {"url": "ftp://oa.example/"}).json()["code"] == "not_ready"


def test_accountability_when_recorded_is_nowhere_in_the_interface(office: Office):
    world = office.world
    code = world.in_progress("1-01")
    world.act(
        "jian",
        record_outcome,
        person="wang",
        kind=OutcomeKind.TALK,
        decided_on=world.today,
        text="谈话提醒内容",
        measure=code,
    )
    for who in ("wang", "lin", "li", "jian"):
        program = office.program(who)
        told = "".join(program.get(path).text for path in (program.measure(code), "/people/wang", "/event-kinds"))
        assert "谈话" not in told
        assert ("accountability" in told) == (who == "jian"), "the name of the kind is for who may see it"


def test_description_when_read_names_every_operation_once_and_every_problem(office: Office):
    told = office.premises.visitor().client.get("/api/v1/openapi.json").json()
    operations = [one for ways in told["paths"].values() for one in ways.values()]
    ids = [one["operationId"] for one in operations]
    assert len(ids) == len(set(ids)) > 40
    assert all(re.fullmatch(r"[a-z_]+", one) for one in ids)
    assert all({"401", "404", "422", "429"} <= one["responses"].keys() for one in operations)
    assert all(one["security"] for one in operations)
    assert all(one["description"] for one in operations)
    changing = [one for ways in told["paths"].values() for way, one in ways.items() if way != "get"]
    assert all("Idempotency-Key" in {each["name"] for each in one["parameters"]} for one in changing)
    for name, schema in told["components"]["schemas"].items():
        assert schema.get("description"), name


def test_docs_when_read_load_nothing_from_elsewhere_and_obey_the_policy(office: Office):
    page = office.premises.visitor().get("/api/v1/docs")
    assert page.status == 200
    assert "default-src 'none'" in page.answer.headers["content-security-policy"]
    assert not page.tree.xpath("//script | //@style | //style")
    assert all(one.startswith("/static/") for one in page.tree.xpath("//link/@href"))
    anchors = {one.removeprefix("#") for one in page.tree.xpath("//a/@href") if one.startswith("#")}
    assert anchors <= set(page.tree.xpath("//@id"))
    assert "accept_measure" in page.words


def test_address_when_beside_the_interface_is_not_found(office: Office):
    visitor = office.premises.visitor()
    assert [visitor.get(path).status for path in ("/api/v1", "/api/v1/", "/api", "/api/v2/me")] == [404] * 4
