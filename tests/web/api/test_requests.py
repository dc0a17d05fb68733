"""What holds for every request: tokens, scopes, keys, versions, pace, and problems that programs can read."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from engine.actions.accept_measure import accept_measure
from engine.actions.api_tokens import Scope, revoke_token
from engine.reads.sign_ins import read_tokens
from models import ProgressReport
from models.database import reading
from tests.web.api.conftest import Office
from web.api.pace import Pace
from web.api.problems import CODES, MEDIA

REPORT = {"percent": 40, "text": "办法已起草"}


def reports(office: Office) -> int:
    with office.world.sessions() as session:
        return session.scalar(select(func.count()).select_from(ProgressReport)) or 0


@pytest.mark.parametrize(
    "value", [None, "Bearer", "Bearer duban_wrong", "Basic d2FuZzp3YW5n", "Bearer 督办", "x" * 500]
)
def test_request_when_its_token_is_good_for_nothing_is_told_what_to_bring(office: Office, value: str | None):
    client = office.program("wang").client
    del client.headers["Authorization"]
    headers = {} if value is None else {"Authorization": value.encode()}
    answer = client.get("/me", headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (401, "no_token")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == MEDIA


def test_token_when_revoked_or_expired_is_good_no_longer(office: Office):
    wang = office.program("wang")
    assert wang.get("/me").json()["code"] == "wang"
    with reading(office.world.sessions) as session:
        (token,) = read_tokens(session, office.world.people["wang"])
    assert token.used_at == office.world.moment.at
    office.world.act("wang", revoke_token, token.id)
    assert wang.get("/me").status_code == 401
    sun = office.program("sun")
    office.world.at(office.world.today + timedelta(days=31))
    assert sun.get("/me").status_code == 401


def test_token_when_made_for_reading_changes_nothing(office: Office):
    reader = office.program("wang", Scope.READ)
    path = reader.measure(office.world.measure("1-01"))
    assert reader.get("/me").json()["may_act"] is False
    answer = reader.post(f"{path}/accept")
    assert (answer.status_code, answer.json()["code"]) == (403, "reads_only")
    assert reader.get(path).json()["line"]["state"] == "assigned"


def test_cookie_when_sent_instead_of_a_token_opens_nothing(office: Office):
    office.world.measure("1-01")
    visitor = office.premises.visitor("lin")
    assert visitor.client.get("/api/v1/me").status_code == 401


def test_request_when_sent_again_under_its_key_is_done_once_and_answered_alike(either_office: Office):
    office = either_office
    wang = office.program("wang")
    path = wang.measure(office.world.in_progress("1-01"))
    first = wang.post(f"{path}/reports", REPORT, Idempotency_Key="k-1")
    second = wang.post(f"{path}/reports", REPORT, Idempotency_Key="k-1")
    assert (first.status_code, first.text, first.headers["ETag"]) == (201, second.text, second.headers["ETag"])
    assert second.status_code == 201
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert reports(office) == 1
    other = wang.post(f"{path}/reports", {**REPORT, "percent": 41}, Idempotency_Key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "key_used")
    elsewhere = wang.post(f"{path}/accept", Idempotency_Key="k-1")
    assert elsewhere.json()["code"] == "key_used"
    sun = office.program("li")
    assert "Idempotency-Replayed" not in sun.post(f"{path}/reports", REPORT, Idempotency_Key="k-1").headers
    office.world.at(office.world.today + timedelta(days=2))
    assert wang.post(f"{path}/reports", REPORT, Idempotency_Key="k-1").status_code == 201
    assert reports(office) == 3


def test_request_when_refused_is_not_kept_under_its_key(office: Office):
    wang = office.program("wang")
    code = office.world.measure("1-01")
    path = wang.measure(code)
    assert wang.post(f"{path}/reports", REPORT, Idempotency_Key="k-1").json()["code"] == "wrong_state"
    office.world.act("wang", accept_measure, code)
    assert wang.post(f"{path}/reports", REPORT, Idempotency_Key="k-1").status_code == 201


def test_request_when_nothing_is_to_be_said_is_answered_alike_too(office: Office):
    lin = office.program("lin")
    number = lin.post("/webhooks", {"url": "https://oa.example/"}).json()["id"]
    for _ in range(2):
        answer = lin.post(f"/webhooks/{number}/pause", Idempotency_Key="k-2")
        assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Idempotency-Replayed"] == "true"


def test_upload_when_its_content_differs_is_another_request(office: Office):
    wang = office.program("wang")
    path = f"{wang.measure(office.world.in_progress('1-01'))}/evidence"
    headers = {"Idempotency-Key": "k-3"}

    def send(content: bytes) -> int:
        return wang.client.post(path, files=[("files", ("a.pdf", content))], headers=headers).status_code

    assert [send(b"%PDF-1.7 a"), send(b"%PDF-1.7 a"), send(b"%PDF-1.7 b")] == [201, 201, 422]
    assert len(wang.get(wang.measure("1-01")).json()["evidence"]) == 1


def test_request_when_sent_many_times_at_once_is_done_once(either_office: Office):
    office = either_office
    wang = office.program("wang")
    path = wang.measure(office.world.in_progress("1-01"))
    begin = Barrier(6)

    def send(_: int) -> int:
        begin.wait(20)
        status: int = wang.post(f"{path}/reports", REPORT, Idempotency_Key="k-4").status_code
        return status

    with ThreadPoolExecutor(6) as pool:
        statuses = set(pool.map(send, range(6)))
    assert statuses <= {201, 409}
    assert 201 in statuses
    assert reports(office) == 1


def test_change_when_the_measure_changed_since_it_was_read_is_refused(office: Office):
    wang = office.program("wang")
    path = wang.measure(office.world.in_progress("1-01"))
    etag = wang.get(path).headers["ETag"]
    assert wang.post(f"{path}/reports", REPORT, If_Match=etag).status_code == 201
    stale = wang.post(f"{path}/reports", REPORT, If_Match=etag)
    assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
    assert wang.post(f"{path}/reports", REPORT, If_Match="*").status_code == 201
    assert wang.post(f"{path}/reports", REPORT, If_Match="3").status_code == 422
    assert reports(office) == 2


def test_token_when_it_calls_too_often_is_told_when_to_come_back(office: Office):
    now = [0.0]
    office.premises.app.state.api.state.pace = Pace(per_minute=60, at_once=2, clock=lambda: now[0])
    wang, sun = office.program("wang"), office.program("sun")
    assert [wang.get("/me").status_code for _ in range(3)] == [200, 200, 429]
    answer = wang.get("/me")
    assert (answer.headers["Retry-After"], answer.json()["code"]) == ("1", "too_many")
    assert sun.get("/me").status_code == 200, "each token has its own pace"
    now[0] = 1.0
    assert wang.get("/me").status_code == 200


#: A body, and what is told of it.
WRONG = (
    ({"percent": "40", "text": "好"}, "body.percent", "int_type"),
    ({"percent": True, "text": "好"}, "body.percent", "int_type"),
    ({"percent": 101, "text": "好"}, "body.percent", "less_than_equal"),
    ({"percent": 4, "text": "a\x00b"}, "body.text", "string_pattern_mismatch"),
    ({"percent": 4, "text": "\ud800"}, "body.text", "string_unicode"),
    ({"percent": 4}, "body.text", "missing"),
    ({"percent": 4, "text": "好", "note": 1}, "body.note", "extra_forbidden"),
)


def test_value_when_not_as_it_should_be_is_told_by_its_place(office: Office):
    wang = office.program("wang")
    path = f"{wang.measure(office.world.in_progress('1-01'))}/reports"
    for body, field, code in WRONG:
        answer = wang.client.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), body
        assert [(one["field"], one["code"]) for one in answer.json()["fields"]] == [(field, code)]
        assert answer.headers["content-type"] == MEDIA


def test_day_when_written_otherwise_is_refused(office: Office):
    wang = office.program("wang")
    path = f"{wang.measure(office.world.in_progress('1-01'))}/extension"
    for day in (0, 1757462400, "2025-09-10T00:00:00", "20250910", "2025-13-01", "10.9.2025", None):
        assert wang.post(path, {"new_due": day, "reason": "待批复"}).status_code == 422, day


def test_address_when_it_asks_for_what_is_not_known_is_refused(office: Office):
    lin = office.program("lin")
    for query, field in (
        ("unti=一处", "query.unti"),
        ("limit=1&limit=2", "query.limit"),
        ("limit=0", "query.limit"),
        ("state=x", "query.state.0"),
    ):
        answer = lin.get(f"{office.root}/measures?{query}")
        assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, field)
    assert lin.get(f"{office.root}/measures?state=assigned&state=closed").status_code == 200


def test_body_when_it_is_no_json_is_told(office: Office):
    wang = office.program("wang")
    path = f"{wang.measure(office.world.in_progress('1-01'))}/reports"
    answer = wang.client.post(path, content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_upload_when_its_content_is_no_evidence_is_told_by_its_file(office: Office):
    wang = office.program("wang")
    path = f"{wang.measure(office.world.in_progress('1-01'))}/evidence"
    answer = wang.client.post(path, files=[("files", ("a.pdf", b"<html><script>"))])
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "file.a.pdf")


def test_problem_when_told_is_in_the_callers_language(office: Office):
    wang = office.program("wang")
    path = wang.measure("9-99")
    assert wang.get(path).json()["title"] == "There is nothing here"
    assert "没有" in wang.client.get(path, headers={"Accept-Language": "zh-CN,zh;q=0.9"}).json()["detail"]
    assert "没有" in wang.client.get(path, headers={"Accept-Language": ""}).json()["detail"], "the house's own"


def test_address_when_unknown_or_asked_otherwise_is_a_problem(office: Office):
    wang = office.program("wang")
    assert (wang.get("/nowhere").status_code, wang.get("/nowhere").json()["code"]) == (404, "not_found")
    answer = wang.client.delete("/me")
    assert (answer.status_code, answer.json()["code"], answer.headers["Allow"]) == (405, "method", "GET")
    assert answer.json()["type"] == "/api/v1/docs#method"


def test_request_when_refused_before_it_is_read_is_a_problem_too(office: Office):
    wang = office.program("wang")
    path = f"{wang.measure(office.world.measure('1-01'))}/accept"
    for headers, status, code in (
        ({"Origin": "https://elsewhere.example"}, 403, "not_allowed"),
        ({"Content-Length": "99999999999"}, 413, "too_large"),
        ({"Transfer-Encoding": "chunked"}, 411, "malformed"),
    ):
        answer = wang.client.post(path, headers=headers)
        assert (answer.status_code, answer.json()["code"], answer.headers["content-type"]) == (status, code, MEDIA)
    assert office.world.get("1-01").version == 1


def test_house_when_something_breaks_apologises_and_tells_nothing(office: Office, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object, **__: object) -> None:
        message = "the secret of the house"
        raise RuntimeError(message)

    wang = office.program("wang")
    monkeypatch.setattr("web.api.people.read_person", broken)
    answer = wang.get("/me")
    assert (answer.status_code, answer.json()["code"]) == (500, "broken")
    assert "secret" not in answer.text
    office.world.expected_errors.append("a request failed")


def test_codes_of_problems_are_all_on_the_page(office: Office):
    page = office.premises.visitor().get("/api/v1/docs")
    assert all(page.tree.xpath(f"//tr[@id='{code}']") for code in CODES)
