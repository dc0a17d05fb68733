"""A measure's life through the interface alone, by five programs; and what each of them may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.rules.vocabulary import State
from models import CoUnit
from tests.web.api.conftest import Office

PDF = b"%PDF-1.7\n%minutes\n"


def test_measure_when_five_programs_work_on_it_goes_from_assigned_to_closed(either_office: Office):
    office = either_office
    lin, wang, wu, zhao = (office.program(who) for who in ("lin", "wang", "wu", "zhao"))
    code = office.world.measure("1-01", owner=None)
    path = lin.measure(code)
    assert lin.post(f"{path}/owner", {"owner": "wang"}).json()["owner"] == "wang"
    accepted = wang.post(f"{path}/accept")
    assert (accepted.status_code, accepted.json()["state"]) == (200, "in_progress")
    assert accepted.headers["ETag"] == f'"{accepted.json()["version"]}"'
    reported = wang.post(f"{path}/reports", {"percent": 40, "text": "办法已起草"})
    assert (reported.status_code, reported.json()["percent"]) == (201, 40)
    sent = wang.client.post(f"{path}/evidence", files=[("files", ("纪要.pdf", PDF))], data={"reference": "会议签到表"})
    assert sent.status_code == 201, sent.text
    shown = wang.get(path).json()
    assert [one["text"] for one in shown["evidence"]] == ["纪要.pdf", "会议签到表"]
    assert "submit" in shown["may"]
    fetched = wang.get(f"{path}/evidence/{shown['evidence'][0]['id']}")
    assert fetched.content == PDF
    assert "attachment" in fetched.headers["content-disposition"]
    assert wang.post(f"{path}/submit").json()["state"] == "submitted"
    started = lin.post(f"{office.root}/verifications", {"codes": [code], "verifier": "wu"})
    assert started.json() == {"verifiers": {code: "吴核验"}}
    assert [one["code"] for one in wu.get("/work").json()["work"]] == [code]
    assert wu.post(f"{path}/verification/pass", {}).json()["state"] == "verified"
    assert zhao.post(f"{path}/close").json()["state"] == "closed"
    assert office.world.get(code).state is State.CLOSED
    kinds = [one["what"] for one in lin.get(path).json()["events"]]
    assert kinds[-1] == "measure:state:close"
    again = lin.post(f"{path}/rebound", {"due": str(office.world.today + timedelta(days=30)), "reason": "反弹"})
    assert again.json()["state"] == "in_progress"
    assert zhao.post(f"{path}/cancel", {"how": "merge", "reason": "并入"}).json()["state"] == "cancelled"


def test_extension_when_asked_for_is_decided_by_somebody_else(office: Office):
    wang = office.program("wang")
    code = office.world.in_progress("1-01")
    due = office.world.get(code).due
    assert due is not None
    asked = wang.post(f"{wang.measure(code)}/extension", {"new_due": str(due + timedelta(days=20)), "reason": "待批复"})
    assert asked.status_code == 201
    own = wang.post(f"{wang.measure(code)}/extension/decision", {"approve": True})
    assert (own.status_code, own.json()["code"]) == (403, "not_allowed")
    zhao = office.program("zhao")
    refused = zhao.post(f"{wang.measure(code)}/extension/decision", {"approve": False})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_ready")
    approved = zhao.post(f"{wang.measure(code)}/extension/decision", {"approve": True})
    assert (approved.json()["due"], approved.json()["deadline_version"]) == (str(due + timedelta(days=20)), 2)


def test_wait_when_acknowledged_holds_once(office: Office):
    wang = office.program("wang")
    path = wang.measure(office.world.in_progress("1-01"))
    body = {"waits_for": "due_date", "working_days": 2}
    assert wang.post(f"{path}/acknowledgement", body).status_code == 200
    assert wang.post(f"{path}/acknowledgement", body).json()["code"] == "not_ready"


def test_submission_when_returned_comes_back_with_the_reason_and_opinions_are_heard(office: Office):
    wu, wang = office.program("wu"), office.program("wang")
    path = wu.measure(office.world.submitted("1-01"))
    assert wu.post(f"{path}/verification/return", {"reason": "缺签字页"}).json()["state"] == "in_progress"
    assert wang.post(f"{path}/opinions", {"text": "已补"}).status_code == 201
    shown = wang.get(path).json()
    assert (shown["verifications"][-1]["text"], shown["opinions"][-1]["text"]) == ("缺签字页", "已补")


def test_co_unit_when_done_says_so(office: Office):
    code = office.world.in_progress("1-01")
    with office.world.sessions.begin() as session:
        session.add(CoUnit(measure_id=office.world.get(code).id, unit_id=office.world.units["二处"]))
    tang = office.program("tang")
    assert tang.post(f"{tang.measure(code)}/co-unit").status_code == 200
    assert tang.get(tang.measure(code)).json()["co_units"] == [{"unit": "二处", "done_on": str(office.world.today)}]


def test_measure_when_out_of_sight_does_not_exist_for_that_token(office: Office):
    code = office.world.in_progress("1-01")
    tang = office.program("tang")
    for answer in (
        tang.get(tang.measure(code)),
        tang.post(f"{tang.measure(code)}/accept"),
        tang.post(f"{tang.measure(code)}/opinions", {"text": "好"}),
        tang.client.post(f"{tang.measure(code)}/evidence", files=[("files", ("a.pdf", PDF))]),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert tang.get(f"{office.root}/measures").json() == {"measures": [], "next": None}
    assert not list((office.premises.house.home / "evidence").glob("*")), "nothing was kept of it"


def test_action_when_not_the_callers_is_told_by_its_kind(office: Office):
    wang, sun = office.program("wang"), office.program("sun")
    path = wang.measure(office.world.submitted("1-01"))
    assert sun.post(f"{path}/close").json()["code"] == "wrong_state"
    verified = office.world.verified("1-02")
    refused = sun.post(f"{wang.measure(verified)}/close")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert office.program("zhou").post(f"{path}/verification/pass", {}).json()["code"] in {"not_allowed", "four_eyes"}


def test_list_when_paged_holds_every_measure_once_and_leads_on_by_a_link(either_office: Office):
    office = either_office
    lin = office.program("lin")
    for number in range(1, 8):
        office.world.measure(f"1-{number:02}", text=f"第{number}项措施")
    found, path, query = [], f"{office.root}/measures", {"limit": "3", "order": "ledger"}
    while path:
        answer = lin.get(path, **query)
        found += [(one["code"], one["version"]) for one in answer.json()["measures"]]
        link = answer.headers.get("Link")
        assert (link is None) == (answer.json()["next"] is None)
        path, query = (link[1 : link.index(">")].removeprefix("/api/v1") if link else ""), {}
    assert [code for code, _ in found] == [f"1-{number:02}" for number in range(1, 8)]
    assert all(version == 1 for _, version in found)


#: What a list is narrowed by, and what is left.
NARROWED: tuple[tuple[dict[str, Any], set[str]], ...] = (
    ({"state": "assigned"}, {"1-02"}),
    ({"person": "sun"}, {"1-02"}),
    ({"unit": "一处", "state": ["assigned", "in_progress"]}, {"1-01", "1-02"}),
    ({"search": "考勤"}, {"1-02"}),
    ({"late": "true"}, set()),
    ({"due_until": "2001-01-01"}, set()),
    ({"measure_class": "continuous"}, set()),
)


def test_list_when_narrowed_holds_what_fits(office: Office):
    office.world.in_progress("1-01")
    office.world.measure("1-02", owner="sun", text="修订考勤办法")
    for query, codes in NARROWED:
        answer = office.program("lin").get(f"{office.root}/measures", **query)
        assert {one["code"] for one in answer.json()["measures"]} == codes, query


def test_list_when_its_cursor_is_of_another_list_is_refused(office: Office):
    lin = office.program("lin")
    for number in range(3):
        office.world.measure(f"1-{number}")
    cursor = lin.get(f"{office.root}/measures", limit=1).json()["next"]
    assert lin.get(f"{office.root}/measures", limit=1, after=cursor).status_code == 200
    assert lin.get(f"{office.root}/measures", limit=1, after=cursor, person="wang").status_code == 404
    assert lin.get(f"{office.root}/measures", unit="没有").json()["detail"] == "there is no unit 没有"
