"""The pages of people, units and accountability: shown, changed, refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.house import Premises

FENG: dict[str, Any] = {"code": "feng", "name": "冯工", "unit": "一处", "email": "feng@example.cn", "language": ""}


def test_people_when_searched_then_those_who_fit_are_shown(either_premises: Premises):
    visitor = either_premises.visitor("wang")
    assert "李处长" in visitor.get("/people").words
    found = visitor.get("/people", q="孙")
    assert "孙经办" in found.words
    assert "李处长" not in found.words
    assert "李处长" in visitor.get("/people", role="unit_head", unit="一处").words
    assert "没有符合" in visitor.get("/people", q="100%").words


def test_person_when_a_coordinator_adds_moves_and_gives_a_role_then_shown(either_premises: Premises):
    lin = either_premises.visitor("lin")
    added = lin.post("/people", **FENG)
    assert (added.status, added.path) == (200, "/people/feng")
    assert "冯工" in added.words
    assert "角色已授予" in lin.post("/people/feng/roles", role="auditor").words
    moved = lin.post("/people/feng", **FENG | {"code": "feng2", "unit": "二处"})
    assert (moved.path, "二处" in moved.words) == ("/people/feng2", True)
    lin.post("/people/feng2/roles/revoke", role="auditor")
    assert "没有授予的角色" in lin.get("/people/feng2").words


def test_person_when_refused_then_what_was_typed_stays(premises: Premises):
    lin = premises.visitor("lin")
    refused = lin.post("/people", **FENG | {"code": "wang"})
    assert refused.status == 409
    assert "账号wang已被他人使用" in refused.words
    assert refused.tree.get_element_by_id("new-name").value == "冯工"
    refused = lin.post("/people/sun", **FENG | {"email": "nowhere"})
    assert refused.status == 409
    assert refused.form("/people/sun")["email"] == "nowhere"


def test_person_when_shown_to_others_then_there_is_no_form_and_a_change_is_refused(premises: Premises):
    wang = premises.visitor("wang")
    assert {form.get("action") for form in wang.get("/people/sun").tree.forms} == {"/language", "/sign-out"}
    assert wang.post("/people/sun", **FENG).status == 403
    assert wang.post("/people/wang/roles", role="coordinator").status == 403
    assert wang.get("/people/nobody").status == 404


def test_person_when_invited_then_the_link_is_shown_once_and_leads_in(premises: Premises):
    lin = premises.visitor("lin")
    (link,) = lin.post("/people/sun/invite").tree.xpath("//p[@id='link']/text()")
    assert link.startswith("http://testserver/link/")
    assert "孙经办" in premises.visitor().get(link.removeprefix("http://testserver")).words
    assert link not in lin.get("/people/sun").text
    assert premises.visitor("wang").post("/people/sun/invite").status == 403


def test_absence_when_recorded_by_oneself_then_listed_and_ended(either_premises: Premises):
    wang = either_premises.visitor("wang")
    days = {"first_day": "2025-03-10", "last_day": "2025-03-14"}
    away = wang.post("/people/wang/absences", substitute="sun", **days)
    assert "孙经办代理" in away.words
    assert "孙经办代理" in wang.get("/people").words
    (end,) = [form.get("action") for form in away.tree.forms if form.get("action").endswith("/end")]
    assert "孙经办代理" not in wang.post(end).words
    assert wang.post("/people/sun/absences", substitute="wang", **days).status == 403


def test_units_when_added_and_moved_then_the_tree_shows_it(either_premises: Premises):
    lin = either_premises.visitor("lin")
    assert "综合科" in lin.post("/people/units", name="综合科", kind="department", parent="一处").words
    edited = lin.post("/people/units/edit", unit="综合科", name="综合处", kind="subordinate", parent="")
    assert "综合处" in edited.words
    refused = lin.post("/people/units/edit", unit="一处", name="二处", kind="subordinate", parent="")
    assert (refused.status, "已有名为二处的单位" in refused.words) == (409, True)
    assert either_premises.visitor("wang").post("/people/units", name="新", kind="department").status == 403


def test_outcome_when_recorded_then_seen_by_the_leading_group_and_by_nobody_else(either_premises: Premises):
    path = f"/rounds/{either_premises.round}/accountability"
    jian, zhao = either_premises.visitor("jian"), either_premises.visitor("zhao")
    told = {"kind": "admonition", "decided_on": "2025-03-03", "text": "履职不力", "person": "wang"}
    recorded = jian.post(path, **told)
    assert (recorded.status, "诫勉" in recorded.words, "王经办" in recorded.words) == (200, True, True)
    assert "履职不力" in zhao.get(path).words
    assert path not in {form.get("action") for form in zhao.get(path).tree.forms}
    assert zhao.post(path, **told).status == 403
    for stranger in ("lin", "wang", "li", "zhou"):
        visitor = either_premises.visitor(stranger)
        assert visitor.get(path).status == visitor.post(path, **told).status == 404
        assert path not in visitor.get("/people").text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"person": "nobody"}, "nobody"),
        ({"person": ""}, "问责对象"),
        ({"decided_on": "2026-03-03"}, "尚未到来"),
    ],
)
def test_outcome_when_refused_then_what_was_typed_stays(premises: Premises, wrong: dict[str, str], told: str):
    path = f"/rounds/{premises.round}/accountability"
    given = {"kind": "talk", "decided_on": "2025-03-03", "text": "谈话记录", "person": "wang"} | wrong
    refused = premises.visitor("jian").post(path, **given)
    assert refused.status in {409, 422}
    assert told in refused.words
    assert refused.form(path)["text"] == "谈话记录"
