"""Verification from the pages: the queues, the checklist, the visit with photos, the pack; and who may."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from engine.actions.attach_evidence import attach_evidence
from engine.actions.submit_measure import submit_measure
from engine.rules.vocabulary import State
from models import Verification
from tests.web.house import Page, Premises
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
