"""A mail as RFC 5322 wants it: what the channels that carry mail hand over.

The same mail makes the same bytes at any time.
"""

from __future__ import annotations

import re
from email.errors import MessageError
from email.headerregistry import Address, Group, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy

from engine.rules.text import N_
from notifications.invitation import write_invitation
from notifications.senders import Mail, SendFailed

_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_UNSAFE = re.compile(r"[^\w.@+-]+")


class _OneLine(UnstructuredHeader):
    """A header that is never folded: the library would write a long address as encoded words that nobody reads."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _OneLine)  # type: ignore[arg-type]  # it mixes the base in itself
_POLICY = SMTP.clone(header_factory=_HEADERS)


def safe_name(code: str) -> str:
    """Return a sign-in name as part of a file name.

    >>> safe_name("../w ang"), safe_name("王芳"), safe_name("")
    ('w_ang', '王芳', '_')
    """
    return _UNSAFE.sub("_", code).strip("._")[:60] or "_"


def compose(mail: Mail, sender: Address) -> EmailMessage:
    """Return the mail from `sender`, text and HTML side by side.  Raises SendFailed for what cannot be a mail."""
    try:
        return _composed(mail, sender)
    except (MessageError, ValueError, UnicodeError) as error:
        raise SendFailed(N_("the message cannot be written: {error}", error=str(error)), retry=False) from error


def _composed(mail: Mail, sender: Address) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = _recipient(mail)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = mail.sent_at
    message["Message-ID"] = one_line(mail.message_id)
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe is not None:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        if mail.unsubscribe.startswith("https:"):  # RFC 8058 wants it so
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text, cte="base64")
    message.add_alternative(mail.html(), subtype="html", cte="base64")
    message["Content-Language"] = mail.language.replace("_", "-")
    _invite(message, mail, sender)
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_duban-{mail.digest}-{number}" if number else f"=_duban-{mail.digest}")
    return message


def _invite(message: EmailMessage, mail: Mail, sender: Address) -> None:
    """Add the invitations: as files, which all programs open, and a single one beside the text, for those that ask."""
    guest = message["To"].addresses
    if not guest:
        return
    for number, one in enumerate(mail.invitations, 1):
        content = write_invitation(one, organiser=sender, guest=guest[0])
        how = {"method": one.method, "charset": "UTF-8"}
        if len(mail.invitations) == 1:
            message.add_alternative(content, "text", "calendar", params=how)
        message.add_attachment(content, "text", "calendar", filename=f"meeting-{number}.ics", params=how)


def one_line(text: str) -> str:
    """Return `text` without anything that could begin another header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _recipient(mail: Mail) -> Address | Group:
    name = one_line(mail.to_name) or safe_name(mail.to_code)
    if not mail.to_address:
        return Group(name, ())
    found = address_of(name, mail.to_address)
    if found is not None:
        return found
    raise SendFailed(N_("{address} is not an e-mail address", address=one_line(mail.to_address)), retry=False)


def address_of(name: str, written: str) -> Address | None:
    """Return an e-mail address with its name; a Chinese domain in its ASCII form.  None: it is none.

    >>> str(address_of("", "duban@office.example")), address_of("", "duban")
    ('duban@office.example', None)
    """
    local, _, domain = written.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode()
        if _ATOM.fullmatch(local) and _DOMAIN.fullmatch(domain):
            return Address(name, local, domain)
    except (ValueError, MessageError):
        pass
    return None
