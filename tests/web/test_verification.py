"""Verification from the pages: the queues, the checklist, the visit with photos, the pack; and who may."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from engine.actions.attach_evidence import attach_evidence
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.rules.vocabulary import State
from models import Verification
from tests.web.house import Page, Premises, english
from tests.web.test_work import PDF, PNG, root

ALL_YES = {
    f"answer-{one}": "yes"
    for one in ("evidence_complete", "measure_carried_out", "cause_removed", "rule_made", "may_rebound")
}


def queue(premises: Premises, code: str, name: str) -> Page:
    return premises.visitor(code).get(f"/rounds/{premises.round}/verification", queue=name)


@pytest.fixture
def submitted(either_premises: Premises) -> str:
    """Give the address of a verification that wu was asked for, with a real file, on both databases."""
    premises, world = either_premises, either_premises.world
    world.in_progress()
    files = {"files": ("纪要.pdf", io.BytesIO(PDF), "application/pdf")}
    premises.visitor("wang").post(f"{root(premises)}/evidence", files=files)
    world.act("wang", submit_measure, "1-01")
    assert "1-01" in queue(premises, "lin", "waiting").words
    start = {"codes": ["1-01"], "verifier": "wu"}
    assert premises.visitor("wang").post(f"/rounds/{premises.round}/verification/start", **start).status == 403
    page = premises.visitor("lin").post(f"/rounds/{premises.round}/verification/start", **start)
    assert "吴核验" in page.words
    with world.sessions() as session:
        number = session.scalars(select(Verification.id)).one()
    return f"/rounds/{premises.round}/verification/{number}"


def test_measure_when_every_needed_question_is_answered_yes_passes(either_premises: Premises, submitted: str):
    visitor = either_premises.visitor("wu")
    assert "1-01" in queue(either_premises, "wu", "mine").words
    assert "纪要.pdf" in visitor.get(submitted).words
    lacking = visitor.post(submitted, act="pass", **{"answer-cause_removed": "yes"})
    assert (lacking.status, "1、2、4、7" in lacking.words) == (409, True)
    assert lacking.tree.xpath("//input[@name='answer-cause_removed'][@value='yes']/@checked"), "what was typed stays"
    bare = visitor.post(submitted, act="pass", **ALL_YES | {"answer-rule_made": "na"})
    assert (bare.status, "不适用" in bare.words) == (409, True)
    done = visitor.post(submitted, act="pass", **ALL_YES | {"answer-rule_made": "na", "note-rule_made": "不涉及"})
    assert done.status == 200
    assert either_premises.world.get("1-01").state is State.VERIFIED
    assert "1-01" in queue(either_premises, "wu", "decided").words


def test_measure_when_returned_hears_the_questions_that_failed(either_premises: Premises, submitted: str):
    visitor = either_premises.visitor("wu")
    answers = ALL_YES | {"answer-cause_removed": "no", "note-cause_removed": "制度未执行"}
    assert visitor.post(submitted, act="pass", **answers).status == 409
    visitor.post(submitted, act="return", reason="请补充", **answers)
    assert either_premises.world.get("1-01").state is State.IN_PROGRESS
    (told,) = either_premises.world.said(to="wang", kind="returned")
    assert told.data["reason"].startswith("请补充\n3. ")
    assert "制度未执行" in told.data["reason"]


def test_answers_when_the_evidence_changes_are_asked_again(either_premises: Premises, submitted: str):
    visitor = either_premises.visitor("wu")
    visitor.post(submitted, act="save", **ALL_YES)
    either_premises.world.act("wang", attach_evidence, "1-01", name="补充材料")
    shown = visitor.get(submitted)
    assert not shown.tree.xpath("//input[@type='radio'][@checked]")


@pytest.mark.parametrize("code", ["wang", "li", "lin", "zhou", "jian"])
def test_verification_is_judged_by_its_verifier_alone(either_premises: Premises, submitted: str, code: str):
    visitor = either_premises.visitor(code)
    assert visitor.post(submitted, act="pass", **ALL_YES).status == 403
    visit = {"on": "2025-03-03", "place": "现场", "found": "属实"}
    assert visitor.post(f"{submitted}/visits", **visit).status == 403
    assert either_premises.world.get("1-01").state is State.SUBMITTED


def test_pack_holds_everything_with_its_hash_and_is_the_same_again(either_premises: Premises, submitted: str):
    visitor = either_premises.visitor("wu")
    photos = {"photos": ("../IMG 1.png", io.BytesIO(PNG), "image/png")}
    visit = {"on": "2025-03-03", "place": "泵站", "present": "王经办", "found": "已整改到位"}
    page = visitor.post(f"{submitted}/visits", files=photos, **visit)
    assert "已整改到位" in page.words
    (picture,) = page.tree.xpath("//article[@class='visit']//img/@src")
    assert visitor.client.get(picture).content == PNG
    visitor.post(submitted, act="save", **ALL_YES)
    first, second = (visitor.client.get(f"{submitted}/pack.zip").content for _ in range(2))
    assert first == second
    with ZipFile(io.BytesIO(first)) as archive:
        names = archive.namelist()
        assert "evidence/01-纪要.pdf" in names
        assert "photos/01-IMG 1.png" in names
        assert archive.read("evidence/01-纪要.pdf") == PDF
        assert sha256(PNG).hexdigest() in archive.read("SHA256SUMS.txt").decode()
        told = json.loads(archive.read("verification.json"))
        assert told["visits"][0]["place"] == "泵站"
        assert "泵站" in archive.read("verification.html").decode()
    assert all(".." not in name and not name.startswith("/") for name in names)


def test_photo_that_is_none_is_refused(either_premises: Premises, submitted: str):
    visit = {"on": "2025-03-03", "place": "现场", "found": "属实"}
    photos = {"photos": ("a.jpg", io.BytesIO(b"<html><script>x</script>"), "image/jpeg")}
    assert either_premises.visitor("wu").post(f"{submitted}/visits", files=photos, **visit).status == 422


JPEG = b"\xff\xd8\xff\xe1\x00\x20Exif\x00\x00GPS 31.2N 121.4E" + b"\x00" * 60
HEIC = b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic" + b"\x00" * 60
VISIT = {"on": "2025-03-03", "place": "泵站", "present": "王经办", "checked": "水泵", "found": "已更换"}


def test_photo_from_a_phone_is_kept_byte_for_byte_with_its_place(either_premises: Premises, submitted: str):
    visitor = either_premises.visitor("wu")
    photos = [("photos", ("IMG_1.jpg", io.BytesIO(JPEG), "image/jpeg")), ("photos", ("IMG_2.heic", io.BytesIO(HEIC)))]
    page = visitor.post(f"{submitted}/visits", files=photos, **VISIT)
    assert "原样保存" in page.words
    first, second = page.tree.xpath("//ul[@class='photos']//a/@href")
    answer = visitor.client.get(first)
    assert (answer.content, answer.headers["content-type"]) == (JPEG, "image/jpeg")
    answer = visitor.client.get(second)
    assert (answer.content, answer.headers["content-disposition"].startswith("attachment")) == (HEIC, True)


def test_visit_when_refused_keeps_what_was_typed_and_no_file_of_who_may_not(either_premises: Premises, submitted: str):
    visitor, store = either_premises.visitor("wu"), either_premises.house.home / "evidence"
    bad = {"photos": ("a.jpg", io.BytesIO(PDF), "image/jpeg")}
    page = visitor.post(f"{submitted}/visits", files=bad, **VISIT)
    assert (page.status, "应为图片" in page.words) == (422, True)
    assert page.tree.xpath("//input[@name='place']/@value") == ["泵站"]
    later = visitor.post(f"{submitted}/visits", **VISIT | {"on": "2030-01-01"})
    assert (later.status, "尚未到来" in later.words) == (409, True)
    kept = sorted(store.rglob("*"))
    photo = {"photos": ("a.jpg", io.BytesIO(JPEG), "image/jpeg")}
    assert either_premises.visitor("jian").post(f"{submitted}/visits", files=photo, **VISIT).status == 403
    assert sorted(store.rglob("*")) == kept


def test_verdict_when_the_evidence_changed_under_it_is_a_conflict(either_premises: Premises, submitted: str):
    world, visitor = either_premises.world, either_premises.visitor("wu")
    form = visitor.get(submitted).form(submitted)
    world.act("wang", attach_evidence, "1-01", name="补充材料")
    world.act("lin", start_verification, ["1-01"])
    late = visitor.post(submitted, act="pass", **form | ALL_YES | {"reason": "写了很久"})
    assert (late.status, "写了很久" in late.text, world.get("1-01").state) == (409, True, State.SUBMITTED)
    assert "补充材料" in late.words
    assert late.tree.xpath("//input[@name='answer-rule_made'][@value='yes']/@checked"), "what was typed stays"
    assert visitor.post(submitted, act="pass", **late.form(submitted) | ALL_YES).status == 200
    assert world.get("1-01").state is State.VERIFIED


def test_verification_when_decided_stays_as_the_verdict_saw_it_and_takes_nothing_more(
    either_premises: Premises, submitted: str
):
    world, visitor = either_premises.world, either_premises.visitor("wu")
    visitor.post(submitted, act="pass", **ALL_YES)
    world.at(world.today.replace(day=5)).act("wang", attach_evidence, "1-01", name="补充材料")
    visitor = either_premises.visitor("wu")
    page = visitor.get(submitted)
    assert ("补充材料" in page.words, "结论作废" in page.words) == (False, True)
    assert page.tree.xpath("//span[contains(@class, 'answer-yes')]")
    assert not page.tree.xpath("//input[@type='radio']")
    for path, fields in ((submitted, {"act": "return", "reason": "x"}), (f"{submitted}/visits", VISIT)):
        assert (visitor.post(path, **fields).status, world.get("1-01").state) == (409, State.SUBMITTED)
    told = json.loads(
        ZipFile(io.BytesIO(visitor.client.get(f"{submitted}/pack.zip").content)).read("verification.json")
    )
    assert [one["name"] for one in told["evidence"]] == ["纪要.pdf"]
    assert {one["answer"] for one in told["checklist"] if one["needed"]} == {"yes"}


def test_pack_on_paper_shows_the_record_and_runs_nothing(either_premises: Premises, submitted: str):
    visitor = either_premises.visitor("wu")
    photo = {"photos": ("IMG <1>.jpg", io.BytesIO(JPEG), "image/jpeg")}
    visitor.post(f"{submitted}/visits", files=photo, **VISIT | {"found": "<b>已更换</b>"})
    visitor.post(submitted, act="save", **ALL_YES | {"note-rule_made": "已印发"})
    page = visitor.get(f"{submitted}/pack")
    for told in ("核验记录", "佐证材料是否齐全", "已印发", "纪要.pdf", "泵站", "核验人（签字）", "<b>已更换</b>"):
        assert told in page.words
    assert "<b>已更换</b>" not in page.text
    policy = visitor.client.get(f"{submitted}/pack").headers["content-security-policy"]
    assert "script" not in policy
    assert "unsafe" not in policy
    (source,) = page.tree.xpath("//img/@src")
    assert visitor.client.get(source).content == JPEG
    assert either_premises.visitor("wang").get(f"{submitted}/pack").status == 403
    assert either_premises.visitor("wang").get(f"{submitted}/pack.zip").status == 403


def test_coordinator_from_one_verification_asks_somebody_else(premises: Premises):
    world = premises.world
    world.submitted(verifier="wu")
    lin, root_ = premises.visitor("lin"), f"/rounds/{premises.round}/verification"
    shown = lin.get(f"{root_}/1")
    assert "在办1件" in shown.words
    form = shown.form(f"{root_}/start")
    again = lin.post(f"{root_}/start", **form | {"verifier": "zhou"})
    assert (again.path, "周核验" in again.words) == (f"{root_}/1", True)
    assert not premises.visitor("wu").get(f"{root_}/1").tree.xpath("//form[contains(@action, '/start')]")


def test_pages_when_read_in_english_say_everything_in_english(premises: Premises):
    premises.world.submitted(text="Rules", verifier=None)
    lin, root_ = premises.visitor("lin"), f"/rounds/{premises.round}/verification"
    names = (
        "中文",
        "王经办",
        "一处",
        "钱副局长",
        "林联络",
        "局党委",
        "吴核验",
        "审计处",
        "周核验",
        "二处",
        "问题",
        "巡察整改",
        "会议纪要",
    )
    with english(lin):
        for path in (root_, f"{root_}?queue=under_way", f"{root_}?queue=mine", f"{root_}/1"):
            words = lin.get(path).words
            for name in names:
                words = words.replace(name, "")
            assert [sign for sign in words if "\u4e00" <= sign <= "\u9fff"] == [], path
