"""`duban person grant` and its like: who may confirm what waits is named, and a bad role is told in plain words."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Line

pytestmark = pytest.mark.usefixtures("house")


def test_grant_when_it_waits_then_who_may_confirm_it_and_how_is_told(duban: Line):
    said = duban("person", "grant", "sun", "verifier", "--as", "lin")
    first, second = said.out.splitlines()
    assert first == "request 1 waits for a second person who holds trust: 孙经办 gets the role verifier"
    assert second.startswith("may confirm it, until 20")
    assert second.endswith(": 赵书记, 简纪检, 周核验, 吴核验 (duban person confirm 1 --as PERSON)")


def test_absence_when_trust_would_pass_then_who_may_confirm_it_is_told(duban: Line):
    days = ("--from", "2025-03-10", "--to", "2025-03-14", "--as-of", "2025-03-10")
    said = duban("person", "absence", "jian", "--substitute", "tang", *days, "--as", "jian")
    assert "赵书记" in said.out.splitlines()[-1]


def test_list_when_a_request_is_decided_then_nobody_is_named_who_could_confirm_it(duban: Line):
    duban("person", "grant", "sun", "verifier", "--as", "lin")
    assert duban("person", "requests", "--as", "lin", "--json").json["requests"][0]["confirmers"]
    duban("person", "refuse", "1", "--reason", "未经研究", "--as", "zhao")
    assert duban("person", "requests", "--as", "lin", "--json").json["requests"][0]["confirmers"] == []


@pytest.mark.parametrize("word", ["unit_head", "unit-head", "Unit head", "单位负责人"])
def test_role_when_named_in_any_language_is_known(duban: Line, word: str):
    assert duban("person", "grant", "sun", word, "--as", "lin", "--json").json["role"] == "unit_head"


def test_role_when_it_is_none_is_told_in_the_users_words(duban: Line):
    said = duban("person", "grant", "sun", "boss", "--as", "lin", language="zh_CN")
    assert said.status == 2
    assert "boss" in said.err
    assert "verifier（核验人）" in said.err
    assert "owner" not in said.err, "nobody is granted what follows from a measure"
