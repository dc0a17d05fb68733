"""Policy files changed in the browser: the effect first, then saving; conflicts, faults, and the way back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from engine.rules.policy_files import PolicyFile
from engine.rules.quiet_hours import QuietHours
from flows.policy_file import policy_text
from models import Event, Policy, Round, TrustRequest
from tests.web.house import Page, Premises, Visitor, english

LADDER, ROUND, LIFECYCLE = "/policies/ladder.yaml", "/policies/round.yaml", "/policies/lifecycle.yaml"


def form(visitor: Visitor, path: str = LADDER, *change: str, **fields: str) -> dict[str, str]:
    """Return the form, with one text in its file changed into another."""
    found = visitor.get(path).form(path)
    del found["csrf"]  # the visitor brings their own
    return {**found, "text": found["text"].replace(*change) if change else found["text"], "days": "5"} | fields


def save(visitor: Visitor, path: str, asked: dict[str, str], reason: str = "试行") -> Page:
    """Look at the effect, then save."""
    tried = visitor.post(path, **asked | {"what": "try"})
    assert tried.status == 200, tried.words
    return visitor.post(path, **tried.form(path) | {"what": "save", "reason": reason})


def rows(shown: Page, heading: str) -> list[list[str]]:
    (table,) = shown.tree.xpath(f"//*[self::h2 or self::h3][normalize-space()='{heading}']/following::table[1]")
    return [[cell.text_content().strip() for cell in row] for row in table.xpath("tbody/tr")]


def test_ladder_when_tried_then_both_sides_are_shown_and_nothing_is_saved(either_premises: Premises):
    world = either_premises.world
    world.measure(owner="wang")
    lin = either_premises.visitor("lin")
    with english(lin):
        tried = lin.post(LADDER, **form(lin, LADDER, "{at: T-1, to: [owner]", "{at: T-2, to: [owner, unit_head]"))
        assert rows(tried, "What would change") == [
            ["waits.acceptance.rungs.1.at", "T-1", "T-2"],
            ["waits.acceptance.rungs.1.to", "owner", "owner, unit_head"],
        ]
        assert any(before != after for _, before, after in rows(tried, "Day by day"))
        assert ["李处长", "1", "2", "+1"] in [
            one for one in rows(tried, "Who hears more or less") if one[0] == "李处长"
        ]
        assert tried.tree.xpath("//a[@href=$there]", there=f"/rounds/{either_premises.round}/measures/1-01")
    pictures = tried.tree.xpath("//*[contains(@class,'beside')]//*[name()='svg']")
    assert len(pictures) == 2
    ids = tried.tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert not (either_premises.house.home / "config").exists()
    assert either_premises.visitor("zhao").post(LADDER, **form(lin)).status == 200


def test_ladder_when_something_is_due_at_once_then_told(premises: Premises):
    world = premises.world
    world.measure(owner="wang")
    lin = premises.visitor("lin")
    with english(lin):
        tried = lin.post(LADDER, **form(lin, LADDER, "{at: T-1, to: [owner]", "{at: T-3, to: [owner]"))
        (heading,) = tried.tree.xpath("//h3[.='Due at once, on the first day']")
        (line,) = heading.xpath("following-sibling::ul[1]/li")
    assert line.text_content() == "3 Mar 2025 1-01 acceptance T-3 reminder → 王经办"
    assert "1 would be due at once" in " ".join(tried.words.split()).replace("1would", "1 would")


def test_ladder_when_saved_then_in_force_for_new_measures_and_by_coordinators_alone(premises: Premises):
    lin = premises.visitor("lin")
    asked = form(lin, LADDER, "T-30", "T-20")
    assert premises.visitor("zhao").post(LADDER, **asked | {"what": "save", "reason": "x"}).status == 403
    saved = save(lin, LADDER, asked | {"text": asked["text"].replace("\n", "\r\n")}, "提前二十天")
    assert (saved.path, "T-20" in saved.text, "ladder.yaml已生效" in saved.words) == ("/policies", True, True)
    assert "\r" not in (premises.house.home / "config" / "ladder.yaml").read_text(encoding="utf-8")
    with premises.world.sessions() as session:
        (event,) = session.scalars(select(Event).where(Event.kind == "policy:file:save"))
        (changed,) = session.scalars(select(Event).where(Event.kind == "round:policy:change"))
        policy = session.get_one(Policy, session.get_one(Round, premises.world.round).policy_id)
    assert (event.actor_id, event.data["file"], event.data["reason"]) == (
        premises.world.people["lin"],
        "ladder.yaml",
        "提前二十天",
    )
    assert changed.data["reason"] == "提前二十天"
    assert policy.ladder["waits"]["due_date"]["rungs"][0]["at"] == "T-20"
    audit = lin.get("/audit").words
    assert ("提前二十天" in audit, "repeat_every" in audit) == (True, False)


def test_file_when_saved_without_having_seen_the_effect_then_it_is_shown_first(premises: Premises):
    lin = premises.visitor("lin")
    asked = form(lin, LADDER, "T-30", "T-20")
    first = lin.post(LADDER, **asked | {"what": "save", "reason": "试行"})
    assert (first.status, "尚未保存" in first.words) == (409, True)
    altered = first.form(LADDER) | {"text": asked["text"].replace("T-20", "T-21"), "what": "save", "reason": "试行"}
    assert lin.post(LADDER, **altered).status == 409, "another text than the one whose effect was shown"
    assert lin.post(LADDER, **first.form(LADDER) | {"what": "save", "reason": ""}).status == 409, "no reason"
    saved = lin.post(LADDER, **first.form(LADDER) | {"what": "save", "reason": "试行"})
    assert saved.path == "/policies"


def test_file_when_somebody_else_saved_meanwhile_then_both_are_shown_and_nothing_is_lost(either_premises: Premises):
    lin = either_premises.visitor("lin")
    mine = lin.post(LADDER, **form(lin, LADDER, "T-30", "T-20")).form(LADDER)
    save(lin, LADDER, form(lin, LADDER, "day: 25 ", "day: 20 "), "改填报日")
    refused = lin.post(LADDER, **mine | {"what": "save", "reason": "提前"})
    assert (refused.status, "改填报日" in refused.words) == (409, True)
    assert any("T-20" in one for one in refused.tree.xpath("//del/text()"))
    assert any("day: 20" in one for one in refused.tree.xpath("//ins/text()"))
    again = refused.form(LADDER)
    assert ("T-20" in again["text"], again["reason"]) == (True, "提前")
    merged = again | {"text": again["text"].replace("day: 25 ", "day: 20 ")}
    assert lin.post(LADDER, **merged | {"what": "save", "reason": "提前"}).status == 409, "its effect was not seen yet"
    assert save(lin, LADDER, merged | {"days": "5"}, "提前").path == "/policies"
    text = policy_text(either_premises.house, PolicyFile.LADDER)
    assert ("T-20" in text, "day: 20 " in text) == (True, True)


def test_file_when_gone_back_then_an_earlier_version_is_in_force(premises: Premises):
    lin, shipped = premises.visitor("lin"), policy_text(premises.house, PolicyFile.LADDER)
    save(lin, LADDER, form(lin, LADDER, "T-30", "T-20"), "第一次")
    save(lin, LADDER, form(lin, LADDER, "T-20", "T-15"), "第二次")
    listed = lin.get(LADDER).tree.xpath("//a[contains(@href,'?version=')]/@href")
    assert len(listed) == 4
    back = lin.get(listed[1])
    assert "T-20" in back.form(LADDER)["text"]
    assert lin.get(listed[2]).form(LADDER)["text"] == shipped, "what was in force before"
    assert lin.get(listed[3]).form(LADDER)["text"] == shipped, "what comes with Duban"
    assert lin.get(f"{LADDER}?version=999").status == 404
    save(lin, LADDER, back.form(LADDER) | {"days": "5"}, "恢复第一次")
    assert "T-20" in policy_text(premises.house, PolicyFile.LADDER)
    assert "恢复第一次" in lin.get(LADDER).words


@pytest.mark.parametrize(
    ("path", "change", "told"),
    [
        (LADDER, ("at: T-30", "at: nonsense"), ("nonsense is not a time; expected T-7 or T+5", "at: nonsense", 4)),
        (LADDER, ("to: [owner], slip: blue", "to: [owner], slip: pink"), ("expected one of", "slip: pink", 6)),
        (LADDER, ("waits:", "waits: ]"), ("not valid YAML", "waits: ]", 7)),
        (ROUND, ('from: "20:00"', "from: 25"), ("a time of day in quotes was expected", "from: 25", 6)),
        (
            LIFECYCLE,
            ("close:       {from: [verified], to: closed", "close:       {from: [verified], to: verified"),
            None,
        ),
    ],
)
def test_file_when_it_is_wrong_then_line_and_column_are_told_and_the_text_stays(
    premises: Premises, path: str, change: tuple[str, str], told: tuple[str, str, int] | None
):
    lin = premises.visitor("lin")
    with english(lin):
        asked = form(lin, path, *change)
        shown = lin.post(path, **asked | {"what": "save", "reason": "x"})
    assert shown.status == 422
    assert shown.form(path)["text"] == asked["text"]
    if told:
        words, place, shift = told
        number, line = next((n, one) for n, one in enumerate(asked["text"].splitlines(), start=1) if place in one)
        assert words in shown.words
        assert f"line {number}, column {line.index(place) + 1 + shift}" in shown.words


def test_round_when_saved_then_quiet_hours_hold_at_once_and_running_rounds_keep_their_dates(premises: Premises):
    lin, house = premises.visitor("lin"), premises.house
    before = dates(premises)
    asked = form(lin, ROUND, "20:00", "21:30")
    asked["text"] = asked["text"].replace("concentrated_end:  {months: 6", "concentrated_end:  {months: 7")
    with english(lin):
        tried = lin.post(ROUND, **asked)
        changed = {one[0]: one[1:] for one in rows(tried, "A round that began today")}
        assert changed["concentrated rectification ends"] == ["3 Sep 2025", "3 Oct 2025"]
        assert changed["the plan is due"][0] == changed["the plan is due"][1]
    save(lin, ROUND, asked)
    quiet = house.round_rules().quiet
    assert isinstance(quiet, QuietHours)
    assert quiet.begins.isoformat() == "21:30:00"
    assert dates(premises) == before
    (house.home / "config" / "round.yaml").write_text("quiet: [", encoding="utf-8")
    assert house.round_rules() == house.policies.round, "spoiled by hand: what was known holds"


def dates(premises: Premises) -> list[Any]:
    with premises.world.sessions() as session:
        found = session.get_one(Round, premises.world.round)
        return [found.plan_due, found.concentrated_end, found.report_due, found.policy_id]


def test_lifecycle_when_saved_then_new_measures_run_by_it_and_its_pictures_were_seen(premises: Premises):
    premises.world.measure("1-01")
    lin = premises.visitor("lin")
    asked = form(lin, LIFECYCLE, "by: [owner, unit_head], needs: [evidence", "by: [owner], needs: [evidence")
    tried = lin.post(LIFECYCLE, **asked)
    assert len(tried.tree.xpath("//*[contains(@class,'beside')]//*[name()='svg']")) == 2
    save(lin, LIFECYCLE, asked)
    with premises.world.sessions() as session:
        policy = session.get_one(Policy, session.get_one(Round, premises.world.round).policy_id)
        assert policy.lifecycle["transitions"]["submit"]["by"] == ["owner"]
    assert premises.world.get("1-01").policy_id != policy.id
    assert lin.get("/policies/schedule.yaml").status == 404


@pytest.mark.parametrize(
    ("path", "change", "words"),
    [
        (LIFECYCLE, ("to: verified, by: [verifier]", "to: verified, by: [verifier, coordinator]"), "coordinator"),
        (ROUND, ("coordinator_may_close: false", "coordinator_may_close: true"), "coordinators close by themselves"),
    ],
)
def test_file_when_more_people_may_judge_by_it_then_a_second_person_confirms_it_first(
    either_premises: Premises, path: str, change: tuple[str, str], words: str
):
    lin, zhao, house = (*(either_premises.visitor(one) for one in ("lin", "zhao")), either_premises.house)
    file = PolicyFile(path.removeprefix("/policies/").removesuffix(".yaml"))
    with english(lin):
        waiting = save(lin, path, form(lin, path, *change))
        assert "It takes effect when one of these confirms it" in waiting.words
        assert words in waiting.words
        assert change[1] not in policy_text(house, file)
        again = waiting.form(path) | {"what": "save", "reason": "试行"}
        assert lin.post(path, **again).status == 409, "asked for already"
    with either_premises.world.sessions() as session:
        confirm = f"/people/trust/{session.scalars(select(TrustRequest.id)).one()}/confirm"
    assert lin.post(confirm).status in {403, 409}, "nobody confirms what they asked for"
    assert "专班联络员" in zhao.get("/people").words
    assert zhao.post(confirm).status == 200
    assert change[1] not in policy_text(house, file), "a coordinator saves it"
    save(lin, path, form(lin, path, *change))
    assert change[1] in policy_text(house, file)
    save(lin, path, form(lin, path, *reversed(change)))
    assert change[0] in policy_text(house, file), "narrowing needs nobody's word"


def test_file_when_nothing_differs_then_nothing_is_recorded(premises: Premises):
    lin = premises.visitor("lin")
    assert "没有变化" in save(lin, ROUND, form(lin, ROUND)).words
    with premises.world.sessions() as session:
        assert session.scalars(select(Event).where(Event.kind == "policy:file:save")).all() == []


def test_file_when_two_save_at_the_same_moment_then_one_is_in_force_and_the_other_is_told(either_premises: Premises):
    visitors = [either_premises.visitor("lin") for _ in range(2)]
    tried = [
        one.post(LADDER, **form(one, LADDER, "T-30", f"T-2{number}")).form(LADDER) | {"what": "save", "reason": "试行"}
        for number, one in enumerate(visitors)
    ]
    begin = Barrier(2)

    def saved(number: int) -> int:
        begin.wait()
        return visitors[number].post(LADDER, **tried[number]).status

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(saved, range(2)))
    assert sorted(statuses) == [200, 409]
    text = policy_text(either_premises.house, PolicyFile.LADDER)
    assert f"T-2{statuses.index(200)}" in text
    with either_premises.world.sessions() as session:
        (event,) = session.scalars(select(Event).where(Event.kind == "policy:file:save"))
        policy = session.get_one(Policy, session.get_one(Round, either_premises.world.round).policy_id)
    assert event.data["content"] == text
    assert policy.ladder["waits"]["due_date"]["rungs"][0]["at"] == f"T-2{statuses.index(200)}"
