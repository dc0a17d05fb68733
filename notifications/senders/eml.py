"""Mail as files: one .eml for each message, in `<home>/outbox/<date>/`, for any mail program or gateway to take up.

The same mail makes the same bytes at any time.  Whoever has no e-mail address gets the file too, addressed by name
alone (an empty group), so that somebody can print it or hand it over.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address, Group
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from engine.rules.text import N_
from notifications.senders import Mail, SendFailed

#: Who the mail is from; nobody can answer it.
FROM = Address("Duban", "duban", "localhost")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_UNSAFE = re.compile(r"[^\w.@+-]+")


class EmlSender:
    """Writes each mail as a file below `folder`."""

    channel = "eml"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: Mail) -> None:
        """Write the file and see it on the disk; a second attempt writes the same file again."""
        try:
            content = compose(mail).as_bytes()
        except (MessageError, ValueError, UnicodeError) as error:
            raise SendFailed(N_("the message cannot be written: {error}", error=str(error)), retry=False) from error
        path = self._folder / mail.on.isoformat() / f"{safe_name(mail.to_code)}-{mail.digest}.eml"
        unfinished = path.with_suffix(".eml.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError as error:
            with suppress(OSError):  # no half mail lies about; the next attempt may be on another day
                unfinished.unlink(missing_ok=True)
            reason = error.strerror or str(error)
            raise SendFailed(
                N_("{file} cannot be written: {reason}", file=path.name, reason=reason), retry=True
            ) from error


def safe_name(code: str) -> str:
    """Return a sign-in name as part of a file name.

    >>> safe_name("../w ang"), safe_name("王芳"), safe_name("")
    ('w_ang', '王芳', '_')
    """
    return _UNSAFE.sub("_", code).strip("._")[:60] or "_"


def compose(mail: Mail) -> EmailMessage:
    """Return the mail as RFC 5322 wants it, text and HTML side by side.  Raises SendFailed for a bad address."""
    message = EmailMessage(policy=SMTP)
    message["From"] = FROM
    message["To"] = _recipient(mail)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = mail.sent_at
    message["Message-ID"] = one_line(mail.message_id)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="base64")
    message.add_alternative(mail.html(), subtype="html", cte="base64")
    message["Content-Language"] = mail.language.replace("_", "-")
    message.set_boundary(f"=_duban-{mail.digest}")
    return message


def one_line(text: str) -> str:
    """Return `text` without anything that could begin another header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _recipient(mail: Mail) -> Address | Group:
    name = one_line(mail.to_name) or safe_name(mail.to_code)
    if not mail.to_address:
        return Group(name, ())
    local, _, domain = mail.to_address.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode()
        if _ATOM.fullmatch(local) and _DOMAIN.fullmatch(domain):
            return Address(name, local, domain)
    except (ValueError, MessageError):
        pass
    raise SendFailed(N_("{address} is not an e-mail address", address=one_line(mail.to_address)), retry=False)
