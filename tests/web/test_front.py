"""What stands before every page: the way in, the token of forms, headers, languages, troubles."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.house import ORIGIN, Premises, english
from web.csrf import is_from_here
from web.visit import own_path


def test_page_when_nobody_is_signed_in_leads_to_the_way_in_and_back(premises: Premises):
    answer = premises.visitor().client.get("/?from=mail", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2F%3Ffrom%3Dmail"


def test_page_when_it_does_not_exist_is_told_in_both_languages(premises: Premises):
    visitor = premises.visitor("wang")
    page = visitor.get("/nowhere")
    assert page.status == 404
    assert "没有找到" in page.words
    with english(visitor):
        assert "There is nothing here" in visitor.get("/nowhere").words


def test_language_when_chosen_stays_and_leads_back(premises: Premises):
    visitor = premises.visitor("wang")
    page = visitor.post("/language", language="en", back="/nowhere")
    assert (page.path, "There is nothing here" in page.words) == ("/nowhere", True)
    assert "Sign out" in visitor.get("/nowhere").words


def test_change_when_it_comes_from_another_site_is_refused(premises: Premises):
    client = premises.visitor("wang").client
    for headers in (
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Referer": "http://elsewhere.example/page"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
    ):
        answer = client.post("/sign-out", headers=headers)
        assert answer.status_code == 403, headers
    assert "王经办" in premises.visitor("wang").get("/nowhere").words


def test_change_without_the_token_of_a_form_is_refused_readably(premises: Premises):
    visitor = premises.visitor("wang")
    answer = visitor.client.post("/sign-out", headers={"Origin": ORIGIN})
    assert answer.status_code == 403
    assert "表单已过期" in answer.text
    assert visitor.get("/nowhere").status == 404  # still signed in


def test_every_answer_carries_the_headers_that_bind_the_browser(premises: Premises):
    visitor = premises.visitor("wang")
    for path in ("/nowhere", "/sign-in", "/healthz"):
        headers = visitor.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_own_files_when_asked_for_by_their_content_are_kept_for_good(premises: Premises):
    visitor = premises.visitor("wang")
    (address,) = visitor.get("/nowhere").tree.xpath("//link[@rel='stylesheet']/@href")
    assert "immutable" in visitor.client.get(address).headers["cache-control"]
    assert visitor.client.get("/static/duban.css").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/pages/../../visit.py"]
)
def test_files_outside_the_folder_when_asked_for_are_not_there(premises: Premises, name: str):
    assert premises.visitor("wang").client.get(name).status_code == 404


def test_failure_when_nobody_expected_it_is_an_apology_without_a_traceback(
    premises: Premises, monkeypatch: pytest.MonkeyPatch
):
    premises.world.expected_errors.append("a request failed")
    monkeypatch.setattr("web.visit.find_actor", lambda _desk: 1 / 0)
    page = premises.visitor("wang").get("/")
    assert page.status == 500
    assert "系统出错了" in page.text
    assert "Traceback" not in page.text
    assert "ZeroDivision" not in page.text


@given(
    st.text(max_size=40) | st.sampled_from(["//a.example", "/\\a.example", "/\t/a.example", "javascript:x", "/x\r\ny"])
)
def test_way_back_whatever_is_asked_for_stays_in_this_house(given: str):
    found = own_path(given)
    parts = urlsplit(found)
    assert (parts.scheme, parts.netloc) == ("", "")
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))
    assert found.isprintable()


@given(st.text(max_size=30))
def test_origin_of_another_host_is_never_from_here(host: str):
    assert not is_from_here({"host": "duban", "origin": f"http://duban.{host}x"})
