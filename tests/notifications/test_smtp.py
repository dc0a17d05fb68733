"""Mail over SMTP, in conversation with a real server that refuses, puts off, falls silent and cuts the line."""

from __future__ import annotations

import asyncio
import email
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from notifications.senders import SendFailed
from notifications.senders import smtp as channel
from notifications.senders.smtp import Server, SmtpSender
from tests.notifications.test_senders import MAIL

SECRET, WRONG, ODD = "right", "wrong-one", "密码"
FROM = Address("督办", "duban", "office.example")
TAKEN = "250 taken"


@dataclass
class Office:
    """A mail server's mind: what it has taken, and how it answers."""

    taken: list[EmailMessage] = field(default_factory=list)
    conversations: int = 0
    to: Callable[[str], str] = lambda _: TAKEN  #: its answer to a recipient
    data: str = TAKEN  #: its answer to a message; "cut": it takes it and ends the line without a word

    async def handle_EHLO(  # noqa: N802 - the library's names
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.conversations += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.to(address)
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data in {TAKEN, "cut"}:
            found = email.message_from_bytes(bytes(envelope.content or b""), policy=default)
            assert isinstance(found, EmailMessage)
            self.taken.append(found)
        if self.data == "cut":
            assert server.transport is not None
            server.transport.abort()
        return self.data


@contextmanager
def serving(office: Office, **options: Any) -> Iterator[int]:
    """Give the port of a server on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as free:  # the library cannot be told to choose one itself
        port = free.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def server_at(port: int, **options: Any) -> Server:
    plain: dict[str, Any] = {"host": "127.0.0.1", "security": "none", "sender": FROM}
    return Server(port=port, **plain | options)


def failure(sender: SmtpSender, mail: Any = MAIL) -> SendFailed:
    """Return how sending fails."""
    with pytest.raises(SendFailed) as failed:
        sender.send(mail)
    return failed.value


def test_mail_when_sent_arrives_as_it_was_written():
    office = Office()
    with serving(office) as port:
        sender = SmtpSender(server_at(port))
        sender.send(MAIL)
        sender.close()
    (found,) = office.taken
    assert (str(found["From"]), str(found["To"])) == ("督办 <duban@office.example>", "王芳 <wang@example.cn>")
    assert (found["Subject"], found["Message-ID"]) == (MAIL.subject, MAIL.message_id)
    text, page = found.get_body(("plain",)), found.get_body(("html",))
    assert text is not None
    assert page is not None
    assert text.get_content().splitlines() == MAIL.text.splitlines()
    assert page.get_content().splitlines() == MAIL.html().splitlines()


def test_mails_of_a_run_share_one_conversation():
    office = Office()
    with serving(office) as port:
        sender = SmtpSender(server_at(port))
        for number in range(5):
            sender.send(replace(MAIL, message_id=f"<{number}@duban>"))
        sender.close()
    assert (len(office.taken), office.conversations) == (5, 1)


def test_conversation_when_the_server_has_ended_it_is_begun_anew():
    office = Office()
    with serving(office) as port:
        sender = SmtpSender(server_at(port))
        sender.send(MAIL)
        assert sender._open is not None
        assert sender._open.sock is not None
        sender._open.sock.shutdown(socket.SHUT_RDWR)
        sender.send(MAIL)
        sender.close()
    assert (len(office.taken), office.conversations) == (2, 2)


@pytest.mark.parametrize(
    ("answer", "retry"), [("550 no such mailbox", False), ("450 busy, later", True), ("552 too large", False)]
)
def test_recipient_when_refused_is_given_up_or_tried_again_as_the_server_says(answer: str, retry: bool):  # noqa: FBT001
    office = Office(to=lambda address: answer if address.startswith("wang") else TAKEN)
    with serving(office) as port:
        sender = SmtpSender(server_at(port))
        failed = failure(sender)
        sender.send(replace(MAIL, to_address="zhou@example.cn"))  # the others are not held up
        sender.close()
    assert (failed.retry, failed.is_perhaps_sent) == (retry, False)
    assert answer.removeprefix(answer[:4]) in str(failed.text)
    assert len(office.taken) == 1


@pytest.mark.parametrize(("answer", "retry"), [("554 spam", False), ("451 greylisted", True)])
def test_message_when_refused_is_given_up_or_tried_again_as_the_server_says(answer: str, retry: bool):  # noqa: FBT001
    office = Office(data=answer)
    with serving(office) as port:
        sender = SmtpSender(server_at(port))
        failed = failure(sender)
        sender.close()
    assert (failed.retry, failed.is_perhaps_sent, office.taken) == (retry, False, [])


def test_message_when_the_line_is_cut_after_it_is_tried_again_under_the_same_id():
    office = Office(data="cut")
    with serving(office) as port:
        sender = SmtpSender(server_at(port))
        failed = failure(sender)
        assert (failed.retry, failed.is_perhaps_sent) == (True, True), "the server has it, and said nothing"
        office.data = TAKEN
        sender.send(MAIL)
        sender.close()
    assert [found["Message-ID"] for found in office.taken] == [MAIL.message_id] * 2


def test_server_when_it_falls_silent_is_left(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(channel, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sender = SmtpSender(server_at(silent.getsockname()[1]))
        assert failure(sender).retry


def test_mail_when_its_conversation_takes_too_long_is_cut_off_and_perhaps_sent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(channel, "SECONDS_IN_ALL", 3.0)

    class Dripping(Office):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
            await super().handle_DATA(server, session, envelope)
            assert server.transport is not None
            while not server.transport.is_closing():
                server.transport.write(b"2")
                await asyncio.sleep(0.02)
            return TAKEN

    office = Dripping()
    with serving(office) as port:
        failed = failure(SmtpSender(server_at(port)))
    assert (failed.retry, failed.is_perhaps_sent, len(office.taken)) == (True, True, 1)


def test_server_when_it_is_down_is_asked_once_a_run(monkeypatch: pytest.MonkeyPatch):
    with serving(Office()) as port:
        pass
    sender, tries = SmtpSender(server_at(port)), []
    begin = sender._begin
    monkeypatch.setattr(sender, "_begin", lambda: (tries.append(1), begin())[1])
    assert [failure(sender).retry for _ in range(3)] == [True, True, True]
    assert len(tries) == 1
    sender.close()  # the next run asks again
    failure(sender)
    assert len(tries) == 2


def test_person_without_an_address_is_given_up_at_once():
    assert not failure(SmtpSender(server_at(1)), replace(MAIL, to_address=None)).retry


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secured(authority: trustme.CA, tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    """Give a server's context for 127.0.0.1, and the file of who vouches for it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    file = tmp_path / "authorities.pem"
    authority.cert_pem.write_to_path(file)
    return context, str(file)


class Doorkeeper:
    """Lets in one user."""

    def __call__(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        knows = isinstance(data, LoginPassword) and (data.login, data.password) == (b"duban", SECRET.encode())
        return AuthResult(success=knows, handled=knows)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_when_protected_is_sent_with_a_sign_in(security: str, secured: tuple[ssl.SSLContext, str]):
    context, file = secured
    options: dict[str, Any] = {"ssl_context": context} if security == "tls" else {"tls_context": context}
    options |= {"authenticator": Doorkeeper(), "auth_require_tls": security == "starttls"}
    office = Office()
    with serving(office, **options) as port:
        given = {"security": security, "authorities": file, "user": "duban"}
        sender = SmtpSender(server_at(port, password=SECRET, **given))
        sender.send(MAIL)
        sender.close()
        wrong = failure(SmtpSender(server_at(port, password=WRONG, **given)))
        odd = failure(SmtpSender(server_at(port, password=ODD, **given)))
    assert len(office.taken) == 1
    assert wrong.retry
    assert odd.retry
    assert WRONG not in str(wrong.text)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_when_nobody_vouches_for_the_server_is_not_sent(security: str, secured: tuple[ssl.SSLContext, str]):
    context, _ = secured
    options: dict[str, Any] = {"ssl_context": context} if security == "tls" else {"tls_context": context}
    office = Office()
    with serving(office, **options) as port:
        assert failure(SmtpSender(server_at(port, security=security))).retry
    assert office.taken == []


def test_mail_when_the_server_cannot_encrypt_is_not_sent_in_the_open():
    office = Office()
    with serving(office) as port:
        assert failure(SmtpSender(server_at(port, security="starttls"))).retry
    assert office.taken == []
