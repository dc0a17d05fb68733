import email
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.senders import Mail, Sender, SendFailed
from notifications.senders.eml import FROM, EmlSender
from notifications.senders.inbox import InboxSender
from notifications.senders.letter import compose

MAIL = Mail(
    digest=17,
    message_id="<digest-17.20250903003000.eml@duban>",
    to_code="wang",
    to_name="王芳",
    to_address="wang@example.cn",
    subject="【督办】2025年9月3日：待办3项",
    text="王芳：\n\n请签收。\n",
    html=lambda: "<!DOCTYPE html><p>请签收。</p>\n",
    language="zh_CN",
    on=date(2025, 9, 3),
    sent_at=datetime(2025, 9, 3, 0, 30, tzinfo=UTC),
)


def _read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("make", [lambda _: InboxSender(), EmlSender], ids=["inbox", "eml"])
def test_sender_of_any_channel_takes_a_mail_and_the_same_mail_again(make: type[EmlSender], tmp_path: Path):
    sender: Sender = make(tmp_path)
    assert sender.channel in {"inbox", "eml"}
    sender.send(MAIL)
    sender.send(replace(MAIL, to_address=None))


def test_eml_when_written_can_be_read_by_a_mail_program(tmp_path: Path):
    EmlSender(tmp_path).send(MAIL)
    assert _files(tmp_path) == ["2025-09-03/wang-17.eml"]
    content = (tmp_path / "2025-09-03" / "wang-17.eml").read_bytes()
    message = _read(content)
    assert not message.defects
    assert (str(message["To"]), message["Subject"]) == ("王芳 <wang@example.cn>", MAIL.subject)
    assert (message["Message-ID"], message["Date"]) == (MAIL.message_id, "Wed, 03 Sep 2025 00:30:00 +0000")
    assert message["Content-Language"] == "zh-CN"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == MAIL.text.splitlines()
    assert html.get_content().splitlines() == MAIL.html().splitlines()
    assert message.get_content_type() == "multipart/alternative"
    assert max(map(len, content.splitlines())) < 998
    assert content.count(b"\n") == content.count(b"\r\n")


def test_eml_when_composed_again_has_the_same_bytes():
    assert compose(MAIL, FROM).as_bytes() == compose(MAIL, FROM).as_bytes()


def test_eml_when_the_person_has_no_address_is_addressed_by_name():
    message = _read(compose(replace(MAIL, to_address=None), FROM).as_bytes())
    (group,) = message["To"].groups
    assert (group.display_name, group.addresses) == ("王芳", ())


def test_eml_when_the_domain_is_chinese_is_written_in_ascii():
    message = _read(compose(replace(MAIL, to_address="wang@例子.cn"), FROM).as_bytes())
    assert message["To"].addresses[0].addr_spec == "wang@xn--fsqu00a.cn"


@pytest.mark.parametrize(
    "address", ["wang", "wang@", "@b.cn", "a b@c.cn", "王@b.cn", "a@b.cn\r\nBcc: x@y.cn", "a@b..cn", "a@b,c@d"]
)
def test_eml_when_the_address_is_none_is_refused_for_good(address: str, tmp_path: Path):
    with pytest.raises(SendFailed, match="not an e-mail address") as refused:
        EmlSender(tmp_path).send(replace(MAIL, to_address=address))
    assert not refused.value.retry
    assert _files(tmp_path) == []


@given(st.text(), st.text(), st.text())
def test_header_with_any_text_begins_no_other(name: str, subject: str, code: str):
    mail = replace(MAIL, to_name=name + "\r\nBcc: evil@example.cn", subject=subject + "\nX-Evil: 1", to_code=code)
    message = _read(compose(mail, FROM).as_bytes())
    assert sorted(message.keys()) == sorted(_read(compose(MAIL, FROM).as_bytes()).keys())


@given(st.text())
def test_file_for_any_sign_in_name_lies_in_the_folder_of_the_day(tmp_path_factory: pytest.TempPathFactory, code: str):
    folder = tmp_path_factory.mktemp("outbox")
    EmlSender(folder).send(replace(MAIL, to_code=code))
    (file,) = _files(folder)
    assert file.startswith("2025-09-03/")
    assert file.endswith("-17.eml")
    assert not file.split("/")[1].startswith(".")


def test_eml_when_the_folder_cannot_be_made_is_to_be_tried_again(tmp_path: Path):
    blocked = tmp_path / "outbox"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(SendFailed, match=r"wang-17\.eml cannot be written") as refused:
        EmlSender(blocked).send(MAIL)
    assert refused.value.retry


def test_eml_when_the_disk_fails_half_way_leaves_no_half_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SendFailed, match="No space left"):
        EmlSender(tmp_path).send(MAIL)
    assert [file for file in _files(tmp_path) if file.endswith(".eml")] == []
    monkeypatch.undo()
    EmlSender(tmp_path).send(MAIL)
    assert _files(tmp_path) == ["2025-09-03/wang-17.eml"]


def test_eml_when_it_cannot_be_put_in_place_leaves_no_half_mail(tmp_path: Path):
    (tmp_path / "2025-09-03" / "wang-17.eml").mkdir(parents=True)
    with pytest.raises(SendFailed):
        EmlSender(tmp_path).send(MAIL)
    assert [path.name for path in (tmp_path / "2025-09-03").iterdir()] == ["wang-17.eml"]
