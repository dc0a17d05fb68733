"""What differs between two versions of a policy file."""

from __future__ import annotations

from engine.rules.policy_files import Difference, differences


def test_differences_when_a_rung_is_added_then_its_settings_are_new():
    before = {"rungs": [{"at": "T-3", "to": ["owner"]}], "repeat_every": 5}
    after = {"rungs": [{"at": "T-3", "to": ["owner", "leader"]}, {"at": "T+1", "to": ["owner"]}]}
    assert differences(before, after) == (
        Difference(path="rungs.1.to", before="owner", after="owner, leader"),
        Difference(path="repeat_every", before="5", after=None),
        Difference(path="rungs.2.at", before=None, after="T+1"),
        Difference(path="rungs.2.to", before=None, after="owner"),
    )


def test_differences_when_only_the_order_of_names_differs_then_none():
    assert differences({"a": 1, "b": {"c": True}}, {"b": {"c": True}, "a": 1}) == ()
    assert differences({"quiet": False}, {"quiet": {"from": "20:00"}}) == (
        Difference(path="quiet", before="false", after=None),
        Difference(path="quiet.from", before=None, after="20:00"),
    )
