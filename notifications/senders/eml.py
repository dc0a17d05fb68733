"""Mail as files: one .eml for each message, in `<home>/outbox/<date>/`, for any mail program or gateway to take up.

Whoever has no e-mail address gets the file too, addressed by name alone (an empty group), so that somebody can print it
or hand it over.
"""

from __future__ import annotations

from email.headerregistry import Address
from pathlib import Path

from engine.rules.text import N_
from engine.whole_file import make_folder, write_whole
from notifications.senders import Mail, SendFailed
from notifications.senders.letter import compose, safe_name

#: Who the mail is from; nobody can answer it.
FROM = Address("Duban", "duban", "localhost")


class EmlSender:
    """Writes each mail as a file below `folder`."""

    channel = "eml"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: Mail) -> None:
        """Write the file and see it on the disk; a second attempt writes the same file again."""
        content = compose(mail, FROM).as_bytes()
        path = self._folder / mail.on.isoformat() / f"{safe_name(mail.to_code)}-{mail.digest}.eml"
        try:
            make_folder(path.parent)
            write_whole(path, content)
        except OSError as error:
            reason = error.strerror or str(error)
            raise SendFailed(
                N_("{file} cannot be written: {reason}", file=path.name, reason=reason), retry=True
            ) from error

    def close(self) -> None:
        """Let go of nothing."""
